"""Both doors in one process: pages through one hop to a pool of persistent threads, sockets through Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter

from lms.wsgi import application as pages

# Stock Django under ASGI changes threads for every middleware and opens a thread (and so a database connection) per
# request. The whole WSGI application in one hop costs a third of that; threads persist, so connections do too.
PAGE_THREADS = int(os.environ.get("PAGE_THREADS", "4"))


async def no_rooms_yet(scope, receive, send):
    """Refuses each handshake (403): there are no live rooms so far."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


application = ProtocolTypeRouter({"http": WSGIMiddleware(pages, workers=PAGE_THREADS), "websocket": no_rooms_yet})
