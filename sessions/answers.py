"""Answers: who takes part, perhaps, or does not. One act for the page, the link in the mail, the calendar program and the organiser.

An answer may be changed until the meeting begins. It is decided while the meeting's row is held, so that the last place is given once.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from notifications import readers
from sessions import places
from sessions.belonging import belongs, people_of
from sessions.models import Invitee, Meeting

Answer, Via, State = Invitee.Answer, Invitee.Via, Meeting.State
SALT = "answer"


@dataclass(frozen=True)
class Given:
    """An answer as it stands now. `line` is 0 for who has a place (or needs none), else the number in the line of those who wait."""

    invitee: Invitee
    line: int


@dataclass(frozen=True)
class Standing:
    """What the page says to one reader. `closed` is why nobody can answer any more, "" while one can; `free` is `None` without a limit."""

    invited: bool
    invitee: Invitee | None
    line: int
    coming: int
    capacity: int | None
    free: int | None
    closed: str
    replies_are_read: bool

    @property
    def answer(self):
        return self.invitee.answer if self.invitee else ""

    @property
    def words(self):
        return own_words(self.invitee)

    @property
    def note(self):
        return self.invitee.note if self.invitee else ""


@dataclass(frozen=True)
class Row:
    """One person in the organisers' table. `invitee` is `None` for who was never asked for an answer."""

    person: Any
    invitee: Invitee | None
    line: int

    @property
    def answer(self):
        return self.invitee.answer if self.invitee else ""

    @property
    def words(self):
        return (self.invitee or Invitee()).get_answer_display()


# --- the act ---------------------------------------------------------------------------------------------------------


def answer(meeting, user, value, via, note=None, said_at: datetime | None = None):
    """Writes the answer of `user` ("yes", "maybe" or "no") and returns it as `Given`. `note=None` keeps the note.

    `said_at` is when it was said, where that is not now; what is older than the answer that stands is refused. Raises `Refused`: the
    meeting is called off, has begun, does not ask this person, or the answer is none of the three.
    """
    if value not in (Answer.YES, Answer.MAYBE, Answer.NO):
        raise Refused(_("Choose one of the three answers."), "answer")
    with transaction.atomic():
        meeting = places.held(meeting.pk)
        _require_open(meeting, user)
        invitee = Invitee.objects.select_for_update().get_or_create(meeting_id=meeting.pk, user=user)[0]
        if said_at and invitee.answered_at and said_at <= invitee.answered_at:
            raise Refused(_("A newer answer stands already."))
        places.fill(meeting)  # who waited already comes first
        _write(meeting, invitee, value, via, note, said_at)
        places.fill(meeting)
        return Given(invitee, places.place_in_line(meeting, invitee))


def _write(meeting, invitee, value, via, note, said_at):
    now = timezone.now()
    if value != Answer.YES:
        invitee.waiting_since = None
    elif invitee.answer != Answer.YES:
        invitee.waiting_since = now if places.needs_to_wait(meeting, invitee.user) else None
    invitee.answer, invitee.via, invitee.answered_at = value, via, min(said_at or now, now)
    if note is not None:
        invitee.note = note
    invitee.save(update_fields=["answer", "via", "answered_at", "note", "waiting_since"])


def _require_open(meeting, user):
    closed = closed_because(meeting)
    if closed:
        raise Refused(closed)
    if not belongs(user, meeting):
        raise Refused(_("This meeting does not ask this person."))


def closed_because(meeting, now=None):
    """Why nobody can answer, in a sentence; "" while one can."""
    if meeting.state == State.CANCELLED:
        return _("This meeting does not take place, so no answer is needed.")
    if meeting.state == State.DRAFT:
        return _("The meeting is not announced yet, so nobody answers.")
    if meeting.state == State.ENDED:
        return _("The meeting is over, so answers stay as they are.")
    if meeting.is_under_way or meeting.starts_at <= (now or timezone.now()):
        return _("The meeting has begun, so answers stay as they are.")
    return ""


def own_words(invitee):
    """One's own answer as one reads it: "I take part"; "" without one."""
    said = {Answer.YES: _("I take part"), Answer.MAYBE: _("Perhaps"), Answer.NO: _("I do not take part")}
    return said.get(invitee.answer, "") if invitee else ""


def in_words(given):
    """What the person reads after answering."""
    if given.line:
        return _("All places are taken. You wait, as number %(place)s. You get a message when a place is free for you.") % {
            "place": given.line
        }
    return {
        Answer.YES: _("Noted: you take part."), Answer.MAYBE: _("Noted: you perhaps take part."),
        Answer.NO: _("Noted: you do not take part."),
    }[given.invitee.answer]  # fmt: skip


# --- reading ---------------------------------------------------------------------------------------------------------


def standing_of(meeting, user):
    """Five queries at most."""
    invitee = Invitee.objects.filter(meeting_id=meeting.pk, user=user).first()
    free = None if meeting.capacity is None else max(0, meeting.capacity - places.taken(meeting))
    return Standing(
        belongs(user, meeting), invitee, places.place_in_line(meeting, invitee), places.coming(meeting).count(), meeting.capacity, free,
        closed_because(meeting), bool(settings.INBOX_URL),
    )  # fmt: skip


def who_comes(meeting):
    """`[Row]` of everybody who belongs, by name. Three queries whatever their number."""
    known = {invitee.user_id: invitee for invitee in Invitee.objects.filter(meeting_id=meeting.pk)}
    line = {user_id: place for place, user_id in enumerate(places.waiting(meeting).values_list("user_id", flat=True), 1)}
    return [Row(person, known.get(person.pk), line.get(person.pk, 0)) for person in people_of(meeting)]


def totals(rows):
    """`{"yes", "maybe", "no", "none", "waiting"}`; who waits is not among the "yes"."""
    counted = Counter("waiting" if row.line else row.answer or "none" for row in rows)
    return {key: counted[key] for key in ("yes", "maybe", "no", "none", "waiting")}


def counts_of(meetings):
    """`{meeting id: {"yes", "maybe", "no", "none"}}` of those who were told; who waits for a place counts as "yes". One query."""
    found = {meeting.pk: Counter() for meeting in meetings}
    rows = Invitee.objects.filter(meeting__in=list(found), told_off=False).values_list("meeting_id", "answer")
    for meeting_id, answer in rows:
        found[meeting_id][answer or "none"] += 1
    return {pk: {key: counted[key] for key in ("yes", "maybe", "no", "none")} for pk, counted in found.items()}


# --- the link in a mail ----------------------------------------------------------------------------------------------


def link_for(meeting, user):
    """The address at which `user` answers without signing in, in their language. It stands until the meeting ends and opens nothing else."""
    with translation.override(readers.language_for(user)):
        return settings.SITE_BASE_URL + reverse("live:answer_by_link", args=[token_for(meeting, user)])


def token_for(meeting, user):
    return signing.Signer(salt=SALT).sign_object([meeting.uid.hex, user.pk])


def of_token(token):
    """`(meeting, user)` of a link, or `None` where it is not ours, or its person no longer belongs to the meeting."""
    named = _named_in(token)
    if named is None:
        return None
    uid, user_id = named
    meeting = Meeting.objects.filter(uid=uuid.UUID(uid)).exclude(state=State.DRAFT).first()
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    return (meeting, user) if meeting and user and belongs(user, meeting) else None


def is_ours(token):
    """Whether we wrote the link, though it may answer nothing any more."""
    return _named_in(token) is not None


def _named_in(token):
    try:
        return signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
