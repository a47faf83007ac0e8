"""Rooms under faults: whatever dies, an acknowledged act is in the log once, and everybody ends in the state of a fresh snapshot.

Two daphne on PostgreSQL and Redis, 120 people in four rooms, clients that resume and resend. Each run is bounded in time and stays on
127.0.0.1. `make faults`; one alone: `make faults ARGS="-k redis"`.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter

import pytest

from tests.bench.tables import table
from tests.servers.cutting import CuttingProxy
from tests.servers.room_rows import digest
from tests.servers.room_servers import RoomServers
from tests.servers.swarm import Ledger, Person, compare, percentile

ROOMS, PEOPLE, RATE = 4, 30, 20
CALM = 20  # seconds after the last fault in which all must agree
CLOSES_NEVER = 1011
TRACEBACK = re.compile(r"^Traceback .*\n(?:[ \n].*\n?)*(\S[^\n]{0,120})", re.MULTILINE)


class Run:
    """What a run came to; `problems()` is empty when nothing was lost, doubled or different."""

    def __init__(self, title, servers, rooms, ledger, people, seconds):
        stored = servers.ask("stored()")
        self.title, self.ledger, self.seconds, self.acts = title, ledger, seconds, compare(ledger, stored)
        self.unanswered = sum(len(person.outbox) for person in people)
        self.different = sum(digest(person.state()) != stored["states"][str(person.meeting)] for person in people)
        self.miscounted = sum(_count(rooms, one) != len(stored["ballots"].get(str(one.meeting), ())) for one in people)
        self.holes = stored["holes"]
        self.tracebacks = Counter(TRACEBACK.findall(servers.logs()))

    def problems(self):
        found = {
            "acknowledged and lost": self.acts.lost, "twice": self.acts.twice, "under another number": self.acts.misnumbered,
            "never answered": self.unanswered, "people with another state": self.different,
            "people with another count": self.miscounted, "logs with holes": self.holes, "closed 1011": self.ledger.closes[CLOSES_NEVER], "agreed too late": int(self.seconds >= CALM),
        }  # fmt: skip
        return {name: number for name, number in found.items() if number}

    def print(self):
        ledger, acks = self.ledger, self.ledger.ack_times()
        table(
            self.title,
            ["acts", "acked", "lost", "double", "states ≠", "counts ≠", "agree after s", "ack p50, p99", "seen by all p50",
             "connections", "gaps", "refused"],
            [[
                len(ledger.sent), len(ledger.acked), self.acts.lost, self.acts.twice, self.different, self.miscounted, f"{self.seconds:.1f}",
                f"{percentile(acks, 0.5) * 1000:.0f} ms, {percentile(acks, 0.99):.1f} s", f"{percentile(ledger.spread_times(), 0.5) * 1000:.0f} ms", ledger.connections, ledger.gaps,
                len(ledger.refused),
            ]],
        )  # fmt: skip
        print(
            f"  closes {dict(ledger.closes)}, why refused {dict(Counter(ledger.refused.values()))}, tracebacks {dict(self.tracebacks)}"
        )


def go(title, faults, *, seconds, cuts=0.0, lost_hints=0.0, application="tests.faults.lossy:application", laptop=False):
    """`faults(servers)` is a coroutine that does harm for at most `seconds`; acts go on all the time. Returns the `Run`."""
    settings = {"LOST_HINTS": str(lost_hints)}
    processes = 1 if laptop else 2
    with RoomServers(processes, application=application, settings=settings, durable=True, laptop=laptop) as servers:
        rooms = {room["meeting"]: room for room in servers.ask(f"fill({ROOMS}, {PEOPLE})")}
        for pk, one in rooms.items():
            one |= {"acts": [], "votes": [], **servers.ask(f"furnish({pk}, {one['trainer']['user']})")}
        ledger, people, calm = asyncio.run(_live(servers, rooms, faults, seconds, cuts))
        run = Run(title, servers, rooms, ledger, people, calm)
        if run.problems():
            print(servers.logs()[-4000:])
    run.print()
    return run


async def _live(servers, rooms, faults, seconds, cuts):
    chance = random.Random(11)
    async with contextlib.AsyncExitStack() as stack:
        proxies = [
            await stack.enter_async_context(CuttingProxy(one.port, 0.0, place)) for place, one in enumerate(servers.daphnes)
        ]
        people = _people(servers, rooms, proxies, chance)
        tasks = [asyncio.create_task(person.run()) for person in people]
        await asyncio.wait_for(asyncio.gather(*[person.ready.wait() for person in people]), 60)
        for proxy in proxies:
            proxy.share = cuts
        acting = asyncio.create_task(_act(rooms, people, chance))
        try:
            await asyncio.wait_for(faults(servers), seconds)
        finally:
            acting.cancel()
        for proxy in proxies:
            proxy.share = 0.0
        calm = await _until_all_agree(rooms, people)
        for person in people:
            person.stop()
        await asyncio.gather(*tasks)
    return people[0].ledger, people, calm


def _people(servers, rooms, proxies, chance):
    """Each connection goes through either of the proxies, as chance has it."""
    ledger = Ledger()

    def address(meeting):
        return lambda: f"ws://127.0.0.1:{chance.choice(proxies).port}/ws/live/{meeting}/?v=1"

    return [
        Person(pk, seat["user"], seat["cookie"], address(pk), ledger, origin=servers.origin)
        for pk, one in rooms.items() for seat in one["seats"]
    ]  # fmt: skip


async def _act(rooms, people, chance):
    """Chat, questions, hands and notes at twenty a second, from anybody; now and then somebody votes for the first time."""
    number, voters = 0, chance.sample(people, len(people))
    while True:
        number += 1
        kind, body = chance.choice([
            ("chat.post", {"text": f"Mensaje {number}"}), ("qa.ask", {"text": f"¿Pregunta {number}?"}), ("hand.up", {}),
            ("hand.down", {}), ("board.note", {"column": "challenges", "text": f"Nota {number}"}),
        ])  # fmt: skip
        person = chance.choice(people)
        rooms[person.meeting]["acts"].append(person.act(kind, body))
        if number % 8 == 0 and voters:
            voter = voters.pop()
            one = rooms[voter.meeting]
            one["votes"].append(voter.act("poll.vote", {"id": one["poll"], "value": chance.choice(one["choices"])}))
        await asyncio.sleep(1 / RATE)


async def _until_all_agree(rooms, people):
    """Seconds, at most `CALM`."""
    begin = time.monotonic()
    while time.monotonic() - begin < CALM:
        if _agree(rooms, people):
            return time.monotonic() - begin
        await asyncio.sleep(0.2)
    return CALM


def _agree(rooms, people):
    """Nothing waits for an answer, and all of a room are at the same number and count, and not before what was acknowledged."""
    acked, ends = people[0].ledger.acked, {pk: set() for pk in rooms}
    for one in people:
        ends[one.meeting].add((one.seq, _count(rooms, one)))
        if one.outbox or not one.ready.is_set():
            return False
    least = {pk: max((acked[cid][2] for cid in one["acts"] if cid in acked), default=0) for pk, one in rooms.items()}
    votes = {pk: sum(cid in acked for cid in one["votes"]) for pk, one in rooms.items()}
    return all(len(found) == 1 and min(found) >= (least[pk], 0) and min(found)[1] == votes[pk] for pk, found in ends.items())


def _count(rooms, person):
    """Votes in the room, as this person's screen shows them."""
    return person.tallies.get(("poll", rooms[person.meeting]["poll"]), {}).get("n", 0)


