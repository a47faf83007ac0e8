"""One media room at Janus as this process sees it: it makes the room, lets senders in and out, and knows who sends what.

The room's secret, its pin and the tokens never leave our server. Only who has the right to send gets a token, and only for as long;
whoever just listens has a receiving handle, with which Janus lets nobody send.
"""

import asyncio
import contextlib
import secrets

from django.conf import settings

from sessions.conference.janus_link import Gone, Refused
from sessions.conference.sealed import seal, unseal
from sessions.models import MediaRoom

SENDERS = 6
BITRATE = 2_000_000  # bit/s of one person in all: 450 kbit/s camera, 1.2 Mbit/s screen (mesh.js and sfu.js set those), sound
NO_SUCH_ROOM, EXISTS = 426, 427


def stored(meeting_id, place):
    """{"ref", "secret", "pin"} of the room for a call, made on first use. Synchronous; the rows are the same for all processes."""
    group = int(place.partition(":")[2]) if place.startswith("group:") else None
    made = {"ref": secrets.token_hex(16), "secrets": seal({"secret": secrets.token_hex(16), "pin": secrets.token_hex(16)})}
    room, _new = MediaRoom.objects.get_or_create(meeting_id=meeting_id, group_id=group, engine="janus", defaults=made)
    kept = unseal(room.secrets)
    if kept is None:  # sealed under a key that is gone: a new room
        MediaRoom.objects.filter(pk=room.pk).update(**made)
        room.ref, kept = made["ref"], unseal(made["secrets"])
    return {"ref": room.ref, **kept}


async def open_room(link, about):
    """The watched room of this process; several people who come at once share one. Raises `Gone` or `Refused`."""
    ref = about["ref"]
    if ref not in link.rooms:
        link.rooms[ref] = asyncio.ensure_future(JanusRoom(link, about).open())
    try:
        return await asyncio.shield(link.rooms[ref])
    except (Gone, Refused):
        link.rooms.pop(ref, None)
        raise


class JanusRoom:
    def __init__(self, link, about):
        self.link, self.ref, self.secret, self.pin = link, about["ref"], about["secret"], about["pin"]
        self.feeds, self.calls = {}, set()  # feed → {mid: type}
        self.handle = self.private_id = None

    async def open(self):
        self.handle = await self.link.attach(self._heard)
        try:
            data = await self._come_in()
        except Refused as refused:
            if refused.code != NO_SUCH_ROOM:
                raise
            await self._create()
            data = await self._come_in()
        self.private_id = data["private_id"]
        self._take(data)
        return self

    async def _create(self):
        body = {
            "request": "create", "room": self.ref, "permanent": False, "description": "Puente", "is_private": True,
            "secret": self.secret, "pin": self.pin, "allowed": [], "require_pvtid": True, "publishers": SENDERS,
            "bitrate": BITRATE, "bitrate_cap": True, "fir_freq": 10, "audiocodec": "opus", "videocodec": "vp8,h264",
            "opus_fec": True, "opus_dtx": True, "record": False, "lock_record": True, "notify_joining": False,
            **({"admin_key": settings.JANUS_ADMIN_KEY} if settings.JANUS_ADMIN_KEY else {}),
        }  # fmt: skip
        try:
            await self.handle.say(body)
        except Refused as refused:
            if refused.code != EXISTS:
                raise

    async def _come_in(self):
        """We only watch: nothing is ever sent from this handle."""
        async with self.token() as token:
            data, _jsep = await self.handle.say(
                {"request": "join", "ptype": "publisher", "room": self.ref, "pin": self.pin, "token": token,
                 "id": f"watch.{secrets.token_hex(8)}"}
            )  # fmt: skip
        return data

    @contextlib.asynccontextmanager
    async def token(self):
        """A token that lets in for as long as the block runs."""
        token = await self.allow()
        try:
            yield token
        finally:
            await self.disallow(token)

    async def allow(self):
        token = secrets.token_hex(16)
        await self._order("allowed", action="add", allowed=[token])
        return token

    async def disallow(self, token):
        with contextlib.suppress(Gone, Refused):
            await self._order("allowed", action="remove", allowed=[token])

    async def kick(self, feed):
        with contextlib.suppress(Gone, Refused):
            await self._order("kick", id=feed)

    async def mute(self, feed, mid, mute):
        await self._order("moderate", id=feed, mid=mid, mute=mute)

    async def destroy(self):
        with contextlib.suppress(Gone, Refused):
            await self._order("destroy")

    async def _order(self, request, **more):
        await self.handle.say({"request": request, "room": self.ref, "secret": self.secret, **more})

    async def left_by(self, call):
        """The last one of this process closes our window on the room; the room itself stays for the others."""
        self.calls.discard(call)
        if not self.calls and self.link.rooms.pop(self.ref, None) is not None:
            await self.handle.detach()

    def _heard(self, data, jsep):
        if self._take(data):
            for call in list(self.calls):
                call.feeds_changed()

    def _take(self, data):
        """True when somebody began or stopped sending."""
        before = set(self.feeds)
        for one in data.get("publishers") or []:
            self.feeds[str(one["id"])] = {stream["mid"]: stream["type"] for stream in one.get("streams", [])}
        for key in ("unpublished", "leaving", "kicked"):
            self.feeds.pop(str(data.get(key)), None)
        return bool(data.get("publishers")) or set(self.feeds) != before
