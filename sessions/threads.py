"""Threads for the database: what rooms read and write never runs on the event loop, nor on the one thread that Channels shares.

Each thread keeps its connection; one that broke, or is too old, is closed before the next use. At most ten per process.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections


class Pool:
    """`await pool(function, *arguments)` runs a synchronous function that may use the database."""

    def __init__(self, name, size):
        self.size = size
        self.executor = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def __call__(self, function, *arguments):
        return await asyncio.get_running_loop().run_in_executor(self.executor, _with_connection, function, arguments)


def _with_connection(function, arguments):
    close_old_connections()
    return function(*arguments)


admitting = Pool("room-admitting", 2)  # of its own: five hundred people at the door must not keep those inside waiting
reading = Pool("room-reading", 4)
writing = Pool("room-writing", 4)
