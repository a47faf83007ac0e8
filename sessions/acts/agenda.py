"""The run of show as participants see it, and where the meeting is in it."""

from sessions.acts import Nothing, Shape, act
from sessions.models import Segment
from sessions.refusals import Refusal


class Goto(Shape):
    segment: int


def items_of(meeting):
    """What everybody may see of the run of show: title, kind, minutes, who speaks."""
    segments = Segment.objects.filter(meeting_id=meeting.pk).select_related("owner")
    return [
        {"id": one.pk, "title": one.title, "kind": one.kind, "minutes": one.minutes, "who": one.owner_name or _name(one.owner)}
        for one in segments
    ]


@act("agenda.plan", Nothing)
def plan(here, body):
    """The run of show was changed on its page; everybody gets the new one."""
    return {"items": items_of(here.meeting)}


@act("agenda.goto", Goto)
def goto(here, body):
    """The segment begins now; the one before it ends. `planned_start`: when it should have begun, from the announced start (pace.py)."""
    segments = list(here.meeting.segments.all())
    place = next((number for number, one in enumerate(segments) if one.pk == body.segment), None)
    if place is None:
        raise Refusal("invalid")
    here.meeting.segments.filter(started_at__isnull=False, ended_at__isnull=True).update(ended_at=here.now)
    here.meeting.segments.filter(pk=body.segment).update(started_at=here.now, ended_at=None)
    before = sum(one.minutes for one in segments[:place]) * 60_000
    return {
        "current": body.segment,
        "started_at": round(here.now.timestamp() * 1000),
        "planned_start": round(here.meeting.starts_at.timestamp() * 1000) + before,
    }


def _name(owner):
    return (owner.full_name or owner.certificate_name) if owner else ""
