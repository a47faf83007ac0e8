"""Somebody who is in a room all the time: a socket with steady heartbeats, opened again whenever the server closes it."""

import json
import threading
import time
from contextlib import suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

BEAT = 2  # seconds


class Holder:
    """Comes in at once. `leave()` gives the seconds it was really in the room, by the monotonic clock; `times` how often it came in."""

    def __init__(self, servers, meeting, person):
        self.url, self.origin, self.cookie = servers.socket_url(meeting), servers.origin, person["cookie"]
        self.times, self.seconds = 0, 0.0
        self.welcomed, self.leaving = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()
        assert self.welcomed.wait(60), "nobody let it in"

    def leave(self):
        self.leaving.set()
        self.thread.join(30)
        time.sleep(2)  # the lease is written within a second
        return self.seconds

    def _live(self):
        while not self.leaving.is_set():
            with suppress(OSError, TimeoutError):
                self._stay()

    def _stay(self):
        with connect(
            self.url, origin=self.origin, additional_headers={"Cookie": self.cookie}, compression=None, open_timeout=20
        ) as socket:
            began = time.monotonic()
            with suppress(ConnectionClosed):
                socket.send(json.dumps({"t": "hello", "v": 1, "tab": "holder", "cur": {}, "caps": []}))
                while json.loads(socket.recv(timeout=20))["t"] != "welcome":
                    pass
                self.times += 1
                self.welcomed.set()
                while not self.leaving.is_set():
                    self._beat(socket)
            self.seconds += time.monotonic() - began

    def _beat(self, socket):
        socket.send(json.dumps({"t": "hb", "cur": {"main": 0}}))
        until = time.monotonic() + BEAT
        while (left := until - time.monotonic()) > 0 and not self.leaving.is_set():
            with suppress(TimeoutError):
                socket.recv(timeout=min(left, 0.5))
