"""Addresses for finding a way between devices. Credentials are made per join and live an hour.

draft-uberti-behave-turn-rest-00 §2.2: username = expiry ":" user, password = base64(HMAC-SHA1(secret, username)). coturn:
`use-auth-secret`. Addresses of others (public STUN servers) are never used unless the operator names them.
"""

import base64
import hashlib
import hmac
import time

from django.conf import settings

LIFETIME = 3600  # seconds


def credentials(user_id, now=None, secret=None):
    """(username, password) for one person."""
    username = f"{int(time.time() if now is None else now) + LIFETIME}:{user_id}"
    digest = hmac.new((secret or settings.TURN_SECRET).encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def ice_servers(user_id):
    """As RTCConfiguration.iceServers wants them; [] where the operator has none."""
    stun = [url for url in settings.TURN_URLS if url.startswith("stun")]
    turn = [url for url in settings.TURN_URLS if url.startswith("turn")]
    servers = [{"urls": stun}] if stun else []
    if turn and settings.TURN_SECRET:
        username, password = credentials(user_id)
        servers.append({"urls": turn, "username": username, "credential": password})
    return servers
