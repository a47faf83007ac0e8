"""The site, but a share of the wake-ups (`LOST_HINTS`, 0 to 1) never leaves: rooms must live without them."""

import os
import random

from lms.asgi import application
from sessions import hints

SHARE = float(os.environ.get("LOST_HINTS", "0"))
_send = hints.send


def send(*args, **kwargs):
    if random.random() >= SHARE:
        _send(*args, **kwargs)


hints.send = send
__all__ = ["application"]
