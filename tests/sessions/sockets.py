"""The real door: daphne with the whole site on a free port in a thread of this process, and clients that speak the protocol.

In one process with the tests, so that they see and plant what no client could: a hint that never leaves, a clock that is late.
"""

import asyncio
import json
import threading
import time
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.servers.running import free_port, wait_for_port

_started = {}


def server():
    """`(port, event loop)` of the only daphne of this process; Twisted's reactor cannot be started twice."""
    if not _started:
        port, ready = free_port(), threading.Event()
        threading.Thread(target=_serve, args=(port, ready), daemon=True, name="daphne").start()
        assert ready.wait(30)
        wait_for_port(port)
        _started["port"] = port
    return _started["port"], _started["loop"]


def _serve(port, ready):
    from daphne.server import Server, twisted_loop

    from lms.asgi import application

    _started["loop"] = twisted_loop
    asyncio.set_event_loop(twisted_loop)
    Server(
        application, endpoints=[f"tcp:port={port}:interface=127.0.0.1"], signal_handlers=False, server_name="", ready_callable=ready.set,
        websocket_max_message_size=1_048_576, websocket_max_frame_size=65_536, http_timeout=60, verbosity=0,
    ).run()  # fmt: skip


def on_loop(function, *arguments):
    """Runs it on the server's event loop and waits for the result; coroutine functions too."""

    async def call():
        result = function(*arguments)
        return await result if asyncio.iscoroutine(result) else result

    return asyncio.run_coroutine_threadsafe(call(), server()[1]).result(20)


def the_house():
    from sessions import house

    return on_loop(house.house)


def empty_the_house():
    """After a test: nothing that its database held may stay in memory, and no thread may hold its connections."""
    from sessions import house, threads

    def forget():
        made = house.house()
        for hub in tuple(made.hubs.values()):
            for member in tuple(hub.members):
                member.close(1000)
                hub.leave(member)
        made.hubs.clear()
        made.barred.clear()
        made.arrivals.clear()
        made.leases.take()

    on_loop(forget)
    for pool in (threads.admitting, threads.reading, threads.writing):
        barrier = threading.Barrier(pool.size)
        for done in [pool.executor.submit(_close_connections, barrier) for _thread in range(pool.size)]:
            done.result(20)


def _close_connections(barrier):
    barrier.wait(10)
    connections.close_all()


@pytest.fixture
def door(transactional_db, settings):
    """The open door. `door.enter(user, meeting)` gives a welcomed `Phone`; all are closed afterwards."""
    port, _loop = server()
    settings.SITE_BASE_URL = f"http://127.0.0.1:{port}"
    opened = Door(port)
    yield opened
    for phone in opened.phones:
        phone.leave()
    empty_the_house()


class Door:
    def __init__(self, port):
        self.port, self.phones = port, []

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def client(self, user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def cookie(self, user=None, client=None):
        client = client or self.client(user)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def knock(self, meeting, cookie="", origin=None, **options):
        """A socket that has not said hello."""
        headers = {"Cookie": cookie} if cookie else {}
        pk = getattr(meeting, "pk", meeting)
        socket = connect(
            f"ws://127.0.0.1:{self.port}/ws/live/{pk}/?v=1", origin=self.origin if origin is None else origin or None,
            additional_headers=headers, compression=None, open_timeout=20, legacy=True, **options,
        )  # fmt: skip
        phone = Phone(socket)
        self.phones.append(phone)
        return phone

    def enter(self, user, meeting, cur=None, cookie=None, **hello):
        phone = self.knock(meeting, cookie or self.cookie(user))
        phone.say("hello", v=1, tab="tab-1", cur=cur or {}, caps=[], **hello)
        phone.welcome = phone.hear("welcome")
        if phone.welcome["streams"]["main"]["mode"] == "snapshot":
            phone.wait_for_state()
        return phone


class Phone:
    """One socket. `heard` holds all frames so far, `unread` those that no `hear` has taken yet."""

    def __init__(self, socket):
        self.socket, self.heard, self.unread = socket, [], []

    def say(self, kind, **more):
        self.socket.send(json.dumps({"t": kind, **more}))

    def act(self, kind, body=None, cid="cid-00000001", st="main", **more):
        self.say("op", cid=cid, st=st, k=kind, b=body or {}, **more)

    def next(self, seconds=10):
        frame = json.loads(self.socket.recv(timeout=seconds))
        self.heard.append(frame)
        self.unread.append(frame)
        return frame

    def hear(self, kind, seconds=10, **fields):
        """Takes the first frame of this kind whose fields are these; waits for it."""
        until = time.monotonic() + seconds
        while True:
            for frame in self.unread:
                if frame["t"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                    self.unread.remove(frame)
                    return frame
            self.next(max(0.01, until - time.monotonic()))

    def wait_for_state(self, seconds=10):
        """Until the state of main is there, for whoever wants to know what comes after it. Takes nothing."""
        until = time.monotonic() + seconds
        while not any(frame["t"] == "snap" and frame["st"] == "main" for frame in self.heard):
            self.next(max(0.01, until - time.monotonic()))

    def hear_events(self, upto, st="main", seconds=10):
        """Takes all numbers told on the stream until `upto`, in their order, snapshots apart."""
        numbers, until = [], time.monotonic() + seconds
        while not numbers or numbers[-1] < upto:
            frame = self.hear("ev", max(0.01, until - time.monotonic()), st=st)
            numbers += [event["s"] for event in frame["ev"]]
        return numbers

    def listen(self, seconds=1):
        """Everything that comes within this time."""
        frames, until = [], time.monotonic() + seconds
        with suppress(TimeoutError):
            while (left := until - time.monotonic()) > 0:
                frames.append(self.next(left))
        return frames

    def close_code(self, seconds=10):
        """Reads until the other side closes; its code."""
        until = time.monotonic() + seconds
        try:
            while True:
                self.next(max(0.01, until - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def leave(self):
        with suppress(Exception):
            self.socket.close()


def until(check, seconds=10):
    """Waits until `check()` is true; returns what it gave."""
    end = time.monotonic() + seconds
    while not (result := check()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.05)
    return result
