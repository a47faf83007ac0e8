"""Our line to Janus: one WebSocket and one Janus session per process, with a handle per sender and per receiver on it.

Janus API 1.x (janus.conf.meetecho.com/docs/rest.html, "WebSockets interface"): each request carries a transaction; a plugin answers at
once, or acknowledges and sends an event with the same transaction. Browsers never come here: a file permission (unix socket) or the
loopback address guards the API, and the API secret is a second lock. Traps of Janus 1.1.2 are in research/live.md §3.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import weakref

import websockets
from django.conf import settings

log = logging.getLogger(__name__)
PLUGIN = "janus.plugin.videoroom"
ANSWER, KEEPALIVE = 5, 25  # seconds
FIRST_WAIT, LONGEST_WAIT = 0.2, 1.0
LARGEST = 2**20
ACKNOWLEDGED = ("keepalive", "trickle")
_links = weakref.WeakKeyDictionary()


class Gone(Exception):
    """Janus is not there, or did not answer in time."""


class Refused(Exception):
    """Janus said no; `code` is its number (426 no such room, 433 not allowed, 436 id in use …)."""

    def __init__(self, code, words=""):
        super().__init__(f"{code} {words}")
        self.code = code


def janus_link():
    """The link of this process (of this event loop); it connects on first use and again whenever Janus has been away."""
    return _links.setdefault(asyncio.get_running_loop(), JanusLink())


class JanusLink:
    def __init__(self):
        self.handles, self.waiting, self.rooms = {}, {}, {}
        self.session = self.socket = self.task = None
        self.ready = asyncio.Event()
        self.users = weakref.WeakSet()  # calls: told by `lost()` and `back()`

    async def attach(self, on_event=None):
        """A new handle. `on_event(data, jsep)` gets what Janus says without having been asked; data {"janus": …} for its own news."""
        answer = await self.ask({"janus": "attach", "plugin": PLUGIN})
        handle = Handle(self, answer["data"]["id"], on_event)
        self.handles[handle.id] = handle
        return handle

    async def ask(self, request, handle=None):
        """The answer to one request. Raises `Gone` or `Refused`."""
        await self._be_there()
        return await self._ask({**request, "session_id": self.session, **({"handle_id": handle} if handle else {})})

    async def _be_there(self):
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._run())
        try:
            await asyncio.wait_for(self.ready.wait(), ANSWER)
        except TimeoutError:
            raise Gone from None

    async def _ask(self, request):
        transaction = secrets.token_hex(8)
        future = asyncio.get_running_loop().create_future()
        self.waiting[transaction] = future, request["janus"] in ACKNOWLEDGED
        signed = {"apisecret": settings.JANUS_API_SECRET} if settings.JANUS_API_SECRET else {}
        try:
            await self.socket.send(json.dumps({**request, **signed, "transaction": transaction}))
            return await asyncio.wait_for(future, ANSWER)
        except (websockets.ConnectionClosed, TimeoutError, AttributeError):
            raise Gone from None
        finally:
            self.waiting.pop(transaction, None)

    # --- connecting --------------------------------------------------------------------------------------------------------

    async def _run(self):
        wait = FIRST_WAIT
        while True:
            try:
                async with _connect() as self.socket:
                    wait = FIRST_WAIT
                    await self._live()
            except (OSError, websockets.WebSocketException, TimeoutError, Gone, Refused) as error:
                log.warning("conference: no line to Janus: %s", type(error).__name__)
            finally:
                self._forget_all()
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT)

    async def _live(self):
        reader = asyncio.create_task(self._read())
        try:
            self.session = (await self._ask({"janus": "create"}))["data"]["id"]
            self.ready.set()
            for call in list(self.users):
                call.back()
            while not reader.done():
                await asyncio.wait({reader}, timeout=KEEPALIVE)
                if not reader.done():
                    await self._ask({"janus": "keepalive", "session_id": self.session})
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, websockets.WebSocketException, OSError):
                await reader

    def _forget_all(self):
        was_ready = self.ready.is_set()
        self.ready.clear()
        self.session = self.socket = None
        self.handles.clear()
        self.rooms.clear()
        for future, _acknowledged in self.waiting.values():
            if not future.done():
                future.set_exception(Gone())
        if was_ready:
            for call in list(self.users):
                call.lost()

    # --- hearing -----------------------------------------------------------------------------------------------------------

    async def _read(self):
        async for text in self.socket:
            try:
                message = json.loads(text)
                if message.get("janus") == "timeout":
                    return
                self._take(message)
            except Exception:
                log.exception("conference: a message of Janus")

    def _take(self, message):
        future, acknowledged = self.waiting.get(message.get("transaction"), (None, False))
        if message["janus"] == "ack":
            if acknowledged and not future.done():
                future.set_result(message)
            return  # else the plugin answers by an event
        if future is not None and not future.done():
            self._settle(future, message)
            return
        handle = self.handles.get(message.get("sender"))
        if handle is not None and handle.on_event is not None:
            data = (message.get("plugindata") or {}).get("data") or {"janus": message["janus"]}
            handle.on_event(data, message.get("jsep"))

    @staticmethod
    def _settle(future, message):
        error = message.get("error") if message["janus"] == "error" else None
        data = (message.get("plugindata") or {}).get("data") or {}
        if error:
            future.set_exception(Refused(error.get("code"), error.get("reason", "")))
        elif "error_code" in data:
            future.set_exception(Refused(data["error_code"], data.get("error", "")))
        else:
            future.set_result(message)


class Handle:
    """One sender, one receiver, or one that only watches a room."""

    def __init__(self, link, number, on_event):
        self.link, self.id, self.on_event = link, number, on_event

    async def say(self, body, jsep=None):
        """(data, jsep) of the plugin's answer."""
        request = {"janus": "message", "body": body, **({"jsep": jsep} if jsep else {})}
        answer = await self.link.ask(request, self.id)
        return (answer.get("plugindata") or {}).get("data") or {}, answer.get("jsep")

    async def trickle(self, candidate):
        await self.link.ask({"janus": "trickle", "candidate": candidate or {"completed": True}}, self.id)

    async def detach(self):
        """Never raises: a handle of a Janus that is gone is gone."""
        if self.link.handles.pop(self.id, None) is not None:
            with contextlib.suppress(Gone, Refused):
                await self.link.ask({"janus": "detach"}, self.id)


def _connect():
    options = {"subprotocols": ["janus-protocol"], "max_size": LARGEST, "open_timeout": 3, "ping_interval": None}
    if settings.JANUS_URL.startswith("/"):
        return websockets.unix_connect(settings.JANUS_URL, uri="ws://localhost/", **options)
    return websockets.connect(settings.JANUS_URL, proxy=None, **options)
