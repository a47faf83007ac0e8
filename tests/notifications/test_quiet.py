"""Quiet hours and digests on the clocks of people: changes of clocks, half-hour zones, spans over midnight."""

import datetime
import zoneinfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notifications import outbox, quiet
from notifications.models import Habit, Message
from tests.factories import UserFactory

NIGHT = (datetime.time(21), datetime.time(7))
SIESTA = (datetime.time(13), datetime.time(15))


def utc(text):
    return datetime.datetime.fromisoformat(f"{text}+00:00")


def hours(begin, end):
    return datetime.time.fromisoformat(begin), datetime.time.fromisoformat(end)


@pytest.mark.parametrize(
    ("zone", "asked", "span", "leaves"),
    [
        ("America/Mexico_City", "2027-03-05T02:59", NIGHT, "2027-03-05T02:59"),  # 20:59
        ("America/Mexico_City", "2027-03-05T03:00", NIGHT, "2027-03-05T13:00"),  # 21:00, till 07:00 of the next day
        ("America/Mexico_City", "2027-03-05T06:00", NIGHT, "2027-03-05T13:00"),  # midnight
        ("America/Mexico_City", "2027-03-05T12:59", NIGHT, "2027-03-05T13:00"),  # 06:59
        ("America/Mexico_City", "2027-03-05T13:00", NIGHT, "2027-03-05T13:00"),  # 07:00 is no longer quiet
        ("America/Mexico_City", "2027-03-05T20:00", SIESTA, "2027-03-05T21:00"),  # 14:00
        ("America/Mexico_City", "2027-03-05T21:00", SIESTA, "2027-03-05T21:00"),
        ("America/Mexico_City", "2027-03-05T06:00", hours("00:00", "00:00"), "2027-03-05T06:00"),  # none are quiet
        ("America/Mexico_City", "2022-10-30T05:30", NIGHT, "2022-10-30T13:00"),  # the last change: -05 to -06 in the night
        ("America/Sao_Paulo", "2027-03-05T01:00", NIGHT, "2027-03-05T10:00"),  # 22:00
        ("America/Sao_Paulo", "2018-11-04T01:00", hours("21:00", "00:00"), "2018-11-04T03:00"),  # midnight did not exist
        ("Europe/London", "2026-03-28T22:00", NIGHT, "2026-03-29T06:00"),  # forward in this night: 07:00 is an hour sooner
        ("Europe/London", "2026-10-24T21:00", NIGHT, "2026-10-25T07:00"),  # back in this night: an hour later
        (
            "Europe/London",
            "2026-03-29T00:30",
            hours("00:00", "01:30"),
            "2026-03-29T01:30",
        ),  # 01:30 is skipped: 02:30 is what it is
        ("Europe/London", "2026-10-25T00:10", hours("00:00", "01:30"), "2026-10-25T01:30"),  # first 01:10, till the second 01:30
        ("Europe/London", "2026-10-25T01:10", hours("00:00", "01:30"), "2026-10-25T01:30"),  # second 01:10
        ("America/Tijuana", "2026-03-08T08:00", NIGHT, "2026-03-08T14:00"),  # with the United States, not with Mexico City
        ("America/Tijuana", "2026-11-01T07:00", NIGHT, "2026-11-01T15:00"),
        ("Asia/Kathmandu", "2027-03-05T15:15", NIGHT, "2027-03-06T01:15"),  # +05:45
        ("Asia/Kathmandu", "2027-03-05T15:14", NIGHT, "2027-03-05T15:14"),
    ],
)
def test_quiet_hours_end_on_the_readers_clock(zone, asked, span, leaves):
    assert quiet.after_quiet(utc(asked), zoneinfo.ZoneInfo(zone), span) == utc(leaves)


ZONES = ["America/Mexico_City", "America/Sao_Paulo", "Europe/London", "America/Tijuana", "Asia/Kathmandu", "Australia/Lord_Howe"]


@given(
    st.datetimes(datetime.datetime(2015, 1, 1), datetime.datetime(2030, 1, 1)), st.sampled_from(ZONES), st.times(), st.times(),
)  # fmt: skip
def test_what_waits_leaves_outside_the_quiet_hours_within_a_day(moment, zone, begin, end):
    asked, place, span = moment.replace(tzinfo=datetime.UTC), zoneinfo.ZoneInfo(zone), (begin, end)
    leaves = quiet.after_quiet(asked, place, span)
    assert asked <= leaves <= asked + datetime.timedelta(hours=26)
    assert quiet.after_quiet(leaves, place, span) == leaves


