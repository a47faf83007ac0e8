"""Slides: a PDF is uploaded, the worker draws its pages (sessions/slide_pages.py), and what it does not draw in time is given up."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext
from sessions import slide_pages, slide_tasks
from sessions.models import SlideDeck

GIVEN_UP_AFTER = timedelta(hours=1)
MOST_DECKS = 20
LONGEST_TITLE = 160


# --- asking ------------------------------------------------------------------------------------------------------------


def add_deck(meeting, file, title, by):
    """A `SlideDeck` whose pages the worker draws. Raises `ValidationError` by field: `file`, `title`."""
    if meeting.decks.count() >= MOST_DECKS:
        raise ValidationError({"file": _("This meeting has %(most)d sets of slides already.") % {"most": MOST_DECKS}})
    _require_pdf(file)
    try:
        title = plaintext.clean(title, LONGEST_TITLE) or plaintext.clean(Path(file.name).stem[:LONGEST_TITLE], LONGEST_TITLE)
    except ValidationError as error:
        raise ValidationError({"title": error.messages}) from error
    file.name = f"{secrets.token_urlsafe(16)}.pdf"  # the address of a file tells nothing and cannot be guessed
    with transaction.atomic():
        deck = SlideDeck.objects.create(meeting_id=meeting.pk, title=title or _("Slides"), file=file, by=by)
        _ask_worker(deck)
    return deck


def _require_pdf(file):
    if file.size > settings.MAX_BODY_SIZE:
        words = _("The file is larger than %(most)s MB.") % {"most": settings.MAX_BODY_SIZE // 2**20}
        raise ValidationError({"file": words})
    file.seek(0)
    begins = file.read(1024)  # readers accept a few bytes before the mark (ISO 32000-1, annex H.3.4.1)
    file.seek(0)
    if b"%PDF-" not in begins:
        raise ValidationError({"file": _("This is not a PDF. Export your slides as PDF and upload that.")})


def _ask_worker(deck):
    transaction.on_commit(lambda: slide_tasks.draw_deck.enqueue(deck.pk), robust=True)


def remove_deck(deck):
    """With its files. The pictures may stand for a moment in the caches of those who saw them."""
    files = [deck.file, *(page.image for page in deck.pages.all())]
    deck.delete()
    for file in files:
        file.delete(save=False)


def give_up_waiting(now=None):
    """Decks that no worker took in an hour say so. Returns how many; for the worker's clock."""
    since = (now or timezone.now()) - GIVEN_UP_AFTER
    waiting = list(SlideDeck.objects.filter(page_count=0, error="", at__lt=since).select_related("by"))
    for deck in waiting:
        slide_pages.fail(deck, "lost")
    return len(waiting)
