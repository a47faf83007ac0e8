"""Telling every process that the log of a room has grown. A hint may be lost, doubled or late; hubs look at the log anyway.

Synchronous and quick: to the hubs of this process by their event loop, to other processes by the channel layer (one channel per
process, one group per room), published by one background thread that may hang on a frozen Redis without anybody noticing.
"""

import asyncio
import itertools
import logging
import os
import secrets
import threading
import time

from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from sessions.reel import line

log = logging.getLogger(__name__)
INLINE = 64 * 1024  # characters of events that travel with a hint; beyond it only the number
WAITING = 1000  # hints
PATIENCE = 2  # seconds for one publication
EVERYBODY = "live.all"

_listeners = {}  # event loop → function that takes a message there
_publisher = None
_lock = threading.Lock()


def send(meeting_id, grown, tallies=()):
    """After a commit: `grown` is {stream name: [event frames]}, `tallies` [(kind, id)]. Never raises, never waits for a network."""
    try:
        lines = {name: [line(event) for event in events] for name, events in grown.items()}
        _tell({"type": "grown", "m": meeting_id, "lines": lines, "tallies": [list(one) for one in tallies]})
    except Exception:
        log.exception("a hint of meeting %s was not sent", meeting_id)


def kick(user_id, meeting_id=None, why="login", web_session=None):
    """Closes the sockets of a person everywhere (in one room, or in all) after sign-out, removal, deactivation, a new password.

    `why` is `login` or `removed`. With `web_session` only the sockets of that browser, which also cannot come back with it.
    """
    try:
        _tell({"type": "kick", "u": user_id, "m": meeting_id, "why": why, "web": web_session}, EVERYBODY)
    except Exception:
        log.exception("person %s was not asked to leave", user_id)


def people(meeting_id):
    """Somebody came or went."""
    _tell({"type": "people", "m": meeting_id})


def oust(meeting_id, leases):
    """Closes the sockets behind these leases: the person has too many."""
    _tell({"type": "oust", "m": meeting_id, "leases": leases})


def publish(message):
    """From a hub to the hubs of the same room in other processes; `message["m"]` is the meeting."""
    _abroad(f"live.{message['m']}", message)


# --- in this process ---------------------------------------------------------------------------------------------------


def listen(loop, take):
    _listeners[loop] = take


def leave(loop):
    _listeners.pop(loop, None)


def _tell(message, group=None):
    for loop, take in tuple(_listeners.items()):
        try:
            loop.call_soon_threadsafe(take, message)
        except RuntimeError:  # that loop is closed
            leave(loop)
    _abroad(group or f"live.{message['m']}", message)


# --- to others ---------------------------------------------------------------------------------------------------------


def reaches_others():
    """Whether the channel layer connects processes at all."""
    return isinstance(get_channel_layer(), (RedisPubSubChannelLayer, RedisChannelLayer))


def name_of_this_process():
    return _publisher_of_this_process().name


def _abroad(group, message):
    if reaches_others():
        _publisher_of_this_process().put(group, _bounded(message))


def _bounded(message):
    lines = message.get("lines", {})
    if sum(len(text) for events in lines.values() for _seq, _kind, text in events) <= INLINE:
        return message
    return {**message, "lines": {}, "heads": {name: events[-1][0] for name, events in lines.items()}}


def _publisher_of_this_process():
    """Made on first use: a server that forks must not share one."""
    global _publisher
    with _lock:
        if _publisher is None or _publisher.pid != os.getpid():
            _publisher = Publisher()
        return _publisher


class Publisher:
    """An event loop in a thread, and at most `WAITING` messages before it: then the oldest go, as hints may."""

    def __init__(self):
        self.pid, self.name = os.getpid(), secrets.token_hex(6)
        self.waiting, self.numbers, self.complained = {}, itertools.count(), 0
        self.loop, self.some = asyncio.new_event_loop(), asyncio.Event()
        threading.Thread(target=self._run, name="room-hints", daemon=True).start()

    def put(self, group, message):
        self.loop.call_soon_threadsafe(self._enqueue, group, {**message, "from": self.name})

    def _enqueue(self, group, message):
        if len(self.waiting) >= WAITING:
            self.waiting.pop(next(iter(self.waiting)))
        self.waiting[next(self.numbers)] = (group, message)
        self.some.set()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._publish())

    async def _publish(self):
        while True:
            await self.some.wait()
            self.some.clear()
            while self.waiting:
                group, message = self.waiting.pop(next(iter(self.waiting)))
                await self._send(group, message)

    async def _send(self, group, message):
        try:
            await asyncio.wait_for(get_channel_layer().group_send(group, message), PATIENCE)
        except Exception as error:  # Redis is away or frozen: hubs look at the log by themselves
            if time.monotonic() - self.complained > 60:
                self.complained = time.monotonic()
                log.warning("hints do not reach other processes: %r", error)
            await asyncio.sleep(0.05)
