"""The meeting begins, rests, goes on and ends."""

from django.db import transaction
from django.utils.module_loading import import_string

from sessions.acts import Nothing, act, groups, polls
from sessions.acts.agenda import items_of
from sessions.instants import milliseconds
from sessions.models import Meeting
from sessions.refusals import Refusal

AFTERWARDS = "sessions.afterwards.schedule"


@act("session.open", Nothing)
def open_(here, body):
    """Begins the meeting, or goes on after a pause. What the run of show holds is told with it."""
    meeting = here.meeting
    if meeting.state == Meeting.State.DRAFT:
        raise Refusal("closed")
    begins = meeting.started_at is None
    _set(meeting, state=Meeting.State.LIVE, started_at=meeting.started_at or here.now)
    if begins:
        here.also("main", "agenda.plan", {"items": items_of(meeting)})
    return {"state": "live", "started_at": milliseconds(meeting.started_at), "planned_end": milliseconds(meeting.ends_at)}


@act("session.pause", Nothing)
def pause(here, body):
    _set(here.meeting, state=Meeting.State.PAUSED)
    return {"state": "paused"}


@act("session.end", Nothing)
def end(here, body):
    """Ends it for everybody. Open polls and groups close, votes lose their link to people, and what follows is set going after the commit."""
    meeting = here.meeting
    if meeting.state == Meeting.State.ENDED:
        return {"state": "ended", "ended_at": milliseconds(meeting.ended_at)}
    polls.close_all(here)
    groups.close_all(here)
    _set(meeting, state=Meeting.State.ENDED, ended_at=here.now)
    _end_segment(meeting, here.now)
    transaction.on_commit(lambda: import_string(AFTERWARDS)(meeting.pk), robust=True)
    return {"state": "ended", "ended_at": milliseconds(here.now)}


def _end_segment(meeting, now):
    meeting.segments.filter(started_at__isnull=False, ended_at__isnull=True).update(ended_at=now)


def _set(meeting, **values):
    """Raises `Refusal` where a page outside of the room was faster: what was called off in this moment does not begin."""
    if not Meeting.objects.non_polymorphic().filter(pk=meeting.pk, state=meeting.state).update(**values):
        raise Refusal("closed")
    for name, value in values.items():
        setattr(meeting, name, value)
