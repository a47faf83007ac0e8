"""What may happen in a room. One file per subject; `@act(kind, Shape)` makes a function the act of that kind.

An act runs inside the transaction that holds the lock of its stream. It gets `here` (sessions.room.Here) and the body as its
Shape, checks the state it finds under the lock, writes rows, and returns the body of the event that everybody on the stream
gets, or `None` for counted acts (protocol.Kind.counted). It raises `Refusal`. It never sends anything: room.py tells others after the
commit. The same function serves socket, form, command and test.
"""

from pydantic import BaseModel, ConfigDict, model_validator

from curriculum.richtext import INVISIBLE, UNWANTED

ACTS = {}


class Shape(BaseModel):
    """The body of an act. Unknown keys are an error; text is stripped, free of control characters but line breaks and of marks that
    turn the direction of what follows; text of which nobody sees anything is empty."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, body):
        if not isinstance(body, dict):
            return body
        return {key: _without_marks(value) if isinstance(value, str) else value for key, value in body.items()}


def _without_marks(text):
    text = text.translate(UNWANTED)
    return text if INVISIBLE.sub("", text).strip() else ""


class Nothing(Shape):
    """An act without a body."""


def act(kind, shape):
    def register(function):
        ACTS[kind] = (shape, function)
        return function

    return register
