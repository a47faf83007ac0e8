"""Janus for real, on this machine alone: one camera to ten pages, locked doors, a killed engine.

Janus skips loopback interfaces, so sound and picture go over this machine's own address (ARCHITECTURE.md, research/live.md §3).
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import override_settings

from sessions.conference import janus_room
from sessions.conference.janus_link import JanusLink, Refused
from sessions.conference.janus_room import JanusRoom
from tests.browser.calling import calling_site, chromium_with_devices, enter, join, moving, stats, turn_on, until
from tests.servers.running import binary, free_port, stop

ROOT = Path(__file__).resolve().parents[2]
VIEWERS, SECONDS, LONGEST_OUTAGE = 10, 6, 5
pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """Janus and coturn as `make room-engine` starts them. `.settings`, `.pid()` of Janus."""
    binary("janus"), binary("turnserver")
    home = tmp_path_factory.mktemp("engine")
    environment = {**os.environ, "ROOM_ENGINE_HOME": str(home), "TURN_PORT": str(free_port()), "RTP_PORTS": "23000-23999"}
    process = subprocess.Popen([sys.executable, "bin/room-engine"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        until((home / "janus.sock").exists, 15, "Janus does not start")
        known = dict(line.split("=", 1) for line in (home / "env").read_text().splitlines())
        yield SimpleNamespace(settings=known, pid=lambda: child(process.pid, "janus"))
    finally:
        stop(process)


def child(parent, name):
    found = subprocess.run(["ps", "--ppid", str(parent), "-o", "pid=,comm="], capture_output=True, text=True, check=True).stdout
    return next((int(line.split()[0]) for line in found.splitlines() if line.split()[1] == name), None)


@pytest.fixture(scope="module")
def site(engine, tmp_path_factory):
    with calling_site(tmp_path_factory.mktemp("janus"), VIEWERS + 1, "janus", **engine.settings) as made:
        yield made


@pytest.fixture
def call(site):
    """A trainer with sound and camera, and ten who watch."""
    with chromium_with_devices() as browser:
        pages = [enter(browser, site, number) for number in range(VIEWERS + 1)]
        for page in pages:
            join(page)
        turn_on(pages[0], "audio", "camera")
        for page in pages[1:]:
            until(lambda page=page: stats(page)["frames"] > 10, 30, lambda page=page: stats(page))
        yield pages
        assert [trouble for page in pages for trouble in page.troubles] == []


def test_one_camera_reaches_ten_pages_without_a_lost_packet_and_comes_back_after_the_engine_is_killed(call, engine, site):
    before = [stats(page) for page in call[1:]]
    call[0].wait_for_timeout(SECONDS * 1000)
    after = [stats(page) for page in call[1:]]
    grown = [
        {key: b[key] - a[key] for key in ("frames", "packets", "lost", "energy")} for a, b in zip(before, after, strict=True)
    ]
    print("\none camera to ten pages:", json.dumps(grown))
    assert all(one["frames"] > 0 and one["energy"] > 0 and one["packets"] > 0 for one in grown)
    assert [one["lost"] for one in after] == [0] * VIEWERS
    assert stats(call[0])["packets"] == 0, "the one who sends receives nothing"
    nothing_of_janus_is_told(call, site)

    counts = [page.evaluate("window.connections.length") for page in call]
    os.kill(engine.pid(), signal.SIGKILL)
    begin = time.monotonic()
    moves = dict.fromkeys(range(1, VIEWERS + 1))
    while not all(moves.values()) and time.monotonic() - begin < 20:
        for number, moved in moves.items():
            fresh = call[number].evaluate("window.connections.length") > counts[number]
            if moved is None and fresh and stats(call[number])["frames"] > 0:
                moves[number] = round(time.monotonic() - begin, 2)
    print("moving again after the kill, in seconds:", moves)
    assert all(moves.values()) and max(moves.values()) <= LONGEST_OUTAGE
    moving(call[1], 3)


def nothing_of_janus_is_told(pages, site):
    """What a browser was sent names neither the room, its pin and secret, nor what Janus calls the sender."""
    secrets = json.loads(site.run(
        "import json; from sessions.conference.sealed import unseal; from sessions.models import MediaRoom;"
        "room = MediaRoom.objects.get(); print(json.dumps([room.ref, *unseal(room.secrets).values()]))"
    ))  # fmt: skip
    assert len(secrets) == 3
    for page in pages:
        told = "".join(page.heard)
        assert "a=ice-ufrag" in told
        assert [secret for secret in (*secrets, "videoroom", "VideoRoom", "private_id", "handle_id") if secret in told] == []
        assert not re.search(rf"\b{site.users[0]}\.[0-9a-f]{{16}}\b", told)


def test_the_policy_stops_a_sender_at_the_engine(call, site):
    turn_on(call[1], "audio", "camera")
    until(lambda: call[2].locator(".tile video:visible").count() == 2, 20, "the second camera is not shown")
    with_policy(site, {"publish": "hosts"})
    until(lambda: call[1].locator("[data-do=camera]").get_attribute("aria-pressed") == "false", 10, "still sending")
    until(lambda: call[2].locator(".tile video:visible").count() == 1, 10, "still shown")
    call[1].click("[data-do=camera]", force=True)
    words = call[1].locator("template[data-words=forbidden]").evaluate("(one) => one.content.textContent")
    assert call[1].locator("[data-note]").inner_text() == words
    with_policy(site, {"publish": "all"})


def with_policy(site, body):
    site.run(
        "from tests.sessions.rooms import do; from sessions.models import Meeting; from django.contrib.auth import get_user_model;"
        f"do(Meeting.objects.get(pk={site.meeting}), get_user_model().objects.get(pk={site.users[0]}), 'media.policy', {body!r})"
    )


# --- locked doors ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def janus(engine):
    with override_settings(**{key: value for key, value in engine.settings.items() if key.startswith("JANUS")}):
        yield


ABOUT = {"ref": "room-of-the-test", "secret": "s" * 16, "pin": "p" * 16}


async def closed(link):
    link.task.cancel()
    await asyncio.gather(link.task, return_exceptions=True)


async def refused(handle, body):
    with pytest.raises(Refused) as no:
        await handle.say(body)
    return no.value.code


async def test_forbidden_joins_are_refused_by_the_engine(janus):
    link = JanusLink()
    room = await JanusRoom(link, ABOUT).open()
    handle = await link.attach()
    token = await room.allow()
    base = {"request": "join", "ptype": "publisher", "room": room.ref, "pin": room.pin, "id": "17.x"}
    assert await refused(handle, base) == 433  # no token
    assert await refused(handle, {**base, "token": "made-up"}) == 433
    assert await refused(handle, {**base, "token": token, "pin": "wrong"}) == 433
    assert await refused(handle, {**base, "token": token, "room": "another-room"}) == 426
    receive = {
        "request": "join",
        "ptype": "subscriber",
        "room": room.ref,
        "pin": room.pin,
        "streams": [{"feed": "17.x", "mid": "0"}],
    }
    assert await refused(handle, receive) in (428, 433)  # nobody's feed, and no private id
    await room.disallow(token)
    assert await refused(handle, {**base, "token": token}) == 433  # taken back
    assert await refused(handle, {"request": "destroy", "room": room.ref}) == 429
    assert await refused(handle, {"request": "kick", "room": room.ref, "id": "17.x", "secret": "wrong"}) in (429, 433)
    assert await refused(handle, {"request": "create", "room": "mine", "admin_key": "wrong"}) in (429, 433)
    listed, _jsep = await handle.say({"request": "list"})
    assert listed["list"] == []
    await room.destroy()
    await closed(link)


async def test_without_the_secret_of_the_interface_there_is_no_session(janus):
    with override_settings(JANUS_API_SECRET="wrong"):
        link = JanusLink()
        with pytest.raises(janus_room.Gone):
            await link.attach()
        await closed(link)


def test_only_this_user_may_open_the_socket_of_the_engine(engine):
    assert os.stat(engine.settings["JANUS_URL"]).st_mode & 0o077 == 0


def test_a_call_through_the_relay_alone_works_with_our_credentials_only(engine):
    """coturn knows the credentials that turn.py makes, for a page that may use nothing but the relay."""
    from sessions.conference import turn

    given = {"TURN_URLS": engine.settings["TURN_URLS"].split(","), "TURN_SECRET": engine.settings["TURN_SECRET"]}
    with override_settings(**given), chromium_with_devices() as browser:
        page = browser.new_page()
        assert page.evaluate(RELAYED, turn.ice_servers(17)) == "open"
    with override_settings(**{**given, "TURN_SECRET": "wrong"}), chromium_with_devices() as browser:
        page = browser.new_page()
        assert page.evaluate(RELAYED, turn.ice_servers(17)) == "nothing"


RELAYED = """async (iceServers) => {
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" }));
  ends.forEach((end, n) => { end.onicecandidate = ({ candidate }) => candidate && ends[1 - n].addIceCandidate(candidate).catch(() => {}); });
  const open = new Promise((done) => { ends[0].createDataChannel("x").onopen = () => done("open"); });
  await ends[0].setLocalDescription();
  await ends[1].setRemoteDescription(ends[0].localDescription);
  await ends[1].setLocalDescription();
  await ends[0].setRemoteDescription(ends[1].localDescription);
  return Promise.race([open, new Promise((done) => setTimeout(done, 6000, "nothing"))]);
}"""
