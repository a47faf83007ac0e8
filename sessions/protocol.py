"""The words of the room protocol, version 1. PROTOCOL.md is the page for readers; a test keeps the two alike.

No Django, no Channels: load tools and tests import this file. How a kind of event changes the state of a stream is data
(`Kind.fold`), so that the server (fold.py) and the browser (room.js) fold with the same table.
"""

import json
import re
from dataclasses import dataclass

VERSION = 1
FRAME_LIMIT = 16_384  # bytes of a frame from a client
HEARTBEAT = 15  # seconds between heartbeats
LEASE = 45  # seconds of silence until a device counts as gone
ACTS_PER_SECOND, ACTS_AT_ONCE = 10, 20  # token bucket of a person
REPLAY_LIMIT = 500  # events; whoever is further behind gets a snapshot
SNAPSHOT_EVERY = 200  # events
SOCKETS_PER_PERSON = 5
CHAT_KEPT = 300  # messages in the state; older ones are read page by page

CLOSES = {
    4400: "protocol", 4401: "login", 4403: "not allowed", 4404: "no room", 4408: "too slow: resume",
    4409: "other tab took over", 4410: "session ended", 4429: "rate", 1012: "restart",
}  # fmt: skip
REFUSALS = ("closed", "forbidden", "conflict", "rate", "invalid", "retry")
CLIENT_FRAMES = ("hello", "op", "sync", "hb", "eph", "rtc")
SERVER_FRAMES = ("welcome", "snap", "ev", "ack", "nack", "hb", "tally", "pres", "eph", "rtc", "bye")

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
LOBBY, LIVE, PAUSED, ENDED = "lobby", "live", "paused", "ended"
BEFORE_END = (LOBBY, LIVE, PAUSED)
ALWAYS = (LOBBY, LIVE, PAUSED, ENDED)
ANYONE, HOST = "anyone", "host"


@dataclass(frozen=True)
class Kind:
    """One kind of act and, unless it is `counted`, of event.

    `on`      audiences whose stream takes it: main, hosts, group, user
    `who`     ANYONE in the room or HOST
    `states`  of the session in which it may happen
    `fold`    (operation, collection) on the state, see fold.py; `None` for counted acts
    `counted` it writes a row under a unique constraint and is told to others as a tally, not as an event
    `sent`    False for facts that the server alone appends
    """

    on: tuple[str, ...] = ("main",)
    who: str = ANYONE
    states: tuple[str, ...] = (LIVE, PAUSED)
    fold: tuple[str, str] | None = None
    counted: bool = False
    sent: bool = True


