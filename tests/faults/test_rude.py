"""Floods, and readers that never read: they are closed, the server's memory stays, and nobody else in the room notices."""

import asyncio
import json
import os
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.tables import table
from tests.servers import wire
from tests.servers.room_servers import HOST, RoomServers, tutorial
from tests.servers.swarm import Ledger, Person, percentile

CLOSED_WITHIN, MORE_MEMORY, SLOWER = 2.0, 50, 2.0  # seconds, MB, times
FLOOD = 200_000  # frames
READERS, RATE, SIZE = 50, 20, 1000  # 20 KB/s
SETTLE, BEFORE, LONGEST = 3, 15, 60  # seconds: of flow until it counts, without stalled readers, with them
BUFFER = 4096  # bytes that the kernel takes for who does not read
NOTED = re.compile(r"^room closed (\d+)$", re.MULTILINE)
HEARTBEAT = '{"t":"hb","cur":{}}'
HELLO = '{"t":"hello","v":1,"tab":"rude-tab","cur":{},"caps":[]}'


class Memory:
    """Resident memory of a process, MB: `with Memory(pid) as memory: …; memory.more` is the most above the beginning."""

    def __init__(self, pid):
        self.path = Path(f"/proc/{pid}/statm")

    def now(self):
        return int(self.path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    async def __aenter__(self):
        self.first = self.most = self.now()
        self.watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_exception):
        self.watching.cancel()

    async def _watch(self):
        while True:
            self.most = max(self.most, self.now())
            await asyncio.sleep(0.05)

    @property
    def more(self):
        return self.most - self.first


# --- a flood -----------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(240)
def test_a_flood_is_closed_at_once():
    with RoomServers(processes=1) as servers:
        room = servers.ask("fill(1, 2)")[0]
        ours = asyncio.run(_flood_room(servers, room))
        with tutorial(servers) as server:
            theirs = asyncio.run(_flood(server.pid, f"ws://{HOST}:{server.port}/", "", None, '{"message":"x"}', 10))
    rows = [
        [name, f"{one['closed']:.2f} s" if one["closed"] else "not in 10 s", one["code"] or "", f"{one['more']:.0f}"]
        for name, one in (("ours", ours), ("tutorial", theirs))
    ]
    table(f"A flood of {FLOOD:,} small frames", ["who", "closed after", "code", "memory + MB"], rows)
    print(f"  meanwhile acts of a neighbour were acknowledged after p95 {percentile(ours['acks'], 0.95) * 1000:.0f} ms")
    assert ours["code"] == 4429 and ours["closed"] <= CLOSED_WITHIN and ours["more"] < MORE_MEMORY
    assert max(ours["acks"]) < CLOSED_WITHIN


async def _flood_room(servers, room):
    """And a neighbour goes on acting."""
    neighbour = _person(servers, room, room["seats"][1])
    task = asyncio.create_task(neighbour.run())
    await asyncio.wait_for(neighbour.ready.wait(), 20)
    acting = asyncio.create_task(_flow([neighbour], 5, "x"))
    seat, url = room["seats"][0], servers.socket_url(room["meeting"], 0)
    found = await _flood(servers.daphnes[0].pid, url, seat["cookie"], servers.origin, HEARTBEAT, 10, HELLO)
    acting.cancel()
    await _until(lambda: not neighbour.outbox, 10)
    neighbour.stop()
    await task
    return {**found, "acks": neighbour.ledger.ack_times()}


async def _flood(pid, url, cookie, origin, frame, patience, hello=""):
    """{"closed": seconds until the close frame, "code", "more": MB}; the flood is on its way as fast as the server takes it."""
    done, heard = asyncio.get_running_loop().create_future(), asyncio.Event()
    socket = await wire.connect(url, lambda text: heard.set(), lambda code: done.done() or done.set_result(code), cookie, origin)
    if hello:
        socket.send(hello)
        await asyncio.wait_for(heard.wait(), 10)
    await asyncio.sleep(1)
    async with Memory(pid) as memory:
        begin = time.monotonic()
        socket.transport.write(wire.frame(wire.TEXT, frame.encode()) * FLOOD)
        await asyncio.wait([done], timeout=patience)
        seconds = time.monotonic() - begin if done.done() else None
        await asyncio.sleep(2)  # what was read but not yet refused
    socket.abort()
    return {"closed": seconds, "code": done.result() if done.done() else None, "more": memory.more}


# --- readers that never read -------------------------------------------------------------------------------------------


