"""What a meeting leaves to take away: its calendar file, its slides to look through, its transcript in three forms."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from sessions import local_times, meeting_file, transcript, transcript_pdf
from sessions.views.meetings import hosts, render_desk, seen_by


@login_required
@require_safe
def calendar(request, pk):
    meeting = seen_by(request, pk)
    return _file(meeting_file.calendar_file(meeting, request.user), "text/calendar; charset=utf-8", meeting, "ics")


@login_required
@require_safe
def deck(request, pk, deck):
    """All pages of a set of slides, one below the other, with their words."""
    meeting = seen_by(request, pk)
    one = get_object_or_404(meeting.decks.prefetch_related("pages"), pk=deck, page_count__gt=0)
    return render_desk(request, "live/deck.html", meeting=meeting, deck=one)


@login_required
@require_safe
def page(request, pk):
    meeting = seen_by(request, pk)
    document = transcript.document_for(meeting, request.user)
    return render_desk(
        request, "live/transcript.html", meeting=meeting, document=document, hosts=hosts(request.user, meeting),
        empty=not any(document[part] for part in ("streams", "questions", "outcomes", "boards", "polls")),
    )  # fmt: skip


@login_required
@require_safe
def pdf(request, pk):
    meeting = seen_by(request, pk)
    document = transcript.document_for(meeting, request.user)
    content = transcript_pdf.transcript_pdf(document, get_language(), local_times.zone_of(request.user))
    return _file(content, "application/pdf", meeting, "pdf")


@login_required
@require_safe
def as_json(request, pk):
    meeting = seen_by(request, pk)
    response = JsonResponse(
        transcript.document_for(meeting, request.user), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response.headers["Content-Disposition"] = _disposition(meeting, "json")
    return response


def _file(content, kind, meeting, ending):
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": _disposition(meeting, ending)})


def _disposition(meeting, ending):
    name = slugify(meeting.title)[:60] or "meeting"
    return content_disposition_header(True, f"{name}-{meeting.pk}.{ending}")
