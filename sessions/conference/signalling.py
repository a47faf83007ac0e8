"""What a device and our server say about sound and picture: `rtc` frames over the room's own socket.

The consumer makes one `Line` per socket on its first rtc frame; what it needs of the consumer is `send(frame)` and
`await relay(conn or "*", frame)` to other sockets of the same meeting. `receive` returns at once: a worker task takes the frames one
after the other, so a slow engine never holds up the socket, and candidates wait behind the description they belong to.

From the device, {"t":"rtc","k":…}
  join       {id?, room?}            id: the one of an earlier join on this page (after a break of the socket); room: hosts visit "group:<id>"
  publish    {sdp, to?}              an offer; mesh: to one device
  subscribe  {want: [[id, what]…]}   janus only; what: audio | camera | screen
  answer     {sdp, to?}              trickle {c, to?, on?}   on: "pub" | "sub" (janus)
  state      {on: {audio, camera, screen}}      what one wants to send
  leave
To the device
  joined     {id, engine, room, ice, may, feeds}
  feeds      {feeds: [{id, u, n, on, r}], whole?}   who can be heard or seen; of two entries the higher r holds; whole: nobody else
  offer      {sdp, from? | map?}                map: {mid: [id, what]} (janus)      answer {sdp, from?}      trickle {c, from}
  policy     {may} or {refused: code}           codes: REFUSED; the words stand in the page
  gone       {id}                               reset {why, in?}   after `in` ms: join again; without it: wait for another reset
"""

import asyncio
import logging
import time
from dataclasses import replace

from django.contrib.auth import get_user_model

from sessions import room as log_of_room
from sessions import threads
from sessions.acts.groups import are_at_work
from sessions.conference import engine_of, rights, turn
from sessions.conference.janus_call import SfuCall
from sessions.conference.mesh import MeshCall
from sessions.conference.trouble import Trouble
from sessions.conference.watch import watch
from sessions.models import Group, Lease, Meeting
from sessions.seats import seat_for

log = logging.getLogger(__name__)
SILENT = (Lease.Device.COMPANION, Lease.Device.SCREEN)  # in one hall with other devices: they would hear themselves
KINDS = ("join", "publish", "subscribe", "answer", "trickle", "state", "leave")
CALLS = {"mesh": MeshCall, "janus": SfuCall}
WAITING, BURST, PER_SECOND = 400, 400, 40  # frames


class Line:
    """One device on the way into, in, or out of a call. `seat` is read anew at each join."""

    def __init__(self, seat, conn, send, relay, device=Lease.Device.BROWSER):
        self.seat, self.conn, self.relay, self.device = seat, conn, relay, device
        self._send = send
        self.call = None
        self._work, self._is_closed = None, False
        self._waiting = asyncio.Queue(WAITING)
        self._tokens, self._filled = BURST, time.monotonic()

    async def receive(self, frame):
        """Never raises, never waits."""
        kind = frame.get("k")
        if not isinstance(kind, str) or kind not in KINDS:
            return self.tell("policy", refused="invalid")
        if not self._has_token():
            return self.tell("policy", refused="rate")
        self.do(kind, frame)

    def do(self, kind, value=None):
        """Something for the worker: a frame of the device, or `_reconcile`, `_renew` or an engine's news from our side."""
        if self._is_closed:
            return None
        try:
            self._waiting.put_nowait((kind, value))
        except asyncio.QueueFull:
            return self.tell("policy", refused="rate")
        if self._work is None:
            self._work = asyncio.create_task(self._take_turns())
        return None

    async def closed(self):
        """The socket is gone. What the worker has begun is finished first, so that nothing stays behind at an engine."""
        watch().forget(self)
        self._is_closed = True
        if self._work is None:
            return
        while self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(("_closed", None))
        await self._work

    def tell(self, kind, **more):
        self._send({"t": "rtc", "k": kind, **more})

    # --- the worker ------------------------------------------------------------------------------------------------------

    async def _take_turns(self):
        while True:
            kind, value = await self._waiting.get()
            if kind == "_closed":
                break
            if self._is_closed:
                continue
            try:
                await self._handle(kind, value)
            except Trouble as trouble:
                self.tell("policy", refused=trouble.code)
            except Exception:
                log.exception("conference: %s failed", kind)
                self.tell("policy", refused="engine")
        if self.call is not None:
            await _quietly(self.call.dropped())

    async def _handle(self, kind, value):
        if kind == "join":
            await self._join(value)
        elif self.call is None:
            if not kind.startswith("_") and kind != "leave":
                raise Trouble("join")
        elif kind == "leave":
            await self._leave()
        elif kind == "_reconcile":
            await self._reconcile(*value)
        else:
            await self.call.take(kind, value)

    async def _join(self, frame):
        if self.device in SILENT:
            raise Trouble("forbidden")
        found = await threads.reading(_where, self.seat, frame.get("room"))
        self.seat, engine, head, place, policy = found
        old, self.call = self.call, None
        if old is not None and not old.goes_on(place, frame):
            await _quietly(old.leave())
        if not self._is_closed:
            watch().remember(self, head)
        self.call = call = CALLS[engine](self, place, rights.rights(self.seat, policy))
        try:
            joined = await call.enter(frame)
        except Trouble:
            self.call = None
            raise
        may = call.may
        self.tell("joined", engine=engine, room=place, ice=turn.ice_servers(self.seat.user_id), may=may, **joined)

    async def _leave(self):
        watch().forget(self)
        call, self.call = self.call, None
        await call.leave()

    async def _reconcile(self, seat, policy):
        """The log says something new: what one may send, where one belongs, or that the meeting is over."""
        if seat is None:
            self.tell("reset", why="ended")
            watch().forget(self)
            call, self.call = self.call, None
            return await call.ended()
        self.seat = seat
        if self.call.place not in await threads.reading(places_of, seat):
            self.tell("reset", why="moved", **{"in": self.call.jitter()})
            call, self.call = self.call, None
            return await call.leave()
        return await self.call.reconcile(rights.rights(seat, policy))

    def _has_token(self):
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._filled) * PER_SECOND)
        self._filled = now
        self._tokens -= 1
        return self._tokens >= 0


def places_of(seat):
    """Names of the calls this seat may be in, first the one where it belongs. `seat.group` counts while groups are at work only."""
    home = f"group:{seat.group}" if seat.group else "main"
    if not seat.hosts:
        return [home]
    groups = Group.objects.filter(meeting_id=seat.meeting_id, dissolved_at=None).values_list("pk", flat=True)
    return [home, "main", *(f"group:{pk}" for pk in groups)]


def _where(seat, wanted):
    """Reads everything anew: (seat, engine, head of the log, call, policy). The head first, so that nothing after it is missed."""
    meeting = Meeting.objects.filter(pk=seat.meeting_id, state__in=Meeting.OPEN_STATES).first()
    user = get_user_model().objects.filter(pk=seat.user_id, is_active=True).first()
    seat = seat_for(user, meeting) if meeting and user else None
    if seat is None:
        raise Trouble("forbidden")
    seat = seat if are_at_work(meeting.pk) else replace(seat, group=None)
    engine = engine_of(meeting).key
    if engine not in CALLS:
        raise Trouble("engine")
    head = log_of_room.heads([meeting.pk]).get((meeting.pk, "main"), ("", 0))[1]
    places = places_of(seat)
    place = wanted if wanted in places else places[0]
    return seat, engine, head, place, rights.policy_of(meeting.pk)


async def _quietly(coroutine):
    try:
        await coroutine
    except Exception:
        log.exception("conference: leaving failed")
