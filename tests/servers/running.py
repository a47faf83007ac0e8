"""Starts private PostgreSQL and Redis servers on free loopback ports, and stops them whatever happens."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import psycopg
import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def binary(name):
    """Where `name` is; in CI a missing one is an error, on a laptop the test is skipped with the reason."""
    places = [shutil.which(name), *sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)]
    for place in places:
        if place and os.path.exists(place):
            return place
    message = f"{name} is not installed: this test needs it (Debian: postgresql, redis-server, nginx, chromium)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def as_postgres(folder):
    """PostgreSQL refuses to run as root; there the `nobody` user runs it in its own folder."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, "nobody", "nogroup")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@contextlib.contextmanager
def postgresql(data_folder=None, *, keep=None):
    """Its address. `data_folder` is one of a PostgreSQL that has stopped, to begin from a copy; `keep` is where this one's goes at the end."""
    initdb, postgres = binary("initdb"), binary("postgres")
    folder, port = tempfile.mkdtemp(prefix="puente-pg-"), free_port()
    prefix = as_postgres(folder)
    server = None
    try:
        data = os.path.join(folder, "data")
        new = [*prefix, initdb, "-D", data, "-U", "puente", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(["cp", "-a", str(data_folder), data] if data_folder else new, check=True, capture_output=True, cwd=folder)
        options = ["-c", "fsync=off", "-c", f"unix_socket_directories={folder}", "-c", "max_connections=200"]
        server = subprocess.Popen(
            [*prefix, postgres, "-D", data, "-h", "127.0.0.1", "-p", str(port), *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        wait_for_port(port)
        wait_for_database(f"postgres://puente@127.0.0.1:{port}/postgres")
        yield f"postgres://puente@127.0.0.1:{port}/postgres"
        if keep:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: the files are whole afterwards
            server.wait(30)
            subprocess.run(["cp", "-a", data, f"{keep}.building"], check=True)
            os.rename(f"{keep}.building", keep)
    finally:
        stop(server)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis():
    executable, port = binary("redis-server"), free_port()
    server = subprocess.Popen(
        [executable, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    try:
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(server)


def wait_for_port(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on 127.0.0.1:{port} after {seconds} s")


def wait_for_database(url, seconds=20):
    """It listens before it serves: a copied data folder is looked through first."""
    end = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def stop(server):
    if server is None or server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(10)
