"""The same room without sockets: a long poll, or server-sent events. Both join the hub as a socket does, and only listen.

GET /ws/live/<meeting>/events?st=main&since=41&e=<epoch>&tab=<uuid>&device=browser     (st, since, e may repeat; without st all streams)
  → 200 with a JSON list of frames (snap, ev, tally, pres, and at the end hb), at once if there is something, else within 25 s
  → with `Accept: text/event-stream`: the same frames as they come; `Last-Event-ID` resumes; ends after 50 s, the browser comes back
  → 401, 403, 404, 410 as the closes 4401, 4403, 4404, 4410; 400 for what cannot be read; 429 with Retry-After; 503 when the log is away
"""

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error

from sessions import guard, presence, protocol, threads
from sessions.buckets import Bucket
from sessions.counts import frames_for
from sessions.house import house
from sessions.members import Member, device_of
from sessions.models import Lease

log = logging.getLogger(__name__)
LONGEST_WAIT = 25  # seconds
STREAM_SECONDS = 50  # daphne ends answers after a minute
GATHER = 0.2
ADMITTED = 15  # seconds that one answer of the guard holds
REMEMBERED = 2000
POLLS_PER_SECOND, POLLS_AT_ONCE = 4, 30
MOST_POLLS = 12  # of one person at a time
STATUS = {4401: 401, 4403: 403, 4404: 404, 4408: 503, 4409: 409, 4410: 410, 1012: 503}
HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"vary", b"Cookie"))


class Basket:
    """What a pipe is to a socket: frames gather here until they are taken."""

    def __init__(self):
        self.frames, self.closed, self.some, self.positions = [], None, asyncio.Event(), dict

    def push(self, text):
        """Who comes and goes wakes nobody up: it comes with the next answer."""
        self.frames.append(text)
        if not text.startswith('{"t":"pres"'):
            self.some.set()

    def close(self, code):
        self.closed = self.closed or code
        self.some.set()

    def confirm_all(self):
        """Nothing to confirm: an answer is taken whole."""

    def take(self):
        frames, self.frames = self.frames, []
        self.some.clear()
        return frames


