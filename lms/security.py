"""Request ids, input limits, headers, and the second factor for those who can see or change other people's data."""

import contextvars
import json
import logging
import secrets

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.dispatch import receiver
from django.shortcuts import redirect
from django.urls import reverse

from lms.keys_in_addresses import KEYED

request_id = contextvars.ContextVar("request_id", default="-")

ADMIN_PREFIXES = ("/admin/", "/django-admin/")
# Wagtail's admin needs inline scripts and styles; it is for editors only and keeps every other wall.
ADMIN_POLICY = "; ".join(
    f"{name} {' '.join(sources)}"
    for name, sources in {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }.items()
)


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record):
        entry = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


# For answers that come from before the middlewares which set these (probes, refused hosts, a failing session).
FLOOR = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Pages on which a person may be heard and seen, after a tap; a frame of the operator's own Jitsi may ask as well.
MEDIA_PAGES = ("live:room", "live:control", "live:devices", "live:act")
MEDIA_FEATURES = ("camera", "microphone", "display-capture")
FLOOR_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class RequestIdMiddleware:
    """Gives each request the reference that error pages print and log lines carry, and each answer its least headers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reference = secrets.token_hex(4).upper()
        token = request_id.set(request.reference)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = request.reference
        for name, value in FLOOR.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Content-Security-Policy", FLOOR_POLICY)
        return response


class InputLimitsMiddleware:
    """Refuses what no form of ours can mean, before anything parses it.

    That is: oversize bodies (413); NUL in the address or in a cookie, which PostgreSQL refuses with an error; and a
    character set other than UTF-8, because Python knows some that are no text ("hex") and fails on them (400).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = -1
        if length < 0:
            raise SuspiciousOperation("The length of the body is not a number")
        if length > settings.MAX_BODY_SIZE:
            from lms.views.errors import too_large  # noqa: PLC0415 -- views load after middleware

            return too_large(request)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("NUL in the address")
        if any("\x00" in value for value in request.COOKIES.values()):
            raise SuspiciousOperation("NUL in a cookie")
        if request.content_params.get("charset", "utf-8").strip("\"' ").lower() not in ("", "utf-8", "utf8", "us-ascii"):
            raise SuspiciousOperation("A character set other than UTF-8")
        return self.get_response(request)


@receiver(user_logged_out)
def _remember_sign_out(sender, request, **kwargs):
    if request is not None:
        request.signed_out = True


class HeadersMiddleware:
    """Robots, caching of personal pages, and the admin's own content policy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith(ADMIN_PREFIXES):
            response["Content-Security-Policy"] = ADMIN_POLICY
            response["X-Frame-Options"] = "SAMEORIGIN"  # Wagtail shows previews in a frame
            response["X-Robots-Tag"] = "noindex"
        if getattr(request, "signed_out", False):
            # Clinicians share computers: nothing of the person stays, neither saved lessons nor the worker that keeps them.
            response["Clear-Site-Data"] = '"cache", "storage"'
        if KEYED.match(request.path):
            response["Referrer-Policy"] = "strict-origin"  # the next page's line in a log would hold the key
        if request.resolver_match and request.resolver_match.view_name in MEDIA_PAGES:
            response["Permissions-Policy"] = media_permissions()
        personal = request.user.is_authenticated or "Authorization" in request.headers
        if personal and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


def media_permissions():
    """Permissions-Policy of rooms: as everywhere, but for sound and picture."""
    frames = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].get("frame-src", [SELF])
    origins = " ".join(["self", *(f'"{origin}"' for origin in frames if origin != SELF)])
    return ", ".join([*(f"{feature}=({origins})" for feature in MEDIA_FEATURES), "geolocation=(), payment=(), usb=()"])


class AdminDoorMiddleware:
    """Refuses Wagtail's admin to people who are signed in without the right to it.

    Wagtail sends them to sign-in, which sends whoever is signed in back: a circle without end.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        inside = request.path.startswith("/admin/") and request.user.is_authenticated
        if inside and not request.user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied


class SecondFactorMiddleware:
    """Sends people who see or change other people's data to set up a second factor, when the site requires one.

    Those are staff, everyone with access to Wagtail's admin, trainers, leads and evaluators (settings.SECOND_FACTOR_REQUIRED).
    """

    FREE_VIEWS = ("mfa_", "account_", "healthz", "readyz", "service_worker", "offline")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        name = request.resolver_match.url_name or ""
        if name.startswith(self.FREE_VIEWS) or request.session.get("second_factor_seen"):
            return None
        if not self.needed_by(request.user):
            return None
        from allauth.mfa.utils import is_mfa_enabled  # noqa: PLC0415 -- allauth's models load after this module

        if is_mfa_enabled(request.user):
            request.session["second_factor_seen"] = True
            return None
        return redirect(reverse("mfa_index"))

    @staticmethod
    def needed_by(user):
        from curriculum import roles  # noqa: PLC0415 -- models load after this module

        return user.is_staff or user.has_perm("wagtailadmin.access_admin") or roles.reads_others(user)
