"""What the pages of the year say: who answered, whose hour shifts between quarters, what there is to choose from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions import rotation
from sessions.models import Invitee, Meeting, QuarterSlot
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rotating import a_group, a_lead, a_mentor, at, five_groups, names_of, the_days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    at(monkeypatch, "2026-12-05")


def a_year(lead):
    five_groups()
    client = signed(lead)
    rotation.propose(2027, lead)
    days = the_days(q1="2027-02-16", q2="2027-05-18", q3="2027-08-17", q4="2027-11-16")
    assert client.post(url("year_dates", 2027), {**days, "do": "save"}).status_code == 302
    return client, list(Meeting.objects.order_by("starts_at"))


# --- answers ---------------------------------------------------------------------------------------------------------


def test_the_year_counts_the_answers_of_each_meeting():
    lead = a_lead()
    client, meetings = a_year(lead)
    assert "Answers:" not in text_of(client.get(url("year", 2027)))
    for answer in ("yes", "yes", "maybe", "no", ""):
        Invitee.objects.create(meeting=meetings[1], user=a_mentor(), answer=answer, told_sequence=0)
    Invitee.objects.create(meeting=meetings[1], user=a_mentor(), answer="yes", told_off=True)
    with CaptureQueriesContext(connection) as one:
        text = text_of(client.get(url("year", 2027)))
    assert text.count("Answers:") == 1 and "Answers: 2 take part, 1 perhaps, 1 not, 1 without an answer." in text
    for meeting in meetings:
        Invitee.objects.create(meeting=meeting, user=a_mentor(), answer="no", told_sequence=0)
    with CaptureQueriesContext(connection) as four:
        text_of(client.get(url("year", 2027)))
    assert len(four) == len(one)


def test_mentors_of_other_groups_do_not_read_the_answers():
    lead = a_lead()
    _client, meetings = a_year(lead)
    Invitee.objects.create(meeting=meetings[0], user=a_mentor(), answer="yes", told_sequence=0)
    slot = QuarterSlot.objects.select_related("group").get(quarter="2027-Q1")
    inside = slot.group.members.first().user
    assert "Answers: 1 take part" in text_of(signed(inside).get(url("year", 2027)))
    assert "Answers:" not in text_of(signed(a_mentor()).get(url("year", 2027)))


# --- hours that shift ------------------------------------------------------------------------------------------------


def checked(client, **days):
    return text_of(client.post(url("year_dates", 2027), {**the_days(**days), "do": "check"}))


def test_the_days_say_whose_hour_shifts_between_quarters():
    lead = a_lead()
    for name, zone in (("London", "Europe/London"), ("Santiago", "America/Santiago"), ("Tijuana", "America/Tijuana")):
        a_mentor(full_name=name, time_zone=zone)
    a_mentor("CO")
    text = checked(signed(lead), q1="2027-02-16", q2="2027-05-18")
    note = text.partition("The hour changes for some")[2].partition("</div>")[0]
    assert "London" in note and "Santiago" in note and "Tijuana" in note and "Bogot" not in note
    assert "17:00 instead of 16:00" in note  # London is an hour later from March on: Mexico keeps its clocks


def test_one_day_or_hours_chosen_differently_shift_nobody():
    lead = a_lead()
    a_mentor(time_zone="Europe/London")
    client = signed(lead)
    assert "The hour changes for some" not in checked(client, q1="2027-02-16")
    days = {**the_days(q1="2027-02-16", q2="2027-05-18"), "q2-hour": "11:00", "do": "check"}
    assert "The hour changes for some" not in text_of(client.post(url("year_dates", 2027), days))


# --- choosing --------------------------------------------------------------------------------------------------------


def test_a_choice_of_groups_says_where_they_are_and_when_they_led_last():
    lead = a_lead()
    client, _meetings = a_year(lead)
    (left,) = {*"ABCDE"} - {*names_of(2027)}
    text = text_of(client.get(url("slot_assign", "2028-Q1")))
    first = names_of(2027)[0]
    assert f"Grupo {left}: " in text and f"Grupo {first}: " in text
    assert text.index(f"Grupo {left}: ") < text.index(f"Grupo {first}: ")
    assert "Has not led yet." in text and "Last led in Q1 2027." in text


def test_the_group_that_leads_already_is_not_offered():
    lead = a_lead()
    client, _meetings = a_year(lead)
    leading = QuarterSlot.objects.get(quarter="2027-Q1").group
    text = text_of(client.get(url("slot_assign", "2027-Q1")))
    assert f"{leading.name}:" not in text and text.count('name="group"') == 4
    answer = client.post(url("slot_assign", "2027-Q1"), {"group": leading.pk})
    assert answer.status_code == 422


def test_where_there_is_nothing_to_choose_the_page_says_so():
    lead = a_lead()
    client = signed(lead)
    assert "No other group has two active mentors." in text_of(client.get(url("slot_assign", "2027-Q1")))
    client.post(url("slot_assign", "2027-Q2"), {"group": a_group("Sola").pk})
    assert "No other coming quarter has a group to swap with." in text_of(client.get(url("slot_swap", "2027-Q2")))
    assert "No group leads this quarter yet." in text_of(client.get(url("slot_swap", "2027-Q3")))
