"""One meeting is planned, changed, moved, copied, called off. Views ask who may; here is what may be.

Each act says no by raising `Refused` with the form field it is about. What attendance is measured by (needed percent) stays as it
was once the meeting has begun, and what has begun is not moved.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from curriculum.outline import outline_of
from sessions import hints, polling_questions, room, run_of_show
from sessions.models import Meeting, MeetingPerson, Poll, RegionalMeeting, TrainingSession
from sessions.pages import LiveSessionPage
from sessions.refusals import Refusal
from sessions.seats import seat_for

log = logging.getLogger(__name__)
KINDS = {"training": TrainingSession, "regional": RegionalMeeting}
FARTHEST = timedelta(days=5 * 366)
NOT_ONCE_BEGUN = ("starts_at", "minutes", "needed_percent", "activity_key", "number", "time_zone")
COPIED = (
    "title", "about", "language", "minutes", "time_zone", "mode", "place", "place_url", "preparation", "needed_percent",
    "recording_counts", "engine", "keep_days",
)  # fmt: skip
State, Part = Meeting.State, MeetingPerson.Part


# --- planning --------------------------------------------------------------------------------------------------------


def create(kind, by, *, cohort=None, source=None, **fields):
    """A new meeting of `kind` ("training" or "regional"), with the parts of `source` if there is one. Returns it."""
    meeting = KINDS[kind](cohort=cohort, created_by=by, **fields)
    with transaction.atomic():
        _hold(cohort)
        _check(meeting)
        meeting.save()
        if cohort is None:
            MeetingPerson.objects.create(meeting=meeting, user=by, part=Part.HOST)
        if source is not None:
            copy_parts(source, meeting, by)
    return meeting


def change(meeting, **fields):
    """New words, times, addresses. Returns the meeting as it stands. A meeting that has begun keeps its times and its threshold."""
    with transaction.atomic():
        _hold(meeting.cohort)
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        _require_standing(meeting)
        moved = fields.get("starts_at", meeting.starts_at) != meeting.starts_at
        for name, value in fields.items():
            if meeting.started_at and name in NOT_ONCE_BEGUN and value != getattr(meeting, name):
                raise Refused(_("The meeting has begun, so this stays as it was."), name)
            setattr(meeting, name, value)
        _check(meeting, moved=moved)
        meeting.save(update_fields=list(fields))
    return meeting


def _check(meeting, *, moved=True):
    now = timezone.now()
    if moved and meeting.starts_at <= now:
        raise Refused(_("This time is past. Choose a later one."), "starts_at")
    if meeting.starts_at > now + FARTHEST:
        raise Refused(_("That is more than five years away. Choose an earlier day."), "starts_at")
    if getattr(meeting, "activity_key", None):
        _check_activity(meeting)


def _check_activity(meeting):
    activity = outline_of(meeting.cohort).find(meeting.activity_key)
    if activity is None or activity.kind != LiveSessionPage.kind:
        raise Refused(_("The cohort's programme does not have this session."), "activity_key")
    others = TrainingSession.objects.filter(cohort=meeting.cohort, activity_key=meeting.activity_key)
    if others.exclude(pk=meeting.pk).exclude(state=State.CANCELLED).exists():
        raise Refused(_("This session of the programme has its meeting already."), "activity_key")


def sessions_of(cohort):
    """The live sessions of the cohort's programme, as activities of its outline."""
    return [activity for activity in outline_of(cohort).activities if activity.kind == LiveSessionPage.kind]


def cancel(meeting, reason):
    """Calls it off. Doing it twice is the same as once. Raises `Refused` for one that has begun."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if meeting.state == State.CANCELLED:
            return meeting
        if meeting.started_at:
            raise Refused(_("The meeting has begun already. End it in the control room instead."))
        if not reason.strip():
            raise Refused(_("Write the reason: people read it on the page of the meeting."), "reason")
        meeting.state, meeting.cancel_reason = State.CANCELLED, reason.strip()
        meeting.save(update_fields=["state", "cancel_reason"])
    return meeting


def _require_standing(meeting):
    if meeting.state == State.CANCELLED:
        raise Refused(_("The meeting is called off. Plan a new one, or copy this one."))


def _hold(cohort):
    """Two plans for the same session of a cohort come one after the other."""
    if cohort is not None:
        Cohort.objects.select_for_update().get(pk=cohort.pk)


# --- copying ---------------------------------------------------------------------------------------------------------


def copied_fields(source):
    """What a form for a copy begins with: everything but day, addresses, recording and people."""
    return {name: getattr(source, name) for name in COPIED} | {"number": getattr(source, "number", None)}


def copy_parts(source, target, by):
    """Run of show, polls and columns of the board. Never people, votes, notes or what was said."""
    segments = run_of_show.copy(source, target)
    _copy_polls(source, target, segments)
    _copy_board(source, target, by)


def _copy_polls(source, target, segments):
    for poll in Poll.objects.filter(meeting_id=source.pk):
        polling_questions.copy_poll(poll, target, segments.get(poll.segment_id))


def _copy_board(source, target, by):
    board = next(
        (stream.board for stream in source.streams.filter(name="main", board__isnull=False).select_related("board")), None
    )
    if board is None or not board.columns:
        return
    operation = {"cid": f"copy-board-{target.pk}", "st": "main", "k": "board.setup"}
    try:
        room.perform(seat_for(by, target), operation | {"b": {"columns": board.columns, "votes_each": board.votes_each}})
    except Refusal as refusal:  # the meeting is worth more than its columns
        log.warning("the board of meeting %s was not copied: %s", source.pk, refusal.why)


# --- people by name --------------------------------------------------------------------------------------------------


def ask(meeting, user, part):
    """Somebody who belongs to the meeting by name; again with another part changes the part. Returns the row."""
    return MeetingPerson.objects.update_or_create(meeting_id=meeting.pk, user=user, defaults={"part": part})[0]


def let_go(person):
    """They belong no more, unless their cohort does. Raises `Refused` for the last host of a meeting without a cohort."""
    with transaction.atomic():
        meeting = Meeting.objects.non_polymorphic().select_for_update().get(pk=person.meeting_id)
        hosts = meeting.people.filter(part=Part.HOST)
        if meeting.cohort_id is None and person.part == Part.HOST and not hosts.exclude(pk=person.pk).exists():
            raise Refused(_("Somebody has to run the meeting. Add another host first."))
        person.delete()
        transaction.on_commit(lambda: hints.kick(person.user_id, meeting.pk, "removed"), robust=True)
