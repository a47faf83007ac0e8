"""When a wave can be answered: in each person's own zone, late, closed, and by whom."""

import datetime
import json
import uuid

import pytest
from django.utils import timezone

from evaluations import answering, wave_hours, wave_opening, waves
from evaluations.models import Answer, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.waving import (
    KIRITIMATI,
    MEXICO,
    PAGO_PAGO,
    UTC,
    answer_all,
    cohort_with_people,
    day,
    make_survey,
    member,
    midnight,
    planned,
    sent,
    set_clock,
    signed,
    url,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SECOND, DAY = datetime.timedelta(seconds=1), datetime.timedelta(days=1)


@pytest.fixture
def here(db):
    return cohort_with_people()


def body(response, question, value="3"):
    return {
        "client_id": str(uuid.uuid4()), "response": response.pk, "question": question.pk, "value": value,
        "client_time": timezone.now().isoformat(),
    }  # fmt: skip


def save(client, response, value="3", **also):
    sent_body = {**body(response, questions_of(response.instrument_id)[0], value), **also}
    return client.post(url("save_answer"), json.dumps(sent_body), content_type="application/json")


# --- hours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [KIRITIMATI, MEXICO, PAGO_PAGO, "America/Sao_Paulo", "UTC"])
def test_a_wave_opens_and_closes_at_midnight_where_the_person_is(here, monkeypatch, zone):
    wave = planned(here.cohort, opens_on=day(3), closes_on=day(5))
    person = member(here.cohort, time_zone=zone)
    opens, closes = midnight(day(3), zone), midnight(day(6), zone)
    for instant, expected in [
        (opens - SECOND, "early"), (opens, "open"), (closes - SECOND, "open"), (closes, "closed"), (closes + 90 * DAY, "closed"),
    ]:  # fmt: skip
        set_clock(monkeypatch, instant)
        assert wave_hours.hours_of(wave, person.user).state() == expected, (zone, instant)


def test_the_first_zone_opens_a_day_before_the_last(here):
    wave = planned(here.cohort)
    first, last = (member(here.cohort, time_zone=zone).user for zone in (KIRITIMATI, PAGO_PAGO))
    hours = [wave_hours.hours_of(wave, person) for person in (first, last)]
    assert hours[1].opens_at - hours[0].opens_at == datetime.timedelta(hours=25)
    assert max(one.late_until for one in hours) <= wave.over_at


def test_without_a_zone_of_ones_own_the_cohorts_counts(here):
    person = member(here.cohort, time_zone="").user
    assert str(wave_hours.hours_of(planned(here.cohort), person).zone) == here.cohort.time_zone


def test_days_with_a_clock_change_are_days(here):
    """São Paulo gave up summer time; Santiago keeps it: the night of 5 April 2026 there has 25 hours."""
    wave = planned(here.cohort)
    wave.opens_on = wave.closes_on = datetime.date(2026, 4, 4)
    wave.late_days = 1
    person = member(here.cohort, time_zone="America/Santiago").user
    hours = wave_hours.hours_of(wave, person)
    assert hours.closes_at.astimezone(UTC) - hours.opens_at.astimezone(UTC) == datetime.timedelta(hours=25)
    assert hours.late_until.strftime("%d %H:%M") == "06 00:00"


def test_one_person_can_answer_while_another_cannot_yet(here, monkeypatch):
    wave = planned(here.cohort, opens_on=day(3))
    east, west = member(here.cohort, time_zone=KIRITIMATI), member(here.cohort, time_zone=PAGO_PAGO)
    set_clock(monkeypatch, midnight(day(3), KIRITIMATI) + SECOND)
    assert signed(east.user).post(url("wave", wave.pk)).status_code == 302
    page = signed(west.user).post(url("wave", wave.pk))
    assert page.status_code == 409
    assert page.context["standing"].state == "early"
    assert [response.enrollment for response in Response.objects.all()] == [east]


def test_a_rolling_wave_has_no_end(here, monkeypatch):
    wave = planned(here.cohort, closes_on=None)
    set_clock(monkeypatch, timezone.now() + 800 * DAY)
    assert sent(here.enrollment, wave).late is False


# --- late and closed --------------------------------------------------------------------------------------------------


def test_late_is_accepted_and_marked_and_afterwards_refused_with_the_reason(here, monkeypatch):
    wave = planned(here.cohort, late_days=2)
    late, too_late = member(here.cohort), member(here.cohort)
    responses = [wave_opening.open_wave(person, wave, "es") for person in (here.enrollment, late, too_late)]
    assert answering.submit(answer_all(responses[0])).late is False
    set_clock(monkeypatch, midnight(day(8), MEXICO) + SECOND)
    assert answering.submit(answer_all(responses[1])).late is True
    answer_all(responses[2])
    set_clock(monkeypatch, midnight(day(10), MEXICO))
    page = signed(too_late.user).post(url("submit", responses[2].pk))
    assert page.status_code == 409
    assert page.context["refusal"].code == "closed"
    responses[2].refresh_from_db()
    assert responses[2].submitted_at is None


def test_the_door_for_the_outbox_refuses_in_words_and_acknowledges_what_it_knows(here, monkeypatch):
    wave, client = planned(here.cohort), signed(here.enrollment.user)
    response = wave_opening.open_wave(here.enrollment, wave, "es")
    known = str(uuid.uuid4())
    assert save(client, response, client_id=known).status_code == 200
    set_clock(monkeypatch, midnight(day(8), MEXICO))
    refused = save(client, response, "4")
    assert (refused.status_code, refused.json()["error"]) == (409, "closed")
    assert len(refused.json()["message"]) > 30
    assert save(client, response, client_id=known).status_code == 200
    assert Answer.objects.get().value == 3


def test_a_form_sent_after_closing_keeps_what_was_typed(here):
    wave, client = planned(here.cohort), signed(here.enrollment.user)
    response = wave_opening.open_wave(here.enrollment, wave, "es")
    waves.close(wave)
    page = client.post(url("question", response.pk, 4), {"answer": "esto escribí"})
    assert page.status_code == 409
    assert "esto escribí" in page.content.decode()
    assert not Answer.objects.exists()


def test_nobody_starts_a_closed_wave_and_its_page_says_why(here):
    wave = planned(here.cohort, late_days=3)
    waves.close(wave)
    client = signed(here.enrollment.user)
    assert client.post(url("wave", wave.pk)).status_code == 409
    page = client.get(url("wave", wave.pk))
    assert page.context["standing"].state == "closed"
    assert page.context["shut"] in page.content.decode()
    assert not Response.objects.exists()


def test_the_words_say_whether_somebody_closed_it_or_its_days_ended(here, monkeypatch):
    by_hand, by_days = planned(here.cohort), planned(here.cohort, make_survey("other"), late_days=2)
    by_hand = waves.close(by_hand)
    set_clock(monkeypatch, midnight(day(40), MEXICO))
    texts = {wave_hours.shut_because(wave, here.enrollment.user) for wave in (by_hand, by_days)}
    assert len(texts) == 2
    assert all(texts)


# --- who is asked -----------------------------------------------------------------------------------------------------


def test_nobody_else_finds_the_page(here):
    wave = planned(here.cohort)
    other = cohort_with_people()
    withdrawn = member(here.cohort, status="withdrawn")
    people = [other.enrollment.user, other.lead.user, here.lead.user, here.trainer.user, withdrawn.user, UserFactory()]
    for person in people:
        assert signed(person).get(url("wave", wave.pk)).status_code == 404
        assert signed(person).post(url("wave", wave.pk)).status_code == 404
    assert not Response.objects.exists()


def test_visitors_are_asked_to_sign_in(here, client):
    wave = planned(here.cohort)
    assert client.get(url("wave", wave.pk)).status_code == 302
    assert client.post(url("wave", wave.pk)).status_code == 302
    assert client.get(url("wave", 999999)).status_code == 302


def test_paused_people_see_why_and_open_nothing(here):
    wave, person = planned(here.cohort), member(here.cohort, status="paused")
    assert signed(person.user).get(url("wave", wave.pk)).context["standing"].state == "paused"
    assert signed(person.user).post(url("wave", wave.pk)).status_code == 403
    assert not Response.objects.exists()


def test_mentors_waves_ask_the_certified_only(here):
    wave, mentor = planned(here.cohort, audience="mentors"), member(here.cohort, status="certified")
    assert signed(here.enrollment.user).get(url("wave", wave.pk)).status_code == 404
    assert signed(mentor.user).post(url("wave", wave.pk)).status_code == 302


def test_an_anonymous_wave_leads_to_its_own_page_and_makes_no_response(here):
    wave = planned(here.cohort, promise="anonymous")
    answer = signed(here.enrollment.user).post(url("wave", wave.pk))
    assert answer.url == url("anonymous", wave.pk)
    with pytest.raises(answering.NotAllowed):
        wave_opening.open_wave(here.enrollment, wave, "es")
    assert not Response.objects.exists()


@pytest.mark.parametrize("promise", ["identified", "confidential"])
def test_the_promise_stands_before_the_first_question(here, promise):
    wave = planned(here.cohort, promise=promise)
    text = signed(here.enrollment.user).get(url("wave", wave.pk)).content.decode()
    assert text.index('id="promise-title"') < text.index("<form method")
    assert "waves/promise" not in text
    assert wave.instrument.title["es"] in text
    assert "min" in text
