"""People's calendars follow the meeting: who belongs now, and what each of them was told last, decide which mail is due.

`touched` is called inside the transaction of each act that changes what people see in their calendars (time, place, title, address,
state, who belongs). The mail itself is written by a task after the commit, and again every minute from the state of the rows
(`bring_calendars_up_to_date`), so that a lost task loses nobody's entry.

A message that has not left is taken back when it no longer holds: three quick edits make one mail, and a meeting that is planned and
called off within the minute makes none. A meeting that is a draft again leaves the calendars: its mail says that it is planned anew, and
whoever is asked again later gets an invitation with a higher SEQUENCE under the same UID.
"""

import logging

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_tasks import task

from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from sessions import belonging, entries, telling_mail
from sessions.models import Invitee, Meeting, MeetingPerson

log = logging.getLogger(__name__)
AT_ONCE = 100  # people in one transaction
State = Meeting.State


def touched(meeting, *, rises=True):
    """The entry of `meeting` changed. `rises`: its SEQUENCE goes up (RFC 5546, 2.1.4); not where only who belongs has changed."""
    if rises:
        now = timezone.now()
        Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(sequence=F("sequence") + 1, changed_at=now)
        meeting.sequence, meeting.changed_at = meeting.sequence + 1, now
    transaction.on_commit(lambda: tell.enqueue(meeting.pk), robust=True)


@task()
def tell(meeting_id):
    """Writes what is due about one meeting into the outbox."""
    bring_up_to_date(meeting_id)


def bring_up_to_date(meeting_id):
    """The same, at once. Returns how many messages were written. May run twice, late, or in ten places."""
    written, more = 0, True
    while more:
        count, more = _some(meeting_id)
        written += count
    return written


def bring_all_up_to_date(now=None):
    """Every meeting to come of which somebody's calendar shows something else than what holds. Returns how many messages were written."""
    written = 0
    for meeting_id in list(behind(now).values_list("pk", flat=True)):
        try:
            written += bring_up_to_date(meeting_id)
        except Exception:  # one meeting that cannot be told must not keep the others back
            log.exception("nobody was told about meeting %s", meeting_id)
    return written


# --- which meetings --------------------------------------------------------------------------------------------------


def behind(now=None):
    """Meetings to come, or under way, about which there is something to tell; one query. What `_is_behind` says of a person, in SQL."""
    coming = (
        Meeting.objects.non_polymorphic().filter(starts_at__gt=(now or timezone.now()) - entries.LONGEST).order_by("starts_at")
    )
    stands = Q(state__in=Meeting.OPEN_STATES)
    return coming.exclude(state=State.ENDED).filter((stands & _somebody_untold()) | _somebody_told_wrongly())


def _members(roles, **of):
    members = Enrollment.objects.filter(cohort_id=OuterRef("cohort_id"), role__in=roles, status__in=Enrollment.MEMBER_STATES)
    return members.filter(user__is_active=True)


def _somebody_untold():
    """Somebody belongs whose calendar was not told the present SEQUENCE."""
    told = Invitee.objects.filter(
        meeting_id=OuterRef(OuterRef("pk")), user_id=OuterRef("user_id"), told_off=False,
        told_sequence__gte=OuterRef(OuterRef("sequence")),
    )  # fmt: skip
    removed = MeetingPerson.objects.filter(
        meeting_id=OuterRef(OuterRef("pk")), user_id=OuterRef("user_id"), part=MeetingPerson.Part.REMOVED
    )
    named = MeetingPerson.objects.filter(meeting_id=OuterRef("pk"), user__is_active=True).exclude(part=MeetingPerson.Part.REMOVED)
    untold = ~Exists(told)
    return (
        Q(Exists(named.filter(untold)))
        | Q(Exists(_members(TEACHING).filter(untold, ~Exists(removed))))
        | Q(Exists(_members(belonging.INVITED_ROLES).filter(untold, ~Exists(removed))), for_cohort=True)
    )


