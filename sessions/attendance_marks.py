"""A person's decision about a mark: set with a reason, kept in the ledger, undone back to what was measured. Nobody marks themselves."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext, roles
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from sessions import attendance, attendance_completion
from sessions.models import Attendance, AttendanceChange, Meeting
from sessions.stays import Stays, expected_ids, stays_of

Status, Source = Attendance.Status, Attendance.Source
LONGEST_REASON = 300


# --- who may -----------------------------------------------------------------------------------------------------------


def may_correct(user, meeting):
    """Trainers and leads of the meeting's cohort; where it has none, those who run the meeting. A room's helper is not enough."""
    if meeting.cohort_id:
        return Cohort.objects.run_by(user).filter(pk=meeting.cohort_id).exists()
    return Meeting.objects.hosted_by(user).filter(pk=meeting.pk).exists()


def may_read(user, meeting):
    """Who may correct, and evaluators of the cohort."""
    if meeting.cohort_id:
        return Cohort.objects.run_by(user, roles.REPORTING).filter(pk=meeting.cohort_id).exists()
    return may_correct(user, meeting)


# --- acts --------------------------------------------------------------------------------------------------------------


def correct(meeting, user, status, by, reason):
    """Sets a mark by hand and returns it. Possible at any time; more than a day after the end it is marked late.

    Raises `Refused`: `by` may not, or is the person; nobody expects this person; no reason; a mark that cannot be yet.
    """
    reason = _reason(reason)
    _require(by, meeting, user)
    _require_possible(meeting, status)
    with transaction.atomic():
        meeting = attendance.held(meeting.pk)
        row = _row(meeting, user)
        before = row.status
        if row.pk and (row.status, row.source) == (status, Source.HAND):
            return row
        row.status, row.source, row.by, row.reason, row.at = status, Source.HAND, by, reason, timezone.now()
        row.save()
        _log(row, before)
        attendance_completion.bring_up_to_date(meeting)
    return row


def undo(meeting, user, by, reason=""):
    """Back to what was measured. Raises `Refused` where the mark was not set by hand, or `by` may not."""
    _require(by, meeting, user)
    now = timezone.now()
    with transaction.atomic():
        meeting = attendance.held(meeting.pk)
        row = Attendance.objects.filter(meeting=meeting, user=user, source=Source.HAND).first()
        if row is None:
            raise Refused(_("This mark was not set by hand."))
        before, row.source = row.status, ""
        stays = stays_of(meeting, now).get(user.pk, Stays())
        watched = user.pk in attendance.watched_ids(meeting)
        mark = attendance.measured(stays, attendance.needed_seconds(meeting), watched=watched)
        row.status, row.source, row.seconds = mark.status, mark.source, mark.seconds
        row.first_at, row.last_at = mark.first_at, mark.last_at
        row.by, row.reason, row.at = by, reason or _("Back to what was measured"), now
        row.save()
        _log(row, before)
        attendance_completion.bring_up_to_date(meeting)
    return row


def _row(meeting, user):
    """The row as it is, or a new one with what was measured so far below the mark."""
    row = Attendance.objects.filter(meeting=meeting, user=user).first()
    if row:
        return row
    stays = stays_of(meeting, timezone.now()).get(user.pk, Stays())
    return Attendance(
        meeting=meeting, user=user, status="", seconds=stays.seconds, first_at=stays.first_at, last_at=stays.last_at
    )


def _log(row, before):
    return AttendanceChange.objects.create(
        attendance=row, from_status=before, to_status=row.status, source=row.source, seconds=row.seconds,
        by=row.by, reason=row.reason, at=row.at,
    )  # fmt: skip


def _require(by, meeting, user):
    if not may_correct(by, meeting):
        raise Refused(_("Only trainers and leads of the cohort change attendance."))
    if by.pk == user.pk:
        raise Refused(_("Nobody changes their own attendance. Ask another trainer."))
    known = user.pk in expected_ids(meeting) or Attendance.objects.filter(meeting=meeting, user=user).exists()
    if not known:
        raise Refused(_("This person does not belong to the meeting."))


def _require_possible(meeting, status):
    if status not in Status.values:
        raise Refused(_("Choose a mark."), "status")
    if meeting.state in (Meeting.State.DRAFT, Meeting.State.CANCELLED):
        raise Refused(_("This meeting does not take place."), "status")
    if meeting.started_at is None and status != Status.EXCUSED:
        raise Refused(_("The meeting has not begun. Only “excused” can be set before."), "status")
    if status == Status.RECORDING and not meeting.recording_counts:
        raise Refused(_("In this meeting the recording does not count as attending."), "status")


def _reason(raw):
    try:
        reason = plaintext.clean(raw, LONGEST_REASON)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "reason") from error
    if len(reason) < 2:
        raise Refused(_("Write the reason; it is kept in the history."), "reason")
    return reason
