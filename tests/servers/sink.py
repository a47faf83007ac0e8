"""A mail server on a free loopback port that keeps what it accepted after the final dot, and can refuse, delay or hang on demand."""

import asyncio
import email
import random

from aiosmtpd.controller import Controller

from tests.servers.running import free_port


class Sink:
    """`accepted`: Message-IDs in the order of their final dots. `mailbox`: `{Message-ID: mail}` as a server that drops second copies
    files them. `hold` ("before" or "after" it accepts) keeps every line waiting for its answer until it is "". `refusals`: `{address: answer to RCPT}`; `answers`: answers to the final dot, used up one by one ("hang" never answers)."""

    def __init__(self, slow=0):
        self.accepted, self.mailbox, self.refusals, self.answers, self.slow = [], {}, {}, [], slow
        self.connections, self.port, self.hold = 0, free_port(), ""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_error):
        self._controller.stop(no_assert=True)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.refusals.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.slow:
            await asyncio.sleep(random.random() * self.slow)
        await self._held("before")
        answer = self.answers.pop(0) if self.answers else ""
        if answer and answer != "hang":
            return answer
        mail = email.message_from_bytes(envelope.content)
        self.accepted.append(mail["Message-ID"])
        self.mailbox[mail["Message-ID"]] = mail
        await self._held("after")
        if self.slow:
            await asyncio.sleep(random.random() * self.slow)
        if answer == "hang":
            await asyncio.sleep(30)
        return "250 taken"

    async def _held(self, when):
        while self.hold == when:
            await asyncio.sleep(0.02)
