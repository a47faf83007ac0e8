"""Meetings that nobody ended: two hours after their planned end, when the room has been empty for ten minutes, the clock ends them."""

from datetime import timedelta

from django.utils import timezone

from sessions import room
from sessions.models import Lease, Meeting
from sessions.protocol import HOST
from sessions.seats import Seat

GRACE, EMPTY = timedelta(hours=2), timedelta(minutes=10)


def end_forgotten(now=None):
    """Returns how many were ended. The log says that nobody in particular did it."""
    now = now or timezone.now()
    under_way = Meeting.objects.filter(state__in=(Meeting.State.LIVE, Meeting.State.PAUSED))
    forgotten = [meeting for meeting in under_way if meeting.ends_at + GRACE < now and not _is_used(meeting, now)]
    for meeting in forgotten:
        clock = Seat(meeting.pk, None, "", "", HOST)
        room.perform(clock, {"t": "op", "cid": f"forgotten-{meeting.pk}", "st": "main", "k": "session.end", "b": {}})
    return len(forgotten)


def _is_used(meeting, now):
    return Lease.objects.filter(meeting=meeting, seen_at__gt=now - EMPTY).exists()
