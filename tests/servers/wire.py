"""A WebSocket client of few lines (RFC 6455) for load and fault runs: cheap enough for hundreds in one process, and rude if asked.

`Wire` is an asyncio protocol: `on_text(str)`, `on_close(code or None)`; `send(str)`, `send_bytes(raw)`, `pause()` stops reading.
"""

import asyncio
import base64
import os
import socket
import struct
import urllib.parse

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(OSError):
    """The handshake was answered with another status than 101; `status` is it."""

    def __init__(self, status):
        super().__init__(f"handshake: {status}")
        self.status = status


class Wire(asyncio.Protocol):
    def __init__(self, request, on_text, on_close):
        self.request, self.on_text, self.on_close = request, on_text, on_close
        self.opened = asyncio.get_running_loop().create_future()
        self.buffer, self.upgraded, self.code, self.parts = bytearray(), False, None, []
        self.received = self.pings = 0

    # --- asyncio ---
    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error):
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionResetError("closed in the handshake"))
            self.opened.exception()
        if self.upgraded:
            self.on_close(self.code)

    def data_received(self, data):
        self.received += len(data)
        self.buffer += data
        if not self.upgraded and not self._shake():
            return
        while self._frame():
            pass

    # --- reading ---
    def _shake(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = int(self.buffer[9:12])
        del self.buffer[: end + 4]
        if status != 101:
            if not self.opened.done():
                self.opened.set_exception(Refused(status))
            self.transport.abort()
            return False
        self.upgraded = True
        self.opened.set_result(self)
        return True

    def _frame(self):
        buffer = self.buffer
        if len(buffer) < 2:
            return False
        length, start = buffer[1] & 127, 2
        if length == 126:
            if len(buffer) < 4:
                return False
            length, start = struct.unpack_from("!H", buffer, 2)[0], 4
        elif length == 127:
            if len(buffer) < 10:
                return False
            length, start = struct.unpack_from("!Q", buffer, 2)[0], 10
        if len(buffer) < start + length:
            return False
        head, payload = buffer[0], bytes(buffer[start : start + length])
        del buffer[: start + length]
        self._take(head & 15, head & 128, payload)
        return True

    def _take(self, opcode, final, payload):
        if opcode == PING:
            self.pings += 1
            self._write(PONG, payload)
        elif opcode == CLOSE:
            self.code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
            self._write(CLOSE, payload[:2])
            self.transport.close()
        elif opcode in (0, TEXT):
            self.parts.append(payload)
            if final:
                whole, self.parts = b"".join(self.parts), []
                self.on_text(whole.decode())

    # --- writing ---
    def send(self, text):
        self._write(TEXT, text.encode())

    def send_bytes(self, raw, opcode=BINARY):
        self._write(opcode, raw)

    def _write(self, opcode, payload):
        self.transport.write(frame(opcode, payload))

    def abort(self):
        """Leaves without a word."""
        if not self.transport.is_closing():
            self.transport.abort()

    def pause(self):
        self.transport.pause_reading()

    def close(self, code=1000):
        self._write(CLOSE, struct.pack("!H", code))
        self.transport.close()


def frame(opcode, payload):
    """A whole masked frame, as clients send them."""
    mask, length = os.urandom(4), len(payload)
    if length < 126:
        head = struct.pack("!BB", 128 | opcode, 128 | length)
    elif length < 65_536:
        head = struct.pack("!BBH", 128 | opcode, 254, length)
    else:
        head = struct.pack("!BBQ", 128 | opcode, 255, length)
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(length, "big")


async def connect(url, on_text, on_close, cookie="", origin=None, timeout=20, extra=(), buffer=None):
    """Opens a socket. Raises `Refused` with the status, or `OSError`. `origin` None sends the address's own.

    `buffer` is the size of the receive buffer in bytes, for readers that are slow on purpose.
    """
    parts = urllib.parse.urlsplit(url)
    own = f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *extra,
    ]  # fmt: skip
    lines += [f"Origin: {own if origin is None else origin}"] if origin != "" else []
    lines += [f"Cookie: {cookie}"] if cookie else []
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    link = socket.socket()
    link.setblocking(False)
    if buffer:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    try:
        await loop.sock_connect(link, (parts.hostname, parts.port))
    except BaseException:
        link.close()
        raise
    transport, wire = await loop.create_connection(lambda: Wire(request, on_text, on_close), sock=link)
    try:
        return await asyncio.wait_for(asyncio.shield(wire.opened), timeout)
    except BaseException:
        transport.abort()
        raise
