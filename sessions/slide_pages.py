"""The worker's part of slides: a PDF becomes pictures, one per page. The file itself is kept, people get the pictures only."""

import json
import logging
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from sessions.models import SlideDeck, SlidePage

log = logging.getLogger(__name__)
SECONDS = 300  # by the clock on the wall; processor time and memory are bounded in slide_drawing.py
MOST_PAGES = 120
PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
WORDS = {
    "password": gettext_lazy("This PDF is protected with a password. Save it without one and upload it again."),
    "broken": gettext_lazy("This file could not be read as a PDF. Export it again and upload it."),
    "empty": gettext_lazy("This PDF has no pages."),
    "many": gettext_lazy("This PDF has more than %(most)d pages. Split it and upload the parts."),
    "page": gettext_lazy("A page of this PDF could not be drawn. Export it again, or without very large pictures."),
    "slow": gettext_lazy("Drawing this PDF takes too long or too much memory. Export it with smaller pictures."),
    "lost": gettext_lazy("The pages were not drawn. Upload the PDF again."),
}


def is_waiting(deck):
    """Whether the worker has still to draw it."""
    return not deck.page_count and not deck.error


def draw(pk):
    """Draws the pages of a deck, once; a deck that is drawn, failed or gone stays as it is."""
    deck = SlideDeck.objects.select_related("by").filter(pk=pk).first()
    if deck is None or not is_waiting(deck):
        return
    with tempfile.TemporaryDirectory(prefix="puente-slides-") as folder:
        told = _drawn(deck, Path(folder))
        if "error" in told:
            fail(deck, told["error"])
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


def fail(deck, code):
    """In the language of whoever uploaded it."""
    with translation.override(deck.by.language if deck.by else settings.LANGUAGE_CODE):
        words = str(WORDS.get(code, WORDS["broken"]))
    SlideDeck.objects.filter(pk=deck.pk, page_count=0).update(error=words % {"most": MOST_PAGES} if code == "many" else words)
