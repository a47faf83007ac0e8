"""Zoom by its API: server-to-server OAuth, a meeting with registration so that each person gets an address of their own, and webhooks.

developers.zoom.us: "Server-to-server OAuth", "Create a meeting", "Add a meeting registrant", "Using webhooks" (x-zm-signature is
"v0=" + hex HMAC-SHA256 of "v0:timestamp:body"; endpoint.url_validation wants the plain token back with its HMAC).
"""

import hashlib
import hmac
import json
import time
from datetime import UTC

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.conference import outside, stays
from sessions.conference.base import Grant, NotReachable
from sessions.models import MediaRoom, Meeting

WINDOW = 300  # seconds a webhook may be old
SPARE = 120  # seconds before its end at which a token is asked for anew
SOURCE = "zoom"


class Zoom:
    key, label = "zoom", gettext_lazy("Zoom")
    needs_address = embedded = framed = False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        """The address is the person's own: passed on, it would let somebody else in under their name."""
        room = room_of(meeting)
        return Grant(url=registered(room.ref, seat))

    def webhook(self, request):
        if not is_signed(request.headers, request.body):
            return HttpResponse(status=403)
        try:
            event = json.loads(request.body)
            name, payload = event["event"], event["payload"]
        except (ValueError, KeyError, TypeError):
            return HttpResponse(status=400)
        if name == "endpoint.url_validation":
            plain = str(payload.get("plainToken", "")) if isinstance(payload, dict) else ""
            return JsonResponse({"plainToken": plain, "encryptedToken": _hmac(plain.encode())})
        if isinstance(payload, dict) and isinstance(payload.get("object"), dict):
            take(name, payload["object"])
        return HttpResponse(status=204)


def engine():
    ready = settings.ZOOM_ACCOUNT_ID and settings.ZOOM_CLIENT_ID and settings.ZOOM_CLIENT_SECRET and settings.ZOOM_HOST
    return Zoom() if ready else None


# --- asking Zoom ---------------------------------------------------------------------------------------------------------


def access_token():
    """Lives an hour; kept in the cache, never in the database."""
    kept = cache.get("zoom-token")
    if kept:
        return kept
    answer = _call(
        "POST", f"{settings.ZOOM_SIGN_IN_URL}/oauth/token",
        auth=(settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET),
        data={"grant_type": "account_credentials", "account_id": settings.ZOOM_ACCOUNT_ID},
    )  # fmt: skip
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise NotReachable(_words())
    cache.set("zoom-token", token, max(int(answer.get("expires_in") or 3600) - SPARE, 1))
    return token


def room_of(meeting):
    """Zoom's meeting for ours, made on first use. Two first people at once may make two at Zoom; one is used and the other stays empty."""
    room = MediaRoom.objects.filter(meeting=meeting, engine="zoom", group=None).first()
    if room is None:
        room, _new = MediaRoom.objects.get_or_create(
            meeting=meeting, engine="zoom", group=None, defaults={"ref": _created(meeting)}
        )
    return room


def _created(meeting):
    answer = _api(
        f"/users/{settings.ZOOM_HOST}/meetings",
        {
            "topic": meeting.title[:200], "type": 2, "duration": meeting.minutes, "timezone": "UTC",
            "start_time": meeting.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "settings": {"approval_type": 0, "registration_type": 1, "registrants_confirmation_email": False,
                         "registrants_email_notification": False, "waiting_room": False, "join_before_host": True},
        },
    )  # fmt: skip
    if not str(answer.get("id", "")).isdigit():
        raise NotReachable(_words())
    return str(answer["id"])


def registered(ref, seat):
    email = get_user_model().objects.values_list("email", flat=True).get(pk=seat.user_id)
    first, _space, last = seat.name.partition(" ")
    answer = _api(f"/meetings/{ref}/registrants", {"email": email, "first_name": first[:64], "last_name": last[:64] or "-"})
    url = answer.get("join_url")
    if not isinstance(url, str) or not url.startswith("https://"):
        raise NotReachable(_words())
    return url


def _api(path, body):
    return _call("POST", f"{settings.ZOOM_API_URL}{path}", headers={"Authorization": f"Bearer {access_token()}"}, json=body)


def _call(method, url, **given):
    return outside.json_of(outside.call(method, url, _words(), **given), _words())


def _words():
    return _("Zoom does not answer. Try again, or use the backup address.")


# --- Zoom telling us -----------------------------------------------------------------------------------------------------


def is_signed(headers, body, now=None):
    stamp = headers.get("x-zm-request-timestamp", "")
    if not settings.ZOOM_WEBHOOK_SECRET or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        return False
    if abs((time.time() if now is None else now) - int(stamp)) > WINDOW:
        return False
    return hmac.compare_digest(f"v0={_hmac(f'v0:{stamp}:'.encode() + body)}".encode(), headers.get("x-zm-signature", "").encode())


def _hmac(message):
    return hmac.new(settings.ZOOM_WEBHOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()


def take(name, about):
    """meeting.participant_joined, meeting.participant_left, meeting.ended; everything else is not ours."""
    room = MediaRoom.objects.filter(engine="zoom", ref=str(about.get("id", ""))).first()
    if room is None:
        return
    meeting = Meeting.objects.get(pk=room.meeting_id)
    person = about.get("participant") if isinstance(about.get("participant"), dict) else {}
    who = (str(person.get("user_name", ""))[:200], str(person.get("email", ""))[:254])
    if name == "meeting.participant_joined" and (at := stays.instant(person.get("join_time"))):
        stays.begin(meeting, SOURCE, *who, at)
    elif name == "meeting.participant_left" and (at := stays.instant(person.get("leave_time"))):
        stays.end(meeting, SOURCE, *who, at)
    elif name == "meeting.ended" and (at := stays.instant(about.get("end_time"))):
        stays.end_all(meeting, SOURCE, at)
