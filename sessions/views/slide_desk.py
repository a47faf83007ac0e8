"""Slides are uploaded here; the worker draws their pages (sessions/slides.py)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sessions import room, slide_pages
from sessions import slides as decks
from sessions.forms_desk import SlidesForm
from sessions.views.meetings import form_page, posted, require_form, run_by


@login_required
@require_form
def slides(request, pk):
    meeting = run_by(request, pk)
    form = SlidesForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            decks.add_deck(meeting, form.cleaned_data["file"], form.cleaned_data["title"], request.user)
        except ValidationError as error:
            for field, texts in error.message_dict.items():
                form.add_error(field, texts)
        else:
            messages.success(request, _("The file is here. Its pages are drawn in a minute; load this page again then."))
            return redirect("live:slides", meeting.pk)
    rows = [(deck, slide_pages.is_waiting(deck)) for deck in meeting.decks.all()]
    return form_page(request, "live/slides.html", form, meeting=meeting, rows=rows)


@login_required
@require_POST
def remove(request, pk, deck):
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.decks, pk=deck)
    if meeting.is_under_way and _is_shown(meeting, one):
        messages.error(request, _("These slides are being shown. Take them away in the control room first."))
    else:
        decks.remove_deck(one)
        messages.success(request, _("The slides are removed."))
    return redirect("live:slides", meeting.pk)


def _is_shown(meeting, deck):
    state = room.snapshot(room.stream_of(meeting.pk, "main"))[1]
    return state.get("slides", {}).get("deck") == deck.pk
