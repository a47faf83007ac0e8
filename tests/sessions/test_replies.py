"""Answers by mail: what a calendar program sends is taken from its sender alone, once, and garbage does nothing."""

import datetime
import logging

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.calendar import uid_for
from sessions.models import Invitee, MeetingPerson
from sessions.replies import take
from tests.factories import UserFactory
from tests.sessions.answering import hours, people_in, place, stands, yes
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db


def stamp(minutes=0):
    return (timezone.now() + datetime.timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")


def reply(meeting, person, partstat="ACCEPTED", **changed):
    """What Google, Outlook and Apple send, without what nobody reads. A value of `None` leaves the line out."""
    lines = {
        "METHOD": "METHOD:REPLY", "UID": f"UID:{uid_for(meeting.uid)}", "SEQUENCE": f"SEQUENCE:{meeting.sequence}",
        "DTSTAMP": f"DTSTAMP:{stamp()}", "ATTENDEE": f"ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT={partstat};CN=X:mailto:{person.email}",
        **changed,
    }  # fmt: skip
    outer = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", lines.pop("METHOD")]
    inner = ["BEGIN:VEVENT", "DTSTART:20270305T210000Z", "SUMMARY:Sesión", *lines.values(), "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join(line for line in [*outer, *inner] if line) + "\r\n"


@pytest.mark.parametrize(
    ("partstat", "value"), [("ACCEPTED", "yes"), ("TENTATIVE", "maybe"), ("DECLINED", "no"), ("accepted", "yes")]
)
def test_an_answer_from_the_calendar_program_is_written(partstat, value):
    here = planned()
    assert take(here.trainee.email, reply(here.meeting, here.trainee, partstat))
    assert stands(here.meeting, here.trainee) == (value, "mail", False)
    page = text_of(signed(here.trainer).get(url("who_comes", here.meeting.pk)))
    assert "from the calendar, by mail" in page


def test_bytes_capitals_and_a_folded_line_are_the_same():
    here = planned()
    text = reply(
        here.meeting,
        here.trainee,
        ATTENDEE=f"ATTENDEE;PARTSTAT=ACCEPTED;CN=A long name;RSVP=TRUE:MAILTO:\r\n {here.trainee.email.upper()}",
    )
    assert take(here.trainee.email.title(), text.encode())
    assert stands(here.meeting, here.trainee)[0] == "yes"


def test_nobody_answers_for_somebody_else():
    here = planned()
    other = people_in(here.meeting, 1)[0]
    assert not take(other.email, reply(here.meeting, here.trainee))
    assert not take(here.stranger.email, reply(here.meeting, here.stranger))  # has an account, does not belong
    assert not take("nobody@example.org", reply(here.meeting, UserFactory.build(email="nobody@example.org")))
    MeetingPerson.objects.create(meeting=here.meeting, user=other, part="removed")
    assert not take(other.email, reply(here.meeting, other))
    here.trainee.is_active = False
    here.trainee.save()
    assert not take(here.trainee.email, reply(here.meeting, here.trainee))
    assert not Invitee.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"METHOD": "METHOD:REQUEST"}, {"METHOD": "METHOD:COUNTER"}, {"METHOD": None}, {"UID": None}, {"UID": "UID:somebody-elses@example.com"},
        {"UID": "UID:00000000-0000-4000-8000-000000000000@testserver"}, {"ATTENDEE": None}, {"DTSTAMP": None}, {"DTSTAMP": "DTSTAMP:yesterday"},
        {"DTSTAMP": "DTSTAMP;VALUE=DATE:20270101"}, {"SEQUENCE": "SEQUENCE:-1"}, {"SEQUENCE": "SEQUENCE:x"}, {"X": "RECURRENCE-ID:20270305T210000Z"},
        {"X": "ATTENDEE;PARTSTAT=DECLINED:mailto:other@example.org"}, {"X": "END:VEVENT\r\nBEGIN:VEVENT"},
    ],
)  # fmt: skip
def test_what_is_no_clear_answer_is_ignored(changed):
    here = planned()
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, **changed))
    assert not Invitee.objects.exists()


@pytest.mark.parametrize("partstat", ["NEEDS-ACTION", "DELEGATED", "", "YES", "X-MAYBE"])
def test_other_kinds_of_answer_are_ignored(partstat):
    here = planned()
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, partstat))


def test_an_answer_to_an_earlier_version_is_ignored():
    here = planned()
    old = reply(here.meeting, here.trainee)
    place(here.meeting, sequence=1)
    assert not take(here.trainee.email, old)
    assert take(here.trainee.email, reply(here.meeting, here.trainee))