@pytest.mark.parametrize(
    ("zone", "now", "span", "weekly", "leaves"),
    [
        ("America/Mexico_City", "2027-03-05T18:00", NIGHT, False, "2027-03-06T13:30"),
        ("America/Mexico_City", "2027-03-05T13:00", NIGHT, False, "2027-03-05T13:30"),  # 07:00 of the same day
        ("America/Mexico_City", "2027-03-05T13:30", NIGHT, False, "2027-03-06T13:30"),
        ("America/Mexico_City", "2027-03-05T18:00", NIGHT, True, "2027-03-08T13:30"),  # Friday to Monday
        ("America/Mexico_City", "2027-03-08T12:00", NIGHT, True, "2027-03-08T13:30"),  # Monday at six
        ("America/Mexico_City", "2027-03-05T18:00", hours("22:00", "09:00"), False, "2027-03-06T15:00"),  # a late riser
        ("Europe/London", "2026-10-24T12:00", NIGHT, False, "2026-10-25T07:30"),
        ("Asia/Kathmandu", "2027-03-05T18:30", NIGHT, False, "2027-03-06T01:45"),
    ],
)
def test_digests_leave_in_the_morning(zone, now, span, weekly, leaves):
    assert quiet.next_digest(utc(now), zoneinfo.ZoneInfo(zone), span, weekly=weekly) == utc(leaves)


def test_a_zone_that_nobody_knows_is_the_programmes(settings):
    assert str(quiet.zone_of(UserFactory.build(time_zone="Mars/Olympus"))) == settings.PROGRAMME_TIME_ZONE
    assert str(quiet.zone_of(UserFactory.build(time_zone=""))) == settings.PROGRAMME_TIME_ZONE


# --- what is enqueued --------------------------------------------------------------------------------------------------------
@pytest.fixture
def at_night(monkeypatch, settings):
    """23:00 in Mexico City, with the hours that people have who chose none."""
    settings.QUIET_HOURS = ("21:00", "07:00")
    monkeypatch.setattr(timezone, "now", lambda: utc("2027-03-05T05:00"))
    return utc("2027-03-05T13:00")


def remind(user=None, what="reminder_day", **when):
    return outbox.enqueue(what, user or UserFactory(), "r", {"url": "http://testserver/m/"}, **when)


@pytest.mark.django_db
class TestEnqueued:
    def test_it_waits_for_the_morning(self, at_night, mailoutbox, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            message = remind()
        assert message.due_at == at_night
        assert not outbox.deliver(message.pk) and not outbox.due().exists() and mailoutbox == []

    def test_the_persons_own_hours_count(self, at_night):
        user = UserFactory()
        Habit.objects.create(user=user, quiet_from=datetime.time(1), quiet_until=datetime.time(6))
        assert remind(user).due_at == timezone.now()

    def test_a_reminder_at_night_is_better_than_none(self, at_night):
        assert remind(expires_at=at_night - datetime.timedelta(hours=1)).due_at == timezone.now()

    def test_what_is_due_later_is_judged_at_that_hour(self, at_night):
        assert remind(due_at=utc("2027-03-06T06:00")).due_at == utc("2027-03-06T13:00")
        Message.objects.all().delete()
        assert remind(due_at=utc("2027-03-05T18:00")).due_at == utc("2027-03-05T18:00")

    def test_codes_do_not_wait(self, at_night):
        assert outbox.enqueue("account", UserFactory(), "a", {"secret_subject": "1"}).due_at == timezone.now()

    def test_many_wait_for_their_own_mornings(self, at_night):
        zones = ["America/Mexico_City", "Europe/London", "Asia/Kathmandu"]
        people = [UserFactory(time_zone=zone) for zone in zones]
        outbox.enqueue_many("reminder_day", people, lambda user: f"r:{user.pk}", lambda user: {})
        assert list(Message.objects.order_by("pk").values_list("due_at", flat=True)) == [
            at_night, utc("2027-03-05T07:00"), timezone.now(),
        ]  # fmt: skip
