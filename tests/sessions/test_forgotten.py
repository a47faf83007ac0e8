"""A meeting that nobody ended is ended by the clock; one that is used goes on."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from sessions.models import Event, Lease, Meeting
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db


def state(meeting):
    return Meeting.objects.get(pk=meeting.pk).state


@pytest.mark.parametrize(("hours", "after"), [(1.5, "live"), (3.4, "live"), (3.6, "ended")])
def test_two_hours_after_the_planned_end(hours, after):
    meeting = meeting_of(starts_at=timezone.now() - timedelta(hours=hours), minutes=90)
    call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == after


def test_a_room_with_somebody_in_it_goes_on_and_ends_once():
    meeting = meeting_of(starts_at=timezone.now() - timedelta(hours=9))
    lease = Lease.objects.create(meeting=meeting, user=person_in(meeting), conn="c", tab="t")
    call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == "live"
    Lease.objects.filter(pk=lease.pk).update(seen_at=timezone.now() - timedelta(minutes=11))
    for _time in (1, 2):
        call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == "ended"
    assert Event.objects.filter(kind="session.end", actor=None).count() == 1