class Refused(Exception):
    """`status` of the answer."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


@dataclass
class Memory:
    """Of a hub: what it told to which tab, so that an answer brings only what is new; who was let in; who asks how often."""

    told: dict = field(default_factory=dict)
    admitted: dict = field(default_factory=dict)
    buckets: dict = field(default_factory=dict)

    def tidy(self):
        for known in (self.told, self.admitted, self.buckets):
            if len(known) > REMEMBERED:
                known.clear()


_memories = WeakKeyDictionary()


def _memory_of(hub):
    memory = _memories.setdefault(hub, Memory())
    memory.tidy()
    return memory


async def events(scope, receive, send):
    """ASGI application of `/ws/live/<meeting>/events`."""
    try:
        if scope["method"] != "GET":
            raise Refused(405)
        await Listening(scope, send).answer(receive)
    except Refused as refused:
        await _respond(send, refused.status, b"[]")
    except Exception as error:
        log.warning("%s could not be answered: %r", scope["path"], error, exc_info=not isinstance(error, Error))
        await _respond(send, 503, b"[]")


class Listening:
    def __init__(self, scope, send):
        self.scope, self.send, self.basket = scope, send, Basket()
        self.streams = guard.header(scope, b"accept").startswith("text/event-stream")

    async def answer(self, receive):
        origin = guard.header(self.scope, b"origin")
        if origin and not guard.is_own_origin(origin, guard.header(self.scope, b"host")):
            raise Refused(403)
        asked = _asked(self.scope)
        self.tab, self.meeting_id = asked["tab"], self.scope["url_route"]["kwargs"]["meeting"]
        visitor = await self._admit()
        self.names = [name for name in asked["cur"] if name in visitor.seat.streams or visitor.seat.may_hear(name)]
        if asked["cur"] and not self.names:
            raise Refused(403)
        device = device_of(asked["device"], visitor.seat, Lease.Device.POLLING)
        self.member = Member(visitor, self.basket, tab=self.tab, device=device, leased=self.streams)
        await self._listen(asked["cur"], receive)

    async def _admit(self):
        """Asked again after fifteen seconds, and as soon as anybody was made to leave."""
        cookies, now = guard.cookies(self.scope), time.monotonic()
        key = cookies.get(settings.SESSION_COOKIE_NAME, "")
        hub = house().hubs.get(self.meeting_id)
        if hub is not None:
            visitor, until, dismissals = _memory_of(hub).admitted.get(key, (None, 0, 0))
            if until > now and dismissals == hub.dismissals:
                self.hub, self.memory = hub, _memory_of(hub)
                return visitor
        visitor = await threads.admitting(guard.admit, cookies, self.meeting_id)
        if isinstance(visitor, int):
            raise Refused(STATUS[visitor])
        self.hub = house().hub(self.meeting_id)
        self.memory = _memory_of(self.hub)
        self.memory.admitted[key] = visitor, now + ADMITTED, self.hub.dismissals
        return visitor

    async def _listen(self, cursors, receive):
        gone = asyncio.ensure_future(_until_gone(receive))
        self._refuse_too_many()
        try:
            if self.streams:
                await self._stream(cursors, gone)
            else:
                await self._poll(cursors, gone)
        finally:
            gone.cancel()
            self.hub.leave(self.member)

    def _refuse_too_many(self):
        user_id = self.member.seat.user_id
        bucket = self.memory.buckets.setdefault(user_id, Bucket(POLLS_PER_SECOND, POLLS_AT_ONCE))
        waiting = sum(one.seat.user_id == user_id and isinstance(one.pipe, Basket) for one in self.hub.members)
        if waiting >= MOST_POLLS or not bucket.take() or (self.streams and not house().has_patience_with(user_id)):
            raise Refused(429)

    # --- one answer ---
    async def _poll(self, cursors, gone):
        if not self.names or "main" in self.names:
            await threads.writing(presence.keep_polling, self.member.seat, self.tab, None, self.member.device)
        await self.hub.join(self.member, cursors, self.names, greet=False)
        self._add_what_is_new()
        await self._wait(gone, LONGEST_WAIT)
        await asyncio.sleep(GATHER if self.basket.frames else 0)
        if self.basket.closed is not None:
            raise Refused(STATUS.get(self.basket.closed, 503))
        self._add_what_is_new()
        self.member.beat()
        await _respond(self.send, 200, f"[{','.join(self.basket.take())}]".encode())

    def _add_what_is_new(self):
        """Counts and people that changed since the last answer to this tab from this process; all of them the first time."""
        hub, key = self.hub, (self.member.seat.user_id, self.tab, *sorted(self.member.reels))
        serial, people_rev = self.memory.told.get(key, (0, -1))
        for frame in frames_for(hub.counts.since(serial), self.member.reels):
            self.member.push(frame)
        if people_rev != hub.people_rev and "main" in self.member.reels:
            self.member.push(hub.people_frame())
        self.memory.told[key] = hub.counts.serial, hub.people_rev

    # --- a stream of answers ---
    async def _stream(self, cursors, gone):
        await self.hub.join(self.member, cursors, self.names)
        headers = [*HEADERS, (b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write("retry: 1000\n\n")
        until = time.monotonic() + STREAM_SECONDS
        while self.basket.closed is None and not gone.done() and time.monotonic() < until:
            await self._wait(gone, min(until - time.monotonic(), protocol.HEARTBEAT))
            if not gone.done():
                house().leases.hear(self.member)
            if not self.basket.frames:
                self.member.beat()
            for text in [*self.basket.take(), ""]:
                await self._write(f"data: {text}\n\n" if text else f"id: {protocol.dump(self._cursors())}\n\n")
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    def _cursors(self):
        return {name: {"e": self.member.reels[name].epoch, "s": seq} for name, seq in self.member.positions().items()}

    async def _write(self, text):
        await self.send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _wait(self, gone, seconds):
        """For a frame, for the client to leave, or for the time to pass."""
        some = asyncio.ensure_future(self.basket.some.wait())
        await asyncio.wait({gone, some}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        some.cancel()


# --- asking and answering ----------------------------------------------------------------------------------------------


def _asked(scope):
    """`{"tab", "device", "cur": {stream: {"e", "s"}}}` of the address, or of the `Last-Event-ID` of a stream that goes on."""
    try:
        query = parse_qs(scope["query_string"].decode("ascii"), strict_parsing=bool(scope["query_string"]), max_num_fields=40)
        last = json.loads(guard.header(scope, b"last-event-id") or "{}")
        names, seqs, epochs = query.get("st", []), query.get("since", []), query.get("e", [])
        cursors = {
            name: {"e": "".join(epochs[place : place + 1]), "s": int("".join(seqs[place : place + 1]) or 0)}
            for place, name in enumerate(names)
        }
        tab, device = (query.get(name, [""])[0] for name in ("tab", "device"))
    except (ValueError, RecursionError) as error:
        raise Refused(400) from error
    if not isinstance(last, dict) or len(tab) > 36 or not tab.isprintable():
        raise Refused(400)
    return {
        "tab": tab,
        "device": device,
        "cur": cursors | {name: one for name, one in last.items() if name in cursors or not cursors},
    }


async def _until_gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def _respond(send, status, body):
    headers = [*HEADERS, (b"content-type", b"application/json")]
    headers += [(b"retry-after", b"5")] if status in (429, 503) else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
