"""Timers are a deadline on the server's clock. Nothing ticks over the wire; each device counts down by itself."""

from typing import Annotated

from pydantic import Field

from sessions.acts import Shape, act


class Set(Shape):
    seconds: Annotated[int, Field(ge=5, le=4 * 3600)]
    label: Annotated[str, Field(max_length=80)] = ""


class Which(Shape):
    id: int


@act("timer.set", Set)
def set_(here, body):
    ends_at = round(here.now.timestamp() * 1000) + body.seconds * 1000
    return {"label": body.label, "seconds": body.seconds, "ends_at": ends_at}


@act("timer.clear", Which)
def clear(here, body):
    return {"id": body.id}
