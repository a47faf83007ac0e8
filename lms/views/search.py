"""Search over the live pages of all languages; finding is curriculum's, showing is ours."""

import logging

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from curriculum import reading_search
from lms.shell import LANGUAGE_NAMES, library_url

logger = logging.getLogger(__name__)

MOST = 100
PER_PAGE = 20


@require_safe
def search(request):
    query = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[: reading_search.LONGEST]
    language = request.GET.get("language", "")
    language = language if language in dict(settings.LANGUAGES) else ""
    context = {"query": query, "language": language, "languages": LANGUAGE_NAMES.items(), "library": library_url()}
    if query:
        try:
            found = reading_search.find(query, language or None, limit=MOST)
        except Exception:
            logger.exception("Search failed")
            return render(request, "search.html", {**context, "failed": True}, status=503)
        context["page_obj"] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "search.html", context)
