"""The pictures of slides, and what is written on them. Only for people of the meeting; 404 for everybody else."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from sessions.models import Meeting, SlidePage

A_DAY = 24 * 3600


@require_safe
@login_required
def slide(request, pk, deck, page):
    """WebP. Each page is there for all of the meeting: looking ahead or back is allowed."""
    return _kept(FileResponse(_page_for(request, pk, deck, page).image.open("rb"), content_type="image/webp"))


@require_safe
@login_required
def slide_text(request, pk, deck, page):
    """Plain text, empty where the page is a picture only."""
    return _kept(HttpResponse(_page_for(request, pk, deck, page).text, content_type="text/plain; charset=utf-8"))


def _page_for(request, pk, deck, page):
    meetings = Meeting.objects.accessible_to(request.user).filter(pk=pk)
    return get_object_or_404(SlidePage, deck_id=deck, number=page, deck__meeting__in=meetings)


def _kept(response):
    """A page never changes: a new upload is a new deck. Only the browser of this person may keep it."""
    patch_cache_control(response, private=True, max_age=A_DAY, immutable=True)
    return response