# --- the harm ----------------------------------------------------------------------------------------------------------


async def kill_servers(servers, times=20, pause=2.0):
    for number in range(times):
        daphne = servers.daphnes[number % len(servers.daphnes)]
        await asyncio.sleep(pause)
        daphne.kill()
        await asyncio.sleep(0.3)
        daphne.start(wait=False)
        await asyncio.to_thread(daphne.wait)


async def harm_redis(servers):
    await asyncio.sleep(3)
    servers.redis.kill()
    await asyncio.sleep(5)
    servers.redis.start(wait=False)
    await asyncio.sleep(5)
    await asyncio.to_thread(_flush, servers.redis.port)
    await asyncio.sleep(5)
    servers.redis.freeze()
    await asyncio.sleep(20)
    servers.redis.thaw()
    await asyncio.sleep(3)


def _flush(port):
    import redis

    redis.Redis(port=port).flushall()


async def kill_postgresql(servers):
    for _time in range(3):
        await asyncio.sleep(4)
        servers.postgresql.kill()
        await asyncio.sleep(2)
        servers.postgresql.start(wait=False)
        await asyncio.to_thread(servers.postgresql.wait)
    await asyncio.sleep(4)


async def nothing(servers):
    await asyncio.sleep(20)


# --- the runs ----------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(400)
def test_twenty_kills_with_lost_wake_ups_and_cut_clients():
    run = go("20 × kill -9, 30 % of wake-ups lost, 5 %/s of clients cut", kill_servers, seconds=240, cuts=0.05, lost_hints=0.3)
    assert not run.problems()
    assert len(run.ledger.acked) > 500


@pytest.mark.timeout(300)
def test_redis_killed_flushed_and_frozen():
    run = go("Redis killed, flushed, frozen 20 s", harm_redis, seconds=90)
    assert not run.problems()
    assert percentile(run.ledger.ack_times(), 0.99) < 3  # acts do not wait for Redis


@pytest.mark.timeout(300)
def test_postgresql_killed_three_times():
    assert not go("PostgreSQL killed three times", kill_postgresql, seconds=120).problems()


@pytest.mark.timeout(300)
def test_no_wake_up_ever_arrives():
    assert not go("100 % of wake-ups lost", nothing, seconds=60, lost_hints=1.0, cuts=0.05).problems()


@pytest.mark.timeout(300)
def test_a_laptop_restarted_again_and_again():
    """One process, SQLite, no Redis: as `make run`."""
    run = go(
        "SQLite on a laptop: 5 × kill -9, 5 %/s of clients cut",
        lambda servers: kill_servers(servers, 5, pause=8),
        seconds=120,
        cuts=0.05,
        laptop=True,
    )
    assert not run.problems()


@pytest.mark.timeout(400)
def test_a_server_that_acknowledges_first_is_found():
    run = go(
        "PLANTED: acknowledges before it stores",
        lambda servers: kill_servers(servers, 6),
        seconds=120,
        application="tests.faults.eager:application",
    )
    assert run.acts.lost
