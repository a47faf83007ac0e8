"""Anonymous waves through their door: once per person, nothing beside the answers, closed is closed. The attack is next door."""

import datetime
import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Completion, Enrollment
from evaluations import anonymous
from evaluations.models import AnonymousResponse, Asked, Instrument, Response, ShortTextQuestion, Wave
from evaluations.refusals import Closed
from tests.evaluations.anonymous_people import filled, open_wave, signed_in_as
from tests.evaluations.conftest import words
from tests.factories import EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def text_of(response):
    return response.content.decode()


def days(number):
    return datetime.timedelta(days=number)


# --- answering --------------------------------------------------------------------------------------------------------


def test_the_form_shows_the_promise_and_all_questions_and_keeps_the_answers_alone():
    here = open_wave()
    client = here.client()
    page = client.get(here.url)
    for words_shown in ("cuánto (es)", "útil (es)", "cuántas veces (es)", "palabras (es)", "Al final (es)", 'id="promise-title"'):
        assert words_shown in text_of(page)
    assert Asked.objects.get().enrollment == here.enrollments[0]
    assert Instrument.objects.get(pk=here.wave.instrument_id).locked_at
    sent = client.post(here.url, filled(rating="7", text="Bien"))
    assert (sent.status_code, sent.url) == (302, here.url)
    row = AnonymousResponse.objects.get()
    assert row.answers == {"rating": 7, "useful": "yes", "words": "Bien"}
    assert (row.day, row.language) == (timezone.now().date(), "es")
    assert not Response.objects.exists()
    assert not Completion.objects.exists()
    assert Asked.objects.get().answered is False


def test_coming_back_shows_thanks_and_no_answers_and_sending_again_replaces():
    here = open_wave()
    client = here.client()
    client.post(here.url, filled(text="secreto-uno"))
    thanks = text_of(client.get(here.url))
    again = text_of(client.get(here.url + "?again=1"))
    assert f"{here.url}?again=1" in thanks
    assert "<form" in again
    assert "secreto-uno" not in thanks + again
    assert "checked" not in again
    client.post(here.url, filled(rating="1", text="secreto-dos"))
    assert AnonymousResponse.objects.get().answers["words"] == "secreto-dos"


def test_what_a_branch_leaves_out_is_neither_asked_for_nor_kept():
    here = open_wave()
    client = here.client()
    missing = client.post(here.url, filled(useful="no"))
    assert missing.status_code == 422
    assert client.post(here.url, filled(useful="no", why="3")).status_code == 302
    assert AnonymousResponse.objects.get().answers == {"rating": 4, "useful": "no", "why": 3}
    client.post(here.url, filled(useful="yes", why="not a number"))
    assert AnonymousResponse.objects.get().answers == {"rating": 4, "useful": "yes"}


def test_an_error_keeps_all_that_was_typed_and_stores_nothing():
    here = open_wave()
    page = here.client().post(here.url, filled(rating="muchos", useful="no", text="se queda <b>"))
    text = text_of(page)
    assert page.status_code == 422
    assert 'role="alert"' in text
    assert 'href="#id_rating-answer"' in text
    assert 'value="muchos"' in text
    assert "se queda &lt;b&gt;" in text
    assert text.count("checked") == 1
    assert not AnonymousResponse.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"rating-answer": "9" * 400},
        {"rating-answer": "1e999", "useful-answer": "yes"},
        {"rating-answer": "\x00", "useful-answer": "\x00"},
        {"rating-answer": "3", "useful-answer": ["yes", "x" * 5000]},
        {"rating-answer": "3", "useful-answer": "yes", "words-answer": "x" * 60_000},
        {"rating-answer": "3", "useful-answer": "yes", "words-answer": "a\x00b"},
        {"rating": "3", "answers": "{}", "token": "x", "wave": "1"},
    ],
)
def test_bad_input_is_a_422(sent):
    here = open_wave()
    assert here.client().post(here.url, sent).status_code == 422
    assert not AnonymousResponse.objects.exists()


@parallel
def test_ten_parallel_posts_make_one_row(in_parallel):
    here = open_wave()
    clients = [here.client() for _ in range(10)]
    assert in_parallel(lambda n: clients[n].post(here.url, filled(rating=n)).status_code) == [302] * 10
    assert AnonymousResponse.objects.count() == 1


@parallel
def test_ten_parallel_openings_ask_once_with_one_secret(in_parallel):
    here = open_wave()
    clients = [here.client() for _ in range(10)]
    assert in_parallel(lambda n: clients[n].get(here.url).status_code) == [200] * 10
    assert Asked.objects.count() == 1
    assert len(Wave.objects.get().secret) == 64


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_those_who_are_asked(client, method):
    here = open_wave()
    trainer = EnrollmentFactory(cohort=here.cohort, role="trainer").user
    assert getattr(signed_in_as(trainer), method)(here.url, filled()).status_code == 403
    assert getattr(signed_in_as(UserFactory()), method)(here.url, filled()).status_code == 404
    assert getattr(signed_in_as(EnrollmentFactory().user), method)(here.url, filled()).status_code == 404
    assert getattr(client, method)(here.url, filled()).status_code == 302
    assert not AnonymousResponse.objects.exists()
    assert not Asked.objects.exists()