ROOM = ("main", "group")
KINDS = {
    "session.open": Kind(who=HOST, states=(LOBBY, PAUSED, LIVE), fold=("assign", "session")),
    "session.pause": Kind(who=HOST, states=(LIVE, PAUSED), fold=("assign", "session")),
    "session.end": Kind(who=HOST, states=(LIVE, PAUSED, ENDED), fold=("assign", "session")),
    "chat.post": Kind(on=("main", "group", "hosts"), states=BEFORE_END, fold=("put", "chat")),
    "chat.edit": Kind(on=("main", "group", "hosts"), states=BEFORE_END, fold=("merge", "chat")),
    "chat.redact": Kind(on=("main", "group", "hosts"), states=ALWAYS, fold=("merge", "chat")),
    "qa.ask": Kind(states=BEFORE_END, fold=("put", "questions")),
    "qa.upvote": Kind(states=BEFORE_END, counted=True),
    "qa.merge": Kind(who=HOST, states=ALWAYS, fold=("merge", "questions")),
    "qa.answer": Kind(who=HOST, states=ALWAYS, fold=("merge", "questions")),
    "qa.dismiss": Kind(who=HOST, states=ALWAYS, fold=("merge", "questions")),
    "qa.redact": Kind(states=ALWAYS, fold=("merge", "questions")),
    "poll.prepare": Kind(on=("hosts",), who=HOST, states=BEFORE_END, fold=("put", "polls")),
    "poll.open": Kind(who=HOST, fold=("put", "polls")),
    "poll.vote": Kind(counted=True, states=(LIVE, PAUSED)),
    "poll.close": Kind(who=HOST, states=ALWAYS, fold=("merge", "polls")),
    "poll.reveal": Kind(who=HOST, states=ALWAYS, fold=("merge", "polls")),
    "poll.result": Kind(on=("hosts",), who=HOST, states=ALWAYS, fold=("put", "results"), sent=False),
    "hand.up": Kind(fold=("put", "hands")),
    "hand.down": Kind(states=ALWAYS, fold=("drop", "hands")),
    "hand.call": Kind(who=HOST, fold=("merge", "hands")),
    "agenda.goto": Kind(who=HOST, fold=("assign", "agenda")),
    "agenda.plan": Kind(who=HOST, states=BEFORE_END, fold=("assign", "agenda")),
    "slide.goto": Kind(who=HOST, states=BEFORE_END, fold=("assign", "slides")),
    "timer.set": Kind(on=ROOM, who=HOST, fold=("put", "timers")),
    "timer.clear": Kind(on=ROOM, who=HOST, states=ALWAYS, fold=("drop", "timers")),
    "board.setup": Kind(on=ROOM, who=HOST, states=BEFORE_END, fold=("assign", "board")),
    "board.note": Kind(on=ROOM, fold=("put", "notes")),
    "board.edit": Kind(on=ROOM, fold=("merge", "notes")),
    "board.move": Kind(on=ROOM, fold=("merge", "notes")),
    "board.cluster": Kind(on=ROOM, fold=("merge", "notes")),
    "board.remove": Kind(on=ROOM, states=ALWAYS, fold=("drop", "notes")),
    "board.link": Kind(on=ROOM, fold=("put", "links")),
    "board.unlink": Kind(on=ROOM, fold=("drop", "links")),
    "board.vote": Kind(on=ROOM, counted=True),
    "board.lock": Kind(on=ROOM, who=HOST, fold=("assign", "board")),
    "board.phase": Kind(on=ROOM, who=HOST, fold=("assign", "board")),
    "board.gather": Kind(who=HOST, fold=("assign", "board")),
    "group.plan": Kind(who=HOST, states=BEFORE_END, fold=("reset", "groups")),
    "group.place": Kind(who=HOST, states=BEFORE_END, fold=("reset", "groups")),
    "group.open": Kind(who=HOST, fold=("assign", "breakout")),
    "group.recall": Kind(who=HOST, states=ALWAYS, fold=("assign", "breakout")),
    "group.close": Kind(who=HOST, states=ALWAYS, fold=("assign", "breakout")),
    "you.moved": Kind(on=("user",), who=HOST, states=ALWAYS, fold=("assign", "me"), sent=False),
    "role.set": Kind(who=HOST, states=BEFORE_END, fold=("put", "roles")),
    "media.policy": Kind(who=HOST, states=BEFORE_END, fold=("assign", "media")),
    "media.backup": Kind(who=HOST, states=BEFORE_END, fold=("assign", "media")),
    "outcome.add": Kind(who=HOST, states=ALWAYS, fold=("put", "outcomes")),
    "outcome.edit": Kind(who=HOST, states=ALWAYS, fold=("merge", "outcomes")),
    "outcome.remove": Kind(who=HOST, states=ALWAYS, fold=("drop", "outcomes")),
    "react.send": Kind(counted=True, states=BEFORE_END),
}
FOLD_TABLE = {name: list(kind.fold) for name, kind in KINDS.items() if kind.fold}


class Malformed(ValueError):
    """The frame is not of this protocol; the socket is closed with 4400."""


def parse(text):
    """The frame as a dict with a known `t`. Raises `Malformed`."""
    if not isinstance(text, str) or len(text.encode(errors="replace")) > FRAME_LIMIT:
        raise Malformed("frame")
    try:
        frame = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(frame, dict) or frame.get("t") not in CLIENT_FRAMES:
        raise Malformed("unknown frame")
    return frame


def _no_constant(name):
    raise ValueError(name)


def is_storable(value, depth=4):
    """Whether every database takes it: no control characters but line breaks and tabs, no lone surrogates, whole numbers below 2**53,
    four levels deep at most."""
    if isinstance(value, str):
        return not CONTROL.search(value)
    if isinstance(value, dict | list):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(is_storable(part, depth - 1) for part in parts)
    return value is None or isinstance(value, bool | float) or abs(value) < 2**53


def dump(frame):
    """Compact JSON text; never NaN."""
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def audience(stream_name):
    """`main`, `hosts`, `group` or `user`: the part of a stream's name before the colon."""
    return stream_name.partition(":")[0]
