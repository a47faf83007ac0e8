"""Jitsi Meet on the operator's own domain, with a signed token (lib-jitsi-meet doc/tokens.md: HS256; aud, iss, sub, room, context)."""

import time
from urllib.parse import quote

import jwt
from django.conf import settings
from django.utils.translation import gettext_lazy

from sessions.conference.base import Grant, name_of_room

LIFETIME = 2 * 3600  # seconds; only looked at when somebody joins


class Jitsi:
    key, label = "jitsi", gettext_lazy("Jitsi Meet")
    needs_address, embedded, framed = False, False, True

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        room = name_of_room(meeting)
        options = "config.prejoinConfig.enabled=true&config.disableDeepLinking=true"
        return Grant(url=f"https://{settings.JITSI_DOMAIN}/{quote(room)}?jwt={token(room, seat)}#{options}")


def engine():
    return Jitsi() if settings.JITSI_DOMAIN and settings.JITSI_APP_ID and settings.JITSI_APP_SECRET else None


def token(room, seat, now=None):
    now = int(time.time() if now is None else now)
    user = {
        "id": str(seat.user_id),
        "name": seat.name,
        "moderator": seat.hosts,
        "affiliation": "owner" if seat.hosts else "member",
    }
    claims = {
        "aud": settings.JITSI_APP_ID, "iss": settings.JITSI_APP_ID, "sub": settings.JITSI_DOMAIN, "room": room,
        "nbf": now - 10, "exp": now + LIFETIME, "moderator": seat.hosts, "context": {"user": user},
    }  # fmt: skip
    return jwt.encode(claims, settings.JITSI_APP_SECRET, algorithm="HS256")
