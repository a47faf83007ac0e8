"""One per process and room: hints in, one encoding per event, straight into each connection that listens.

Nothing here trusts a hint. In order, it is handed on from memory; else the log is read (`Reel.wanted`); and once a second the heads
are looked at (house.py). Everything runs on one event loop; the database is read and written by threads.
"""

import asyncio
import logging
import secrets
import time

from sessions import guard, hints, presence, protocol, reading, room, threads
from sessions.buckets import Bucket
from sessions.catching_up import catch_up
from sessions.counts import Counts, frames_for
from sessions.writer import Writer

log = logging.getLogger(__name__)
SEATING = ("role.set", "you.moved", "group.")  # events after which seats are looked at again
EPHEMERAL_AT_ONCE = 20  # of a room, twice a second


class Hub:
    def __init__(self, house, meeting_id):
        self.house, self.meeting_id, self.name = house, meeting_id, secrets.token_hex(4)
        self.members, self.reels, self.opening = set(), {}, {}
        self.writer, self.buckets = Writer(meeting_id), {}
        self.counts, self.ready = Counts(meeting_id), False
        self.people, self.people_rev, self.people_due, self.people_at = {}, 0, 0.0, 0.0
        self.ephemeral, self.dismissals = {}, 0  # how often somebody had to leave or was seated anew
        self.seats_due = time.monotonic() + house.CHECK_SEATS
        self.idle_since = time.monotonic()

    # --- coming and going ---
    async def join(self, member, cursors, names=None, greet=True):
        """Registers the member on its streams, then tells it all it lacks. Between the two nothing is lost.

        `cursors` is {stream: {"e", "s"}} as in hello. Without `greet` only the streams are told: no welcome, counts and people.
        """
        names = names or member.seat.streams
        await self.open(names)
        if self.house.bars(member.visitor):
            member.close(guard.LOGIN)
            return
        # No await from here until the member is registered everywhere: what is known now is replayed, what comes later is live.
        self.members.add(member)
        plan = [self._enter(member, self.reels[name], cursors.get(name)) for name in names]
        self.house.greet(self, member)
        if greet:
            member.push(self._welcome(member, plan))
        for reel, since in plan:
            await catch_up(self, member, reel, since)
        if greet:
            self.tell_counts(member, self.counts.since())
            member.push(self.people_frame())

    def _enter(self, member, reel, cursor):
        since = _resumable(reel, cursor)
        reel.coming.add(member)
        member.reels[reel.name] = reel
        return reel, since

    def _welcome(self, member, plan):
        seat = member.seat
        return {
            "t": "welcome", "me": {"u": seat.user_id, "n": seat.name, "role": seat.role, "conn": member.conn},
            "now": round(time.time() * 1000), "hb": protocol.HEARTBEAT,
            "lim": {"frame": protocol.FRAME_LIMIT, "ops": [protocol.ACTS_PER_SECOND, protocol.ACTS_AT_ONCE]},
            "streams": {
                reel.name: {"e": reel.epoch, "head": reel.head, "mode": "snapshot" if since is None else "replay"}
                for reel, since in plan
            },
        }  # fmt: skip

    def leave(self, member):
        self.members.discard(member)
        for reel in tuple(member.reels.values()):
            self._leave_reel(member, reel)
        self.house.leases.close(member)
        if not self.members:
            self.idle_since = time.monotonic()
        if all(one.seat.user_id != member.seat.user_id for one in self.members):
            self.buckets.pop(member.seat.user_id, None)

    def _leave_reel(self, member, reel):
        reel.leave(member)
        member.reels.pop(reel.name, None)
        if reel.is_empty and reel.name != "main":
            self.reels.pop(reel.name, None)

    def bucket_of(self, user_id):
        """Acts of one person, on however many devices."""
        if user_id not in self.buckets:
            self.buckets[user_id] = Bucket(protocol.ACTS_PER_SECOND, protocol.ACTS_AT_ONCE)
        return self.buckets[user_id]

    # --- streams ---
    async def open(self, names):
        """Makes the reels that are missing; several who ask at once wait for the same reading."""
        fresh = [name for name in names if name not in self.reels and name not in self.opening]
        if fresh:
            task = asyncio.ensure_future(self._read_reels(fresh))
            self.opening |= dict.fromkeys(fresh, task)
        for task in {self.opening[name] for name in names if name in self.opening}:
            await asyncio.shield(task)

    async def _read_reels(self, names):
        try:
            if not self.ready:
                await self._prepare()
            for reel in await threads.reading(reading.open_reels, self.meeting_id, names):
                self.reels[reel.name] = reel
        finally:
            for name in names:
                self.opening.pop(name, None)

    async def _prepare(self):
        """Counts and people, for the first who comes. A count that cannot be read keeps nobody out."""
        for read in (self.refresh_all_counts, self.refresh_people):
            try:
                await read()
            except Exception:
                log.exception("meeting %s opens without all counts", self.meeting_id)
        self.ready = True

    async def resync(self, member, name, since):
        """The member asked: it has `since` and lacks the rest. Hosts may begin to listen to a group so."""
        if name not in member.reels:
            if not member.seat.may_hear(name) or not await threads.reading(room.is_group_of, self.meeting_id, name):
                return
            await self.open([name])
        reel = self.reels[name]
        if member in reel.coming or member not in self.members:
            return
        member.pipe.confirm({name: since})
        reel.leave(member)
        _reel, since = self._enter(member, reel, {"e": reel.epoch, "s": since} if since else None)
        await catch_up(self, member, reel, since)

    # --- hints ---
    def grown(self, lines, heads, changed):
        """What somebody said about the log, true or not."""
        for name, events in lines.items():
            self._grow(name, [tuple(one) for one in events])
        for name, seq in heads.items():
            self._want(name, seq)
        self.counts.changed |= {tuple(one) for one in changed}

    def _grow(self, name, lines):
        reel = self.reels.get(name)
        if reel is None:
            return
        self._notice(reel.take(lines))
        self.fill(reel)

    def _want(self, name, seq):
        reel = self.reels.get(name)
        if reel is not None and seq > reel.wanted:
            reel.wanted = seq
            self.fill(reel)

    def _notice(self, lines):
        if any(kind.startswith(SEATING) for _seq, kind, _text in lines):
            self.seats_due = self.people_due = 0
            self.dismissals += 1

    def fill(self, reel):
        if reel.wanted > reel.head and not reel.filling:
            reel.filling = True
            self.house.start(self._read_on(reel))

    async def _read_on(self, reel):
        try:
            while reel.wanted > reel.head:
                lines = await threads.reading(reading.lines_after, self.meeting_id, reel.name, reel.head)
                handed = reel.take(lines)
                self._notice(handed)
                if not handed and reel.wanted > reel.head:
                    break  # not visible yet: the next look finds it
        finally:
            reel.filling = False

    def look(self, heads):
        """The heads as they are in the log now."""
        for name, reel in tuple(self.reels.items()):
            epoch, last = heads.get((self.meeting_id, name), ("", 0))
            if reel.epoch and epoch != reel.epoch:
                self.restart(reel, epoch, last)
            elif last > reel.head:
                reel.epoch, reel.wanted = epoch, max(reel.wanted, last)
                self.fill(reel)

    def restart(self, reel, epoch, last):
        """The log was restored (or only now begun): everybody gets the state anew."""
        reel.restart(epoch, last)
        for member in tuple(reel.live):
            reel.leave(member)
            self._enter(member, reel, None)
            self.house.start(catch_up(self, member, reel, None))

    # --- counts and people ---
    async def refresh_counts(self, everything=False):
        news = await self.counts.refresh(everything)
        if news:
            for member in tuple(self.members):
                self.tell_counts(member, news)

    async def refresh_all_counts(self):
        await self.refresh_counts(everything=True)

    def tell_counts(self, member, found):
        for frame in frames_for(found, member.reels):
            member.push(frame)

    async def refresh_people(self):
        self.people_at = time.monotonic()
        self.people_due = self.people_at + self.house.REFRESH_PEOPLE
        after = {one["u"]: one for one in await threads.reading(presence.present, self.meeting_id)}
        told = presence.changes(self.people, after)
        self.people = after
        if told:
            self.people_rev += 1
            self.tell_main(protocol.dump({"t": "pres", "rev": self.people_rev, **told}))

    def people_frame(self):
        """Everybody, for who comes in."""
        return {"t": "pres", "rev": self.people_rev, "add": list(self.people.values()), "upd": [], "del": []}

    # --- seats ---
    async def check_seats(self):
        """Whoever lost the right leaves; whoever moved hears other streams. The database being away changes nothing."""
        self.seats_due = time.monotonic() + self.house.CHECK_SEATS
        members = tuple(self.members)
        verdicts = await threads.reading(guard.check, self.meeting_id, [member.visitor for member in members])
        for member, verdict in zip(members, verdicts, strict=True):
            if isinstance(verdict, int):
                member.close(verdict)
                self.leave(member)
            elif verdict is not member.visitor:
                await self._reseat(member, verdict)

    async def _reseat(self, member, visitor):
        before = set(member.seat.streams)
        member.visitor, member.seat = visitor, visitor.seat
        for name in [name for name in member.reels if not visitor.seat.may_hear(name)]:
            self._leave_reel(member, member.reels[name])
        names = [name for name in visitor.seat.streams if name not in before and name not in member.reels]
        await self.open(names)
        if member in self.members:
            for reel, since in [self._enter(member, self.reels[name], None) for name in names]:
                await catch_up(self, member, reel, since)

    def kick(self, user_id, code, web_session=None):
        self.dismissals += 1
        for member in [one for one in self.members if one.seat.user_id == user_id]:
            if web_session is None or member.visitor.web_session == web_session:
                member.close(code)
                self.leave(member)

    # --- what may be lost ---
    def tell_main(self, text):
        for member in tuple(self.reels["main"].live) if "main" in self.reels else ():
            member.pipe.push(text)

    def ephemerally(self, user_id, kind, body):
        """The newest of each person and kind; sent twice a second, here and in other processes."""
        self.ephemeral[user_id, kind] = {"t": "eph", "k": kind, "u": user_id, "b": body}

    def send_ephemeral(self):
        frames = list(self.ephemeral.values())[:EPHEMERAL_AT_ONCE]
        self.ephemeral.clear()
        for frame in frames:
            self.tell_main(protocol.dump(frame))
        if frames:
            hints.publish({"type": "eph", "m": self.meeting_id, "frames": frames})

    async def relay(self, sender, to, frame):
        """To another connection of this room in whatever process, or to all others that announced `rtc` ("*")."""
        self.take_relayed(sender.conn, to, frame)
        hints.publish({"type": "relay", "m": self.meeting_id, "by": sender.conn, "to": to, "frame": frame})

    def take_relayed(self, by, to, frame):
        for member in tuple(self.members):
            if member.conn == to or (to == "*" and member.rtc and member.conn != by):
                member.push(frame)


def _resumable(reel, cursor):
    """The number from which the member goes on, or `None` where it needs the state."""
    if not isinstance(cursor, dict) or cursor.get("e") != reel.epoch or not reel.epoch:
        return None
    since = cursor.get("s")
    if type(since) is not int or not 0 <= since <= reel.head or reel.head - since > protocol.REPLAY_LIMIT:
        return None
    return since
