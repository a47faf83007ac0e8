"""One connection's outgoing side: frames in order, without a task per frame, never without bound.

Servers differ: daphne's `send` never suspends and buffers whatever it gets; uvicorn's suspends when the reader is slow. So two
bounds stand: 512 frames behind a `send` that suspends, and 512 KB since the last position that the reader confirmed (heartbeat).
Whoever is beyond either is closed with 4408, comes back and resumes from the log.
"""

import asyncio
import logging
import math
import types
from collections import deque

log = logging.getLogger(__name__)

FRAMES = 512
UNCONFIRMED = 512 * 1024  # characters
MARK = 32 * 1024
SLOW, RESTART = 4408, 1012


class Pipe:
    """`send` is the ASGI send of a socket. `positions()` gives {stream: last number pushed}, for marks that a heartbeat can confirm."""

    __slots__ = ("_send", "closed", "confirmed", "marks", "positions", "pump", "sent", "stuck", "waiting")

    def __init__(self, send):
        self._send, self.closed, self.waiting, self.pump = send, None, None, None
        self.sent, self.confirmed = 0, math.inf  # what greets a newcomer is not counted: see confirm_all
        self.marks, self.positions, self.stuck = deque(), dict, None

    def push(self, text):
        if self.closed is not None:
            return
        self.sent += len(text)
        if self.sent - self.confirmed > UNCONFIRMED:
            self.close(SLOW)
            return
        if self.sent - (self.marks[-1][1] if self.marks else self.confirmed) > MARK:
            self.marks.append((self.positions(), self.sent))
        self._offer({"type": "websocket.send", "text": text})

    def close(self, code):
        """The first code stands. Frames that wait behind a slow reader are let go: the log has them."""
        if self.closed is not None:
            return
        self.closed = code
        if self.waiting is None:
            self._offer({"type": "websocket.close", "code": code})
        elif self.stuck:
            self.pump.cancel()
            self.stuck()

    def confirm(self, positions):
        """The reader has everything up to `positions` ({stream: number})."""
        if not positions:
            return
        while self.marks and _reached(positions, self.marks[0][0]):
            self.confirmed = self.marks.popleft()[1]
        if _reached(positions, self.positions()):
            self.confirm_all()

    def confirm_all(self):
        self.confirmed = self.sent
        self.marks.clear()

    def _offer(self, message):
        if self.waiting is None:
            self._step(self._send(message))
        elif len(self.waiting) < FRAMES:
            self.waiting.append(message)
        else:
            self.close(SLOW)

    def _step(self, coroutine):
        """Runs the server's `send` as far as it goes by itself: all the way, unless the reader is slow."""
        try:
            yielded = coroutine.send(None)
        except StopIteration:
            return
        except Exception:  # the connection is gone, or the server will not send this: nobody may stay behind, deaf
            self._give_up()
            return
        self.waiting = deque()
        self.pump = asyncio.ensure_future(self._finish(coroutine, yielded))

    async def _finish(self, coroutine, yielded):
        try:
            await _rest_of(coroutine, yielded)
            while self.waiting:
                await self._send(self.waiting.popleft())
        except Exception:  # as above
            self.waiting = None
            self._give_up()
        self.waiting = self.pump = None

    def _give_up(self):
        if self.closed is None:
            log.warning("a frame could not be sent", exc_info=True)
            self.close(RESTART)


def _reached(positions, mark):
    return all(positions[name] >= seq for name, seq in mark.items() if name in positions)


@types.coroutine
def _rest_of(coroutine, yielded):
    """Goes on with a coroutine that was started by hand and has yielded a future."""
    while True:
        try:
            value = yield yielded
        except BaseException as error:  # cancellation belongs to the coroutine
            step, argument = coroutine.throw, error
        else:
            step, argument = coroutine.send, value
        try:
            yielded = step(argument)
        except StopIteration:
            return
