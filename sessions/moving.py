"""One meeting, or it and all that follow in its series, moved or called off. Clocks on the wall stay the promise: 18:00 moved by two days is
18:00, whatever the clocks did in between.

Each act is one transaction; each meeting that changes tells its people once. What has begun or is past is never moved.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from sessions import schedule, wall_clock
from sessions.models import Meeting
from sessions.planning_preview import BEFORE, Planned, as_planned


@dataclass(frozen=True)
class Move:
    """`was` and `becomes` are the same meeting before and after."""

    meeting: Meeting
    was: Planned
    becomes: Planned


def following(meeting, user):
    """The later meetings of its series that `user` runs and that have not begun, in the order of time, as a queryset.

    Whoever was named for one meeting of a series neither moves nor sees the others.
    """
    if meeting.series_id is None:
        return Meeting.objects.none()
    theirs = Meeting.objects.hosted_by(user).filter(series=meeting.series_id)
    later = theirs.filter(state__in=BEFORE, started_at=None, starts_at__gt=timezone.now())
    return (
        later.filter(starts_at__gte=meeting.starts_at).exclude(pk=meeting.pk).select_related("cohort").order_by("starts_at", "pk")
    )


def moves(meeting, day, hour, *, by=None, rest=False):
    """`[Move]`: what would change; with `rest` the later ones that `by` runs. Later ones of the same kind take the new hour, others (a
    closing day) keep theirs."""
    was = as_planned(meeting)
    days = day - was.wall.date()
    found = [Move(meeting, was, replace(was, wall=datetime.combine(day, hour)))]
    for later in following(meeting, by) if rest else ():
        old = as_planned(later)
        clock = hour if later.kind == meeting.kind else old.wall.time()
        found.append(Move(later, old, replace(old, wall=datetime.combine(old.wall.date() + days, clock))))
    return found


def state_of(found):
    """A short text that changes when any of the meetings has been moved meanwhile: what was previewed is what is done."""
    text = " ".join(f"{move.meeting.pk}@{move.meeting.starts_at.timestamp():.0f}" for move in found)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def move(meeting, day, hour, *, by=None, rest=False, seen=None):
    """Moves it, and with `rest` all that follow and that `by` runs. Returns the meetings that changed. Raises `Refused`; then none has moved.

    `seen` is `state_of` of the preview: somebody else's move in between is said instead of added to.
    """
    with transaction.atomic():
        schedule.hold(meeting.cohort)
        meeting = Meeting.objects.select_related("cohort").get(pk=meeting.pk)
        _require_movable(meeting)
        found = moves(meeting, day, hour, by=by, rest=rest)
        if seen is not None and seen != state_of(found):
            raise Refused(_("Somebody else moved these meetings in the meantime. Look at what changes once more."))
        changed = [one for one in found if one.was.wall != one.becomes.wall]
        if not changed:
            raise Refused(_("That is when it takes place already. Choose another day or hour."), "day")
        return [_move_one(one) for one in changed]


def _move_one(one):
    moment = wall_clock.moment_of(one.becomes.wall, wall_clock.zone(one.becomes.time_zone))
    schedule.require_exists(moment, "hour")
    return schedule.change(one.meeting, starts_at=moment.instant)


def _require_movable(meeting):
    if meeting.started_at or meeting.state not in BEFORE:
        raise Refused(_("The meeting has begun or is over, so it is not moved."))
    if wall_clock.known(meeting.time_zone) is None:
        raise Refused(schedule.UNKNOWN_ZONE)


def cancel_rest(meeting, reason, by, check=None):
    """Calls off the meeting and all that follow in its series and that `by` runs. Returns those that were. Raises `Refused`; then none is.

    `check` sees all of them while the cohort is held, and may raise.
    """
    with transaction.atomic():
        schedule.hold(meeting.cohort)
        found = [meeting, *following(meeting, by)]
        if check:
            check(found)
        return [schedule.cancel(one, reason) for one in found]


def follow_cohort_zone(cohort, old_zone):
    """The cohort lives in another zone now: its coming meetings that were written in the old one keep their wall time in the new one.

    Those at one place and those written in another zone stay. Raises `Refused` for an hour that is past or does not exist there.
    """
    coming = Meeting.objects.filter(
        cohort=cohort, time_zone=old_zone, state__in=BEFORE, started_at=None, starts_at__gt=timezone.now()
    )
    for meeting in coming.exclude(mode=Meeting.Mode.IN_PERSON).select_related("cohort"):
        try:
            schedule.change(meeting, time_zone=cohort.time_zone)
        except Refused as refusal:
            raise Refused(f"{meeting.title}: {refusal.text}", "time_zone") from refusal
