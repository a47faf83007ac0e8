"""One device in a room as a process of its own, to be frozen: `python -m tests.servers.phone URL COOKIE ORIGIN`. Beats until killed."""

import asyncio
import sys

from tests.servers.swarm import Ledger, Person


async def main(url, cookie, origin):
    person = Person(0, 0, cookie, lambda: url, Ledger(), origin=origin, keeps_state=False)
    person.on_welcome = lambda frame: print("welcome", flush=True)
    await person.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
