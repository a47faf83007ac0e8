"""A connection in a room: a socket, a stream of server-sent events, or a long poll that waits."""

import secrets
import time

from django.utils import timezone, translation

from sessions import protocol
from sessions.buckets import Bucket
from sessions.models import Lease

EPHEMERAL_PER_SECOND = 2


def device_of(said, seat, otherwise=Lease.Device.BROWSER):
    """Screens are nobody in the list of people, so only who runs the meeting has one: a participant's would listen unseen."""
    known = (Lease.Device.COMPANION, Lease.Device.SCREEN) if seat.hosts else (Lease.Device.COMPANION,)
    return next((one for one in known if one == said), otherwise)


class Member:
    """`visitor` says who and with what right (guard.Visitor); `pipe` takes text (`push`, `close`, `closed`).

    A member without a lease of its own (`leased`) is a long poll, whose lease outlives it (presence.keep_polling).
    """

    def __init__(self, visitor, pipe, *, tab="", device=Lease.Device.BROWSER, caps=(), leased=True):
        self.visitor, self.pipe, self.tab, self.device = visitor, pipe, tab, device
        self.conn = f"c{secrets.token_hex(8)}"
        self.rtc, self.leased, self.line = "rtc" in caps, leased, None
        self.seat = visitor.seat
        self.reels = {}
        self.since = time.monotonic()
        self.lease, self.heard_at, self.heard_tick, self.saved_at = None, timezone.now(), self.since, None
        self.next_beat = time.monotonic() + protocol.HEARTBEAT
        self.ephemeral = Bucket(EPHEMERAL_PER_SECOND, EPHEMERAL_PER_SECOND)
        pipe.positions = self.positions

    def positions(self):
        return {name: reel.head for name, reel in self.reels.items() if self in reel.live}

    def push(self, frame):
        self.pipe.push(protocol.dump(frame))

    def close(self, code):
        self.pipe.close(code)

    def refuse(self, refusal, cid):
        """The sentence is in the person's language."""
        with translation.override(self.visitor.language):
            self.push(refusal.frame(cid))

    def beat(self):
        """A heartbeat with the heads of what was handed over."""
        self.next_beat = time.monotonic() + protocol.HEARTBEAT
        self.push({"t": "hb", "head": self.positions(), "now": round(time.time() * 1000)})
