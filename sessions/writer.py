"""Group commit: while one batch of acts is being written, the next gathers. Answers go out after the commit, never before."""

import asyncio
import logging
from collections import deque

from django.db import InterfaceError

from sessions import room, threads
from sessions.refusals import Refusal

log = logging.getLogger(__name__)
BATCH = 50
WAITING = 2000
AGAIN_MS = 800


class Writer:
    def __init__(self, meeting_id):
        self.meeting_id, self.waiting, self.task = meeting_id, deque(), None

    def put(self, member, operation):
        if len(self.waiting) >= WAITING:
            member.refuse(Refusal("retry", retry_ms=AGAIN_MS * 5), operation["cid"])
            return
        self.waiting.append((member, operation))
        if self.task is None:
            self.task = asyncio.ensure_future(self._drain())

    async def _drain(self):
        try:
            while self.waiting:
                batch = [self.waiting.popleft() for _number in range(min(BATCH, len(self.waiting)))]
                results = await self._perform([(member.seat, operation) for member, operation in batch])
                for (member, operation), result in zip(batch, results, strict=True):
                    _answer(member, operation, result)
        finally:  # whatever goes wrong, the next act begins a new turn
            self.task = None

    async def _perform(self, operations):
        try:
            return await threads.writing(room.perform_all, self.meeting_id, operations)
        except Exception as error:
            if len(operations) > 1 and not isinstance(
                error, InterfaceError
            ):  # one act that fails must not take the others with it
                return [(await self._perform([one]))[0] for one in operations]
            verdict = await self._verdict()
            own = verdict.why == "invalid"  # else the database is away, which is no riddle
            log.error("acts of meeting %s failed, first %s: %r", self.meeting_id, operations[0][1].get("k"), error, exc_info=own)
            return [verdict] * len(operations)

    async def _verdict(self):
        """Of an act that failed by itself: to be tried again where the database is away, else not to be read."""
        try:
            await threads.reading(room.heads, [self.meeting_id])
        except Exception:
            return Refusal("retry", retry_ms=AGAIN_MS)
        return Refusal("invalid")


def _answer(member, operation, result):
    if isinstance(result, Refusal):
        member.refuse(result, operation["cid"])
    else:
        member.push(result.frame())
