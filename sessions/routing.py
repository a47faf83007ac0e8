"""Where the event loop listens: sockets, and the same for those whose network blocks them. All other addresses are pages (urls.py)."""

from channels.routing import URLRouter
from django.urls import path, re_path

from sessions import room
from sessions.consumers import socket
from sessions.polling import events

room._acts()  # a second of imports: now, and not while the first who comes waits and all others behind


async def nothing_here(scope, receive, send):
    """404, or before accepting a socket 403: no such address."""
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4404})
        return
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Not found"})


sockets = URLRouter([path("ws/live/<int:meeting>/", socket), re_path("", nothing_here)])
polls = URLRouter([path("ws/live/<int:meeting>/events", events), re_path("", nothing_here)])


def beside(pages):
    """An ASGI application for HTTP: addresses under /ws/ here, all others to `pages`."""

    async def http(scope, receive, send):
        await (polls if scope["path"].startswith("/ws/") else pages)(scope, receive, send)

    return http
