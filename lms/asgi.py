"""Both doors in one process: pages through one hop to a pool of persistent threads, sockets and their fallback on the event loop."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter

from lms.wsgi import application as pages
from sessions import checks, routing  # after wsgi: models are loaded by then

# Stock Django under ASGI changes threads for every middleware and opens a thread (and so a database connection) per
# request. The whole WSGI application in one hop costs a third of that; threads persist, so connections do too.
PAGE_THREADS = int(os.environ.get("PAGE_THREADS", "4"))

checks.refuse_what_loses()  # socket servers run no system checks by themselves
application = ProtocolTypeRouter(
    {"http": routing.beside(WSGIMiddleware(pages, workers=PAGE_THREADS)), "websocket": routing.sockets}
)
