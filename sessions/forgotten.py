"""What nobody ended, the clock ends: a meeting two hours after its planned end, once the room has been empty for ten minutes; groups
half a minute after their time was up."""

from datetime import timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from sessions import room
from sessions.acts.groups import AT_WORK, STEPS
from sessions.models import Event, Lease, Meeting
from sessions.protocol import HOST
from sessions.refusals import Refusal
from sessions.seats import Seat

GRACE, EMPTY, LATE = timedelta(hours=2), timedelta(minutes=10), timedelta(seconds=30)
UNDER_WAY = (Meeting.State.LIVE, Meeting.State.PAUSED)


def end_forgotten(now=None):
    """Returns how many were ended. The log says that nobody in particular did it."""
    now = now or timezone.now()
    under_way = Meeting.objects.filter(state__in=UNDER_WAY)
    forgotten = [meeting for meeting in under_way if meeting.ends_at + GRACE < now and not _is_used(meeting, now)]
    for meeting in forgotten:
        _act(meeting.pk, "session.end", f"forgotten-{meeting.pk}")
    return len(forgotten)


def _is_used(meeting, now):
    return Lease.objects.filter(meeting=meeting, seen_at__gt=now - EMPTY).exists()


def close_overdue_groups(now=None):
    """Returns in how many meetings groups were closed. Whoever gives them more time in the same moment comes first."""
    until = round(((now or timezone.now()) - LATE).timestamp() * 1000)
    overdue = [step for step in _last_steps() if step.body["state"] in AT_WORK and (step.body["ends_at"] or until) < until]
    return sum(_act(step.stream.meeting_id, "group.close", f"overdue-{step.pk}", base=step.seq) for step in overdue)


def _last_steps():
    steps = Event.objects.filter(stream__name="main", stream__meeting__state__in=UNDER_WAY, kind__in=STEPS)
    last = Event.objects.filter(stream=OuterRef("stream"), kind__in=STEPS).order_by("-seq").values("seq")[:1]
    return steps.filter(seq=Subquery(last)).select_related("stream")


def _act(meeting_id, kind, cid, **more):
    clock = Seat(meeting_id, None, "", "", HOST)
    try:
        room.perform(clock, {"t": "op", "cid": cid, "st": "main", "k": kind, "b": {}, **more})
    except Refusal:  # somebody was faster
        return False
    return True