@pytest.mark.timeout(400)
def test_readers_that_never_read_are_closed():
    with RoomServers(processes=1, application="tests.faults.noting:application") as servers:
        room = servers.ask(f"fill(1, {2 * READERS})")[0]
        ours = asyncio.run(_stall_room(servers, room))
        closes = Counter(NOTED.findall(servers.logs()))
        stored = servers.ask("stored()")
        with tutorial(servers) as server:
            theirs = asyncio.run(_stall_tutorial(server, ours["seconds"]))
    table(
        f"{READERS} readers that never read, {RATE * SIZE // 1000} KB/s, {READERS} who read",
        ["who", "memory + MB", "closed", "after s", "the others' p95 before, meanwhile"],
        [
            ["ours", f"{ours['more']:.0f}", f"{closes['4408']} with 4408", f"{ours['seconds']:.0f}", f"{ours['before']:.0f}, {ours['during']:.0f} ms"],
            ["tutorial", f"{theirs['more']:.0f} and growing", theirs["closed"], f"({ours['seconds']:.0f})", ""],
        ],
    )  # fmt: skip
    print(f"  of those who never read, {ours['back']} came back and have the whole of it")
    assert closes == {"4408": READERS}
    assert ours["more"] < MORE_MEMORY
    assert ours["during"] < SLOWER * ours["before"]
    assert ours["back"] == READERS and ours["heads"] == {stored["heads"][str(room["meeting"])]}


async def _stall_room(servers, room):
    seats = room["seats"]
    reading, stalled = ([_person(servers, room, seat) for seat in part] for part in (seats[:READERS], seats[READERS:]))
    for person in stalled:
        person.buffer, person.ledger = BUFFER, Ledger()
    ledger = reading[0].ledger
    for person in reading:
        person.ledger = ledger
    tasks = [asyncio.create_task(person.run()) for person in reading]
    await asyncio.gather(*[asyncio.wait_for(person.ready.wait(), 30) for person in reading])
    flow = asyncio.create_task(_flow(reading[:4], RATE, "ñ" * SIZE))
    await asyncio.sleep(SETTLE)
    settled = time.monotonic()
    await asyncio.sleep(BEFORE)
    undisturbed = time.monotonic()
    tasks += [asyncio.create_task(person.run()) for person in stalled]
    await asyncio.gather(*[asyncio.wait_for(person.ready.wait(), 30) for person in stalled])
    split = time.monotonic()
    async with Memory(servers.daphnes[0].pid) as memory:
        for person in stalled:
            person.wire.pause()
        await _until(lambda: len(NOTED.findall(servers.logs())) >= READERS, LONGEST)
        seconds = time.monotonic() - split
        during = time.monotonic()
        await asyncio.sleep(3)
    flow.cancel()
    for person in stalled:
        person.wire.transport.resume_reading()
    await _until(lambda: len({person.seq for person in reading + stalled}) == 1 and all(one.times == 2 for one in stalled), 20)
    head = max(person.seq for person in reading)
    found = {
        "more": memory.more, "seconds": seconds, "heads": {person.seq for person in reading},
        "before": _p95(ledger, settled, undisturbed), "during": _p95(ledger, split, during), "back": sum(person.seq == head for person in stalled),
    }  # fmt: skip
    for person in reading + stalled:
        person.stop()
    await asyncio.gather(*tasks)
    return found


def _p95(ledger, since, until):
    """Milliseconds from sending until the last of those who read had it."""
    times = [
        latest - ledger.sent[cid] for _people, latest, cid in ledger.seen.values() if since <= ledger.sent.get(cid, -1) < until
    ]
    return percentile(times, 0.95) * 1000


async def _stall_tutorial(server, seconds):
    """The same flow for as long, to as many who never read."""
    closed = []
    url = f"ws://{HOST}:{server.port}/"
    speaker = await wire.connect(url, lambda text: None, lambda code: None)
    stalled = [await wire.connect(url, lambda text: None, closed.append, buffer=BUFFER) for _number in range(READERS)]
    async with Memory(server.pid) as memory:
        for one in stalled:
            one.pause()
        begin, sent = time.monotonic(), 0
        while (elapsed := time.monotonic() - begin) < seconds:
            while sent < elapsed * RATE:
                speaker.send(json.dumps({"message": "ñ" * SIZE}, ensure_ascii=False))
                sent += 1
            await asyncio.sleep(0.02)
    for one in [speaker, *stalled]:
        one.abort()
    return {"more": memory.more, "closed": len(closed)}


# --- small things ------------------------------------------------------------------------------------------------------


async def _flow(people, rate, text):
    """Acts at a steady rate, by turns."""
    begin, done = time.monotonic(), 0
    while True:
        while done < (time.monotonic() - begin) * rate:
            people[done % len(people)].act("chat.post", {"text": text[:SIZE]})
            done += 1
        await asyncio.sleep(0.01)


def _person(servers, room, seat):
    url = servers.socket_url(room["meeting"], 0)
    return Person(room["meeting"], seat["user"], seat["cookie"], lambda: url, Ledger(), origin=servers.origin, keeps_state=False)


async def _until(done, seconds):
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        await asyncio.sleep(0.05)
