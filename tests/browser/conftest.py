"""The real site (daphne, worker, SQLite, demo cohort) in a temporary folder, and Debian's Chromium."""

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.servers.running import binary, free_port, stop, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running site: `.base`, `.run(*command)`, `.mails()` (newest last), `.code_for(address)`, `.stop()`/`.start()`."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.browser.settings", "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "DEBUG": "0", "QUIET_HOURS": "00:00,00:00",
        "SECRET_KEY": "browser-tests", "SITE_BASE_URL": f"http://localhost:{port}", "SECURE_SSL_REDIRECT": "0", "ALLOW_DEMO": "1",
        "SECOND_FACTOR_REQUIRED": "0", "REDIS_URL": "", "LOG_LEVEL": "ERROR", "EMAIL_URL": f"filemail:///{folder}/mail",
        "STATIC_ROOT": str(shared_folder(tmp_path_factory) / "static"), "MEDIA_ROOT": str(folder / "media"),
    }  # fmt: skip
    made = SimpleNamespace(base=f"http://localhost:{port}", environment=environment, folder=folder, processes=[])

    def run(*command):
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def start():
        commands = (
            [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lms.asgi:application"],
            [sys.executable, "manage.py", "worker"],
        )
        made.processes = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for command in commands]
        wait_for_port(port, 60)

    def halt():
        for process in made.processes:
            stop(process)

    made.run, made.start, made.stop = run, start, halt
    made.mails = lambda: mails_in(folder / "mail")
    made.code_for = lambda address: wait_for_code(made.mails, address)
    shared = prepared(tmp_path_factory, environment)
    shutil.copyfile(shared / "site.sqlite3", folder / "site.sqlite3")
    start()
    yield made
    halt()


def shared_folder(tmp_path_factory):
    """One folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "prepared"
    folder.mkdir(exist_ok=True)
    return folder


def prepared(tmp_path_factory, environment):
    """The loaded database and the collected files, made by the first worker that asks; the others wait and copy."""
    from tests.conftest import migrated_template

    folder = shared_folder(tmp_path_factory)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.copyfile(migrated_template(), folder / "site.sqlite3")
            own = {**environment, "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "SITE_BASE_URL": "http://localhost"}
            for command in (["load_content"], ["load_demo"], ["collectstatic", "--noinput", "-v0"]):
                subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=own, check=True, stdout=subprocess.DEVNULL)
            checkpoint(folder / "site.sqlite3")
            (folder / "ready").touch()
    return folder


def checkpoint(path):
    """Folds SQLite's write-ahead log into the file, so that copying the file copies everything."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def mails_in(folder):
    """Parsed messages of the file backend, oldest first."""
    found = []
    for path in sorted(Path(folder).glob("*.log"), key=lambda path: path.stat().st_mtime):
        for part in re.split(rb"\n-{79}\n", path.read_bytes()):
            if part.strip():
                found.append(message_from_bytes(part.lstrip(), policy=policy.default))
    return found


def plain(mail):
    return mail.get_body(("plain",)).get_content()


def wait_for_code(mails, address, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for mail in reversed(mails()):
            if address in mail["To"] and (found := re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4}|\d{6})\s*$", plain(mail), re.M)):
                return found.group(1)
        time.sleep(0.2)
    raise AssertionError(f"no code for {address} among {[(mail['To'], plain(mail)[:300]) for mail in mails()]}")


@pytest.fixture(scope="session")
def playwright():
    """One for the whole worker: a second one in the same thread is refused."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright):
    browser = playwright.chromium.launch(
        executable_path=binary("chromium"),
        args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    )
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium, site):
    """`open_page(size, language)` gives a page in a context of its own; console errors and failed requests fail the test."""
    contexts, troubles = [], []

    def open_(size=PHONE, locale="es-MX", *, strict=True, **options):
        context = chromium.new_context(viewport=size, locale=locale, base_url=site.base, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        if strict:
            # A refusal (4xx) is an answer, and Chromium notes each on the console; scripts that break and 5xx are not.
            page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
            page.on(
                "console",
                lambda line: (
                    troubles.append(f"console: {line.text}") if line.type == "error" and "status of 4" not in line.text else None
                ),
            )
            page.on("response", lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def desk(site):
    """A second door to the rooms of the site: `desk.act(meeting, "Ana", "chat.post", {"text": "Hola"})`, see backstage.py."""
    from tests.browser.backstage import Backstage

    with Backstage(site) as made:
        yield made
