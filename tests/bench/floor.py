"""The floor of fan-out: one asyncio process that sends each frame to everybody, and knows nothing (websockets' `broadcast`).

`python -m tests.bench.floor PORT`; whatever one client sends, all get.
"""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve


async def main(port):
    people = set()

    async def hear(socket):
        people.add(socket)
        try:
            async for text in socket:
                broadcast(people, text)
        finally:
            people.discard(socket)

    async with serve(hear, "127.0.0.1", port, compression=None, max_size=2**20):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
