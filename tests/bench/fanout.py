"""What one delivery costs the server: a floor without any knowledge, the tutorial's consumer, and our rooms, in one run.

Server CPU (of its process, from /proc) divided by the messages that arrived, with 200 and 500 sockets at 10 and 30 messages a second.
`ours` gets its events from another process through Redis, as from a page worker; `ours, acting` gets every act over a socket of its
own and writes it to PostgreSQL too. daphne and the Redis layer for all but the floor. Absolute times are for orientation; ratios count.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time

from tests.bench import site
from tests.bench.tables import begin, line
from tests.servers import wire
from tests.servers.room_servers import HOST, ROOT, RoomServers, Service, tutorial
from tests.servers.running import free_port

CELLS = ((200, 10), (200, 30), (500, 10), (500, 30))
SECONDS, WARM_UP = 6, 1.5
CONNECTING_AT_ONCE = 50
WIDTHS = (14, 12, 6, 7, 10, 8)
MAX_FLOOR_RATIO, MIN_TUTORIAL_RATIO = 6.0, 4.0
TEXT = "La fractura de cadera anuncia la siguiente. " * 6


def run():
    broken = []
    with RoomServers(processes=1) as servers:
        made = servers.ask(f"fill(1, {max(people for people, _rate in CELLS)})")[0]
        begin("Fan-out: server CPU per delivery", ["sockets × rate", "who", "µs", "× floor", "delivered", "lost"], WIDTHS)
        for people, rate in CELLS:
            cells = {}
            for name, measure in WHO.items():
                cells[name] = asyncio.run(measure(servers, made, people, rate))
                line(_row(people, rate, name, cells[name], cells["floor"]), WIDTHS)
            broken += _judge(people, rate, cells)
    return broken


def _row(people, rate, name, cell, floor):
    ratio = cell["cost"] / floor["cost"] if floor["cost"] else 0
    return [f"{people} × {rate}/s", name, f"{cell['cost']:.0f}", f"{ratio:.1f}", f"{cell['delivered']:,}", f"{cell['lost']:,}"]


def _judge(people, rate, found):
    where = f"fan-out {people} × {rate}"
    ours, floor, tutorial = found["ours"], found["floor"], found["tutorial"]
    broken = []
    if ours["cost"] > MAX_FLOOR_RATIO * floor["cost"]:
        broken.append(f"{where}: {ours['cost'] / floor['cost']:.1f} × the floor")
    if tutorial["cost"] < MIN_TUTORIAL_RATIO * ours["cost"]:
        broken.append(f"{where}: only {tutorial['cost'] / ours['cost']:.1f} × cheaper than the tutorial")
    if ours["lost"] or found["ours, acting"]["lost"]:
        broken.append(f"{where}: deliveries lost")
    return broken


# --- the three servers -------------------------------------------------------------------------------------------------


async def _floor(_servers, _made, people, rate):
    port = free_port()
    server = Service("floor", [sys.executable, "-m", "tests.bench.floor", port], port, cwd=ROOT).start()
    try:
        url = f"ws://{HOST}:{port}/"
        return await _measure([(url, "")] * people, rate, server.pid, lambda sock, text: sock.send(text), lambda text: 1)
    finally:
        server.stop()


async def _tutorial(servers, _made, people, rate):
    def send(sock, text):
        sock.send(json.dumps({"message": text}))

    with tutorial(servers) as server:
        return await _measure([(f"ws://{HOST}:{server.port}/", "")] * people, rate, server.pid, send, lambda text: 1)


async def _ours(servers, made, people, rate, acting=False):
    url, number = servers.socket_url(made["meeting"], 0), iter(range(10**6))
    seats = [(url, seat["cookie"]) for seat in made["seats"][:people]]
    run = f"{int(time.time() * 1000) % 10**9:09d}"

    def act(sock, text):
        operation = {"t": "op", "cid": f"f{run}{next(number):06d}", "st": "main", "k": "chat.post", "b": {"text": text}}
        sock.send(json.dumps(operation))

    def events(text):
        return text.count('"k":"chat.post"') if text.startswith('{"t":"ev"') else 0

    if acting:
        # Acts of one person are limited to ten a second: three people share them.
        return await _measure(seats, rate, servers.daphnes[0].pid, act, events, hello=True, senders=max(1, rate // 8))
    with _producer(servers, made, rate) as producer:
        return await _measure(seats, rate, servers.daphnes[0].pid, None, events, hello=True, producer=producer)


async def _ours_acting(servers, made, people, rate):
    return await _ours(servers, made, people, rate, acting=True)


WHO = {"floor": _floor, "tutorial": _tutorial, "ours": _ours, "ours, acting": _ours_acting}


@contextlib.contextmanager
def _producer(servers, made, rate):
    """Another process that performs acts, as a page worker does; it begins and stops when told."""
    code = f"import django; django.setup(); from tests.bench import producing; producing.run({made['meeting']}, {made['trainer']['user']}, {rate})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=servers.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


# --- the clients -------------------------------------------------------------------------------------------------------


async def _measure(seats, rate, pid, send, count, hello=False, senders=1, producer=None):
    """{"cost": µs of server CPU per delivery, "delivered", "lost"}."""
    delivered, welcomed, door = [0], [0], asyncio.Semaphore(CONNECTING_AT_ONCE)

    def take(text):
        delivered[0] += count(text)
        welcomed[0] += text.startswith('{"t":"welcome"')

    async def enter(place, url, cookie):
        async with door:
            sock = await wire.connect(url, take, lambda code: None, cookie)
        if hello:
            sock.send(json.dumps({"t": "hello", "v": 1, "tab": f"tab-{place:08d}", "cur": {}}))
        return sock

    sockets = await asyncio.gather(*[enter(place, *seat) for place, seat in enumerate(seats)])
    await _settle(lambda: not hello or welcomed[0] == len(seats), 60)
    await asyncio.sleep(WARM_UP)
    delivered[0], before, sent = 0, site.cpu_seconds(pid), 0
    if producer:
        producer.stdin.write(f"{SECONDS}\n")
        producer.stdin.flush()
        sent = int(await asyncio.to_thread(producer.stdout.readline))
    else:
        begin = time.monotonic()
        while (elapsed := time.monotonic() - begin) < SECONDS:
            while sent < elapsed * rate:
                send(sockets[sent % senders], TEXT)
                sent += 1
            await asyncio.sleep(0.01)
    await _settle(lambda: delivered[0] >= sent * len(seats), 40)
    used = site.cpu_seconds(pid) - before
    for sock in sockets:
        sock.abort()
    await asyncio.sleep(0.5)
    return {"cost": used / max(delivered[0], 1) * 1e6, "delivered": delivered[0], "lost": sent * len(seats) - delivered[0]}


async def _settle(done, seconds):
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    print("\n".join(run()), os.linesep)
