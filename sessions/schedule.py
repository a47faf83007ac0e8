"""One meeting is planned, changed, moved, called off. Views ask who may; here is what may be.

Each act says no by raising `Refused` with the form field it is about. What attendance is measured by (needed percent) stays as it
was once the meeting has begun, and what has begun is not moved.
"""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from curriculum.outline import outline_of
from sessions import copying, hints, places, telling, wall_clock
from sessions.models import (
    InPersonDay,
    Meeting,
    MeetingPerson,
    NationalMeeting,
    PreparatoryMeeting,
    QuarterSlot,
    RegionalMeeting,
    TrainingSession,
)
from sessions.pages import LiveSessionPage

KINDS = {
    kind.kind: kind for kind in (TrainingSession, PreparatoryMeeting, InPersonDay, NationalMeeting, RegionalMeeting)
}  # fmt: skip
FARTHEST = timedelta(days=5 * 366)
NOT_ONCE_BEGUN = ("starts_at", "minutes", "needed_percent", "activity_key", "number", "time_zone")
# What people see in their calendars: a change of one of these is told to them (sessions/telling.py).
SEEN = ("title", "starts_at", "minutes", "time_zone", "mode", "place", "place_url", "conference_url", "backup_url", "state")
State, Part = Meeting.State, MeetingPerson.Part
UNKNOWN_ZONE = gettext_lazy("This server does not know that time zone. Choose one from the list.")


# --- planning --------------------------------------------------------------------------------------------------------


class Changed(Refused):
    """What would be changed is not what the form showed."""


def create(kind, by, *, cohort=None, source=None, **fields):
    """A new meeting of `kind` (a key of `KINDS`), with the parts of `source` if there is one. Returns it. Raises `Refused`."""
    meeting = KINDS[kind](cohort=cohort, created_by=by, **fields)
    with transaction.atomic():
        _require_open(hold(cohort))
        _require_known_zone(meeting)
        _check_time(meeting)
        _check_activity(meeting)
        meeting.wall_start = wall_clock.written(meeting.starts_at, wall_clock.zone(meeting.time_zone))
        meeting.save()
        if cohort is None:
            MeetingPerson.objects.create(meeting=meeting, user=by, part=Part.HOST)
        if source is not None:
            copying.copy_parts(source, meeting, by)
        if meeting.state != State.DRAFT:
            telling.touched(meeting, rises=False)
    return meeting


def create_once(kind, by, *, uid=None, **fields):
    """`create`, once per form: the same form sent again (a double click, no script) gives the meeting it made.

    `uid` comes with the form and becomes the meeting's; a form that says something else by now makes another meeting.
    """
    done = _made_with(uid) if uid else None
    if done is None:
        try:
            return create(kind, by, **fields, **({"uid": uid} if uid else {}))
        except IntegrityError:  # the other one of two at the same moment
            done = _made_with(uid)
            if done is None:
                raise
    same = done.created_by_id == by.pk and (done.title, done.starts_at) == (fields["title"], fields["starts_at"])
    return done if same else create(kind, by, **fields)


def _made_with(uid):
    return Meeting.objects.filter(uid=uid).first()


def change(meeting, *, seen=None, **fields):
    """New words, times, addresses. Returns the meeting as it stands. A meeting that has begun keeps its times and its threshold.

    `seen` is `version_of` the meeting as the form showed it: an older form does not undo what somebody else has changed since, it gets
    `Changed`. Another zone alone keeps what the clock shows: 18:00 stays 18:00. `Refused` says what may not be.
    """
    with transaction.atomic():
        hold(meeting.cohort)
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        _require_standing(meeting)
        _require_newest(meeting, seen)
        _require_not_begun(meeting, fields)
        if meeting.started_at:  # what goes on in the room decides its state, also against a form that was opened before
            fields.pop("state", None)
        places.check_capacity(meeting, fields.get("capacity", meeting.capacity))
        before, linked = {name: getattr(meeting, name) for name in SEEN}, getattr(meeting, "activity_key", None)
        fields |= _clock_of(meeting, fields)
        for name, value in fields.items():
            setattr(meeting, name, value)
        _check_time(meeting, moved=meeting.starts_at != before["starts_at"])
        if getattr(meeting, "activity_key", None) != linked:
            _check_activity(meeting)
        meeting.save(update_fields=list(fields))
        if "topic" in fields:
            QuarterSlot.objects.filter(meeting=meeting.pk).update(topic=meeting.topic)
        _tell(meeting, before)
    return meeting


