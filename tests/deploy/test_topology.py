"""The production topology, started for real: one door, two kinds of server, a worker, and nothing left behind."""

import base64
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
import yaml

from tests.servers import running

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
services = pytest.mark.services
pytestmark = pytest.mark.timeout(320)  # it migrates a PostgreSQL, which takes a while on a busy machine


class Running:
    """bin/topology as a child: its process, its address and what it said."""

    def __init__(self):
        inherited = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "SECRET_KEY")}
        self.process = subprocess.Popen(
            [sys.executable, "bin/topology"], cwd=ROOT, env=inherited, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        watchdog = threading.Timer(280, self.process.terminate)
        watchdog.start()
        self.said = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition(" ")
            self.said[name] = value
            if name == "ready":
                break
        watchdog.cancel()
        assert "ready" in self.said, self.process.stderr.read()
        self.folder = pathlib.Path(self.said["folder"])
        self.address = urlsplit(self.said["url"])

    def ask(self, path, method="GET", headers=None, body=None):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def manage(self, *arguments):
        lines = pathlib.Path(self.said["environment"]).read_text().splitlines()
        environment = {**os.environ, **dict(line.split("=", 1) for line in lines)}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def needs_the_binaries():
    for name in ("initdb", "postgres", "redis-server"):
        running.binary(name)
    if not any(os.path.exists(place) for place in ("/usr/sbin/nginx", "/usr/local/sbin/nginx")):
        running.binary("nginx")


@pytest.fixture(scope="module")
def topology():
    needs_the_binaries()
    started = Running()
    yield started
    started.stop()


def handshake(topology, path):
    """The first bytes of the answer to a WebSocket handshake."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {topology.address.netloc}", "Connection: Upgrade", "Upgrade: websocket",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Origin: {topology.said['url']}",
    ]  # fmt: skip
    with socket.create_connection((topology.address.hostname, topology.address.port), 10) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return line.recv(4096).decode(errors="replace")


def descendants(pid):
    """{pid: start time} of everything that this process started, and what that started; read from /proc."""
    children, born = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        child = int(stat.parent.name)
        children.setdefault(int(fields[1]), []).append(child)
        born[child] = fields[19]
    found, waiting = {}, [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found[child] = born[child]
            waiting.append(child)
    return found


def alive(processes):
    """Those of {pid: start time} that still run: a pid taken anew by somebody else does not count, nor does a zombie."""
    left = []
    for pid, started in processes.items():
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[19] == started and fields[0] != "Z":
            left.append(pid)
    return left


@services
def test_alive_and_ready(topology):
    assert topology.ask("/healthz")[::2] == (200, "ok")
    status, _headers, body = topology.ask("/readyz")
    states = json.loads(body)
    assert (status, states.pop("ready")) == (200, True)
    assert set(states.values()) == {"ok"}


@services
def test_pages_come_through_the_door_and_static_files_from_the_disk(topology):
    status, headers, body = topology.ask("/v/", headers={"Accept-Language": "en"})
    assert status == 200
    assert headers["Server"] == "nginx"
    assert "Strict-Transport-Security" not in headers
    hashed = re.search(r'href="(/static/lms/css/app\.[0-9a-f]{12}\.css)"', body)[1]
    status, headers, _body = topology.ask(hashed)
    assert status == 200
    assert headers["Content-Type"].startswith("text/css")
    assert "immutable" in headers["Cache-Control"]
    status, headers, _body = topology.ask("/static/lms/css/app.css")
    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert topology.ask("/static/../environment")[0] in (400, 404)
    assert "app." not in (topology.folder / "logs" / "pages-access.log").read_text(), "the pages' process was asked for a file"


@services
def test_a_body_of_thirteen_megabytes_is_refused_at_the_door(topology):
    asked = (topology.folder / "logs" / "pages-access.log").read_text().count("POST")
    with socket.create_connection((topology.address.hostname, topology.address.port), 10) as line:
        line.sendall(f"POST /v/ HTTP/1.1\r\nHost: {topology.address.netloc}\r\nContent-Length: {13 * 2**20}\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
    assert (topology.folder / "logs" / "pages-access.log").read_text().count("POST") == asked


@services
def test_no_log_knows_who_was_at_an_anonymous_questionnaire(topology):
    """Not even the warning that nginx writes about a large body. Django's line on a request without its token names nobody."""
    mark = {"User-Agent": "anonymity-probe"}
    topology.ask("/es/anonymous/1/", headers=mark)
    topology.ask("/es/anonymous/1/", "POST", {**mark, "Content-Type": "application/x-www-form-urlencoded"}, "a=" + "x" * 200_000)
    topology.ask("/es/verify/", headers=mark)
    logs = {path.name: path.read_text(errors="replace") for path in (topology.folder / "logs").iterdir()}
    assert [name for name, text in logs.items() if "/anonymous/" in text] in ([], ["pages.log"])
    told = [line for line in logs["pages.log"].splitlines() if "/anonymous/" in line]
    assert not [line for line in told if "127.0.0.1" in line or "anonymity-probe" in line]
    assert [name for name, text in logs.items() if "anonymity-probe" in text and "/es/verify/" in text] != []


@services
def test_what_a_reader_claims_about_itself_is_not_believed(topology):
    for number in range(31):
        forged = {"X-Forwarded-For": f"192.0.2.{number}", "X-Forwarded-Proto": "https", "Forwarded": f"for=192.0.2.{number}"}
        status, headers, _body = topology.ask("/v/222222222222.json", headers=forged)
    assert status == 429
    assert "Strict-Transport-Security" not in headers


@services
def test_handshakes_reach_both_daphnes(topology):
    answers = [handshake(topology, f"/ws/probe-{number}/") for number in range(6)]
    assert all(re.match(r"HTTP/1\.1 (101|403|404) ", answer) for answer in answers), answers
    logs = [(topology.folder / "logs" / f"sockets-{number}-access.log").read_text() for number in (1, 2)]
    assert all("/ws/probe-" in log for log in logs)
    assert "/ws/probe-" not in (topology.folder / "logs" / "pages-access.log").read_text()
    errors = [(topology.folder / "logs" / f"sockets-{number}.log").read_text() for number in (1, 2)]
    assert not any("Traceback" in error for error in errors)


TELL = """
from django.contrib.auth import get_user_model
from notifications import outbox
user = get_user_model().objects.create_user("worker@example.org", full_name="Ana", language="es")
outbox.enqueue("account", user, "topology", {"secret_subject": "123456", "secret_text": "123456"})  # a kind without quiet hours
"""


@services
def test_the_worker_does_what_was_queued(topology):
    topology.manage("shell", "-c", TELL)
    end = time.monotonic() + 30
    while "worker@example.org" not in (said := _letters(topology)) and time.monotonic() < end:
        time.sleep(0.1)
    assert "worker@example.org" in said, (topology.folder / "logs" / "worker.log").read_text()


def _letters(topology):
    return "".join(letter.read_text() for letter in (topology.folder / "mail").iterdir())


@services
def test_only_loopback_is_listened_on(topology):
    ours = {os.readlink(link) for pid in descendants(topology.process.pid) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
    for table in ("tcp", "tcp6"):
        for row in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in ours:
                assert fields[1].startswith("0100007F:"), fields[1]


@services
def test_stopping_leaves_nothing_behind(topology):
    everything = descendants(topology.process.pid)
    assert len(everything) >= 10
    assert topology.stop() == 0
    assert alive(everything) == []
    assert not topology.folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((topology.address.hostname, topology.address.port), 1)


@services
def test_when_the_script_is_killed_its_parts_go_too():
    needs_the_binaries()
    started = Running()
    everything = descendants(started.process.pid)
    started.process.kill()
    started.process.wait(10)
    end = time.monotonic() + 30
    while alive(everything) and time.monotonic() < end:
        time.sleep(0.2)
    left = alive(everything)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    subprocess.run(["rm", "-rf", str(started.folder)], check=False)
    assert left == []


def test_containers_and_binaries_are_one_topology():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    script, template = (ROOT / "bin" / "topology").read_text(), (ROOT / "deploy" / "nginx.conf.template").read_text()
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert set(re.findall(r"\$\{(\w+)\}", template)) <= set(compose["services"]["nginx"]["environment"])
    assert all(f"{name}=" in script for name in re.findall(r"\$\{(\w+)\}", template))
    flags = [word for word in compose["services"]["sockets"]["command"] if str(word).startswith("--")]
    assert all(f'"{flag}"' in script for flag in flags)
    procfile = (ROOT / "Procfile").read_text()
    assert all(flag.replace("=", " ") in procfile for flag in flags)
    for line in ("client_max_body_size 12m", "client_header_timeout 10s", "client_body_timeout 30s", "proxy_read_timeout 75s"):
        assert f"{line};" in template
