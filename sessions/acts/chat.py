"""Chat: plain text, kept, redacted on request with the fact that something was there."""

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from sessions import room
from sessions.acts import Shape, act
from sessions.acts.groups import are_at_work
from sessions.protocol import audience
from sessions.refusals import Refusal

LONGEST = 1000
EDIT_SECONDS = 300


class Post(Shape):
    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Edit(Post):
    id: int


class Redact(Shape):
    id: int


@act("chat.post", Post)
def post(here, body):
    """In a group only while the groups are at work: afterwards nobody is there to read it."""
    if audience(here.stream.name) == "group" and not are_at_work(here.meeting.pk):
        raise Refusal("closed", _("The groups are closed. Write in the chat of the whole room."))
    return {"text": body.text}


@act("chat.edit", Edit)
def edit(here, body):
    """One's own message, within five minutes."""
    event = _message(here, body.id)
    if event.actor_id != here.seat.user_id:
        raise Refusal("forbidden")
    if event.redacted_at or (here.now - event.at).total_seconds() > EDIT_SECONDS:
        raise Refusal("closed", _("A message can be changed for five minutes."))
    return {"id": body.id, "text": body.text, "edited": True}


@act("chat.redact", Redact)
def redact(here, body):
    """One's own message, or any for hosts. The words leave the log, the state and every later transcript."""
    event = _message(here, body.id)
    if event.actor_id != here.seat.user_id and not here.seat.hosts:
        raise Refusal("forbidden")
    room.redact(here.stream, "chat.edit", "id", body.id)
    room.empty(event)
    return {"id": body.id, "text": "", "redacted": True}


def _message(here, number):
    event = here.stream.events.filter(seq=number, kind="chat.post").first()
    if event is None:
        raise Refusal("invalid", _("This message does not exist."))
    return event
