"""The run of show: segments in their order, when each begins, and what it comes to against the planned minutes.

Nothing here refuses an overrun: it is shown, on the row and in the sum, and saving is allowed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from sessions import ordering, succession
from sessions.models import Meeting, Segment

MOST = 40
Kind = Segment.Kind
# The rows of a case-based session as Project ECHO runs it: a short talk, a case from the field, discussion, what to take home.
ECHO = ((Kind.WELCOME, 10), (Kind.TALK, 20), (Kind.CASE, 20), (Kind.DISCUSSION, 30), (Kind.CLOSING, 10))
OPENING = 5  # minutes for what came of the meeting before
WRITTEN = ("title", "kind", "minutes", "owner", "owner_name", "materials", "fallback", "notes")


@dataclass(frozen=True)
class Row:
    """`starts_at` and `ends_at` as planned; `over` where the row ends after the planned end of the meeting."""

    segment: Segment
    number: int
    starts_at: datetime
    ends_at: datetime
    over: bool

    @property
    def who(self):
        owner = self.segment.owner
        return self.segment.owner_name or ((owner.full_name or owner.certificate_name) if owner else "")


@dataclass(frozen=True)
class Show:
    """`minutes` is the sum; `overrun` minutes more than planned, negative where time is left."""

    rows: tuple[Row, ...]
    minutes: int
    overrun: int
    ends_at: datetime

    @property
    def spare(self):
        return -self.overrun

    @property
    def current(self):
        return next((row for row in self.rows if row.segment.started_at and not row.segment.ended_at), None)


def show_of(meeting):
    """One query."""
    begins = at = meeting.started_at or meeting.starts_at
    planned_end = begins + timedelta(minutes=meeting.minutes)
    rows = []
    for number, segment in enumerate(meeting.segments.select_related("owner"), start=1):
        ends = at + timedelta(minutes=segment.minutes)
        rows.append(Row(segment, number, at, ends, ends > planned_end))
        at = ends
    minutes = sum(row.segment.minutes for row in rows)
    return Show(tuple(rows), minutes, minutes - meeting.minutes, at)


# --- acts ------------------------------------------------------------------------------------------------------------


def add(meeting, *, after=None, **written):
    """A segment at the end. Raises `Refused` beyond forty.

    `after` is the id of the newest segment when the form was opened (0 for none): the same form sent again gives the segment it made.
    """
    with transaction.atomic():
        segments = _held(meeting)
        if after is not None and (made := _made_since(segments, after, written)):
            return made
        if len(segments) >= MOST:
            raise Refused(_("A run of show has at most %(count)s segments. Put some together.") % {"count": MOST})
        order = segments[-1].order + 1 if segments else 1
        return Segment.objects.create(meeting_id=meeting.pk, order=order, **written)


def change(segment, **written):
    """Says whether it was still there."""
    return bool(Segment.objects.filter(pk=segment.pk).update(**written))


def set_minutes(meeting, minutes):
    """`{segment id: minutes}`, all at once; a segment that somebody removed meanwhile is passed over."""
    with transaction.atomic():
        changed = [one for one in _held(meeting) if minutes.get(one.pk, one.minutes) != one.minutes]
        for one in changed:
            one.minutes = minutes[one.pk]
        Segment.objects.bulk_update(changed, ["minutes"])


def remove(segment):
    """Raises `Refused` for one that has begun: it is part of what happened."""
    with transaction.atomic():
        standing = next((one for one in _held(segment.meeting) if one.pk == segment.pk), None)
        if standing is None:
            return  # somebody was quicker
        if standing.started_at:
            raise Refused(_("This segment has begun already, so it stays."))
        standing.delete()


def shift(segment, places):
    """Up (-1) or down (1). At the edge nothing happens."""
    with transaction.atomic():
        ordering.shift(_held(segment.meeting), segment.pk, places)


def use_template(meeting):
    """The five rows of a case-based session, stretched to the planned minutes; a regional meeting that follows another opens with what
    came of that one. Raises `Refused` where there are rows already."""
    with transaction.atomic():
        if _held(meeting):
            raise Refused(_("There are segments already."))
        opening = OPENING if meeting.minutes >= 2 * OPENING and succession.predecessor(meeting) else 0
        with translation.override(meeting.language):  # all who meet read it, not only who pressed the button
            if opening:
                add(meeting, kind=Kind.DISCUSSION, title=_("What came of last time"), minutes=opening)
            for (kind, _minutes), minutes in zip(ECHO, stretched(meeting.minutes - opening), strict=True):
                add(meeting, kind=kind, title=_titles()[kind], minutes=minutes)


def stretched(total):
    """The minutes of the template in the same proportions, whole, at least 1 each, and together `total`."""
    whole = sum(minutes for _kind, minutes in ECHO)
    found = [max(1, minutes * total // whole) for _kind, minutes in ECHO]
    found[3] += total - sum(found)  # what is left over goes to the discussion
    return found


def copy(source, target):
    """The segments of another meeting, without what happened in it. `{id there: segment here}`."""
    made = {}
    for segment in source.segments.all():
        fields = {name: getattr(segment, name) for name in WRITTEN}
        made[segment.pk] = Segment.objects.create(meeting_id=target.pk, order=segment.order, **fields)
    return made


def _made_since(segments, after, written):
    same = (one for one in segments if one.pk > after and all(getattr(one, name) == value for name, value in written.items()))
    return next(same, None)


def newest(show):
    """What a form that adds a segment carries as `after`."""
    return max((row.segment.pk for row in show.rows), default=0)


def _titles():
    return {
        Kind.WELCOME: _("Welcome and who is here"), Kind.TALK: _("Short talk"), Kind.CASE: _("A case from the field"),
        Kind.DISCUSSION: _("Discussion and recommendations"), Kind.CLOSING: _("Wrap-up and next steps"),
    }  # fmt: skip


def _held(meeting):
    """The segments in their order, while the meeting's row is held: two people who change at once come one after the other."""
    Meeting.objects.non_polymorphic().select_for_update().get(pk=meeting.pk)
    return list(Segment.objects.filter(meeting_id=meeting.pk))
