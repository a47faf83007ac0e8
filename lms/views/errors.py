"""Error pages: what happened, what is safe, what to do, a reference. Never details."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist


def _page(request, template, status):
    reference = getattr(request, "reference", "-")
    try:
        return render(request, template, {"reference": reference}, status=status)
    except TemplateDoesNotExist:
        raise
    except Exception:  # an error page must not fail: the shell may be what is broken
        return HttpResponse(f"{status} · {reference}", status=status, content_type="text/plain")


def bad_request(request, exception=None):
    return _page(request, "400.html", 400)


def permission_denied(request, exception=None):
    return _page(request, "403.html", 403)


def page_not_found(request, exception=None):
    return _page(request, "404.html", 404)


def server_error(request):
    return _page(request, "500.html", 500)


def csrf_failure(request, reason=""):
    """The form was open too long or cookies are off. The page offers to go back, where the browser still holds what was typed."""
    return _page(request, "csrf.html", 403)
