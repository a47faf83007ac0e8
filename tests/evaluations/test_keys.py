"""No right answer and no reason is sent before its time: a crawl over every page and door while the response is open."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from evaluations import answering
from evaluations.models import Response
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db
MARKS = (CANARY, '"correct"', "&quot;correct", "data-correct", "Right answer", "Respuesta correcta")


def url(name, *args, language="es"):
    with translation.override(language):
        return reverse(f"evaluations:{name}", args=args)


def clean(reply):
    text = reply.content.decode() + str(dict(reply.headers))
    assert not [mark for mark in MARKS if mark in text], reply.request["PATH_INFO"]
    assert reply.status_code < 500
    return reply


def test_no_page_and_no_door_gives_the_key_before_sending(signed_in, world):
    client = signed_in
    for language in ("es", "pt-br", "en"):
        clean(client.get(world.made.page(world.quiz_key, language).url))
    clean(client.post(url("start", world.quiz_key)))
    response = Response.objects.get()
    for language in ("es", "pt-br", "en"):
        for number in range(1, 5):
            clean(client.get(url("question", response.pk, number, language=language)))
            clean(client.post(url("question", response.pk, number, language=language), {}))
            value = ["a"] if number == 4 else "a"
            clean(client.post(url("question", response.pk, number, language=language), {"answer": value}))
        for question in questions_of(world.quiz.pk):
            for value in ("a", "b", "zz", ["a", "c"], None):
                body = {"client_id": str(uuid.uuid4()), "response": response.pk, "question": question.pk, "value": value,
                        "client_time": timezone.now().isoformat()}  # fmt: skip
                clean(client.post(url("save_answer", language=language), json.dumps(body), content_type="application/json"))
        for name in ("resume", "check_answers", "result"):
            clean(client.get(url(name, response.pk, language=language), follow=True))
    clean(client.get(reverse("today")))
    clean(client.get(world.made.page(world.made.key).url))


def test_an_open_second_attempt_shows_only_the_first_ones_reasons(signed_in, world):
    """After a failed attempt the reasons are shown on its result page, and on no other."""
    from evaluations.models import QuizPage

    QuizPage.objects.update(retry_after_hours=0)
    first = answering.open_response(world.enrollment, world.quiz_page, "es")
    for question in questions_of(world.quiz.pk):
        answering.save_answer(first, question, ["a"] if question.kind == "multiple-choice" else "a")
    answering.submit(first)
    second = answering.open_response(world.enrollment, world.quiz_page, "es")
    assert CANARY in signed_in.get(url("result", first.pk)).content.decode()
    clean(signed_in.get(url("question", second.pk, 1)))
    clean(signed_in.get(url("check_answers", second.pk)))
    clean(signed_in.get(url("result", second.pk), follow=True))


def test_those_who_run_the_cohort_get_no_key_from_these_pages(client, world):
    trainer = EnrollmentFactory(cohort=world.cohort, role="trainer")
    client.force_login(trainer.user, backend="django.contrib.auth.backends.ModelBackend")
    clean(client.get(world.quiz_page.url))
    clean(client.get(url("cohort_needs", world.cohort.pk)))


def test_search_and_api_know_nothing_of_questions(signed_in):
    page = signed_in.get(f"/es/search/?q={CANARY}")
    assert page.status_code < 500
    assert f"{CANARY}-" not in page.content.decode()
