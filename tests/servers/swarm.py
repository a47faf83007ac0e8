"""People in rooms, as the protocol wants them: resume, resend until acknowledged, ask again after a gap. Notes what each saw.

A `Person` keeps what a browser keeps (cursor, state, outbox) over any number of connections. `Ledger` holds what all acts came to.
"""

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from sessions.fold import fold
from tests.servers import wire

RESEND = 4  # seconds without an answer until an act is sent again
HEARTBEAT = 15


@dataclass
class Ledger:
    """Instants are `time.monotonic()`."""

    sent: dict = field(default_factory=dict)  # cid → instant of the first sending
    acked: dict = field(default_factory=dict)  # cid → (instant, stream, seq)
    refused: dict = field(default_factory=dict)  # cid → why
    seen: dict = field(default_factory=dict)  # (meeting, seq) → [number of people, latest instant, cid]
    closes: Counter = field(default_factory=Counter)
    gaps: int = 0
    doubles: int = 0  # repeats on the wire, which clients drop
    disorder: int = 0  # somebody saw another act under a number than the first who saw it
    connections: int = 0

    def saw(self, meeting, seq, cid):
        entry = self.seen.get((meeting, seq))
        if entry is None:
            entry = self.seen[meeting, seq] = [0, 0.0, cid]
        entry[0] += 1
        entry[1] = time.monotonic()
        self.disorder += entry[2] != cid

    def ack_times(self):
        """Seconds from the first sending to the acknowledgement."""
        return [instant - self.sent[cid] for cid, (instant, _stream, _seq) in self.acked.items() if cid in self.sent]

    def spread_times(self):
        """Seconds from the first sending until the last person had it."""
        return [latest - self.sent[cid] for _people, latest, cid in self.seen.values() if cid in self.sent]


@dataclass(frozen=True)
class Comparison:
    """What people were told against what the database holds (room_rows.stored): numbers of acts, all of which should be 0."""

    lost: int  # acknowledged, and neither in the log nor on a ballot
    twice: int
    misnumbered: int  # acknowledged or seen under another number than the log's, or seen by two people in another order


def compare(ledger, stored):
    logged = [(cid, numbers) for cids in stored["acts"].values() for cid, numbers in cids.items()]
    once = dict(logged)
    voted = {cid for cids in stored["ballots"].values() for cid in cids}
    told = [(cid, seq) for cid, (_at, _stream, seq) in ledger.acked.items() if cid in once]
    seen = [(cid, seq) for (_meeting, seq), (_people, _at, cid) in ledger.seen.items()]
    return Comparison(
        lost=sum(cid not in once and cid not in voted for cid in ledger.acked),
        twice=sum(len(numbers) > 1 for _cid, numbers in logged) + len(logged) - len(once),
        misnumbered=ledger.disorder + sum(once.get(cid) != [seq] for cid, seq in [*told, *seen]),
    )


