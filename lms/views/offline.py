"""What works without a connection: the service worker, its page, and the file for robots."""

import hashlib
import json

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

SHELL_FILES = (
    "lms/css/app.css",
    "lms/js/app.js",
    "lms/js/drafts.js",
    "evaluations/outbox.js",
    "lms/mark.svg",
    "lms/fonts/source-sans-3-latin-wght-normal.woff2",
    "lms/fonts/source-serif-4-latin-wght-normal.woff2",
)


def _offline_pages():
    pages = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            pages[code] = reverse("offline")
    return pages


@require_safe
@cache_control(no_cache=True)
def service_worker(request):
    """The worker's script. Its version is the hash of what it keeps, so that a release replaces the old shell."""
    context = {
        "files": json.dumps([static(name) for name in SHELL_FILES]),
        "offline_pages": json.dumps(_offline_pages()),
        "default_language": settings.LANGUAGE_CODE,
    }
    text = render_to_string("sw.js", {**context, "version": "{version}"})
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return HttpResponse(
        text.replace("{version}", version),
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/"},
    )


@require_safe
def offline(request):
    return render(request, "offline.html")


@require_safe
@cache_control(max_age=3600, public=True)
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /django-admin/", "Disallow: /v/"]
    for code, _name in settings.LANGUAGES:
        lines += [f"Disallow: /{code}/{part}/" for part in ("accounts", "account", "profile", "today", "search", "invitation")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
