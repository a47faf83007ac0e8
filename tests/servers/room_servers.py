"""PostgreSQL, Redis, several daphne and nginx as single processes that a test may kill, freeze and start again; all on 127.0.0.1."""

import atexit
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.servers import running

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PRCTL = ctypes.CDLL(None).prctl
_migrated = []  # the data folder of a PostgreSQL with all tables: migrating takes longer than many a test, so each process does it once


def _die_with_parent():
    """A run that was killed leaves no servers behind (prctl(2), PR_SET_PDEATHSIG)."""
    PRCTL(1, signal.SIGTERM)


class Service:
    """One process that can be started again on the same port. Its session is its own, so that children die with it."""

    def __init__(self, name, command, port, *, environment=None, cwd=None, log=None):
        self.name, self.command, self.port, self.log = name, [str(word) for word in command], port, log
        self.environment, self.cwd, self.process = environment, cwd, None

    def start(self, wait=True):
        with open(self.log or os.devnull, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.cwd,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        if wait:
            self.wait()
        return self

    def wait(self, seconds=40):
        running.wait_for_port(self.port, seconds)

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self):
        """kill -9 of it and all its children; those of PostgreSQL are sessions of their own."""
        children = _children(self.process.pid)
        self.signal(signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(20)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        if self.process is None:
            return
        self.thaw()
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()


class RoomServers:
    """`with RoomServers(processes=2, nginx=True) as servers:` – migrated, nobody in it. `application` may be a planted one.

    `durable`: PostgreSQL waits for the disk. `laptop`: SQLite and the layer in memory, one process, nothing else.
    """

    def __init__(self, processes=2, nginx=False, application="lms.asgi:application", laptop=False, durable=False, settings=None):
        self.processes, self.with_nginx, self.application, self.laptop = processes, nginx, application, laptop
        self.durable, self.settings = durable, settings or {}

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self._start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_exception):
        self.stack.close()

    # --- parts ---
    def _start(self):
        self.folder = Path(tempfile.mkdtemp(prefix="puente-rooms-"))
        self.folder.chmod(0o755)
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.postgresql, self.redis = (None, None) if self.laptop else (self._run(self._postgresql()), self._run(self._redis()))
        self.front = running.free_port()
        self.environment = self._environment()
        if self.laptop or not _migrated:
            self.manage("migrate", "-v0")
        if self.postgresql and not _migrated:
            self._keep_tables()
        self.daphnes = [self._run(self._daphne(number), wait=False) for number in range(self.processes)]
        for daphne in self.daphnes:
            daphne.wait()
        self.nginx = self._run(self._nginx()) if self.with_nginx else None

    def _run(self, service, wait=True):
        self.stack.callback(service.stop)
        return service.start(wait)

    def _postgresql(self):
        folder, port = tempfile.mkdtemp(prefix="puente-pg-"), running.free_port()
        self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
        prefix, data = running.as_postgres(folder), os.path.join(folder, "data")
        initdb = [running.binary("initdb"), "-D", data, "-U", "puente", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        first = ["cp", "-a", _migrated[0], data] if _migrated else [*prefix, *initdb]
        subprocess.run(first, check=True, capture_output=True, cwd=folder)
        settings = (f"fsync={'on' if self.durable else 'off'}", f"unix_socket_directories={folder}", "max_connections=200")
        options = [word for setting in settings for word in ("-c", setting)]
        dying = ["--pdeathsig=TERM"] if prefix else []  # changing users forgets _die_with_parent
        command = [*prefix, *dying, running.binary("postgres"), "-D", data, "-h", HOST, "-p", port, *options]
        return Service("postgresql", command, port, cwd=folder, log=self.folder / "postgresql.log")

    def _keep_tables(self):
        """For those that come later in this process."""
        self.postgresql.signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        self.postgresql.process.wait(20)
        keep = tempfile.mkdtemp(prefix="puente-pg-migrated-")
        atexit.register(shutil.rmtree, keep, ignore_errors=True)
        data = os.path.join(self.postgresql.cwd, "data")
        subprocess.run(["cp", "-a", data, keep], check=True)
        _migrated.append(os.path.join(keep, "data"))
        self.postgresql.start()

    def _redis(self):
        port = running.free_port()
        command = [running.binary("redis-server"), "--port", port, "--bind", HOST, "--save", "", "--appendonly", "no"]
        return Service("redis", command, port, cwd=self.folder, log=self.folder / "redis.log")

    def _environment(self):
        database = (
            f"postgres://puente@{HOST}:{self.postgresql.port}/postgres"
            if self.postgresql
            else f"sqlite:///{self.folder}/db.sqlite3"
        )
        return {
            **os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings", "DEBUG": "0", "SECRET_KEY": "only-for-these-servers",
            "DATABASE_URL": database, "ALLOW_DEMO": "0",
            "REDIS_URL": f"redis://{HOST}:{self.redis.port}/0" if self.redis else "", "SECURE_SSL_REDIRECT": "0",
            "SITE_BASE_URL": f"http://{HOST}:{self.front}", "ALLOWED_HOSTS": HOST, "LOG_LEVEL": "ERROR",
            "PYTHONUNBUFFERED": "1", "SECOND_FACTOR_REQUIRED": "0", "STATIC_ROOT": str(self.folder / "static"), **self.settings,
        }  # fmt: skip

    def _daphne(self, number):
        port = self.front if self.processes == 1 and not self.with_nginx else running.free_port()
        trusted = f"{self.environment.get('CSRF_TRUSTED_ORIGINS', '')},http://{HOST}:{port}".strip(",")
        self.environment["CSRF_TRUSTED_ORIGINS"] = trusted
        options = ["--no-server-name", "--websocket_timeout=14400", "--ping-interval=20", "--ping-timeout=30"]
        options += ["--websocket-max-message-size=1048576", "--websocket-max-frame-size=65536"]
        command = [sys.executable, "-m", "daphne", "-b", HOST, "-p", port, *options, self.application]
        log = self.folder / f"daphne-{number}.log"
        return Service(f"daphne-{number}", command, port, environment=dict(self.environment), cwd=ROOT, log=log)

    def _nginx(self):
        site = string.Template((ROOT / "deploy" / "nginx.conf.template").read_text()).safe_substitute(
            LISTEN=f"{HOST}:{self.front}", PAGES=f"{HOST}:{self.daphnes[0].port}", STATIC=self.folder / "static", SCHEME="http",
            SOCKETS=" ".join(f"server {HOST}:{daphne.port} max_fails=0;" for daphne in self.daphnes),
        )  # fmt: skip
        place = self.folder / "nginx"
        place.mkdir()
        (place / "site.conf").write_text(site)
        own = "".join(f"{name}_temp_path {place}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (place / "nginx.conf").write_text(
            f"daemon off;\nworker_processes 1;\npid {place}/nginx.pid;\nerror_log {place}/error.log warn;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{own}include {place}/site.conf;\n}}\n"
        )
        command = [running.binary("nginx"), "-p", place, "-c", place / "nginx.conf", "-e", place / "error.log"]
        return Service("nginx", command, self.front, cwd=place, log=self.folder / "nginx.log")

    # --- use ---
    def manage(self, *command):
        subprocess.run([sys.executable, "manage.py", *command], env=self.environment, cwd=ROOT, check=True)

    def ask(self, call):
        """What `call` of tests/servers/room_rows.py gives, from a process of its own with Django on this database."""
        code = f"import json, django; django.setup(); from tests.servers import room_rows; print(json.dumps(room_rows.{call}))"
        for attempt in range(5):  # the database may be on its way back
            done = subprocess.run([sys.executable, "-c", code], env=self.environment, cwd=ROOT, capture_output=True, text=True)
            if done.returncode == 0:
                return json.loads(done.stdout.strip().splitlines()[-1])
            time.sleep(1 + attempt)
        raise RuntimeError(done.stderr[-3000:])

    def socket_url(self, meeting, number=None):
        """Through nginx (or the only daphne); `number` goes straight to one of them."""
        port = self.front if number is None else self.daphnes[number % len(self.daphnes)].port
        return f"ws://{HOST}:{port}/ws/live/{meeting}/?v=1"

    @property
    def origin(self):
        """What a browser on the site's pages sends as Origin, whatever port it is led through."""
        return self.environment["SITE_BASE_URL"]

    def logs(self):
        """Of all daphnes, without their lines about connections."""
        whole = "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("daphne-*.log")))
        return re.sub(r"^\S+ - - \[.*\n", "", whole, flags=re.MULTILINE)


@contextlib.contextmanager
def tutorial(servers, settings=None):
    """The Channels tutorial's consumer on the same layer, for comparison: a running `Service`."""
    port = running.free_port()
    command = [sys.executable, "-m", "daphne", "-b", HOST, "-p", port, "--no-server-name", "tests.bench.tutorial:application"]
    server = Service("tutorial", command, port, environment={**servers.environment, **(settings or {})}, cwd=ROOT)
    try:
        yield server.start()
    finally:
        server.stop()


def _children(pid):
    """Processes whose parent is `pid`."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_listening(port):
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False
