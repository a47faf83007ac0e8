"""PLANTED: a server that acknowledges an act at once and stores it half a second later. The runs of test_rooms.py must find it."""

import threading
import time

from lms.asgi import application
from sessions import room

_perform_all = room.perform_all


def perform_all(meeting_id, operations):
    def later():
        time.sleep(0.5)
        _perform_all(meeting_id, operations)

    threading.Thread(target=later, daemon=True).start()
    return [room.Ack(operation["cid"], operation["st"], 0) for _seat, operation in operations]


room.perform_all = perform_all
__all__ = ["application"]
