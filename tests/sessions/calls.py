"""Devices in a call, without sockets: lines that relay to each other as the hub does, and what each has been told."""

import asyncio
import itertools

from sessions.conference.signalling import Line

_numbers = itertools.count()
SDP = (
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendrecv\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendrecv\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=sendonly\r\n"
)


class Wires:
    """The sockets of one meeting."""

    def __init__(self):
        self.devices = {}

    def device(self, seat, kind="browser"):
        device = Device(self, seat, kind)
        self.devices[device.conn] = device
        return device

    async def close(self):
        for device in self.devices.values():
            await device.line.closed()


class Device:
    def __init__(self, wires, seat, kind="browser"):
        self.wires, self.conn, self.told, self.feeds = wires, f"c{next(_numbers)}", [], {}
        self.line = Line(seat, self.conn, self.take, self._relay, kind)

    def take(self, frame):
        """As the page does: of two entries the higher `r` holds."""
        self.told.append(frame)
        for feed in frame.get("feeds", []):
            if self.feeds.get(feed["id"], feed)["r"] <= feed["r"]:
                self.feeds[feed["id"]] = feed
        if frame["k"] == "gone":
            self.feeds.pop(frame["id"], None)

    async def sees(self, what, *users, seconds=5):
        """Until exactly these people have it on."""
        end = asyncio.get_running_loop().time() + seconds
        while (on := {feed["u"] for feed in self.feeds.values() if feed["on"][what]}) != {user.pk for user in users}:
            assert asyncio.get_running_loop().time() < end, (what, on)
            await asyncio.sleep(0.01)

    async def _relay(self, to, frame):
        for conn, device in self.wires.devices.items():
            if conn == to or (to == "*" and conn != self.conn):
                device.take(frame)

    async def say(self, kind, **more):
        await self.line.receive({"t": "rtc", "k": kind, **more})

    async def hear(self, kind, seconds=5, **wanted):
        """The first frame of this kind (with these values) not heard yet; it and those before it are taken away."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            for number, frame in enumerate(self.told):
                if frame["k"] == kind and all(frame.get(key) == value for key, value in wanted.items()):
                    del self.told[: number + 1]
                    return frame
            await asyncio.sleep(0.01)
        raise AssertionError(f"no {kind} {wanted} among {self.told}")

    async def join(self, **more):
        await self.say("join", **more)
        return await self.hear("joined")

    async def turn_on(self, **on):
        await self.say("state", on=on)

    async def quiet(self, kind, seconds=0.3):
        """Nothing of this kind comes."""
        await asyncio.sleep(seconds)
        assert not [frame for frame in self.told if frame["k"] == kind], self.told
