"""The JSON door of the outbox: strict, never a 5xx, an acknowledgement only for what is stored."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from evaluations import answering
from evaluations.models import Answer, AnswerVersion
from evaluations.questions.reading import questions_of
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db


def url(language="es"):
    with translation.override(language):
        return reverse("evaluations:save_answer")


@pytest.fixture
def seat(signed_in, world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    question = questions_of(world.quiz.pk)[0]

    def send(raw=None, language="es", **changes):
        body = {
            "client_id": str(uuid.uuid4()), "response": response.pk, "question": question.pk, "value": "b",
            "client_time": timezone.now().isoformat(), **changes,
        }  # fmt: skip
        body = {name: value for name, value in body.items() if value is not ...}
        return signed_in.post(url(language), raw if raw is not None else json.dumps(body), content_type="application/json")

    send.response, send.question = response, question
    return send


def test_an_acknowledged_answer_is_stored(seat):
    known = str(uuid.uuid4())
    reply = seat(client_id=known)
    assert reply.status_code == 200
    assert reply.json()["client_id"] == known
    assert Answer.objects.get().value == "b"
    assert seat(client_id=known).status_code == 200
    assert seat(client_id=known, value="c").status_code == 409
    assert AnswerVersion.objects.count() == 1


MALFORMED = [
    "", "null", "[]", "1", "{", "\x00", '{"a":1}', "[" * 5000, '{"value":' * 3000, "1" * 5000, '{"client_id": NaN}', "é".encode("latin-1"),
    b"\xff\xfe\x00", b"\x80" * 100,
]  # fmt: skip


@pytest.mark.parametrize("raw", MALFORMED)
def test_what_is_no_answer_is_refused(seat, raw):
    reply = seat(raw)
    assert reply.status_code == 400
    assert set(reply.json()) == {"error", "message", "field"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": "x"}, 400),
        ({"client_id": 5}, 400),
        ({"client_id": None}, 400),
        ({"client_id": ...}, 400),
        ({"client_id": "0" * 36}, 400),
        ({"client_id": "\ud800" * 36}, 400),
        ({"response": "1"}, 400),
        ({"response": True}, 400),
        ({"response": 0}, 400),
        ({"response": 2**70}, 400),
        ({"response": 1.0}, 400),
        ({"response": [1]}, 400),
        ({"response": 999999}, 404),
        ({"question": 999999}, 404),
        ({"question": None}, 400),
        ({"client_time": "yesterday"}, 400),
        ({"client_time": 5}, 400),
        ({"client_time": "2026-01-01T10:00:00"}, 400),
        ({"client_time": "0001-01-01T00:00:00+23:59"}, 400),
        ({"client_time": "9999-12-31T23:59:59-23:59"}, 400),
        ({"client_time": "2026-13-41T10:00:00Z"}, 400),
        ({"extra": 1}, 400),
        ({"value": ...}, 400),
        ({"value": "x" * 20000}, 400),
        ({"value": [[[[[[1]]]]]]}, 400),
        ({"value": None}, 422),
        ({"value": "zz"}, 422),
        ({"value": 1}, 422),
        ({"value": True}, 422),
        ({"value": ["b"]}, 422),
        ({"value": {"b": 1}}, 422),
        ({"value": "\ud800"}, 422),
        ({"value": "b\x00"}, 422),
        ({"value": 10**4000}, 422),
    ],
)
def test_a_wrong_part_is_named(seat, changes, status):
    reply = seat(**changes)
    assert reply.status_code == status, reply.content
    assert reply.json()["message"]
    assert not AnswerVersion.objects.exists()


def test_a_float_beyond_all_bounds_is_refused(seat):
    raw = json.dumps({"client_id": str(uuid.uuid4()), "response": seat.response.pk, "question": seat.question.pk, "value": 0,
                      "client_time": timezone.now().isoformat()}).replace('"value": 0', '"value": 1e999')  # fmt: skip
    assert seat(raw).status_code == 422


def test_after_sending_the_answer_is_refused_with_a_sentence(seat, world):
    for question in questions_of(world.quiz.pk):
        answering.save_answer(seat.response, question, ["a"] if question.kind == "multiple-choice" else "a")
    answering.submit(seat.response)
    reply = seat()
    assert reply.status_code == 409
    assert reply.json()["error"] == "closed"
    assert reply.json()["message"]


def test_a_paused_place_is_refused(seat, world):
    world.enrollment.status = "paused"
    world.enrollment.save()
    reply = seat()
    assert reply.status_code == 403
    assert reply.json()["error"] == "not_allowed"


def test_nobody_answers_for_somebody_else(client, seat, world):
    other = EnrollmentFactory(cohort=world.cohort)
    client.force_login(other.user, backend="django.contrib.auth.backends.ModelBackend")
    assert seat().status_code == 404
    client.logout()
    assert seat().status_code == 401
    assert not AnswerVersion.objects.exists()


def test_other_methods_and_forms_and_missing_tokens(seat, world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url()).status_code == 405
    assert client.post(url(), "{}", content_type="application/json").status_code == 403
    honest = Client()
    honest.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    assert honest.post(url(), {"value": "b"}).status_code == 400


def test_the_door_has_a_fixed_number_of_queries(seat, django_assert_max_num_queries):
    seat()
    with django_assert_max_num_queries(18):
        assert seat().status_code == 200
