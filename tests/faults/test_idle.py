"""Sockets on which nothing happens: the quiet stay, the dead go.

`IDLE_MINUTES=1 make faults ARGS="-k idle"` for a short look; eleven minutes otherwise.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.bench.tables import table
from tests.servers import wire
from tests.servers.cutting import CuttingProxy
from tests.servers.room_servers import HOST, ROOT, RoomServers, tutorial
from tests.servers.swarm import Ledger, Person

MINUTES = float(os.environ.get("IDLE_MINUTES", "11"))
ACTS = 5
BY_HINT = 0.4  # seconds; without hints the log is looked at once a second
GONE_WITHIN = 60  # seconds
HELLO = '{"t":"hello","v":1,"tab":"quiet","cur":{},"caps":[]}'


class Quiet:
    """A socket that says hello, and then at most heartbeats."""

    def __init__(self, name, number, beats):
        self.name, self.number, self.beats = name, number, beats
        self.closed, self.events, self.seen_at, self.frames = None, 0, 0.0, 0

    async def enter(self, servers, meeting, seat):
        url = servers.socket_url(meeting, self.number)
        self.wire = await wire.connect(url, self.take, self.note_close, seat["cookie"], servers.origin)
        self.wire.send(HELLO)
        self.beating = asyncio.create_task(self.beat())

    def take(self, text):
        self.frames += 1
        if text.startswith('{"t":"ev"'):
            self.events, self.seen_at = self.events + 1, time.monotonic()

    def note_close(self, code):
        self.closed = self.closed or code or "cut"

    async def beat(self):
        while self.beats:
            await asyncio.sleep(15)
            self.wire.send('{"t":"hb","cur":{}}')

    async def leave(self):
        self.beating.cancel()
        self.wire.abort()


@pytest.mark.timeout(MINUTES * 60 + 300)
def test_idle_sockets_stay_open():
    quiet = [Quiet("heartbeats, through nginx", None, True), Quiet("answers pings only, through nginx", None, False),
             Quiet("heartbeats, process 1", 0, True), Quiet("answers pings only, process 2", 1, False)]  # fmt: skip
    with RoomServers(processes=2, nginx=True) as servers:
        delays = asyncio.run(_idle(servers, servers.ask(f"fill(1, {len(quiet)})")[0], quiet))
    title = f"Idle for {MINUTES:g} min on PostgreSQL + Redis, then {ACTS} acts"
    table(title, ["who", "closed", "acts seen", "pings answered", "frames"],
          [[one.name, one.closed_before or "no", one.events, one.wire.pings, one.frames] for one in quiet])  # fmt: skip
    print(f"  acts came to the other process after {', '.join(f'{one * 1000:.0f}' for one in delays)} ms")
    assert all(one.closed_before is None and one.events == ACTS for one in quiet)
    assert sorted(delays)[ACTS // 2] < BY_HINT  # Redis has not dropped the quiet channel


async def _idle(servers, room, quiet):
    """Seconds that each of the acts took from one process to the other, after the silence."""
    for one, seat in zip(quiet, room["seats"], strict=True):
        await one.enter(servers, room["meeting"], seat)
    await asyncio.sleep(MINUTES * 60)
    trainer = _person(servers, room, room["trainer"], 0)
    task = asyncio.create_task(trainer.run())
    await asyncio.wait_for(trainer.ready.wait(), 20)
    delays = [await _say_good_morning(trainer, quiet, number) for number in range(ACTS)]
    trainer.stop()
    for one in quiet:
        one.closed_before = one.closed
        await one.leave()
    await task
    return delays


async def _say_good_morning(trainer, quiet, number):
    sent = time.monotonic()
    trainer.act("chat.post", {"text": f"Buenos días {number}"})
    await _until(lambda: all(one.events == number + 1 for one in quiet), 5)
    await asyncio.sleep(0.37)  # so that the look at the log, once a second, falls elsewhere each time
    return quiet[-1].seen_at - sent


@pytest.mark.timeout(240)
def test_a_layer_that_drops_idle_channels_is_found():
    """The control: the tutorial's consumer on a layer with redis-py's own time limit does not survive half a minute."""
    with RoomServers(processes=1) as servers, tutorial(servers, {"DJANGO_SETTINGS_MODULE": "tests.faults.short_layer"}) as server:
        closed = asyncio.run(_seconds_until_closed(f"ws://{HOST}:{server.port}/", 30))
    print(f"\nPLANTED: a layer with a time limit: {f'closed after {closed:.1f} s' if closed else 'open after 30 s'}")
    assert closed


async def _seconds_until_closed(url, seconds):
    done = asyncio.get_running_loop().create_future()
    await wire.connect(url, lambda text: None, lambda code: done.done() or done.set_result(code))
    begin = time.monotonic()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done, seconds)
        return time.monotonic() - begin


# --- nobody is there any more ------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_a_dead_peer_is_gone():
    """A process that is frozen while its kernel still answers, and a network that swallows everything."""
    with RoomServers(processes=2) as servers:
        found = asyncio.run(_die(servers, servers.ask("fill(1, 4)")[0]))
    rows = [[name, f"{seconds:.1f}" if seconds else "still there", leases] for name, (seconds, leases) in found.items()]
    table("Dead peers", ["who", "gone from presence after s", "open leases"], rows)
    assert all(seconds and seconds <= GONE_WITHIN and not leases for name, (seconds, leases) in found.items() if name != "alive")
    assert found["alive"] == (None, 1)


async def _die(servers, room):
    """{who: (seconds until presence lost them or None, leases still open)}."""
    watching, *others = room["seats"]
    seats = dict(zip(("alive", "frozen", "swallowed"), others, strict=True))
    lost = {}
    async with CuttingProxy(servers.daphnes[1].port, 0.0) as proxy:
        watcher, alive, swallowed = (
            _person(servers, room, seat, place) for place, seat in enumerate((watching, seats["alive"], seats["swallowed"]))
        )
        watcher.on_pres = lambda frame: lost.update({pk: time.monotonic() for pk in frame["del"]})
        swallowed.url = lambda: f"ws://{HOST}:{proxy.port}/ws/live/{room['meeting']}/?v=1"
        people = (watcher, alive, swallowed)
        tasks = [asyncio.create_task(person.run()) for person in people]
        await asyncio.gather(*[asyncio.wait_for(person.ready.wait(), 30) for person in people])
        with _phone(servers, room, seats["frozen"]) as phone:
            await asyncio.to_thread(phone.stdout.readline)
            await asyncio.sleep(3)
            swallowed.stopping = proxy.swallows = True  # and it does not come back
            phone.send_signal(signal.SIGSTOP)
            begin = time.monotonic()
            await _until(lambda: {seats["frozen"]["user"], seats["swallowed"]["user"]} <= lost.keys(), GONE_WITHIN + 15)
            await asyncio.sleep(2)
            leases = {
                name: await asyncio.to_thread(servers.ask, f"open_leases({room['meeting']}, {seat['user']})")
                for name, seat in seats.items()
            }
        for person in people:
            person.stop()
        await asyncio.gather(*tasks)
    return {name: (lost[seat["user"]] - begin if seat["user"] in lost else None, leases[name]) for name, seat in seats.items()}


@contextlib.contextmanager
def _phone(servers, room, seat):
    command = [
        sys.executable,
        "-m",
        "tests.servers.phone",
        servers.socket_url(room["meeting"], 1),
        seat["cookie"],
        servers.origin,
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=servers.environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


# --- small things ------------------------------------------------------------------------------------------------------


def _person(servers, room, seat, number):
    return Person(
        room["meeting"], seat["user"], seat["cookie"], lambda: servers.socket_url(room["meeting"], number), Ledger(), origin=servers.origin
    )  # fmt: skip


async def _until(done, seconds):
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        await asyncio.sleep(0.02)
