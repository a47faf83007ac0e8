"""Mesh: each device sends to each other one; no server carries sound or picture. For pairs and small groups.

Measured (research live.md §4): sane up to 4 cameras, or 8 people who only speak. Both limits hold on the server, across processes, as
places (roster.py). Who has no place for a camera gets descriptions through in which sending pictures is switched off, so no device
can be made to send to others what the room did not grant.
"""

import asyncio
import re
import secrets
import time

from django.utils.translation import gettext_lazy

from sessions.conference.base import Grant
from sessions.conference.descriptions import candidate, description, hushed
from sessions.conference.rights import WHAT
from sessions.conference.roster import Roster
from sessions.conference.trouble import Trouble

PEOPLE, CAMERAS = 8, 4
GRACE = 12  # seconds for a socket to come back before the others are told that somebody left
_partings = set()


class Mesh:
    key, label = "mesh", gettext_lazy("in the page, directly between devices (up to 8 voices, 4 cameras)")
    needs_address, embedded, framed = False, True, False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        return Grant(config={"engine": self.key})


def engine():
    return Mesh()


class MeshCall:
    """One device in a mesh. `me` is its entry: {id, conn, u, n, on}."""

    def __init__(self, line, place, may):
        self.line, self.place, self.may = line, place, may
        name = f"{line.seat.meeting_id}:{place}"
        self.people, self.cameras = Roster(f"mesh:{name}", PEOPLE), Roster(f"mesh-cameras:{name}", CAMERAS)
        self.me = self.chair = self.camera = None

    # --- coming and going --------------------------------------------------------------------------------------------------

    async def enter(self, frame):
        seat = self.line.seat
        self.me = {
            "id": own_id(frame.get("id"), seat.user_id), "conn": self.line.conn, "u": seat.user_id, "n": seat.name,
            "on": dict.fromkeys(WHAT, False), "r": now_ms(),
        }  # fmt: skip
        before, others = await asyncio.to_thread(self._sit)
        await self._displace(before, others)
        await self._tell(others, "feeds", feeds=[public(one) for one in (*others, self.me)])
        return {"id": self.me["id"], "feeds": [public(one) for one in others]}

    async def _refresh(self):
        others = await asyncio.to_thread(self._others)
        self.line.tell("feeds", feeds=[public(one) for one in (*others, self.me)], whole=True)

    def _sit(self):
        """A chair: the one the same person holds already (another tab, or this one before its socket broke), else a free one."""
        taken = self.people.all()
        chair = next((number for number, one in taken.items() if one["u"] == self.me["u"]), None)
        before = taken.pop(chair, None)
        if before is None:
            chair = self.people.take(self.me)
            taken = self.people.all()  # of two who come at once, at least one sees the other
            taken.pop(chair, None)
        else:
            self._go_on(before)
            self.people.replace(chair, self.me)
        if chair is None:
            raise Trouble("full")
        self.chair = chair
        return before, list(taken.values())

    def _go_on(self, before):
        """The same device: it keeps what it was sending, and its place for a camera."""
        held = next((number for number, one in self.cameras.all().items() if one["id"] == before["id"]), None)
        if before["id"] == self.me["id"]:
            self.me["on"], self.camera = before["on"], held
        elif held is not None:
            self.cameras.free(held, {"id": before["id"]})

    async def _displace(self, before, others):
        if before and before["conn"] != self.me["conn"] and before["id"] != self.me["id"]:
            await self.line.relay(before["conn"], {"t": "rtc", "k": "reset", "why": "elsewhere"})
            await self._tell(others, "gone", id=before["id"])

    async def leave(self):
        others = await asyncio.to_thread(self._stand_up)
        await self._tell(others, "gone", id=self.me["id"])

    def _stand_up(self):
        if self.camera is not None:
            self.cameras.free(self.camera, {"id": self.me["id"]})
        standing = self.people.all()
        if standing.get(self.chair, {}).get("conn") != self.me["conn"]:
            return []
        self.people.free(self.chair, self.me)
        return [one for number, one in standing.items() if number != self.chair]

    def goes_on(self, place, frame):
        """Joining again with the same id loses nothing."""
        return place == self.place and frame.get("id") == self.me["id"]

    async def ended(self):
        await self.leave()

    async def dropped(self):
        """Sound and picture go on without us; only when the socket does not come back are the others told."""

        async def part():
            await asyncio.sleep(GRACE)
            await self.leave()

        task = asyncio.create_task(part())
        _partings.add(task)
        task.add_done_callback(_partings.discard)

    def jitter(self):
        return secrets.randbelow(800)

    # --- while in it -------------------------------------------------------------------------------------------------------

    async def take(self, kind, frame):
        if kind == "_renew":
            return await self._renew()
        if kind == "state":
            return await self._state(frame.get("on"))
        if kind in ("publish", "answer", "trickle"):
            return await self._pass_on(kind, frame)
        if not kind.startswith("_"):
            raise Trouble("invalid")
        return None

    async def _pass_on(self, kind, frame):
        """To one device of this call. An offer is `publish` on the way up and `offer` on the way down."""
        others = await asyncio.to_thread(self._others)
        target = next((one for one in others if one["id"] == frame.get("to")), None)
        told = {"t": "rtc", "k": "offer" if kind == "publish" else kind, "from": self.me["id"]}
        if kind == "trickle":
            told["c"] = candidate(frame.get("c"))
        else:
            told["sdp"] = hushed(description(frame.get("sdp")), self._allowed())
            told["fresh"] = frame.get("fresh") is True
        if target is None:
            return self.line.tell("gone", id=str(frame.get("to"))[:40])
        return await self.line.relay(target["conn"], told)

    def _others(self):
        standing = self.people.all()
        if standing.get(self.chair, {}).get("conn") != self.me["conn"]:
            raise Trouble("join")
        return [one for number, one in standing.items() if number != self.chair]

    def _allowed(self):
        return {"audio": self.may["audio"], "video": self.camera is not None}

    async def _state(self, wanted):
        if not isinstance(wanted, dict):
            raise Trouble("invalid")
        wanted = {what: wanted.get(what) is True for what in WHAT}
        granted = {what: wanted[what] and self.may[what] for what in WHAT}
        if (granted["camera"] or granted["screen"]) and not await asyncio.to_thread(self._hold_camera):
            self.line.tell("policy", refused="cameras")
            granted["camera"] = granted["screen"] = False
        elif wanted != granted:
            self.line.tell("policy", refused="muted" if wanted["audio"] != granted["audio"] else "forbidden")
        await self._set(granted)

    def _hold_camera(self):
        if self.camera is None:
            self.camera = self.cameras.take({"id": self.me["id"]})
        return self.camera is not None

    async def _set(self, on):
        self.me |= {"on": on, "r": now_ms()}
        others = await asyncio.to_thread(self._write)
        frame = [public(one) for one in (*others, self.me)]
        self.line.tell("feeds", feeds=frame)
        await self._tell(others, "feeds", feeds=frame)

    def _write(self):
        others = self._others()
        self.people.put(self.chair, self.me)
        if self.camera is not None and not (self.me["on"]["camera"] or self.me["on"]["screen"]):
            self.cameras.free(self.camera, {"id": self.me["id"]})
            self.camera = None
        return others

    async def reconcile(self, may):
        if may == self.may:
            return
        self.may = may
        self.line.tell("policy", may=may)
        on = {what: self.me["on"][what] and may[what] for what in WHAT}
        if on != self.me["on"]:
            await self._set(on)

    async def _renew(self):
        if not await asyncio.to_thread(self.people.put, self.chair, self.me):
            self.line.tell("reset", why="elsewhere")
            self.line.call = None
            return
        if self.camera is not None:
            await asyncio.to_thread(self.cameras.put, self.camera, {"id": self.me["id"]})
        await self._refresh()

    async def _tell(self, people, kind, **more):
        for one in people:
            await self.line.relay(one["conn"], {"t": "rtc", "k": kind, **more})


def public(entry):
    return {key: entry[key] for key in ("id", "u", "n", "on", "r")}


def now_ms():
    """The age of an entry: of two that arrive in any order, the higher holds. Each entry is written by one process only."""
    return round(time.time() * 1000)


def own_id(wanted, user_id):
    """An id that begins with the person's own, so that nobody can take another's; a page keeps its id over breaks of its socket."""
    if isinstance(wanted, str) and re.fullmatch(rf"{user_id}\.[0-9a-f]{{8}}", wanted):
        return wanted
    return f"{user_id}.{secrets.token_hex(4)}"
