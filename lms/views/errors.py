"""Error pages: what happened, what is safe, what to do, a reference. Never details."""

import logging

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)

# A bare page may come from before the middleware that sets the policy.
BARE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def language_of(request):
    """The reader's language even where the locale middleware has not run: the address, then the browser."""
    if getattr(request, "LANGUAGE_CODE", ""):
        return request.LANGUAGE_CODE
    try:
        return translation.get_language_from_request(request, check_path=True)
    except Exception:  # a request that broke everything else may break this too
        return settings.LANGUAGE_CODE


def _page(request, template, status, *, bare=False):
    """In the shell; if the shell is what is broken, in a bare page that needs neither it nor the database."""
    context = {
        "reference": getattr(request, "reference", "-"),
        "site_name": settings.SITE_NAME,
        "contact_email": settings.CONTACT_EMAIL,
    }
    with translation.override(language_of(request)):
        context["language"] = translation.get_language()
        if not bare and hasattr(request, "session"):
            try:
                return HttpResponse(render_to_string(template, {**context, "frame": "base.html"}, request), status=status)
            except Exception:
                logger.exception("The shell failed on an error page")
        try:
            text = render_to_string(template, {**context, "frame": "bare.html"})
            return HttpResponse(text, status=status, headers=BARE_HEADERS)
        except Exception:  # an error page must not fail
            logger.exception("The bare error page failed")
            return HttpResponse(f"{status} · {context['reference']}", status=status, content_type="text/plain; charset=utf-8")


def bad_request(request, exception=None):
    return _page(request, "400.html", 400)


def permission_denied(request, exception=None):
    return _page(request, "403.html", 403)


def page_not_found(request, exception=None):
    # The same address does not exist in the other languages either: the switch leads to their front doors.
    request.page_translations = {code: f"/{code}/" for code, _name in settings.LANGUAGES}
    return _page(request, "404.html", 404)


def server_error(request):
    return _page(request, "500.html", 500, bare=True)


def too_large(request):
    """For lms.security.InputLimitsMiddleware, which refuses a body before anything reads it."""
    return _page(request, "413.html", 413, bare=True)


def csrf_failure(request, reason=""):
    """The form was open too long or cookies are off. Going back brings what was typed, which the browser still holds."""
    return _page(request, "csrf.html", 403)
