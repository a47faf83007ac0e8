"""Questions inside a lesson: two tries, the first counts, the reasons after a right answer or the second try.

The tries of one person in one lesson are the versions of an answer in one response per lesson and instrument. Its activity key
is made from the lesson's, so that it never meets a page's. The number of a try is part of its id, and the id is unique in the
response: a try is recorded once, however often the form is sent.
"""

import json
import secrets
from dataclasses import dataclass
from uuid import uuid5

from django.db import transaction
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from wagtail.models import Page

from curriculum import generation, progress, serving
from curriculum.models import LessonPage
from evaluations import answering, review
from evaluations.forms import AnswerForm
from evaluations.models import Answer, AnswerVersion, Question, Response
from evaluations.questions.reading import with_kinds
from evaluations.revisiting import checks_of

TRIES = 2
TOKEN_GAP = f"token-{secrets.token_hex(16)}"  # stands in remembered forms where each reader's CSRF token goes


@dataclass(frozen=True)
class Standing:
    """What one person answered to one check so far, oldest first."""

    question: Question
    values: tuple

    @property
    def right(self):
        """Whether the last try was right; `None` before the first and where nothing is right or wrong."""
        if not self.values or self.question.max_score is None:
            return None
        return self.question.score(self.values[-1]) == self.question.max_score

    @property
    def closed(self):
        return bool(self.values) and (self.right is not False or len(self.values) >= TRIES)

    @property
    def next_try(self):
        return len(self.values) + 1

    @property
    def feedback(self):
        return self.question.feedback(self.values[-1]) if self.closed else []

    @property
    def answer_text(self):
        return self.question.answer_text(self.values[-1]) if self.values else ""


def key_of(lesson_key, instrument_id):
    """The activity key under which the checks of a lesson are kept."""
    return uuid5(lesson_key, f"checks:{instrument_id}")


def lesson_with(lesson_key, question):
    """The live lesson (in any language) whose text puts this question, or `None`."""
    pages = LessonPage.objects.filter(translation_key=lesson_key, live=True)
    return next((page for page in pages if question.pk in checks_of(page)), None)


def answer(enrollment, lesson_key, question, raw, number, language):
    """Records try `number` and returns the `Standing`. A try that was recorded, or comes after the end, changes nothing.

    Raises `answering.NotAllowed` (paused or ended enrolment, locked module) and `ValidationError`.
    """
    answering.require_studying(enrollment)
    lock = progress.locked_because(enrollment, lesson_key)
    if lock:
        raise answering.NotAllowed(lock.text, lock.url)
    value = question.clean_answer(raw)
    key = key_of(lesson_key, question.instrument_id)
    response = Response.objects.filter(enrollment=enrollment, activity_key=key).first()
    response = response or answering.open_once(enrollment, question.instrument, key, language)
    with transaction.atomic():
        response = answering.hold(response)
        standing = _standing(response, question)
        if standing.closed or number != standing.next_try:
            return standing
        now = answering.sane_time(None, response, question)
        answering.add_version(response, question, value, uuid5(key, f"{question.pk}:{number}"), now)
        first = {"value": value, "client_time": now, "saved_at": now, **answering.measures(question, value)}
        Answer.objects.get_or_create(response=response, question=question, defaults=first)
        if number == 1:
            review.remember_check(enrollment, question, value)
        return _standing(response, question)


def _standing(response, question):
    values = AnswerVersion.objects.filter(response=response, question=question).values_list("value", flat=True)
    return Standing(question, tuple(values))


# --- in the lesson's page ---------------------------------------------------------------------------------------------


def render(request, enrollment, questions):
    """`{question id: HTML}` of each check: the form, or what became of it. A provider of `settings.LESSON_CHECKS`.

    One query for the tries of the person; questions and HTML are remembered until a page or a question changes. Visitors and
    previews see the form but cannot send it.
    """
    now = generation.current()
    asked = generation.remembered(("checks", tuple(questions)), lambda: _questions(questions), now)
    lesson_key = _lesson_key(request) if enrollment and asked else None
    tries = _tries(enrollment, lesson_key, asked.values()) if lesson_key else {}
    lesson_key = lesson_key if enrollment and enrollment.may_study else None
    drawn = {pk: _drawn(Standing(question, tuple(tries.get(pk, ()))), lesson_key, now) for pk, question in asked.items()}
    if not any(TOKEN_GAP in html for html in drawn.values()):
        return drawn
    token = get_token(request)
    return {pk: mark_safe(html.replace(TOKEN_GAP, token)) for pk, html in drawn.items()}  # noqa: S308 -- our own template's HTML


def draw(request, standing, lesson_key, form=None, number=None):
    """One check as HTML, as this person sends it now. Without `lesson_key` it cannot be sent."""
    return _html(standing, lesson_key, get_token(request) if lesson_key else "", form, number)


def _drawn(standing, lesson_key, now):
    """The check of a lesson with a gap for the token, remembered under exactly what it shows.

    Whoever gave the same answers sees the same HTML, and nobody else does. What people write in their own words is not kept.
    """
    question, values = standing.question, standing.values
    token = TOKEN_GAP if lesson_key else ""
    if values and question.max_score is None:
        return _html(standing, lesson_key, token)
    name = ("check", question.pk, json.dumps(values, sort_keys=True), lesson_key, get_language())
    return generation.remembered(name, lambda: _html(standing, lesson_key, token), now)


def _html(standing, lesson_key, token, form=None, number=None):
    question = standing.question
    form = form or AnswerForm(question, prefix=f"check-{question.pk}")
    context = {
        "standing": standing, "question": question, "form": form, "lesson_key": lesson_key,
        "csrf_token": token, "disabled": not lesson_key, "number": number or standing.next_try,
    }  # fmt: skip
    return render_to_string("evaluations/check.html", context)


def _questions(ids):
    found = {question.pk: question for question in with_kinds(Question.objects.filter(pk__in=ids))}
    return {pk: found[pk] for pk in ids if pk in found}


def _tries(enrollment, lesson_key, questions):
    keys = {key_of(lesson_key, question.instrument_id) for question in questions}
    rows = AnswerVersion.objects.filter(response__enrollment=enrollment, response__activity_key__in=keys)
    tries = {}
    for question_id, value in rows.order_by("pk").values_list("question_id", "value"):
        tries.setdefault(question_id, []).append(value)
    return tries


def _lesson_key(request):
    """The lesson at this address. A preview has none: nothing of it can be sent."""
    if getattr(request, "is_preview", False):
        return None
    found = serving.address(request.path_info)
    if found:
        return serving.lesson_at(found).key
    page = Page.find_for_request(request, request.path_info)
    return page.translation_key if page else None
