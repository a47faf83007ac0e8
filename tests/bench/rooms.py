"""Ten rooms of fifty people each, twenty acts a second, two processes behind nginx on PostgreSQL and Redis; then a vote, then a restart.

Everybody folds nothing but counts everything: who acknowledged what when, when the last of a room had it, what came twice or not at
all. Lasts ten minutes (`MINUTES=1 python -m tests.bench rooms` for a short look).
"""

import asyncio
import json
import os
import time
from dataclasses import astuple
from pathlib import Path

from tests.bench.tables import table
from tests.servers.room_servers import RoomServers
from tests.servers.swarm import Ledger, Person, compare, percentile

MINUTES = float(os.environ.get("MINUTES", "10"))
ROOMS, PEOPLE, RATE = 10, 50, 20
VOTERS, VOTING_SECONDS = 300, 10
MAX_ACK, MAX_SPREAD, MAX_GROWTH, MAX_TALLY, MAX_RETURN = 0.3, 1.0, 1.10, 2.0, 10.0


def run():
    with RoomServers(processes=2, nginx=True) as servers:
        made = servers.ask(f"fill({ROOMS}, {PEOPLE})")
        load = asyncio.run(_load(servers, made))
        load |= {"stored": servers.ask("stored()")}
        back = asyncio.run(_come_back(servers, made, 60))
        _let_nginx_judge(servers)
        locked_out = asyncio.run(_come_back(servers, made, 15))
    broken = _report_load(load) + _report_return(back, locked_out)
    return broken + run_votes()


def run_votes():
    with RoomServers(processes=2, nginx=True) as servers:
        made = servers.ask(f"fill(1, {VOTERS})")[0]
        poll = servers.ask(f"furnish({made['meeting']}, {made['trainer']['user']})")
        votes = asyncio.run(_vote(servers, made, poll))
        votes["stored"] = servers.ask(f"ballots({poll['poll']})")
    return _report_votes(votes)


# --- ten minutes -------------------------------------------------------------------------------------------------------


def _swarm(servers, made, ledger):
    return [
        Person(room["meeting"], seat["user"], seat["cookie"], lambda pk=room["meeting"]: servers.socket_url(pk), ledger, keeps_state=False)
        for room in made
        for seat in room["seats"]
    ]  # fmt: skip


async def _all_in(people, seconds=60):
    """Seconds until all were welcomed."""
    begin = time.monotonic()
    await asyncio.wait_for(asyncio.gather(*[person.ready.wait() for person in people]), seconds)
    return time.monotonic() - begin


async def _load(servers, made):
    ledger, memory = Ledger(), []
    people = _swarm(servers, made, ledger)
    tasks = [asyncio.create_task(person.run()) for person in people]
    await _all_in(people)
    begin, done, next_look = time.monotonic(), 0, 0.0
    while (elapsed := time.monotonic() - begin) < MINUTES * 60:
        while done < elapsed * RATE:
            people[(done * 37) % len(people)].act("chat.post", {"text": f"Mensaje {done} con unas cuantas palabras más"})
            done += 1
        if elapsed >= next_look:
            memory.append(sum(_rss(daphne.pid) for daphne in servers.daphnes))
            next_look += max(MINUTES * 6, 5)
        await asyncio.sleep(0.02)
    await _until(lambda: not any(person.outbox for person in people), 20)
    await asyncio.sleep(3)
    for person in people:
        person.stop()
    await asyncio.gather(*tasks)
    return {
        "ledger": ledger,
        "memory": memory,
        "acts": done,
        "people": PEOPLE,
        "ends": {p.meeting: set() for p in people} | _ends(people),
    }


def _ends(people):
    ends = {}
    for person in people:
        ends.setdefault(person.meeting, set()).add(person.seq)
    return ends


