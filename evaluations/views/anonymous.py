"""An anonymous questionnaire: all questions on one page, one plain form. No log line, no web session, no message of this route."""

import datetime
import functools

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evaluations import anonymous, branching
from evaluations.answering import is_answered
from evaluations.forms import AnswerForm
from evaluations.models import Wave
from evaluations.questions.reading import questions_of
from evaluations.refusals import NotAllowed, Refused
from evaluations.words import in_language


def leaves_no_trace(view):
    """Keeps the address of the form out of Django's log of refused requests, and out of the next page's `Referer`.

    Access logs of the servers leave it out by the path (gunicorn.conf.py, deploy/nginx.conf.template). The policy still sends the
    origin, which the protection of forms needs.
    """

    @functools.wraps(view)
    def quiet(*args, **kwargs):
        response = view(*args, **kwargs)
        response._has_been_logged = True  # as Django's own `log_response` marks what it must not repeat
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return quiet


@leaves_no_trace
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def form(request, pk):
    """The form; after sending, the thanks; outside its time, or for somebody who is not asked, the reason."""
    waves = Wave.objects.accessible_to(request.user).filter(promise=Wave.Promise.ANONYMOUS)
    wave = get_object_or_404(waves.select_related("instrument", "cohort"), pk=pk)
    enrollment = anonymous.enrollment_in(wave, request.user)
    try:
        return _send(request, wave, enrollment) if request.method == "POST" else _show(request, wave, enrollment)
    except Refused as refusal:
        status = refusal.status if request.method == "POST" or isinstance(refusal, NotAllowed) else 200
        return render(request, "evaluations/anonymous/refused.html", {"wave": wave, "refusal": refusal}, status=status)


def _show(request, wave, enrollment):
    anonymous.require_may_answer(wave, enrollment)
    sent = anonymous.has_sent(wave, enrollment)
    if sent and "again" not in request.GET:
        return render(request, "evaluations/anonymous/sent.html", _about(wave))
    anonymous.open_form(wave, enrollment)
    return _page(request, wave, Sheet(questions_of(wave.instrument_id)), sent=sent)


def _send(request, wave, enrollment):
    anonymous.require_may_answer(wave, enrollment)
    sheet = Sheet(questions_of(wave.instrument_id), request.POST)
    answers = sheet.read()
    if sheet.errors:
        return _page(request, wave, sheet, sent=anonymous.has_sent(wave, enrollment), status=422)
    anonymous.submit(wave, enrollment, answers, get_language())
    return redirect("evaluations:anonymous", wave.pk)


def _page(request, wave, sheet, sent, status=200):
    context = {**_about(wave), "items": list(sheet.items(wave.instrument.sections)), "errors": sheet.errors, "sent": sent}
    context["page_has_errors"] = bool(sheet.errors)
    return render(request, "evaluations/anonymous/form.html", context, status=status)


def _about(wave):
    last_day = wave.closes_on and wave.closes_on + datetime.timedelta(days=wave.late_days)
    return {"wave": wave, "instrument": wave.instrument, "last_day": last_day, "minimum": settings.MIN_GROUP_SIZE}


class Sheet:
    """All questions of an instrument as forms side by side: `items`, and after `read` the `errors` of those that are asked."""

    def __init__(self, questions, data=None):
        self.questions, self.errors = questions, []
        self.forms = {question.pk: AnswerForm(question, data, prefix=question.key) for question in questions}

    def read(self):
        """`{question key: clean value}` of what is asked and answered. What a branch leaves out is dropped, right or wrong."""
        values = {pk: form.cleaned_data["answer"] for pk, form in self.forms.items() if form.is_valid()}
        asked = branching.asked(self.questions, values)
        known = {question.pk for question in asked}
        for pk in self.forms.keys() - known:
            self.forms[pk].errors.clear()
        self.errors = [error for question in asked for error in _errors_of(question, self.forms[question.pk])]
        answers = {question.key: values[question.pk] for question in asked if is_answered(values.get(question.pk))}
        if not answers and not self.errors:
            self.errors = [{"text": _("Answer at least one question.")}]
        return answers

    def items(self, sections):
        """Questions with their number, their form, the section that begins with them, and when they are asked."""
        titles = {section["key"]: section for section in sections}
        by_key, before, told = {question.key: question for question in self.questions}, "", ""
        for number, question in enumerate(self.questions, start=1):
            section = titles.get(question.section) if question.section != before else None
            before = question.section
            case = branching.case_of(question, self.questions)
            case, told = "" if case == told else case, case
            yield {
                "number": number,
                "question": question,
                "form": self.forms[question.pk],
                "section": section and {"title": in_language(section.get("title")), "intro": in_language(section.get("intro"))},
                "condition": _condition(question, by_key),
                "case": case,
            }


def _errors_of(question, form):
    return [{"field": form["answer"], "text": text} for text in form.errors.get("answer", [])]


def _condition(question, by_key):
    """Which answer to which question this one hangs on, in words; `None` where it is always asked."""
    first = by_key.get((question.show_if or {}).get("question"))
    if first is None:
        return None
    texts = [first.answer_text(value) for value in question.show_if.get("any_of", [])]
    return {"question": first.text_here, "answers": [text for text in texts if text]}
