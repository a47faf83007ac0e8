"""The doorman: one socket of one person. Lets in, passes frames on, sees out. Knows nothing of what they mean.

A plain ASGI application rather than Channels' consumer: that one makes a task and a hop into the shared thread for every frame, and
reads one frame per turn of the event loop, so that a flood fills the server's memory faster than it can be refused.
"""

import asyncio
import logging

from django.db import Error

from sessions import guard, parting, protocol, threads
from sessions.house import house
from sessions.inbox import Inbox
from sessions.members import Member, device_of
from sessions.pipe import Pipe

log = logging.getLogger(__name__)
MALFORMED, FLOOD, RESTART, GONE = 4400, 4429, 1012, 1006
HELLO_SECONDS = 10


async def socket(scope, receive, send):
    """ASGI application of `/ws/live/<meeting>/`; the route's number is `scope["url_route"]`."""
    await Doorman(scope, send).serve(receive)


class Doorman:
    def __init__(self, scope, send):
        self.scope, self.send, self.pipe = scope, send, Pipe(send)
        self.hub = self.member = self.inbox = None
        self.pipe.stuck = asyncio.current_task().cancel

    # --- life ---
    async def serve(self, receive):
        try:
            await receive()  # websocket.connect
            if not guard.is_own_origin(guard.header(self.scope, b"origin"), guard.header(self.scope, b"host")):
                await self.send({"type": "websocket.close", "code": guard.FORBIDDEN})  # before accepting: the handshake gets 403
                return
            await self.send({"type": "websocket.accept"})
            await self._let_in(receive)
            while (message := await receive())["type"] != "websocket.disconnect":
                if self.pipe.closed is None:
                    self.inbox.read(message)
            if self.member and message.get("code") != GONE:
                house().leases.hear(self.member)
        except _Gone:
            pass
        except asyncio.CancelledError:
            await self._say_goodbye()
        finally:
            self._leave()

    async def _let_in(self, receive):
        """Leaves the pipe closed with a code, or the member in the room. Accepted first, so that the browser learns the code."""
        try:
            visitor = await threads.admitting(
                guard.admit, guard.cookies(self.scope), self.scope["url_route"]["kwargs"]["meeting"]
            )
            if isinstance(visitor, int):
                self.pipe.close(visitor)
                return
            hello = _hello(await asyncio.wait_for(receive(), HELLO_SECONDS))
            await self._take_seat(visitor, hello)
        except (TimeoutError, protocol.Malformed):
            self.pipe.close(MALFORMED)
        except _Gone:
            raise
        except Exception as error:
            log.warning("%s could not be entered: %r", self.scope["path"], error, exc_info=not isinstance(error, Error))
            self.pipe.close(RESTART)

    async def _take_seat(self, visitor, hello):
        if not house().has_patience_with(visitor.user_id):
            self.pipe.close(FLOOD)
            return
        self.hub = house().hub(visitor.seat.meeting_id)
        self.member = Member(
            visitor, self.pipe, tab=hello["tab"], device=device_of(hello["device"], visitor.seat), caps=hello["caps"]
        )
        self.inbox = Inbox(self.hub, self.member)
        await self.hub.join(self.member, hello["cur"])
        self.pipe.confirm_all()

    async def _say_goodbye(self):
        """The server stops, or the reader is beyond help."""
        if self.member and self.pipe.closed is None:
            parting.send_home(self.member)
            await house().part()

    def _leave(self):
        if self.member:
            self.hub.leave(self.member)
            self.inbox.close()


class _Gone(Exception):
    """The client left before it said hello."""


def _hello(message):
    """`{"tab", "cur", "caps", "device"}` of the first frame. Raises `Malformed`."""
    if message["type"] == "websocket.disconnect":
        raise _Gone
    frame = protocol.parse(message.get("text"))
    tab, cursors, caps = frame.get("tab", ""), frame.get("cur") or {}, frame.get("caps") or []
    if frame["t"] != "hello" or frame.get("v") != protocol.VERSION:
        raise protocol.Malformed("hello")
    if (
        not isinstance(tab, str)
        or len(tab) > 36
        or not tab.isprintable()
        or not isinstance(cursors, dict)
        or not isinstance(caps, list)
    ):
        raise protocol.Malformed("hello")
    return {"tab": tab, "cur": cursors, "caps": caps, "device": frame.get("device")}