def test_what_was_said_earlier_does_not_undo_what_was_said_later():
    here = planned()
    first, second = (
        reply(here.meeting, here.trainee, say, DTSTAMP=f"DTSTAMP:{stamp(at)}") for say, at in (("ACCEPTED", -9), ("DECLINED", -5))
    )
    assert take(here.trainee.email, second)
    assert not take(here.trainee.email, first)
    assert not take(here.trainee.email, second)  # a second copy of the same mail
    yes(here.meeting, here.trainee)
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, "DECLINED", DTSTAMP=f"DTSTAMP:{stamp(-1)}"))
    assert stands(here.meeting, here.trainee) == ("yes", "page", False)


def test_a_clock_that_is_ahead_does_not_lock_the_answer():
    here = planned()
    assert take(here.trainee.email, reply(here.meeting, here.trainee, DTSTAMP=f"DTSTAMP:{stamp(60 * 24 * 900)}"))
    assert take(here.trainee.email, reply(here.meeting, here.trainee, "DECLINED", DTSTAMP=f"DTSTAMP:{stamp(1)}"))
    assert stands(here.meeting, here.trainee) == ("no", "mail", False)


def test_places_count_for_mail_as_well():
    here = planned(capacity=1)
    other = people_in(here.meeting, 1)[0]
    yes(here.meeting, other)
    assert take(here.trainee.email, reply(here.meeting, here.trainee))
    assert stands(here.meeting, here.trainee) == ("yes", "mail", True)


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"state": "draft"}, {"state": "live"}, {"starts_at": hours(-1)}])
def test_closed_meetings_take_no_answer(fields):
    here = planned()
    place(here.meeting, **fields)
    assert not take(here.trainee.email, reply(here.meeting, here.trainee))


def test_the_log_names_nobody(caplog):
    here = planned()
    with caplog.at_level(logging.INFO, logger="sessions.replies"):
        take("secret@example.org", reply(here.meeting, here.trainee, DTSTAMP="DTSTAMP:secret"))
        take(here.trainee.email, reply(here.meeting, here.trainee, "SECRET"))
        take(here.trainee.email, f"BEGIN:VCALENDAR\r\n{here.trainee.email}\r\n")
    assert len(caplog.records) == 3
    assert here.trainee.email not in caplog.text and "secret" not in caplog.text.lower().replace("calendar reply", "")


GARBAGE = [
    "", " ", "\x00", "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT\r\nEND:VEVENT", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT",
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR", "BEGIN:VCALENDAR\r\nMETHOD;X=\"\r\n:REPLY\r\nEND:VCALENDAR", "a" * 70_000, "BEGIN:VEVENT\r\n" * 4_000,
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY;COUNT=99999999\r\nDURATION:P999999999W\r\nEND:VEVENT\r\nEND:VCALENDAR",
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTAMP;TZID=../../etc/passwd:20270101T000000\r\nEND:VEVENT\r\nEND:VCALENDAR",
    b"\xff\xfe\x00B", b"BEGIN:VCALENDAR\r\nSUMMARY:\xe9\xff\r\nEND:VCALENDAR", None, 5, [], {"a": 1},
]  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("address", ["a@example.org", "", None, 7])
def test_garbage_does_nothing(text, address):
    assert take(address, text) is False
    assert not Invitee.objects.exists()


@pytest.mark.parametrize(
    "value",
    [":00000101T000000Z", ":00010101T000000Z", ":99999999T999999Z", ";TZID=Asia/Tokyo:00010101T000000", ";TZID=:x", ";VALUE=TEXT:now", ":20200101T000000Z"],
)  # fmt: skip
def test_times_that_do_not_exist(value):
    here = planned()
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, DTSTAMP=f"DTSTAMP{value}"))
    assert not Invitee.objects.exists()


def test_the_last_second_there_is_counts_as_now():
    here = planned()
    assert take(here.trainee.email, reply(here.meeting, here.trainee, DTSTAMP="DTSTAMP:99991231T235959Z"))
    assert Invitee.objects.get().answered_at <= timezone.now()
    assert "from the calendar, by mail" in text_of(signed(here.trainer).get(url("who_comes", here.meeting.pk)))


@pytest.mark.parametrize("error", [RecursionError, KeyError, OverflowError, AttributeError])
def test_whatever_the_parser_does_nothing_is_raised(monkeypatch, error):
    def fail(_text):
        raise error("secret")

    monkeypatch.setattr("sessions.replies.Calendar.from_ical", fail)
    assert take("a@example.org", "BEGIN:VCALENDAR") is False


@pytest.fixture
def known():
    return planned()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_broken_replies_never_raise(known, data):
    text = reply(known.meeting, known.trainee)
    cut = data.draw(st.integers(0, len(text)))
    junk = data.draw(
        st.text(max_size=30)
        | st.sampled_from(["\r\n", ":", ";", "BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "\r\nATTENDEE:", '"', "\\n"])
    )
    length = data.draw(st.integers(0, 30))
    assert take(known.trainee.email, text[:cut] + junk + text[cut + length :]) in (True, False)
