"""One device in a room of Janus.

A sender has one handle with three streams in fixed order (sound, camera, screen), which it fills and empties without negotiating
again; a receiver has one handle for everything it wants. Rights are kept at the engine: tokens, kicks, muted streams.
"""

import asyncio
import contextlib
import secrets

from sessions import threads
from sessions.conference.descriptions import candidate, description, kinds_of, nameless
from sessions.conference.janus_link import Gone, Refused, janus_link
from sessions.conference.janus_room import SENDERS, open_room, stored
from sessions.conference.mesh import now_ms, own_id, public
from sessions.conference.rights import WHAT
from sessions.conference.roster import Roster
from sessions.conference.trouble import Trouble

MIDS = ("0", "1", "2")  # of sound, camera, screen, in the order of WHAT
MOST_WANTED = 3 * SENDERS


class SfuCall:
    """One device in a room of Janus. `me` is its entry on the stage: {id, conn, u, n, on, feed}; `feed` is Janus's name for it."""

    def __init__(self, line, place, may):
        self.line, self.place, self.may = line, place, may
        self.stage = Roster(f"stage:{line.seat.meeting_id}:{place}", SENDERS)
        self.link = self.room = self.me = self.chair = None
        self.sender = self.token = self.receiver = None
        self.have, self.want, self.answers_due = set(), None, 0

    # --- coming and going --------------------------------------------------------------------------------------------------

    async def enter(self, frame):
        seat = self.line.seat
        self.me = {
            "id": own_id(frame.get("id"), seat.user_id), "conn": self.line.conn, "u": seat.user_id, "n": seat.name,
            "on": dict.fromkeys(WHAT, False), "feed": "", "r": now_ms(),
        }  # fmt: skip
        self.link = janus_link()
        about = await threads.writing(stored, seat.meeting_id, self.place)
        try:
            self.room = await open_room(self.link, about)
        except (Gone, Refused):
            raise Trouble("engine") from None
        self.room.calls.add(self)
        self.link.users.add(self)
        return {"id": self.me["id"], "feeds": await self._feeds()}

    def goes_on(self, place, frame):
        return False

    async def leave(self):
        self.link.users.discard(self)
        await self._stop_sending()
        if self.receiver is not None:
            receiver, self.receiver = self.receiver, None
            await receiver.detach()
        if self.room is not None:
            await self.room.left_by(self)

    async def ended(self):
        if self.room is not None and self.room.handle is not None:
            await self.room.destroy()  # before the last one leaves and closes our window on it
        await self.leave()

    async def dropped(self):
        """The handles are on our line, not on the device's socket, but without a socket nobody could steer them."""
        await self.leave()

    def jitter(self):
        return 100 + secrets.randbelow(min(3000, 200 + 12 * len(self.link.users)))

    # --- Janus has news ----------------------------------------------------------------------------------------------------

    def lost(self):
        self.line.do("_engine", False)

    def back(self):
        self.line.do("_engine", True)

    def feeds_changed(self):
        self.line.do("_feeds")

    def _on_handle(self, data, jsep):
        if data.get("janus") == "hangup":
            self.line.do("_hangup")

    # --- what the device asks ----------------------------------------------------------------------------------------------

    async def take(self, kind, frame):
        act = {
            "publish": self._publish, "subscribe": self._subscribe, "answer": self._answer, "trickle": self._trickle,
            "state": self._state, "_renew": self._renew, "_feeds": self._tell_feeds, "_engine": self._engine,
            "_hangup": self._hung_up,
        }.get(kind)  # fmt: skip
        if act is None:
            raise Trouble("invalid")
        try:
            await act(frame)
        except (Gone, Refused):
            raise Trouble("engine") from None

    async def _publish(self, frame):
        if not any(self.may.values()):
            raise Trouble("forbidden")
        sdp = description(frame.get("sdp"))
        if kinds_of(sdp) != ["audio", "video", "video"]:
            raise Trouble("invalid")
        await self._stop_sending()
        self.me["feed"] = f"{self.me['u']}.{secrets.token_hex(8)}"
        await self._onto_stage()
        try:
            self.line.tell("answer", sdp=await self._send_to_janus(sdp))
            await self._mute()
        except (Gone, Refused, Trouble):
            await self._stop_sending()
            raise
        await self._tell_all()

    async def _onto_stage(self):
        before = await asyncio.to_thread(self._take_chair)
        if before is not None:
            await self.room.kick(before["feed"])
            if before["conn"] != self.me["conn"]:
                await self.line.relay(before["conn"], {"t": "rtc", "k": "reset", "why": "elsewhere"})

    def _take_chair(self):
        """One's own on another device, else a free one."""
        taken = self.stage.all()
        chair = next((number for number, one in taken.items() if one["u"] == self.me["u"]), None)
        if chair is None:
            chair = self.stage.take(self.me)
        else:
            self.stage.replace(chair, self.me)
        if chair is None:
            raise Trouble("stage")
        self.chair = chair
        return taken.get(chair)

    async def _send_to_janus(self, sdp):
        self.token = await self.room.allow()
        self.sender = await self.link.attach(self._on_handle)
        body = {
            "request": "joinandconfigure", "ptype": "publisher", "room": self.room.ref, "pin": self.room.pin,
            "id": self.me["feed"], "token": self.token,
        }  # fmt: skip
        _data, jsep = await self.sender.say(body, {"type": "offer", "sdp": sdp})
        if not jsep:
            raise Refused(0, "no answer")
        return nameless(jsep["sdp"])

    async def _mute(self):
        """Rights per stream, at the engine: what one may not send goes to nobody, whatever the page does."""
        for what, mid in zip(WHAT, MIDS, strict=True):
            await self.room.mute(self.me["feed"], mid, not self.may[what])

    async def _stop_sending(self):
        sender, token, chair = self.sender, self.token, self.chair
        self.sender = self.token = self.chair = None
        if token is not None:
            await self.room.disallow(token)
        if sender is not None:
            await self.room.kick(self.me["feed"])
            await sender.detach()
        if chair is not None:
            await asyncio.to_thread(self.stage.free, chair, self.me)

    async def _state(self, frame):
        wanted = frame.get("on")
        if not isinstance(wanted, dict):
            raise Trouble("invalid")
        wanted = {what: wanted.get(what) is True for what in WHAT}
        granted = {what: wanted[what] and self.may[what] for what in WHAT}
        if wanted != granted:
            self.line.tell("policy", refused="muted" if wanted["audio"] != granted["audio"] else "forbidden")
        self.me["on"] = granted
        if self.chair is not None:
            await self._tell_all()

    async def _subscribe(self, frame):
        """What this device wants to hear and see: [[id, what]…]. Only the newest wish counts."""
        want = frame.get("want")
        if not isinstance(want, list) or len(want) > MOST_WANTED:
            raise Trouble("invalid")
        feeds = {one["id"]: one["feed"] for one in (await asyncio.to_thread(self.stage.all)).values()}
        mids = dict(zip(WHAT, MIDS, strict=True))
        try:
            self.want = {(feeds[one], mids[what]) for one, what in want if one in feeds and one != self.me["id"]}
        except (KeyError, TypeError, ValueError):
            raise Trouble("invalid") from None
        if not self.answers_due:
            await self._negotiate()

    async def _negotiate(self):
        wanted = {(feed, mid) for feed, mid in self.want or () if mid in self.room.feeds.get(feed, {})}
        still = {(feed, mid) for feed, mid in self.have if mid in self.room.feeds.get(feed, {})}
        add, drop = wanted - still, still - wanted
        if not add and not drop:
            return
        data, jsep = await (self._first(add) if self.receiver is None else self._change(add, drop))
        self.have = wanted
        if jsep:
            self.answers_due += 1
            self.line.tell("offer", sdp=nameless(jsep["sdp"]), map=await self._map(data.get("streams") or []))

    async def _first(self, add):
        receiver = await self.link.attach(self._on_handle)
        body = {
            "request": "join", "ptype": "subscriber", "room": self.room.ref, "pin": self.room.pin, "autoupdate": False,
            "private_id": self.room.private_id, "streams": [{"feed": feed, "mid": mid} for feed, mid in sorted(add)],
        }  # fmt: skip
        try:
            answer = await receiver.say(body)
        except (Gone, Refused):
            await receiver.detach()
            raise
        self.receiver = receiver
        return answer

    async def _change(self, add, drop):
        lists = {"subscribe": add, "unsubscribe": drop}
        named = {key: [{"feed": feed, "mid": mid} for feed, mid in sorted(pairs)] for key, pairs in lists.items() if pairs}
        return await self.receiver.say({"request": "update", **named})

    async def _map(self, streams):
        """{mid of the offer: [id, what]} of what is sent; Janus's own names stay here."""
        ids = {one["feed"]: one["id"] for one in (await asyncio.to_thread(self.stage.all)).values()}
        found = {}
        for stream in streams:
            one, what = ids.get(str(stream.get("feed_id"))), dict(zip(MIDS, WHAT, strict=True)).get(stream.get("feed_mid"))
            if one and what:
                found[stream["mid"]] = [one, what]
        return found

    async def _answer(self, frame):
        if self.receiver is None or not self.answers_due:
            raise Trouble("invalid")
        self.answers_due -= 1
        await self.receiver.say({"request": "start"}, {"type": "answer", "sdp": description(frame.get("sdp"))})
        if not self.answers_due:
            await self._negotiate()

    async def _trickle(self, frame):
        handle = self.sender if frame.get("on") == "pub" else self.receiver
        if handle is not None:
            await handle.trickle(candidate(frame.get("c")))

    # --- keeping it true ---------------------------------------------------------------------------------------------------

    async def reconcile(self, may):
        if may == self.may:
            return
        self.may = may
        self.line.tell("policy", may=may)
        self.me["on"] = {what: self.me["on"][what] and may[what] for what in WHAT}
        if self.sender is None:
            return
        if any(may.values()):
            with contextlib.suppress(Gone, Refused):
                await self._mute()
        else:
            await self._stop_sending()
        await self._tell_all()

    async def _renew(self, _frame):
        if self.chair is not None and not await asyncio.to_thread(self.stage.put, self.chair, self.me):
            await self._stop_sending()
            self.line.tell("reset", why="elsewhere")
        elif self.room.private_id is not None:
            await self._tell_feeds()

    async def _engine(self, is_back):
        """Janus went away (its rooms with it) or has come back: the page is told to start anew, not all at the same moment."""
        self.sender = self.receiver = self.token = None
        self.line.tell("reset", why="engine", **({"in": self.jitter()} if is_back else {}))

    async def _hung_up(self, _frame):
        self.line.tell("reset", why="line", **{"in": 500 + self.jitter()})

    async def _feeds(self):
        standing = await asyncio.to_thread(self.stage.all)
        return [public(one) for one in standing.values() if one["feed"] in self.room.feeds]

    async def _tell_feeds(self, _frame=None):
        self.line.tell("feeds", room=self.place, feeds=await self._feeds(), whole=True)

    async def _tell_all(self):
        self.me["r"] = now_ms()
        if self.chair is not None:
            await asyncio.to_thread(self.stage.put, self.chair, self.me)
        frame = {"t": "rtc", "k": "feeds", "room": self.place, "feeds": await self._feeds()}
        self.line.tell("feeds", room=self.place, feeds=frame["feeds"])
        await self.line.relay("*", frame)
