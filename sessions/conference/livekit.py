"""LiveKit, through the operator's LiveKit Meet page: a token with a video grant (docs.livekit.io, "Generating tokens", "Webhooks").

LiveKit looks at the expiry only when somebody connects; whoever must leave is removed at the engine.
"""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

import jwt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy

from sessions.conference import rights, stays
from sessions.conference.base import Grant, name_of_room
from sessions.models import Meeting

LIFETIME = 600  # seconds to connect


class LiveKit:
    key, label = "livekit", gettext_lazy("LiveKit")
    needs_address = embedded = framed = False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        may = rights.rights(seat, rights.policy_of(meeting.pk))
        query = urlencode({"liveKitUrl": settings.LIVEKIT_URL, "token": token(name_of_room(meeting), seat, may)})
        return Grant(url=f"{settings.LIVEKIT_MEET_URL.rstrip('/')}/custom?{query}")

    def webhook(self, request):
        event = verified(request.headers.get("Authorization", ""), request.body)
        if event is None:
            return HttpResponse(status=403)
        _take(event)
        return JsonResponse({"ok": True})


def engine():
    ready = settings.LIVEKIT_URL and settings.LIVEKIT_MEET_URL and settings.LIVEKIT_API_KEY and settings.LIVEKIT_API_SECRET
    return LiveKit() if ready else None


def token(room, seat, may, now=None):
    """`may` as from rights.rights. Data messages stay off: what people write belongs into our log."""
    now = int(time.time() if now is None else now)
    sources = [name for name, right in (("microphone", "audio"), ("camera", "camera"), ("screen_share", "screen")) if may[right]]
    grant = {
        "room": room, "roomJoin": True, "roomAdmin": False, "canSubscribe": True, "canPublish": bool(sources),
        "canPublishSources": sources, "canPublishData": False,
    }  # fmt: skip
    claims = {
        "iss": settings.LIVEKIT_API_KEY, "sub": str(seat.user_id), "name": seat.name, "nbf": now - 10, "exp": now + LIFETIME,
        "video": grant,
    }  # fmt: skip
    return jwt.encode(claims, settings.LIVEKIT_API_SECRET, algorithm="HS256")


def verified(header, body):
    """The event, or `None`: the token must be LiveKit's, of now, and carry the SHA-256 of exactly this body."""
    try:
        claims = jwt.decode(header, settings.LIVEKIT_API_SECRET, algorithms=["HS256"], issuer=settings.LIVEKIT_API_KEY,
                            options={"require": ["exp", "iss"]})  # fmt: skip
        event = json.loads(body)
    except (jwt.PyJWTError, ValueError):
        return None
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return event if isinstance(event, dict) and hmac.compare_digest(str(claims.get("sha256", "")), digest) else None


def _take(event):
    meeting, person = _meeting(event), _person(event)
    if meeting is None or person is None:
        return
    at = _instant(event.get("createdAt"))
    kept = {"user": person, "name": person.full_name, "email": person.email}
    if event.get("event") == "participant_joined":
        stays.begin(meeting, "livekit", joined_at=at, **kept)
    elif event.get("event") == "participant_left":
        stays.end(meeting, "livekit", left_at=at, **kept)


def _meeting(event):
    name = str((event.get("room") or {}).get("name", ""))
    number = name.split("-")[1] if name.count("-") == 2 else ""
    meeting = Meeting.objects.filter(pk=number).first() if number.isascii() and number.isdigit() and len(number) < 18 else None
    return meeting if meeting and hmac.compare_digest(name_of_room(meeting), name) else None


def _person(event):
    identity = str((event.get("participant") or {}).get("identity", ""))
    known = identity.isascii() and identity.isdigit() and len(identity) < 18
    return get_user_model().objects.filter(pk=identity).first() if known else None


def _instant(seconds):
    """LiveKit sends int64 as text (protobuf's JSON)."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.now(UTC)