def _report_load(load):
    ledger, stored = load["ledger"], load["stored"]
    acks, spread = ledger.ack_times(), ledger.spread_times()
    acts = compare(ledger, stored)
    not_all = sum(1 for people, _latest, _cid in ledger.seen.values() if people != load["people"])
    behind = sum(ends != {stored["heads"][str(meeting)]} for meeting, ends in load["ends"].items())
    growth = load["memory"][-1] / max(load["memory"][len(load["memory"]) // 4], 1)
    table(
        f"Rooms: {ROOMS} × {PEOPLE} sockets, {RATE} acts/s, 2 processes behind nginx, {MINUTES:g} min",
        ["what", "measured", "budget"],
        [
            ["acts acknowledged", f"{len(ledger.acked):,} of {load['acts']:,}", "all"],
            [
                "lost, double, in another order, refused",
                f"{acts.lost}, {acts.twice}, {acts.misnumbered}, {len(ledger.refused)}",
                "0, 0, 0, 0",
            ],
            ["events not seen by all of a room", not_all, 0],
            ["rooms where somebody ended elsewhere", behind, 0],
            ["logs with holes", stored["holes"], 0],
            ["ack p50, p95, p99", _milliseconds(acks), f"p95 {MAX_ACK * 1000:.0f} ms"],
            ["seen by all p50, p95, p99", _milliseconds(spread), f"p95 {MAX_SPREAD * 1000:.0f} ms"],
            [
                "memory of both, MB",
                " → ".join(f"{value:.0f}" for value in load["memory"]),
                f"≤ {MAX_GROWTH:.2f} × from the first quarter on",
            ],
            ["connections", ledger.connections, ROOMS * PEOPLE],
        ],
    )
    broken = []
    if len(ledger.acked) != load["acts"] or any(astuple(acts)) or not_all or behind or stored["holes"]:
        broken.append("rooms: something was lost, doubled or not seen by all")
    if percentile(acks, 0.95) > MAX_ACK:
        broken.append(f"rooms: ack p95 {percentile(acks, 0.95) * 1000:.0f} ms")
    if percentile(spread, 0.95) > MAX_SPREAD:
        broken.append(f"rooms: seen by all p95 {percentile(spread, 0.95) * 1000:.0f} ms")
    return broken + ([f"rooms: memory grew {growth:.2f} ×"] if growth > MAX_GROWTH else [])


# --- everybody comes back ----------------------------------------------------------------------------------------------


def _let_nginx_judge(servers):
    """The control: nginx without `max_fails=0` (deploy/nginx.conf.template says what happens then)."""
    servers.nginx.stop()
    site = servers.nginx.cwd / "site.conf"
    site.write_text(site.read_text().replace(" max_fails=0", ""))
    servers.nginx.start()


async def _come_back(servers, made, patience):
    """Seconds from the first process that listens again until the last person is in its room."""
    ledger = Ledger()
    people = _swarm(servers, made, ledger)
    tasks = [asyncio.create_task(person.run()) for person in people]
    await _all_in(people)
    killed = time.monotonic()
    for daphne in servers.daphnes:
        daphne.kill()
    for daphne in servers.daphnes:
        daphne.start(wait=False)
    await asyncio.wait(
        [asyncio.create_task(asyncio.to_thread(daphne.wait)) for daphne in servers.daphnes], return_when=asyncio.FIRST_COMPLETED
    )
    up = time.monotonic()
    await _until(lambda: all(person.welcomed_at > killed for person in people), patience)
    seconds = max(person.welcomed_at for person in people) - up
    for person in people:
        person.stop()
    await asyncio.gather(*tasks)
    return {"seconds": seconds, "start": up - killed, "back": sum(person.welcomed_at > killed for person in people)}


def _report_return(back, locked_out):
    everybody = ROOMS * PEOPLE
    rows = [
        ["people back", back["back"], everybody],
        ["seconds until the last, from the first process that listens", f"{back['seconds']:.1f}", f"≤ {MAX_RETURN:g}"],
        ["seconds that it took to start", f"{back['start']:.1f}", ""],
        ["PLANTED: back in 15 s when nginx judges who is alive", locked_out["back"], ""],
    ]
    table("Rooms: both processes killed and started again", ["what", "measured", "budget"], rows)
    late = back["back"] < everybody or back["seconds"] > MAX_RETURN
    return [f"rooms: {back['back']} back after {back['seconds']:.1f} s"] if late else []


# --- a vote ------------------------------------------------------------------------------------------------------------


async def _vote(servers, made, poll):
    ledger = Ledger()
    people = _swarm(servers, [made], ledger)
    tasks = [asyncio.create_task(person.run()) for person in people]
    await _all_in(people)
    begin = time.monotonic()
    for place, person in enumerate(people):
        await asyncio.sleep(max(0, begin + place * VOTING_SECONDS / VOTERS - time.monotonic()))
        person.act("poll.vote", {"id": poll["poll"], "value": poll["choices"][place % 2]})
    last = time.monotonic()
    key = ("poll", poll["poll"])
    await _until(lambda: all(person.tallies.get(key, {}).get("n") == VOTERS for person in people), 20)
    everywhere = max((person.tallies.get(key, {}).get("at", last + 99) for person in people), default=last) - last
    await _until(lambda: not any(person.outbox for person in people), 10)
    for person in people:
        person.stop()
    await asyncio.gather(*tasks)
    right = sum(person.tallies.get(key, {}).get("n") == VOTERS for person in people)
    return {"ledger": ledger, "everywhere": everywhere, "right": right}


def _report_votes(votes):
    ledger = votes["ledger"]
    table(
        f"Votes: {VOTERS} in {VOTING_SECONDS} s",
        ["what", "measured", "budget"],
        [
            ["acknowledged, in the database", f"{len(ledger.acked)}, {votes['stored']}", f"{VOTERS}, {VOTERS}"],
            ["ack p50, p95, p99", _milliseconds(ledger.ack_times()), "p95 1000 ms"],
            ["screens with the whole tally", votes["right"], VOTERS],
            ["seconds after the last vote", f"{votes['everywhere']:.2f}", f"≤ {MAX_TALLY:g}"],
        ],
    )
    wrong = len(ledger.acked) != VOTERS or votes["stored"] != VOTERS or votes["right"] != VOTERS
    return ["votes: not all counted, or late"] if wrong or votes["everywhere"] > MAX_TALLY else []


# --- small things ------------------------------------------------------------------------------------------------------


async def _until(done, seconds):
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        await asyncio.sleep(0.1)


def _milliseconds(values):
    return ", ".join(f"{percentile(values, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99)) + " ms"


def _rss(pid):
    """Resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(json.dumps(run()))