class Person:
    """`url` is a callable giving the socket's address (it may change from try to try: several servers).

    `origin` is what the browser's page would send, `buffer` the size of its receive buffer, `times` how often it came in. `state()` folds on demand: hundreds of people fold in one process.
    """

    def __init__(self, meeting, user, cookie, url, ledger, *, origin=None, name="main", keeps_state=True, chance=None):
        self.meeting, self.user, self.cookie, self.url, self.ledger, self.stream = meeting, user, cookie, url, ledger, name
        self.tab, self.chance, self.origin = str(uuid.uuid4()), chance or random.Random(), origin
        self.epoch, self.seq, self.base, self.events, self.keeps_state = None, 0, {}, [], keeps_state
        self.outbox, self.wire, self.stopping, self.parts, self.buffer, self.times = {}, None, False, {}, None, 0
        self.tallies, self.ready, self.welcomed_at = {}, asyncio.Event(), None

    # --- life ---
    async def run(self):
        """Comes in, and comes back after every loss, until `stop`."""
        wait = 0.2
        while not self.stopping:
            closed = asyncio.get_running_loop().create_future()
            try:
                self.wire = await wire.connect(
                    self.url(),
                    self.take,
                    lambda code, done=closed: done.done() or done.set_result(code),
                    self.cookie,
                    self.origin,
                    buffer=self.buffer,
                )
                self.ledger.connections += 1
                self.times += 1
                self._hello()
                wait = 0.2
                await self._live_until(closed)
                self.ledger.closes[closed.result() if closed.done() else None] += 1
            except wire.Refused as refused:
                self.ledger.closes[f"HTTP {refused.status}"] += 1
            except (TimeoutError, OSError):
                pass
            self.wire = None
            self.parts.clear()
            self.ready.clear()
            if not self.stopping:
                await asyncio.sleep(self.chance.uniform(0, wait))
                wait = min(wait * 2, 3)

    async def _live_until(self, closed):
        beat = time.monotonic()
        while not closed.done() and not self.stopping:
            await asyncio.wait([closed], timeout=1)
            now = time.monotonic()
            for operation in [one for one in self.outbox.values() if now - one["sent"] > RESEND]:
                self._send_op(operation)
            if now - beat > HEARTBEAT and self.wire:
                beat = now
                self.wire.send(json.dumps({"t": "hb", "cur": {self.stream: self.seq}}))

    def stop(self):
        self.stopping = True
        if self.wire:
            self.wire.close()

    def cut(self):
        """As a phone that loses its network: no goodbye."""
        if self.wire:
            self.wire.abort()

    # --- sending ---
    def act(self, kind, body, cid=None):
        operation = {"t": "op", "cid": cid or str(uuid.uuid4()), "st": self.stream, "k": kind, "b": body}
        self.outbox[operation["cid"]] = {"op": operation, "sent": 0.0}
        self.ledger.sent[operation["cid"]] = time.monotonic()
        if self.ready.is_set():
            self._send_op(self.outbox[operation["cid"]])
        return operation["cid"]

    def _send_op(self, one):
        one["sent"] = time.monotonic()
        if self.wire and not self.wire.transport.is_closing():
            self.wire.send(json.dumps(one["op"]))

    def _hello(self):
        known = {self.stream: {"e": self.epoch, "s": self.seq}} if self.epoch else {}
        self.wire.send(json.dumps({"t": "hello", "v": 1, "tab": self.tab, "cur": known, "caps": []}))

    # --- receiving ---
    def take(self, text):
        frame = json.loads(text)
        getattr(self, "on_" + frame["t"], self.ignore)(frame)

    def ignore(self, frame):
        pass

    def on_welcome(self, frame):
        self.welcomed_at = time.monotonic()
        self.ready.set()
        for one in list(self.outbox.values()):
            self._send_op(one)

    def on_snap(self, frame):
        if frame["st"] != self.stream:
            return
        self.parts[frame.get("part", 1)] = frame["state"]
        if len(self.parts) >= frame.get("of", 1):
            whole = {}
            for _part, state in sorted(self.parts.items()):
                for name, collection in state.items():
                    whole.setdefault(name, {}).update(collection)
            self.parts, self.base, self.events, self.seq, self.epoch = {}, whole, [], frame["s"], frame["e"]

    def on_ev(self, frame):
        if frame["st"] != self.stream:
            return
        for event in frame["ev"]:
            if event["s"] <= self.seq:
                self.ledger.doubles += 1
                continue
            if event["s"] != self.seq + 1:
                self.ledger.gaps += 1
                self.wire.send(json.dumps({"t": "sync", "st": self.stream, "s": self.seq}))
                return
            self.seq = event["s"]
            self.ledger.saw(self.meeting, event["s"], event["cid"])
            if self.keeps_state:
                self.events.append(event)

    def state(self):
        """The folded state of the stream."""
        self.base, self.events = fold(self.base, self.events), []
        return self.base

    def on_ack(self, frame):
        if self.outbox.pop(frame["cid"], None):
            self.ledger.acked[frame["cid"]] = (time.monotonic(), frame["st"], frame["s"])

    def on_nack(self, frame):
        if frame["why"] in ("retry", "rate"):
            if frame["cid"] in self.outbox:
                self.outbox[frame["cid"]]["sent"] = time.monotonic() - RESEND + frame.get("retry_ms", 800) / 1000
            return
        if self.outbox.pop(frame["cid"], None):
            self.ledger.refused[frame["cid"]] = frame["why"]

    def on_tally(self, frame):
        key = (frame["k"], frame["id"])
        if frame["rev"] >= self.tallies.get(key, {"rev": -1})["rev"]:
            self.tallies[key] = {**frame, "at": time.monotonic()}

    def on_hb(self, frame):
        if frame.get("head", {}).get(self.stream, 0) > self.seq and self.wire:
            self.wire.send(json.dumps({"t": "sync", "st": self.stream, "s": self.seq}))


def percentile(values, share):
    """Nearest rank; 0.0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
