"""Marks: who was present, worked out from what was measured until a day after the end, and every change of a mark.

A mark that a person set (`source` hand) is never touched by the clock. The bar is the frozen percentage of the planned minutes; where
the meeting was shorter than planned, of the real ones, and readers are told. Corrections: attendance_marks.py; what attending completes:
attendance_completion.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sessions import attendance_completion
from sessions.models import Attendance, AttendanceChange, Meeting
from sessions.stays import Stays, expected_ids, span_of, stays_of

Status, Source = Attendance.Status, Attendance.Source
OPEN_FOR = timedelta(hours=24)  # after the end: late heartbeats and imports still move what the clock worked out


@dataclass(frozen=True)
class Mark:
    """What one person's attendance is: the mark and the time behind it."""

    status: str
    source: str
    seconds: int
    first_at: object = None
    last_at: object = None


# --- the bar -----------------------------------------------------------------------------------------------------------


def real_seconds(meeting, now=None):
    """How long the meeting lasted, or has lasted so far. Pauses count."""
    span = span_of(meeting, now or timezone.now())
    return int((span[1] - span[0]).total_seconds()) if span else 0


def is_shortened(meeting):
    """Whether it ended before the planned minutes were over, so that the bar is lower than planned."""
    return meeting.ended_at is not None and real_seconds(meeting) < meeting.minutes * 60


def needed_seconds(meeting):
    """The time that counts as present, at least a second. While it is under way: of the planned minutes."""
    whole = min(meeting.minutes * 60, real_seconds(meeting)) if meeting.ended_at else meeting.minutes * 60
    return max(whole * meeting.needed_percent // 100, 1)


# --- one mark ----------------------------------------------------------------------------------------------------------


def measured(stays, needed, *, watched=False):
    """The mark that follows from the traces alone. `watched`: the person proved to have watched the recording."""
    spent = stays.seconds
    status, source = _status(spent, needed), stays.source
    if watched and status != Status.PRESENT:
        status, source = Status.RECORDING, Source.RECORDING
    return Mark(status, source, spent, stays.first_at, stays.last_at)


def _status(spent, needed):
    if spent >= needed:
        return Status.PRESENT
    return Status.PARTLY if spent > 0 else Status.ABSENT


def is_late(meeting, at):
    """Whether a change came after the day in which marks are settled."""
    return meeting.ended_at is not None and at > meeting.ended_at + OPEN_FOR


# --- all marks ---------------------------------------------------------------------------------------------------------


def reconcile(meeting, *, by=None, reason="", now=None):
    """Works out all marks of an ended meeting and returns how many changed. Any number of calls at once is the same as one.

    After 24 hours the last pass settles it (`reconciled_at`), and later calls change nothing, unless a person (`by`) brought
    something new. Marks set by hand keep their status; the measured time below them is brought up to date.
    """
    now = now or timezone.now()
    with transaction.atomic():
        meeting = held(meeting.pk)
        if meeting.state != Meeting.State.ENDED or meeting.started_at is None or meeting.ended_at is None:
            return 0
        settled = meeting.reconciled_at and by is None
        changed = 0 if settled else _mark_everybody(meeting, by, reason, now)
        if meeting.reconciled_at is None and now >= meeting.ended_at + OPEN_FOR:
            Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(reconciled_at=now)
        attendance_completion.bring_up_to_date(meeting)
        return changed


def held(pk):
    """The meeting's base row, held until the transaction ends: marks of one meeting change one after the other."""
    return Meeting.objects.non_polymorphic().select_for_update(no_key=True).get(pk=pk)


def _mark_everybody(meeting, by, reason, now):
    stays, needed = stays_of(meeting, now), needed_seconds(meeting)
    rows = {row.user_id: row for row in Attendance.objects.filter(meeting=meeting)}
    watched = watched_ids(meeting)
    changes = []
    for user_id in sorted(expected_ids(meeting) | rows.keys()):
        row = rows.get(user_id) or Attendance(meeting=meeting, user_id=user_id, status="")
        mark = measured(stays.get(user_id, Stays()), needed, watched=user_id in watched)
        change = apply(row, mark, by=by, reason=reason, now=now)
        changes += [change] if change else []
    AttendanceChange.objects.bulk_create(changes)
    return len(changes)


def watched_ids(meeting):
    """Those who proved that they watched the recording; the ledger of changes says so for ever. One query."""
    rows = AttendanceChange.objects.filter(attendance__meeting=meeting, source=Source.RECORDING, to_status=Status.RECORDING)
    return set(rows.values_list("attendance__user_id", flat=True))


def apply(row, mark, *, by, reason, now):
    """Brings one row to a measured mark and returns the unsaved line of the ledger, or `None` where nothing changed."""
    by_hand = row.source == Source.HAND and row.pk
    before = (row.status, row.source, row.seconds)
    if not by_hand:
        row.status, row.source = mark.status, mark.source
    row.seconds, row.first_at, row.last_at = mark.seconds, mark.first_at, mark.last_at
    if row.pk and before == (row.status, row.source, row.seconds):
        return None
    if not by_hand:
        row.by, row.reason, row.at = by, reason, now
    row.save()
    return AttendanceChange(
        attendance=row, from_status=before[0], to_status=row.status, source=row.source, seconds=row.seconds,
        by=by, reason=reason, at=now,
    )  # fmt: skip
