"""A proxy at the level of bytes: splits what passes at random places, and cuts connections in the middle of a frame."""

import asyncio
import contextlib
import random

from tests.servers.running import free_port


class CuttingProxy:
    """`share` of the open connections are cut each second. `async with CuttingProxy(target_port, share) as proxy: proxy.port`.

    With `swallows` set everything that comes, from either side, disappears, and no connection ends: a phone in a lift.
    """

    def __init__(self, target, share, seed=0):
        self.target, self.share, self.chance = target, share, random.Random(seed)
        self.port, self.pairs, self.cuts, self.doomed, self.swallows, self.passing = free_port(), set(), 0, set(), False, set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.cutter = asyncio.create_task(self._cut())
        return self

    async def __aexit__(self, *_exception):
        self.cutter.cancel()
        self.server.close()
        for pair in list(self.pairs):
            self._abort(pair)
        await asyncio.gather(*self.passing, self.cutter, return_exceptions=True)

    async def _serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self.pairs.add(pair)
        both = {asyncio.create_task(self._pass(*way, pair)) for way in ((reader, far_writer), (far_reader, writer))}
        self.passing |= both
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        self._abort(pair)
        for one in both:
            one.cancel()
        self.passing -= both

    async def _pass(self, reader, writer, pair):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(self.chance.choice([7, 200, 4096])):
                if self.swallows:
                    continue
                if pair in self.doomed:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    return
                writer.write(data)
                await writer.drain()

    async def _cut(self):
        """Dooms connections: the next bytes pass by half, then nothing. Those that are silent are cut as they are."""
        while True:
            await asyncio.sleep(0.25)
            for pair in self.doomed & self.pairs:
                self._abort(pair)
            self.doomed = {pair for pair in self.pairs if self.chance.random() < self.share / 4}
            self.cuts += len(self.doomed)

    def _abort(self, pair):
        self.pairs.discard(pair)
        for writer in pair:
            writer.transport.abort()