@pytest.mark.parametrize(("status", "code"), [("paused", 403), ("withdrawn", 404), ("candidate", 404)])
def test_only_those_who_study(status, code):
    here = open_wave()
    Enrollment.objects.filter(pk=here.enrollments[0].pk).update(status=status)
    assert here.client().post(here.url, filled()).status_code == code


def test_a_wave_for_mentors_asks_the_certified():
    here = open_wave(2, audience="mentors")
    Enrollment.objects.filter(pk=here.enrollments[1].pk).update(status="certified")
    assert here.client(0).post(here.url, filled()).status_code == 403
    assert here.client(1).post(here.url, filled()).status_code == 302


def test_waves_of_other_promises_and_unknown_ones_are_not_here():
    here = open_wave(promise="confidential")
    assert here.client().get(here.url).status_code == 404
    assert here.client().get("/es/anonymous/999999999999999999999/").status_code == 404
    assert here.client().put(here.url).status_code == 405


def test_opening_and_closing_follow_the_persons_own_midnight():
    """The same instant: the 2nd in Kiritimati (UTC+14), still the 1st in Mexico."""
    first = datetime.date(2027, 3, 1)
    here = open_wave(2, opens_on=first, closes_on=first)
    mexico, kiritimati = here.enrollments
    kiritimati.user.time_zone = "Pacific/Kiritimati"
    moment = datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC)
    anonymous.require_may_answer(here.wave, mexico, moment)
    with pytest.raises(Closed):
        anonymous.require_may_answer(here.wave, kiritimati, moment)
    kiritimati.user.time_zone = "Pacific/Pago_Pago"
    with pytest.raises(anonymous.Refused):
        anonymous.require_may_answer(here.wave, kiritimati, datetime.datetime(2027, 3, 1, 10, tzinfo=datetime.UTC))


def test_before_and_after_its_days_a_wave_says_so_and_takes_nothing():
    today = timezone.now().date()
    for opens_on, closes_on in ((today + days(3), today + days(4)), (today - days(9), today - days(3))):
        here = open_wave(opens_on=opens_on, closes_on=closes_on)
        page, sent = here.client().get(here.url), here.client().post(here.url, filled())
        assert (page.status_code, sent.status_code) == (200, 409)
        assert "<textarea" not in text_of(page)
        Wave.objects.update(number=9)
        Instrument.objects.filter(pk=here.wave.instrument_id).update(key=f"other-{here.wave.pk}")
    assert not AnonymousResponse.objects.exists()


# --- nothing but the answers ------------------------------------------------------------------------------------------


def test_sending_writes_no_log_line_no_session_and_no_referrer(caplog):
    here = open_wave()
    client = here.client()
    client.get(here.url)
    sessions = dict(client.session)
    with caplog.at_level(logging.INFO):
        sent, wrong = client.post(here.url, filled(), REMOTE_ADDR="203.0.113.7"), client.post(here.url, {})
    assert not caplog.records
    assert dict(client.session) == sessions
    assert not sent.cookies.get("messages")
    assert not sent.cookies.get("sessionid")
    assert sent["Referrer-Policy"] == wrong["Referrer-Policy"] == "strict-origin"


def test_the_only_row_written_by_sending_is_the_response():
    here = open_wave()
    client = here.client()
    client.get(here.url)
    with CaptureQueriesContext(connection) as queries:
        client.post(here.url, filled())
    written = [q["sql"].split('"')[1] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == ["evaluations_anonymousresponse"]


def test_the_form_costs_the_same_for_few_and_many_questions(django_assert_max_num_queries):
    here = open_wave()
    client = here.client()
    client.get(here.url)
    for number in range(20):
        ShortTextQuestion.objects.create(
            instrument=here.wave.instrument, key=f"x{number}", order=9, text=words("x"), required=False
        )
    with django_assert_max_num_queries(12):
        client.get(here.url)


# --- reminders --------------------------------------------------------------------------------------------------------


def test_answered_is_marked_in_batches_of_five():
    here = open_wave(7)
    for n in range(7):
        here.client(n).get(here.url)
    for n in range(4):
        here.client(n).post(here.url, filled())
    assert anonymous.mark_answered(here.wave) == {"asked": 7, "answered": 0}
    here.client(4).post(here.url, filled())
    assert anonymous.mark_answered(here.wave) == {"asked": 7, "answered": 5}
    here.client(5).post(here.url, filled())
    assert anonymous.mark_answered(here.wave) == {"asked": 7, "answered": 5}
    assert set(Asked.objects.filter(answered=True).values_list("enrollment", flat=True)) == {e.pk for e in here.enrollments[:5]}
