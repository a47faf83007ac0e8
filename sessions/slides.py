"""Slides: a PDF becomes pictures, one per page, drawn by the worker. The file itself is kept, people get the pictures only."""

import json
import logging
import os
import secrets
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum import plaintext
from sessions.models import SlideDeck, SlidePage

log = logging.getLogger(__name__)
SECONDS = 300  # by the clock on the wall; processor time and memory are bounded in slide_drawing.py
GIVEN_UP_AFTER = timedelta(hours=1)
MOST_DECKS, MOST_PAGES = 20, 120
PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
LONGEST_TITLE = 160
WORDS = {
    "password": gettext_lazy("This PDF is protected with a password. Save it without one and upload it again."),
    "broken": gettext_lazy("This file could not be read as a PDF. Export it again and upload it."),
    "empty": gettext_lazy("This PDF has no pages."),
    "many": gettext_lazy("This PDF has more than %(most)d pages. Split it and upload the parts."),
    "page": gettext_lazy("A page of this PDF could not be drawn. Export it again, or without very large pictures."),
    "slow": gettext_lazy("Drawing this PDF takes too long or too much memory. Export it with smaller pictures."),
    "lost": gettext_lazy("The pages were not drawn. Upload the PDF again."),
}


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
    from sessions import slide_tasks  # noqa: PLC0415 (the task runs what is asked for here)

    transaction.on_commit(lambda: slide_tasks.draw_deck.enqueue(deck.pk), robust=True)


def remove_deck(deck):
    """With its files. The pictures may stand for a moment in the caches of those who saw them."""
    files = [deck.file, *(page.image for page in deck.pages.all())]
    deck.delete()
    for file in files:
        file.delete(save=False)


def is_waiting(deck):
    """Whether the worker has still to draw it."""
    return not deck.page_count and not deck.error


def give_up_waiting(now=None):
    """Decks that no worker took in an hour say so. Returns how many; for the worker's clock."""
    since = (now or timezone.now()) - GIVEN_UP_AFTER
    waiting = list(SlideDeck.objects.filter(page_count=0, error="", at__lt=since).select_related("by"))
    for deck in waiting:
        _fail(deck, "lost")
    return len(waiting)


# --- the worker's part -------------------------------------------------------------------------------------------------


def draw(pk):
    """Draws the pages of a deck, once; a deck that is drawn, failed or gone stays as it is."""
    deck = SlideDeck.objects.select_related("by").filter(pk=pk).first()
    if deck is None or not is_waiting(deck):
        return
    with tempfile.TemporaryDirectory(prefix="puente-slides-") as folder:
        told = _drawn(deck, Path(folder))
        if "error" in told:
            _fail(deck, told["error"])
        else:
            _keep(deck, told["pages"], Path(folder))


def _drawn(deck, folder):
    """What the drawing process says; `slow` where it was killed by a limit, by the clock, or by a file that made it crash.

    It works on a stranger's file, so it gets none of our secrets.
    """
    pdf = folder / "deck.pdf"
    with deck.file.open("rb") as file:
        pdf.write_bytes(file.read())
    command = [sys.executable, "-m", "sessions.slide_drawing", str(pdf), str(folder), str(MOST_PAGES)]
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        subprocess.run(  # noqa: S603 (our own program)
            command, cwd=settings.BASE_DIR, env=passed_on, timeout=SECONDS, check=True, capture_output=True
        )
        return json.loads((folder / "pages.json").read_text())
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        log.warning("the slides of deck %s were not drawn: %s %s", deck.pk, error, (getattr(error, "stderr", None) or b"")[-500:])
        return {"error": "slow"}


@transaction.atomic
def _keep(deck, pages, folder):
    """All pages or none. Of two workers with the same deck one has the last word."""
    if not SlideDeck.objects.filter(pk=deck.pk, page_count=0).update(page_count=len(pages), error=""):
        return
    token = secrets.token_urlsafe(12)
    for number, facts in enumerate(pages, start=1):
        image = ContentFile((folder / f"{number}.webp").read_bytes(), name=f"{token}-{number}.webp")
        SlidePage.objects.create(deck=deck, number=number, image=image, **facts)


def _fail(deck, code):
    """In the language of whoever uploaded it."""
    with translation.override(deck.by.language if deck.by else settings.LANGUAGE_CODE):
        words = str(WORDS.get(code, WORDS["broken"]))
    SlideDeck.objects.filter(pk=deck.pk, page_count=0).update(error=words % {"most": MOST_PAGES} if code == "many" else words)
