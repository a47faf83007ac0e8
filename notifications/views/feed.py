"""A person's calendar for calendar programs, and the page on which they get its address."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from notifications import feed

READS, READ_SECONDS = 60, 600
COOKIE, COOKIE_SECONDS = "calendar_address", 600
CHANGED_KEPT = 90 * 24 * 3600


# --- for programs ----------------------------------------------------------------------------------------------------


@require_safe
def calendar(request, token):
    """The calendar, 304 where the program has it already. In words: 404 for no such address, 429 for too many reads, 503 for a fault of ours."""
    if _too_often(token):
        return _plain(
            429, _("This calendar was read too often. It can be read again in ten minutes."), {"Retry-After": str(READ_SECONDS)}
        )
    row = feed.found(token)
    if row is None:
        return _plain(404, _("There is no calendar at this address. It may have been replaced or withdrawn."))
    try:
        text = feed.written_for(row.user)
    except feed.Unreadable:
        return _plain(503, _("The calendar cannot be read now. Keep the copy you have."), {"Retry-After": "600"})
    feed.note_reading(row)
    return _answer(request, row, text)


def _answer(request, row, text):
    content = text.encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    changed_at = _changed_at(row, etag)
    headers = {
        "Content-Disposition": 'inline; filename="puente.ics"',
        "Cache-Control": "private, max-age=0, must-revalidate",
        "ETag": etag,
        "Last-Modified": http_date(changed_at),
        "X-Robots-Tag": "noindex",
    }
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, last_modified=changed_at, response=response)


def _changed_at(row, etag):
    """Since when the calendar has read like this, in seconds. A forgotten answer means "since now", and the program reads it once more."""
    name = f"calendar-feed-changed:{row.pk}"
    known = cache.get(name)
    if known is None or known[0] != etag:
        known = (etag, int(timezone.now().timestamp()))
        cache.set(name, known, CHANGED_KEPT)
    return known[1]


def _too_often(token):
    name = f"calendar-feed-reads:{feed.hash_of(token)}"
    cache.add(name, 0, READ_SECONDS)
    try:
        return cache.incr(name) > READS
    except ValueError:  # it ran out between the two
        return False


def _plain(status, words, headers=None):
    return HttpResponse(
        f"{words}\n", status=status, content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex", **(headers or {})},
    )  # fmt: skip


# --- for people ------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request):
    """GET shows; POST does one of: make (a new one in place of the old), revoke. A new address is shown once."""
    if request.method == "POST":
        return _act(request)
    return _page(request)


def _act(request):
    asked = request.POST.get("do")
    if asked not in ("make", "revoke"):
        return _page(request, status=422, problem=_("Choose what to do: make an address or withdraw it."))
    response = redirect("notifications:calendar_address")
    if asked == "revoke":
        feed.revoke(request.user)
        messages.success(request, _("The address no longer works."))
        response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
    else:
        # The browser carries it over to the next page, which shows it: here nothing but its hash is kept.
        response.set_cookie(
            COOKIE, feed.make(request.user), max_age=COOKIE_SECONDS, path=request.path, httponly=True, samesite="Strict",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response


def _page(request, status=200, problem=""):
    row = feed.standing(request.user)
    token = request.COOKIES.get(COOKIE, "")
    new = bool(row and token and feed.hash_of(token) == row.token_hash)
    context = {
        "row": row,
        "address": feed.address_of(token) if new else "",
        "webcal": feed.webcal_of(token) if new else "",
        "problem": problem,
        "back_days": feed.BACK.days,
    }
    response = render(request, "notifications/pages/calendar_address.html", context, status=status)
    if token and request.method == "GET":
        response.delete_cookie(COOKIE, path=request.path, samesite="Strict")
    response["Cache-Control"] = "private, no-store"
    return response
