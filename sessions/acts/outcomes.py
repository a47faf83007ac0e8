"""Notes, decisions and actions of the meeting, as those who run it write them down."""

from datetime import date
from typing import Annotated, Literal

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from pydantic import Field, field_validator

from sessions import room
from sessions.acts import Shape, act
from sessions.models import Meeting, Outcome
from sessions.refusals import Refusal

MOST = 200
Text = Annotated[str, Field(min_length=1, max_length=500)]


What = Literal["note", "decision", "action"]


class Which(Shape):
    id: int


class Whose(Shape):
    owner: int | None = None
    owner_name: Annotated[str, Field(max_length=150)] = ""
    due: date | None = None

    @field_validator("due", mode="before")
    @classmethod
    def _day(cls, value):
        return date.fromisoformat(value) if isinstance(value, str) and value else value or None


class Add(Whose):
    what: What = "note"
    text: Text


class Edit(Whose, Which):
    """What is not sent stays as it was."""

    what: What | None = None
    text: Text | None = None
    done: bool | None = None


@act("outcome.add", Add)
def add(here, body):
    if here.meeting.outcomes.count() >= MOST:
        raise Refusal("closed")
    owner = _owner(here, body.owner)
    outcome = Outcome.objects.create(
        meeting_id=here.meeting.pk, what=body.what, text=body.text, owner=owner, due=body.due, by_id=here.seat.user_id,
        owner_name=_named(body, owner), at=here.now,
    )  # fmt: skip
    return as_told(outcome)


@act("outcome.edit", Edit)
def edit(here, body):
    outcome = _outcome(here, body.id)
    sent = body.model_fields_set
    outcome.text, outcome.what = body.text or outcome.text, body.what or outcome.what
    if body.done is not None:
        outcome.done_at = here.now if body.done else None
    if sent & {"owner", "owner_name"}:
        outcome.owner = outcome.owner if "owner" in sent and body.owner == outcome.owner_id else _owner(here, body.owner)
        outcome.owner_name = _named(body, outcome.owner)
    if "due" in sent:
        outcome.due = body.due
    outcome.save(update_fields=["what", "text", "done_at", "owner", "owner_name", "due"])
    return as_told(outcome)


@act("outcome.remove", Which)
def remove(here, body):
    """The words leave the log as well: they may be a name that was written down by mistake."""
    outcome = _outcome(here, body.id)
    outcome.delete()
    for kind in ("outcome.add", "outcome.edit"):
        room.redact(here.stream, kind, "id", body.id)
    return {"id": body.id}


def _named(body, owner):
    return body.owner_name or (owner.full_name or owner.certificate_name if owner else "")


def as_told(outcome):
    return {
        "id": outcome.pk, "what": outcome.what, "text": outcome.text, "owner": outcome.owner_id, "owner_name": outcome.owner_name,
        "due": outcome.due.isoformat() if outcome.due else None, "done": outcome.done_at is not None,
    }  # fmt: skip


def _outcome(here, pk):
    outcome = here.meeting.outcomes.filter(pk=pk).first()
    if outcome is None:
        raise Refusal("invalid", _("This entry does not exist."))
    return outcome


def _owner(here, pk):
    if pk is None:
        return None
    user = get_user_model().objects.filter(pk=pk).first()
    if user is None or not Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).accessible_to(user).exists():
        raise Refusal("invalid", _("This person is not in the meeting."))
    return user
