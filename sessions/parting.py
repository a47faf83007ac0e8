"""What a stopping server says. Every socket hears when to come back, spread over ten seconds, and every lease ends where it ended.

daphne cancels the applications when it gets SIGTERM, but fails to (KeyError in `kill_all_applications`) while any handshake is less
than a second old, which in a busy room is always. So the rooms ask Twisted by themselves. Other servers cancel, see consumers.py.
"""

import asyncio
import random
import sys

from twisted.internet.defer import Deferred

COME_BACK_MS = 10_000
RESTART = 1012


def before_the_server_stops(say_goodbye):
    """`say_goodbye` is a coroutine function; the server waits for it."""
    reactor = sys.modules.get("twisted.internet.reactor")  # importing it would install one
    if reactor is not None and reactor.running:
        reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(say_goodbye())))


def send_home(member):
    member.push({"t": "bye", "in": random.randint(0, COME_BACK_MS), "why": "deploy"})  # noqa: S311 -- it only spreads
    member.close(RESTART)
