"""The seven tables that every spreadsheet file has, and the free texts. XLSX and CSV write the same ones."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from evaluations.moore.counted import counted_waves
from evaluations.moore.remarks import named
from evaluations.takeaway import items, notes, people
from evaluations.takeaway.observations import COLUMNS, observations
from evaluations.takeaway.source import Source

READ_ME = ("about", "text")
TEXTS = ("level", "indicator", "indicator_name", "text")


@dataclass(frozen=True)
class Sheet:
    """`key` names the file of a CSV, `title` the tab in the reader's language. `rows` are dicts; what is missing is an empty cell."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Any


@dataclass(frozen=True)
class Names:
    """That a file carries names, for whom and why."""

    reader: str
    reason: str


def sheets_of(source: Source, language, names: Names | None = None):
    """All sheets in the order of the tabs. Whoever asks for `names` has checked that they may be given, and has logged it."""
    counted = counted_waves(source.cohort)
    taken = people.withhold(source.document, people.answers(counted, names=bool(names)))
    asked = items.asked_of(counted, source.cohort)
    last = ("name",) if names else ()
    with translation.override(language):
        return [
            Sheet("read-me", _("Read me"), READ_ME, _read_me(source, counted, names)),
            Sheet("observations", _("Observations"), COLUMNS, [line for one in source.documents for line in observations(one, language)]),
            Sheet("people", _("People"), people.PEOPLE + last, people.people(source.cohort, language, names=bool(names))),
            Sheet("answers", _("Answers"), people.ANSWERS + last, taken.lines(language, names=bool(names))),
            Sheet("pairs", _("Matched pairs"), people.PAIRS + last, people.pairs(source.document, taken, language, names=bool(names))),
            Sheet("items", _("Items"), items.ITEMS, items.items(asked, language)),
            Sheet("codebook", _("Codebook"), items.CODEBOOK, items.codebook(asked, language)),
            Sheet("texts", _("Free text"), TEXTS, _texts(source.document)),
        ]  # fmt: skip


def _texts(document):
    return [
        {"level": level["code"], "indicator": one["key"], "indicator_name": named(one.get("name")), "text": text}
        for level in document["levels"]
        for one in level["indicators"]
        for text in one.get("texts") or []
    ]


# --- read me ---------------------------------------------------------------------------------------------------------


def _read_me(source, counted, names):
    document = source.document
    minimum = document["minimum"]
    lines = [
        (settings.SITE_NAME, _("Results at Moore's outcome levels")),
        (_("Cohort"), document["cohort"]["name"]),
        (_("People"), document["cohort"]["people"]),
        (_("Figures as of"), document["made_at"]),
        (_("File made at"), timezone.now().isoformat(timespec="seconds")),
        (_("Names"), _with_names(names)),
        *_sheets(),
        *_instruments(counted),
        *notes.level_lines(),
        *notes.about_the_figures(minimum),
        *notes.licence(),
    ]
    return [{"about": about, "text": text} for about, text in lines]


def _with_names(names):
    if names is None:
        return _("This file carries no names.")
    return _("This file carries names, for %(reader)s. Reason given: %(reason)s") % {
        "reader": names.reader,
        "reason": names.reason,
    }


def _sheets():
    return [
        (_("Observations"), _("Every figure of the report, one per line, for all people and for each country and profession that may be shown. Where there is none, the column “hidden” says why.")),
        (_("People"), _("One line per trainee, without names, with the required activities that are done.")),
        (_("Answers"), _("One line per person and question of identified waves. Answers to confidential and anonymous waves are in Observations only, as protected distributions. Texts and commitments are never here.")),
        (_("Matched pairs"), _("Before and after of the same person, for identified tests and questionnaires.")),
        (_("Items"), _("The questions of every wave, with their level and what they measure.")),
        (_("Codebook"), _("What columns, statistics and codes mean.")),
        (_("Free text"), _("What people wrote, in no order and with nothing beside it; only from groups of the minimum on.")),
    ]  # fmt: skip


def _instruments(counted):
    lines = []
    for one in counted:
        instrument = one.wave.instrument
        words = {"title": instrument.title_here, "version": instrument.version, "moment": one.wave.get_moment_display()}
        told = _("%(title)s, version %(version)s, %(moment)s") % words
        state = _("counts: %(n)s") % {"n": one.n} if one.counts else _("does not count yet")
        lines.append((_("Wave %(number)s") % {"number": one.wave.pk}, f"{told}; {one.wave.get_promise_display()}; {state}"))
    return lines