def _somebody_told_wrongly():
    """Somebody's calendar shows the meeting who does not belong, or though it does not take place."""
    shown = Invitee.objects.filter(meeting_id=OuterRef("pk"), told_sequence__isnull=False, told_off=False)
    person = {"user_id": OuterRef("user_id")}
    named = MeetingPerson.objects.filter(meeting_id=OuterRef("meeting_id"), **person)
    members = Enrollment.objects.filter(cohort_id=OuterRef("meeting__cohort_id"), status__in=Enrollment.MEMBER_STATES, **person)
    removed = Q(Exists(named.filter(part=MeetingPerson.Part.REMOVED)))
    belongs = (
        Q(Exists(named.exclude(part=MeetingPerson.Part.REMOVED)))
        | Q(Exists(members.filter(role__in=TEACHING)))
        | Q(Exists(members.filter(role__in=belonging.INVITED_ROLES)), meeting__for_cohort=True)
    )
    wrongly = shown.filter(Q(user__is_active=False) | removed | ~belongs)
    return Q(Exists(wrongly)) | (~Q(state__in=Meeting.OPEN_STATES) & Q(Exists(shown)))


# --- one meeting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def _some(meeting_id):
    """Brings at most a hundred calendars up to date: `(messages written, whether there may be more)`. The meeting's row is held."""
    meeting = Meeting.objects.select_for_update(of=("self",)).filter(pk=meeting_id).first()
    if meeting is None or meeting.state == State.ENDED or meeting.ends_at <= timezone.now():
        return 0, False
    wanted, rows = _wanted(meeting), _rows(meeting)
    late = [pk for pk in {**wanted, **rows} if _is_behind(meeting, pk in wanted, rows.get(pk))]
    some = [rows.get(pk) or Invitee(meeting=meeting, user=wanted[pk]) for pk in late[:AT_ONCE]]
    written = _tell(meeting, some, wanted) if some else 0
    return written, len(late) > len(some)


def _wanted(meeting):
    """`{user id: user}`: in whose calendars the meeting stands."""
    if meeting.state not in Meeting.OPEN_STATES:
        return {}
    return {user.pk: user for user in belonging.people_of(meeting)}


def _rows(meeting):
    return {row.user_id: row for row in Invitee.objects.filter(meeting_id=meeting.pk).select_related("user")}


def _is_behind(meeting, belongs, row):
    """Whether the person's calendar shows something else than what holds."""
    told = row is not None and row.told_sequence is not None
    if not belongs:
        return told and not row.told_off
    return not told or row.told_off or row.told_sequence < meeting.sequence


def _tell(meeting, some, wanted):
    past = telling_mail.past_of(meeting, [row.user_id for row in some])
    held = {row.user_id: telling_mail.take_back(row, past[row.user_id]) for row in some}
    if any(
        pk in wanted and it and it.method == telling_mail.CANCEL and it.sequence >= meeting.sequence for pk, it in held.items()
    ):
        _rise_in_silence(meeting)
    facts, expected = entries.facts_of([meeting])[meeting.pk], _expected_again(meeting)
    return sum(
        _tell_one(meeting, row, row.user_id in wanted, held[row.user_id], facts, again=row.user_id in expected) for row in some
    )


def _expected_again(meeting):
    """Ids of those whom the mail tells that another invitation follows: the meeting is a draft again, and they would belong to it."""
    return set(belonging.people_of(meeting).values_list("pk", flat=True)) if meeting.state == State.DRAFT else set()


def _rise_in_silence(meeting):
    """Who comes back needs a higher SEQUENCE than the CANCEL had. For everybody else nothing changed: they count as told."""
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(sequence=F("sequence") + 1)
    Invitee.objects.filter(meeting_id=meeting.pk, told_sequence=meeting.sequence, told_off=False).update(
        told_sequence=F("told_sequence") + 1
    )
    meeting.sequence += 1


def _tell_one(meeting, row, belongs, held, facts, *, again):
    """Writes what is due to one person and notes it. Says whether there was anything to say."""
    shows = held is not None and held.method == telling_mail.REQUEST
    written = False
    if belongs:
        row.told_sequence, row.told_off = meeting.sequence, False
        if not (shows and held.sequence >= meeting.sequence):
            written = telling_mail.write_request(meeting, row, facts, held)
    else:
        row.told_sequence, row.told_off = (max(held.sequence, meeting.sequence), True) if held else (None, False)
        if shows and row.user.is_active:
            written = telling_mail.write_cancel(meeting, row, facts, held, row.told_sequence, reopened=again)
    _note(row)
    return int(written)


def _note(row):
    if row.pk:
        row.save(update_fields=["told_sequence", "told_off"])
    else:  # somebody may have answered on the page in this instant: their row stays as it is, but for what was told
        Invitee.objects.update_or_create(
            meeting_id=row.meeting_id,
            user_id=row.user_id,
            defaults={"told_sequence": row.told_sequence, "told_off": row.told_off},
        )
