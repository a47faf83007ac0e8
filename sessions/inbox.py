"""What a socket's frames set going. Nothing here awaits."""

from sessions import protocol
from sessions.buckets import Bucket
from sessions.conference.signalling import Line
from sessions.house import house
from sessions.refusals import Refusal
from sessions.room import CID

MALFORMED, FLOOD = 4400, 4429
FRAMES_PER_SECOND, FRAMES_AT_ONCE = 60, 300
STRIKES_PER_SECOND, STRIKES = 2, 200
SYNCS_PER_SECOND, SYNCS_AT_ONCE = 1, 20  # each may be answered with the whole state
EPHEMERAL = ("typing", "cursor", "speaking")
EPHEMERAL_LIMIT = 512  # bytes


class Inbox:
    """Of one member. What is too fast is refused; who goes on is closed with 4429. What is not of the protocol closes with 4400."""

    def __init__(self, hub, member):
        self.hub, self.member = hub, member
        self.frames, self.strikes = Bucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE), Bucket(STRIKES_PER_SECOND, STRIKES)
        self.syncs = Bucket(SYNCS_PER_SECOND, SYNCS_AT_ONCE)

    def read(self, message):
        """Never awaits: whatever takes time is a task or a queue. So a flood is refused as fast as it is read."""
        house().leases.hear(self.member)
        if not self.frames.take():
            self._strike()
            return
        try:
            frame = protocol.parse(message.get("text"))
            ACTIONS[frame["t"]](self, frame)
        except protocol.Malformed:
            self.member.pipe.close(MALFORMED)

    def _strike(self):
        if not self.strikes.take():
            self.member.pipe.close(FLOOD)

    def _op(self, frame):
        if not isinstance(frame.get("cid"), str) or not CID.match(frame["cid"]):
            raise protocol.Malformed("cid")
        bucket = self.hub.bucket_of(self.member.seat.user_id)
        if bucket.take():
            self.hub.writer.put(self.member, frame)
        else:
            self._strike()
            self.member.refuse(Refusal("rate", retry_ms=bucket.wait_ms() + 100), frame["cid"])

    def _sync(self, frame):
        name, since = frame.get("st"), frame.get("s", 0)
        if not isinstance(name, str) or not _is_number(since):
            raise protocol.Malformed("sync")
        if not self.syncs.take():  # the next heartbeat tells what is missing
            self._strike()
            return
        house().start(self.hub.resync(self.member, name, since))

    def _hb(self, frame):
        positions = frame.get("cur", {})
        if not isinstance(positions, dict) or not all(map(_is_number, positions.values())):
            raise protocol.Malformed("hb")
        self.member.pipe.confirm(positions)
        self.member.beat()

    def _eph(self, frame):
        kind, body = frame.get("k"), frame.get("b")
        if kind not in EPHEMERAL or not _is_small(body):
            raise protocol.Malformed("eph")
        if self.member.ephemeral.take():
            self.hub.ephemerally(self.member.seat.user_id, kind, body)

    def _rtc(self, frame):
        if self.member.line is None:
            self.member.line = Line(self.member.seat, self.member.conn, self.member.push, self._relay, self.member.device)
        house().start(self.member.line.receive(frame))

    async def _relay(self, to, frame):
        await self.hub.relay(self.member, to, frame)

    def close(self):
        if self.member.line is not None:
            house().start(self.member.line.closed())

    def _second_hello(self, frame):
        raise protocol.Malformed("hello")


ACTIONS = {
    "op": Inbox._op,
    "sync": Inbox._sync,
    "hb": Inbox._hb,
    "eph": Inbox._eph,
    "rtc": Inbox._rtc,
    "hello": Inbox._second_hello,
}


def _is_number(value):
    return type(value) is int and 0 <= value < 2**62


def _is_small(body):
    try:
        return len(protocol.dump(body).encode()) <= EPHEMERAL_LIMIT
    except (ValueError, RecursionError):  # not a number, half a character, or just not too deep to be read
        return False