def version_of(meeting):
    """A short text that is another one as soon as people see something else of the meeting."""
    text = "|".join(str(getattr(meeting, name)) for name in SEEN)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _require_newest(meeting, seen):
    if seen is not None and seen != version_of(meeting):
        raise Changed(_("Somebody changed this in the meantime. Look at the new text and try again."))


def _clock_of(meeting, fields):
    """The instant and the wall time that follow from the fields of a change."""
    if not {"starts_at", "time_zone"} & fields.keys():
        return {}
    name = fields.get("time_zone", meeting.time_zone)
    zone = wall_clock.known(name)
    if zone is None:
        raise Refused(UNKNOWN_ZONE, "time_zone")
    if "starts_at" in fields:
        return {"wall_start": wall_clock.written(fields["starts_at"], zone)}
    if name == meeting.time_zone:
        return {}
    moment = wall_clock.moment_of(wall_clock.wall_of(meeting), zone)
    require_exists(moment, "hour")
    return {"starts_at": moment.instant, "wall_start": moment.wall.strftime(wall_clock.WRITTEN)}


def _tell(meeting, before):
    """Drafts are nobody's entry; one that was announced and is a draft again is taken out of the calendars."""
    changed = any(getattr(meeting, name) != value for name, value in before.items())
    if changed and not before["state"] == meeting.state == State.DRAFT:
        telling.touched(meeting)


def require_exists(moment, field):
    """Raises `Refused` for an hour that a change of the clocks leaves out, and says which one exists."""
    if moment.twist == "skipped":
        words = {"day": f"{moment.wall:%Y-%m-%d}", "hour": f"{moment.wall:%H:%M}", "fix": f"{moment.fix:%H:%M}"}
        raise Refused(
            _("On %(day)s the clocks go forward: %(hour)s does not exist. Write %(fix)s or leave that day out.") % words, field
        )


def _require_not_begun(meeting, fields):
    for name, value in fields.items():
        if meeting.started_at and name in NOT_ONCE_BEGUN and value != getattr(meeting, name):
            raise Refused(_("The meeting has begun, so this stays as it was."), name)


def _require_known_zone(meeting):
    if wall_clock.known(meeting.time_zone) is None:
        raise Refused(UNKNOWN_ZONE, "time_zone")


def _require_open(cohort):
    if cohort is not None and cohort.status == Cohort.Status.CLOSED:
        raise Refused(_("The cohort is closed, so nothing new is planned in it."))


def _check_time(meeting, *, moved=True):
    now = timezone.now()
    if moved and meeting.starts_at <= now:
        raise Refused(_("This time is past. Choose a later one."), "starts_at")
    if meeting.starts_at > now + FARTHEST:
        raise Refused(_("That is more than five years away. Choose an earlier day."), "starts_at")


def _check_activity(meeting):
    if not getattr(meeting, "activity_key", None):
        return
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
        telling.touched(meeting)
    return meeting


def _require_standing(meeting):
    if meeting.state == State.CANCELLED:
        raise Refused(_("The meeting is called off. Plan a new one, or copy this one."))


def hold(cohort):
    """Two plans for the same session of a cohort come one after the other."""
    return Cohort.objects.select_for_update().get(pk=cohort.pk) if cohort is not None else None


# --- people by name --------------------------------------------------------------------------------------------------


def ask(meeting, user, part):
    """Somebody who belongs to the meeting by name; again with another part changes the part. Returns the row.

    Raises `Refused` for another part of the last host of a meeting without a cohort.
    """
    with transaction.atomic():
        if part != Part.HOST:
            _require_another_host(meeting.pk, user.pk)
        person = MeetingPerson.objects.update_or_create(meeting_id=meeting.pk, user=user, defaults={"part": part})[0]
        telling.touched(meeting, rises=False)
    return person


def let_go(person):
    """They belong no more, unless their cohort does. Raises `Refused` for the last host of a meeting without a cohort."""
    with transaction.atomic():
        meeting = _require_another_host(person.meeting_id, person.user_id)
        person.delete()
        telling.touched(meeting, rises=False)
        transaction.on_commit(lambda: hints.kick(person.user_id, meeting.pk, "removed"), robust=True)


def _require_another_host(meeting_id, user_id):
    """The meeting, its row held. Raises `Refused` where nobody but this person runs it; a closed account runs nothing."""
    meeting = places.held(meeting_id)
    hosts = meeting.people.filter(part=Part.HOST)
    alone = hosts.filter(user=user_id).exists() and not hosts.filter(user__is_active=True).exclude(user=user_id).exists()
    if meeting.cohort_id is None and alone:
        raise Refused(_("Somebody has to run the meeting. Add another host first."))
    return meeting
