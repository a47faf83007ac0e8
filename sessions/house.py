"""All rooms of one process: takes hints, looks at the log once a second whatever the hints say, and keeps the rooms' clocks."""

import asyncio
import logging
import time

from channels.layers import get_channel_layer
from django.db import Error

from sessions import guard, hints, parting, presence, protocol, reading, threads
from sessions.buckets import Bucket
from sessions.hub import Hub

log = logging.getLogger(__name__)
CODES = {"login": guard.LOGIN, "removed": guard.FORBIDDEN}
TICK, LOOK, NOTE, REAP, REAP_ALL = 0.25, 1, 10, 5, 60  # seconds
PATIENCE = 5
BARRED = 60  # seconds that a web session stays out after signing out: the page that ends it is still on its way
IDLE = 60
ARRIVALS_PER_SECOND, ARRIVALS_AT_ONCE = 1, 120  # of a person: each writes a lease and reads the state

_houses = {}  # event loop → House


def house():
    """The house of the running event loop; made on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _houses:
        _houses[loop] = House(loop)
    return _houses[loop]


class House:
    CHECK_SEATS, REFRESH_PEOPLE, RECOUNT = 20, 10, 5  # seconds

    def __init__(self, loop):
        self.loop, self.hubs, self.leases = loop, {}, presence.Leases()
        self.tasks, self.running, self.due, self.barred = set(), set(), {}, {}
        self.writing_leases = asyncio.Lock()  # an end must not overtake its beginning
        self.channel, self.parting, self.arrivals = None, None, {}
        hints.listen(loop, self.take)
        parting.before_the_server_stops(self.part)
        self.start(self._pulse())
        if hints.reaches_others():
            self.start(self._listen())

    def hub(self, meeting_id):
        if meeting_id not in self.hubs:
            self.hubs[meeting_id] = hub = Hub(self, meeting_id)
            if hints.reaches_others():
                self.start(self._join_group(hub))
        return self.hubs[meeting_id]

    # --- people at the door ---
    def greet(self, hub, member):
        """Called while the member is being registered: its lease begins, and the oldest of too many of its person's sockets goes."""
        if not member.leased:
            return
        self.leases.open(member)
        own = sorted(
            (one for one in hub.members if one.seat.user_id == member.seat.user_id and one.leased), key=lambda one: one.since
        )
        for one in own[: -protocol.SOCKETS_PER_PERSON]:
            self._close(hub, one, 4409)

    @staticmethod
    def _close(hub, member, code):
        member.close(code)
        hub.leave(member)

    def has_patience_with(self, user_id):
        """Not with somebody who comes and goes without end."""
        if user_id not in self.arrivals:
            self.arrivals[user_id] = Bucket(ARRIVALS_PER_SECOND, ARRIVALS_AT_ONCE)
        return self.arrivals[user_id].take()

    def bars(self, visitor):
        return self.barred.get(visitor.web_session, 0) > time.monotonic()

    # --- hints ---
    def take(self, message):
        """From this process or from another one; on the event loop."""
        try:
            if message["type"] == "kick":
                self._kick(**{name: message[name] for name in ("u", "m", "why", "web")})
            elif message["m"] in self.hubs:
                HINTS[message["type"]](self.hubs[message["m"]], message)
        except Exception:
            log.exception("a hint was not understood")

    def _kick(self, u, m, why, web):
        if web is not None:
            self.barred[web] = time.monotonic() + BARRED
        for hub in tuple(self.hubs.values()):
            if m in (None, hub.meeting_id):
                hub.kick(u, CODES.get(why, guard.FORBIDDEN), web)

    async def _listen(self):
        """From the channel layer, for ever: a Redis that is away or frozen costs hints, and hints may be lost."""
        while True:
            try:
                layer = get_channel_layer()
                self.channel = await asyncio.wait_for(layer.new_channel("live."), PATIENCE)
                await asyncio.wait_for(layer.group_add(hints.EVERYBODY, self.channel), PATIENCE)
                for hub in tuple(self.hubs.values()):
                    self.start(self._join_group(hub))
                while True:
                    message = await layer.receive(self.channel)
                    if message.get("from") != hints.name_of_this_process():
                        self.take(message)
            except Exception as error:
                log.warning("no hints from other processes: %r", error)
                self.channel = None
                await asyncio.sleep(1)

    async def _join_group(self, hub):
        while self.hubs.get(hub.meeting_id) is hub and self.channel is not None:
            try:
                await asyncio.wait_for(get_channel_layer().group_add(f"live.{hub.meeting_id}", self.channel), PATIENCE)
                return
            except Exception:
                await asyncio.sleep(1)

    # --- the clock ---
    async def _pulse(self):
        while True:
            await asyncio.sleep(TICK)
            try:
                self._tick(time.monotonic())
            except Exception:
                log.exception("the clock of the rooms stumbled")

    def _tick(self, now):
        for hub in tuple(self.hubs.values()):
            self._tick_hub(hub, now)
        if self._is_due("look", now, LOOK):
            self.once("look", self._look)
            self.once("leases", self._write_leases)
        if self._is_due("note", now, NOTE):
            self.leases.note(member for hub in self.hubs.values() for member in hub.members)
            self.barred = {key: until for key, until in self.barred.items() if until > now}
            self.arrivals = {
                key: one for key, one in self.arrivals.items() if now - one.at < ARRIVALS_AT_ONCE / ARRIVALS_PER_SECOND
            }
        if self._is_due("reap", now, REAP) and self.hubs:
            self.once("reap", threads.reading, presence.reap, list(self.hubs))
        if self._is_due("reap all", now, REAP_ALL):
            self.once("reap", threads.reading, presence.reap)

    def _tick_hub(self, hub, now):
        if not hub.members:
            if now - hub.idle_since > IDLE:
                self._forget(hub)
            return
        key = hub.meeting_id
        if hub.counts.changed:
            self.once(("counts", key), hub.refresh_counts)
        if self._is_due(("recount", key), now, self.RECOUNT):
            self.once(("counts", key), hub.refresh_all_counts)
        if hub.people_due <= now:
            self.once(("people", key), hub.refresh_people)
        if hub.seats_due <= now:
            self.once(("seats", key), hub.check_seats)
        if hub.ephemeral and self._is_due(("ephemeral", key), now, 0.5):
            hub.send_ephemeral()
        for member in tuple(hub.members):
            if member.next_beat <= now:
                member.beat()

    def _is_due(self, name, now, seconds):
        if self.due.get(name, 0) > now:
            return False
        self.due[name] = now + seconds
        return True

    async def _look(self):
        """The heads of all rooms that somebody is in, and the counts of open polls, in two queries."""
        present = {key: hub for key, hub in self.hubs.items() if hub.members}
        if present:
            heads, revs = await threads.reading(reading.look, list(present))
            for key, hub in present.items():
                hub.look(heads)
                hub.counts.look(revs[key])

    async def _write_leases(self):
        async with self.writing_leases:
            work = self.leases.take()
            if not work:
                return
            try:
                await threads.writing(presence.write, *work)
            except Exception:
                self.leases.put_back(work)
                raise

    def _forget(self, hub):
        self.hubs.pop(hub.meeting_id, None)
        self.due = {name: at for name, at in self.due.items() if not isinstance(name, tuple) or name[1] != hub.meeting_id}
        if self.channel is not None:
            self.start(get_channel_layer().group_discard(f"live.{hub.meeting_id}", self.channel))

    # --- tasks ---
    def start(self, coroutine):
        """Runs beside everything else; what goes wrong in it is noted and stops nobody."""
        task = asyncio.ensure_future(_noting(coroutine))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def once(self, name, function, *arguments):
        """Starts it unless it is still running under this name."""
        if name not in self.running:
            self.running.add(name)
            self.start(function(*arguments)).add_done_callback(lambda _task: self.running.discard(name))

    async def part(self):
        """The server stops: everybody hears it, leases end with the last sign of life, and what was said gets a moment to leave."""
        if self.parting is None:
            self.parting = asyncio.ensure_future(_noting(self._part()))
        await asyncio.wait({self.parting}, timeout=PATIENCE)

    async def _part(self):
        for hub in tuple(self.hubs.values()):
            for member in tuple(hub.members):
                parting.send_home(member)
                hub.leave(member)
        await asyncio.gather(self._write_leases(), asyncio.sleep(0.3))


async def _noting(coroutine):
    try:
        await coroutine
    except Exception as error:
        log.warning("a duty of the rooms failed and is tried again: %r", error, exc_info=not isinstance(error, Error))


def _people(hub, message):
    hub.people_due = min(hub.people_due, hub.people_at + 0.5)


def _oust(hub, message):
    for member in [one for one in hub.members if one.lease is not None and one.lease.conn in message["leases"]]:
        House._close(hub, member, 4409)


def _ephemeral(hub, message):
    for frame in message["frames"]:
        hub.tell_main(protocol.dump(frame))


HINTS = {
    "grown": lambda hub, message: hub.grown(message["lines"], message.get("heads", {}), message["tallies"]),
    "people": _people,
    "oust": _oust,
    "eph": _ephemeral,
    "relay": lambda hub, message: hub.take_relayed(message["by"], message["to"], message["frame"]),
}
