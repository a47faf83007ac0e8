"""Acts from forms: what a browser without scripts posts becomes the same `op` frame that a socket carries.

A button says all at once (`act` = `{"k": …, "b": {…}}`); a form has `k`, `st`, `cid`, `base` and the fields of the body. A vote's
`value` is text, a list of ticks (`many`), a number (`number`), or one `place_<name>` per step.
"""

import json
import uuid

from pydantic import ValidationError

from sessions import room
from sessions.acts import ACTS
from sessions.refusals import Refusal

FRAME = ("k", "st", "cid", "base", "act", "back", "shape", "csrfmiddlewaretoken")
PLACE = "place_"


def operation_of(posted):
    """An `op` frame of a QueryDict. Raises `Refusal`."""
    frame = {"t": "op", "cid": posted.get("cid") or str(uuid.uuid4()), "st": posted.get("st") or "main"}
    if posted.get("act"):
        return {**frame, **_of_button(posted["act"])}
    kind = posted.get("k")
    frame |= {"k": kind, "b": _vote(posted) if kind == "poll.vote" else _body(kind, posted)}
    if posted.get("base"):
        frame["base"] = _number(posted["base"])
    return frame


def _of_button(text):
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid") from error
    if not isinstance(said, dict):
        raise Refusal("invalid")
    return {"k": said.get("k"), "b": said.get("b", {}), **({"base": said["base"]} if "base" in said else {})}


def _body(kind, posted):
    """The fields in the types that the act wants; what does not fit stays text, so that the act itself names it."""
    room._acts()
    shape = ACTS.get(kind, (None,))[0]
    if shape is None:
        raise Refusal("invalid")
    fields = {name: _field(shape, name, posted) for name in posted if name not in FRAME}
    try:
        return shape.model_validate(fields, strict=False).model_dump(exclude_unset=True)
    except ValidationError:
        return fields


def _field(shape, name, posted):
    known = shape.model_fields.get(name)
    if known is not None and "list" in str(known.annotation):
        return [value for value in posted.getlist(name) if value]
    return posted[name].replace("\r\n", "\n")  # browsers post the lines of a form so (HTML §4.10.21.8)


def _vote(posted):
    told = {name: _number(posted[name]) for name in ("id", "round") if name in posted}
    return {**told, "value": _value(posted)}


def _number(text):
    return int(text[:18]) if text.isascii() and text.isdigit() else text


def _value(posted):
    places = {name.removeprefix(PLACE): place for name, place in posted.items() if name.startswith(PLACE)}
    if places:
        return places
    if posted.get("shape") == "many":
        return posted.getlist("value")
    value = posted.get("value", "")
    return _number(value) if posted.get("shape") == "number" else value
