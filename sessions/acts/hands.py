"""Raised hands, in the order in which they went up."""

from sessions.acts import Nothing, Shape, act
from sessions.refusals import Refusal


class Whose(Shape):
    id: int | None = None


class Called(Shape):
    id: int


@act("hand.up", Nothing)
def up(here, body):
    return {"id": here.seat.user_id}


@act("hand.down", Whose)
def down(here, body):
    """One's own; hosts lower anybody's."""
    whose = body.id or here.seat.user_id
    if whose != here.seat.user_id and not here.seat.hosts:
        raise Refusal("forbidden")
    return {"id": whose}


@act("hand.call", Called)
def call(here, body):
    return {"id": body.id, "called": True}
