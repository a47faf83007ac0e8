"""The site, and a line in its log for each code with which a room closes a connection: a reader that never reads cannot say."""

from lms.asgi import application
from sessions.pipe import Pipe

_close = Pipe.close


def close(pipe, code):
    if pipe.closed is None:
        print(f"room closed {code}", flush=True)
    _close(pipe, code)


Pipe.close = close
__all__ = ["application"]
