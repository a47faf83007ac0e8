"""Acts from a device's outbox: answers to invitations and ticks of the checklist that were given without a line. Each is done once, under
the id that the device gave it, and as of the moment at which it was given: an older one never takes the place of a newer one.

`Sent` is what the device sends, as JSON. Its two clock times are only compared with each other: a clock that is wrong by hours counts
the minutes between them well enough.
"""

import datetime
import hashlib
from typing import Annotated, Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from curriculum.enrollment_states import Refused
from sessions import answers, duties, lead_groups
from sessions.forms_answers import AnswerForm
from sessions.models import Invitee, Meeting, QuarterSlot, Receipt

LONGEST_WAIT = datetime.timedelta(days=60)  # older acts count as sixty days old
KEPT = datetime.timedelta(days=180)  # receipts; what comes back later is older than anything that stands


class Sent(BaseModel):
    """`client_time` is when it was given, `sent_time` when it leaves. `about` is "meeting:<pk>" or "duty:<quarter>:<step>"; `say` is yes,
    maybe or no there, tick or untick here. Without `note` the one that stands stays."""

    model_config = ConfigDict(extra="forbid")

    client_id: UUID
    person: int
    about: Annotated[str, Field(pattern=r"^(meeting:[1-9][0-9]{0,17}|duty:20[2-8][0-9]-Q[1-4]:[a-z_]{1,30})$")]
    say: Literal["yes", "maybe", "no", "tick", "untick"]
    note: str | None = None
    client_time: AwareDatetime
    sent_time: AwareDatetime

    @property
    def digest(self):
        words = "\n".join((self.about, self.say, self.note or ""))
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


class Gone(Refused):
    """What it is about is not the person's any more, or never was."""


def take(user, sent):
    """Does it and returns the words for the person, "" for what was done before. Raises `Refused` (`Gone`); then nothing is kept."""
    now = timezone.now()
    said_at = now - min(max(sent.sent_time - sent.client_time, datetime.timedelta(0)), LONGEST_WAIT)
    with transaction.atomic():
        if not _is_new(user, sent):
            return ""
        subject, *rest = sent.about.split(":")
        return _SUBJECTS[subject](user, sent, said_at, *rest)


def forget(now=None):
    """Deletes old receipts; returns how many."""
    return Receipt.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()[0]


def _is_new(user, sent):
    """The row is written first: a second request with the id waits for the first one, and finds it."""
    try:
        with transaction.atomic():
            Receipt.objects.create(user=user, client_id=sent.client_id, digest=sent.digest)
    except IntegrityError:
        if not Receipt.objects.filter(user=user, client_id=sent.client_id, digest=sent.digest).exists():
            raise Refused(_("This was sent before with other words.")) from None
        return False
    return True


def _answer(user, sent, said_at, pk):
    meeting = Meeting.objects.accessible_to(user).filter(pk=int(pk)).first()
    if meeting is None:
        raise Gone(_("This meeting is not among yours any more, so your answer was not added."))
    form = AnswerForm({"answer": sent.say, "note": sent.note or ""})
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    note = form.cleaned_data["note"] if sent.note is not None else None
    given = answers.answer(meeting, user, sent.say, Invitee.Via.PAGE, note, said_at=said_at)
    return f"{meeting.title}: {answers.in_words(given)}"


def _tick(user, sent, said_at, quarter, step):
    slot = QuarterSlot.objects.filter(quarter=quarter).first()
    if slot is None or not lead_groups.acts_for(user, slot):
        raise Gone(_("You are not in the group that leads this quarter any more, so the tick was not added."))
    if sent.say == "tick":
        duties.tick(slot, step, user, said_at)
    elif sent.say == "untick":
        duties.untick(slot, step, said_at)
    else:
        raise Refused(_("This button is not known. Try again."))
    return _("Saved.")


_SUBJECTS = {"meeting": _answer, "duty": _tick}
