"""A site with one live meeting, people in it, and Chromium with a camera and a microphone that a program plays.

Everything stays on this machine: pages come from localhost, sound and picture go over this machine's own addresses.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from tests.servers.running import binary, free_port, stop, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
]  # fmt: skip


@contextlib.contextmanager
def calling_site(folder, people, engine, **environment):
    """`.base`, `.meeting`, `.cookies` (one per person, the first runs the meeting), `.server` (its process), `.run(code)`."""
    from tests.conftest import migrated_template

    port = free_port()
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.browser.settings", "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "DEBUG": "0", "SECRET_KEY": "browser-tests", "SITE_BASE_URL": f"http://localhost:{port}", "SECURE_SSL_REDIRECT": "0",
        "ALLOW_DEMO": "1", "SECOND_FACTOR_REQUIRED": "0", "REDIS_URL": "", "LOG_LEVEL": "WARNING", "STATIC_ROOT": f"{folder}/static",
        "JANUS_URL": "", "TURN_URLS": "", **environment,
    }  # fmt: skip
    shutil.copyfile(migrated_template(), f"{folder}/site.sqlite3")
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=environment, check=True)

    def run(code):
        code = f"import django; django.setup(); {code}"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        return done.stdout

    made = json.loads(run(f"from tests.browser.calling import prepare; prepare({people}, {engine!r})"))
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lms.asgi:application"]
    log = open(f"{folder}/server.log", "wb")  # noqa: SIM115 -- the server writes to it
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_for_port(port, 60)
        yield SimpleNamespace(base=f"http://localhost:{port}", folder=folder, run=run, server=server, **made)
    finally:
        stop(server)
        log.close()


def prepare(people, engine):
    """In the site's process: a live meeting, its people and their cookies, as JSON."""
    from django.test import Client

    from tests.sessions.rooms import meeting_of, person_in

    meeting = meeting_of(engine=engine)
    users = [
        person_in(meeting, "trainer" if number == 0 else "trainee", user__full_name=f"Persona {number}")
        for number in range(people)
    ]
    cookies = []
    for user in users:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookies.append(client.cookies["sessionid"].value)
    print(json.dumps({"meeting": meeting.pk, "cookies": cookies, "users": [user.pk for user in users]}))


@contextlib.contextmanager
def chromium_with_devices(*flags, playwright=None):
    """`playwright` is the one that runs already: there is at most one in a thread."""
    from playwright.sync_api import sync_playwright

    with contextlib.nullcontext(playwright) if playwright else sync_playwright() as running:
        browser = running.chromium.launch(executable_path=binary("chromium"), args=[*FLAGS, *flags])
        yield browser
        browser.close()


WATCH = """
(() => {
  window.connections = [];
  const Own = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Own {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
})();
"""
STATS = """
async () => {
  const open = window.connections.filter((one) => one.connectionState !== "closed");
  const found = { frames: 0, packets: 0, lost: 0, energy: 0, bytes: 0, states: open.map((one) => one.connectionState) };
  for (const one of open) (await one.getStats()).forEach((row) => {
    if (row.type !== "inbound-rtp") return;
    found.frames += row.framesDecoded ?? 0;
    found.packets += row.packetsReceived ?? 0;
    found.lost += row.packetsLost ?? 0;
    found.bytes += row.bytesReceived ?? 0;
    found.energy += row.totalAudioEnergy ?? 0;
  });
  return found;
}
"""


def enter(browser, site, number, *, size=None):
    """The page of a person in the room, before any sound."""
    context = browser.new_context(viewport=size or {"width": 1280, "height": 800}, locale="es-MX", base_url=site.base)
    context.add_cookies([{"name": "sessionid", "value": site.cookies[number], "url": site.base}])
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda line: page.troubles.append(line.text) if line.type == "error" else None)
    page.heard = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: page.heard.append(text)))
    page.goto(f"/es/live/{site.meeting}/room/")
    return page


def join(page):
    page.click("[data-media-open]")
    page.locator("[data-media] .media-keys").wait_for(state="visible")


def turn_on(page, *what):
    for name in what:
        page.click(f"[data-do={name}]")
        page.locator(f"[data-do={name}][aria-pressed=true]").wait_for()


def stats(page):
    """Sums over what this page receives: frames, packets, lost, bytes, energy, states."""
    return page.evaluate(STATS)


def moving(page, seconds=4, need=("frames", "energy")):
    """What was received in so many seconds; each of `need` has grown, or the page is shown to be silent."""
    before = stats(page)
    page.wait_for_timeout(seconds * 1000)
    after = stats(page)
    grown = {key: after[key] - before[key] for key in ("frames", "packets", "lost", "energy", "bytes")} | {
        "states": after["states"]
    }
    assert all(grown[key] > 0 for key in need), (grown, page.locator("[data-note]").inner_text())
    return grown


def until(condition, seconds, words=""):
    """Waits for the truth of `condition()`; returns the seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, words
        time.sleep(0.1)
    return time.monotonic() - start
