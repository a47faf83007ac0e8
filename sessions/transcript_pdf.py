"""The transcript for paper: a tagged PDF (PDF/UA-1). The layout is typst/transcript.typ; people's words reach it as JSON only."""

import json
import re
from datetime import datetime
from pathlib import Path

import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from evaluations.takeaway.drawing import NOT_XML
from evaluations.takeaway.pictures import fonts
from notifications.readers import percent, written_date
from sessions.local_times import clock
from sessions.transcript_words import REDACTED, state_words, what_words

LAYOUT = Path(__file__).parent / "typst" / "transcript.typ"
CANNOT = re.compile(r'the text `"(.+?)"` could not be displayed')
BEYOND = re.compile("[\u2190-\u2bff\ufe00-\ufe0f\u200d\U00010000-\U0010ffff]")  # arrows, signs, emoji and their joiners
UNUSUAL = re.compile(
    "[^\x00-\u024f\u0300-\u036f\u0370-\u03ff\u1e00-\u1eff\u2010-\u2044\u20a0-\u20bf]"
)  # beyond Latin, Greek, stops, coins
COARSER = (BEYOND, UNUSUAL)  # each failure costs a whole drawing, and anybody may write signs
BOX = "\u25a1"


def transcript_pdf(document, language, zone):
    """The PDF as bytes. Times are in `zone` (a `ZoneInfo`), which is named on the page."""
    with translation.override(language):
        data = words_of(document, language, zone)
    return _compiled(NOT_XML.sub("\ufffd", json.dumps(data, ensure_ascii=False)))


def _compiled(data):
    """Signs that the font does not have (emoji, other scripts) are printed as a box; the PDF/UA standard refuses them."""
    for unwanted in COARSER:
        try:
            return _compile(data, pdf_standards="ua-1")
        except typst.TypstError as error:
            missing = CANNOT.search(error.message)
            if not missing:
                raise
            data = unwanted.sub(BOX, data).replace(missing[1], BOX)
    try:
        return _compile(data, pdf_standards="ua-1")
    except typst.TypstError:
        return _compile(data)


def _compile(data, **standard):
    return typst.compile(
        LAYOUT.read_bytes(), sys_inputs={"data": data}, font_paths=fonts(), ignore_system_fonts=True,
        timestamp=int(timezone.now().timestamp()), **standard,
    )  # fmt: skip


def words_of(document, language, zone):
    """Everything the layout prints, in the active language."""
    code, __, region = language.partition("-")
    meeting, at = document["meeting"], _clocks(zone)
    held = meeting["started_at"] or meeting["planned_at"]
    made = timezone.now().astimezone(zone)
    return {
        "lang": code, "region": region.upper() or None, "made": {"year": made.year, "month": made.month, "day": made.day},
        "site": settings.SITE_NAME, "title": _("Transcript"), "meeting": meeting["title"], "cohort": meeting["cohort"],
        "facts": [[_("Held"), _date(held, zone)], [_("From"), at(held)], [_("To"), at(meeting["ended_at"]) or "–"],
                  [_("Times of"), import_string(settings.CITY_NAMES)(str(zone))]],
        "expired": _("What was said was deleted after the time it is kept. What came of the meeting stays.") if document["expired_at"] else "",
        "parts": [part for part in _parts(document, at) if part["items"]],
        "empty": _("Nothing was written in this meeting."), "page_of": _("Page %(page)s of %(pages)s"),
    }  # fmt: skip


def _parts(document, at):
    """`[{title, items: [{head, text, notes}]}]` in the order of the page."""
    yield _part(_("Decisions and actions"), [_outcome(one) for one in document["outcomes"]])
    yield _part(_("Agenda"), [_item(one["title"], _span(one, at), [one["who"]]) for one in document["agenda"]])
    for stream in document["streams"]:
        yield _part(_("Messages: %(who)s") % {"who": stream["title"]}, [_said(one, at) for one in stream["messages"]])
    yield _part(_("Questions"), [_question(one, at) for one in document["questions"]])
    for board in document["boards"]:
        for column in board["columns"]:
            yield _part(f"{_('Board')}: {board['title']}, {column['title']}", [_note(one) for one in column["notes"]])
    for poll in document["polls"]:
        yield _part(_("Poll: %(question)s") % {"question": poll["text"]}, _votes(poll))


def _part(title, items):
    return {"title": title, "items": items}


def _item(text, head="", notes=()):
    return {"head": head, "text": text, "notes": [note for note in notes if note]}


def _outcome(one):
    due = _("until %(day)s") % {"day": written_date(datetime.fromisoformat(one["due"]).date())} if one["due"] else ""
    return _item(one["text"], what_words(one["what"]), [one["owner"], due, _("done") if one["done"] else ""])


def _span(one, at):
    if one["started_at"]:
        return f"{at(one['started_at'])}–{at(one['ended_at'])}"
    return ngettext("%(count)s min", "%(count)s min", one["minutes"]) % {"count": one["minutes"]}


def _said(one, at):
    return _item(
        str(REDACTED) if one["redacted"] else one["text"],
        f"{at(one['at'])} {one['name']}",
        [_("changed") if one["edited"] else ""],
    )


def _question(one, at):
    votes = ngettext("%(count)s vote", "%(count)s votes", one["votes"]) % {"count": one["votes"]}
    answer = f"{_('Answer')}: {one['answer']}" if one["answer"] else ""
    merged = [f"{_('Asked too')}: {text}" for text in one["merged"]]
    return _item(
        str(REDACTED) if one["redacted"] else one["text"],
        f"{at(one['at'])} {one['name']}",
        [state_words(one["state"]), votes, answer, *merged],
    )


def _note(one):
    votes = ngettext("%(count)s vote", "%(count)s votes", one["votes"]) % {"count": one["votes"]} if one["votes"] else ""
    answers = [_("answers: %(text)s") % {"text": text} for text in one["answers"]]
    return _item(one["text"], str(countries.name(one["country"])) if one["country"] else "", [votes, *answers])


def _votes(poll):
    rows = poll["rows"] or poll["words"] or []
    return [
        _item(row["text"], str(row["count"]), [percent(int(row["share"] * 100 + 0.5)) if "share" in row else ""]) for row in rows
    ]


def _clocks(zone):
    def at(instant):
        return clock(datetime.fromisoformat(instant).astimezone(zone)) if instant else ""

    return at


def _date(instant, zone):
    return written_date(datetime.fromisoformat(instant).astimezone(zone).date())
