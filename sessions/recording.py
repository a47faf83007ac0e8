"""Watching the recording as attending later, where the cohort allows it: the person says so and answers the questions about it.

The questions are an instrument of kind check or quiz (`Meeting.recording_check`). A confirmation alone proves nothing and is never enough:
without questions nobody can, and the desk says so (`problem_of`).
"""

from dataclasses import dataclass

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from evaluations.answering import newest_instrument
from evaluations.forms import AnswerForm
from evaluations.models import Instrument
from evaluations.questions.reading import questions_of
from sessions import attendance, attendance_completion
from sessions.models import Attendance, AttendanceChange, Meeting
from sessions.stays import Stays, is_expected, stays_of

Status, Source = Attendance.Status, Attendance.Source
PASS_PERCENT = 70
TRIES, TRIES_SECONDS = 3, 24 * 3600


@dataclass(frozen=True)
class Outcome:
    """Of how many points how many; `needed` of them make it count."""

    score: float
    of: float
    needed: float

    @property
    def passed(self):
        return self.score >= self.needed


# --- whether it counts -------------------------------------------------------------------------------------------------


def questions_about(meeting):
    """The questions with a right answer, or `[]` where there are none to ask."""
    instrument = newest_instrument(meeting.recording_check) if meeting.recording_check else None
    if instrument is None or instrument.kind not in (Instrument.Kind.CHECK, Instrument.Kind.QUIZ):
        return []
    return [question for question in questions_of(instrument.pk) if question.max_score]


def problem_of(meeting):
    """For the desk: why the recording cannot count though it is meant to, in words; "" where all is well or nothing is meant."""
    if not meeting.recording_counts:
        return ""
    if not meeting.recording_check:
        return _("The recording cannot count yet: choose the questions about it. Confirming that you watched it is not enough.")
    if not questions_about(meeting):
        return _("The recording cannot count yet: the chosen questions do not exist, or none of them has a right answer.")
    return ""


def counts(meeting):
    """Whether somebody can still attend by the recording now."""
    ready = meeting.recording_counts and meeting.recording_url and meeting.state == Meeting.State.ENDED
    return bool(ready and questions_about(meeting))


def why_not(meeting, user):
    """Why this person cannot attend by the recording, in words; "" where they can."""
    if not is_expected(meeting, user):
        return _("Attendance is not kept for you in this meeting.")
    if not counts(meeting):
        return _("In this meeting the recording does not count as attending.")
    row = Attendance.objects.filter(meeting=meeting, user=user).first()
    if row is None:
        return ""
    if row.status in Attendance.ATTENDED:
        return _("You have attended this meeting: there is nothing to do.")
    if row.source == Source.HAND and row.status != Status.EXCUSED:
        return _("A trainer set your attendance by hand. Write to them if the recording should count.")
    return ""


# --- the check ---------------------------------------------------------------------------------------------------------


def forms_for(meeting, data=None):
    return [AnswerForm(question, data, prefix=f"q{question.pk}") for question in questions_about(meeting)]


def watch(meeting, user, confirmed, forms):
    """Scores the answers, and marks the person where enough are right. Returns the `Outcome`.

    Raises `Refused`: it does not count for this person; not confirmed; an answer is missing; three tries a day are used up.
    """
    reason = why_not(meeting, user)
    if reason:
        raise Refused(reason)
    if not confirmed:
        raise Refused(_("Tick that you watched the whole recording."), "confirmed")
    values = _values(forms)
    _count_try(meeting, user)
    outcome = _scored(values)
    if outcome.passed:
        _mark(meeting, user, outcome)
    return outcome


def _values(forms):
    values, missing = [], False
    for form in forms:
        try:
            complete = form.is_valid() and form.has_answer
            values.append((form.question, form.clean_answer() if complete else None))
        except ValidationError as error:
            form.add_error("answer", error)
            complete = False
        missing = missing or not complete
    if missing:
        raise Refused(_("Answer all questions."))
    return values


def _scored(values):
    score = sum(question.score(value) or 0 for question, value in values)
    most = sum(question.max_score for question, _value in values)
    return Outcome(score, most, most * PASS_PERCENT / 100)


def _count_try(meeting, user):
    name = f"recording:{meeting.pk}:{user.pk}"
    cache.add(name, 0, TRIES_SECONDS)
    try:
        tries = cache.incr(name)
    except ValueError:
        tries = 1
    if tries > TRIES:
        raise Refused(_("Three tries a day. Watch the recording again and come back tomorrow."))


def _mark(meeting, user, outcome):
    now = timezone.now()
    with transaction.atomic():
        meeting = attendance.held(meeting.pk)
        row = Attendance.objects.filter(meeting=meeting, user=user).first() or Attendance(meeting=meeting, user=user, status="")
        if row.status in Attendance.ATTENDED:
            return
        before, stays = row.status, stays_of(meeting, now).get(user.pk, Stays())
        row.status, row.source, row.seconds, row.by, row.at = Status.RECORDING, Source.RECORDING, stays.seconds, user, now
        row.reason = _("Questions about the recording: %(score)g of %(of)g") % {"score": outcome.score, "of": outcome.of}
        row.save()
        AttendanceChange.objects.create(
            attendance=row, from_status=before, to_status=row.status, source=row.source, seconds=row.seconds,
            by=user, reason=row.reason, at=now,
        )  # fmt: skip
        attendance_completion.bring_up_to_date(meeting)
