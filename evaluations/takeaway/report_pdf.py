"""The report for paper: a tagged PDF in A4 or Letter, all levels with charts, tables, method and what is hidden.

The layout is typst/report.typ. Data reaches it as JSON only, so nobody's words can become markup.
"""

import json
import re
from pathlib import Path

import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django_countries import countries

from evaluations.moore import bands, charts
from evaluations.moore.method import method_lines
from evaluations.moore.shapes import number
from evaluations.moore.standalone import standalone_svg
from evaluations.takeaway import notes, pictures
from evaluations.takeaway.drawing import NOT_XML, drawable
from notifications.readers import written_date

LAYOUT = Path(__file__).parent / "typst" / "report.typ"
PAPERS = {"a4": "a4", "letter": "us-letter"}
MOST_TEXTS = 60
CANNOT = re.compile(r'the text `"(.+?)"` could not be displayed')
MOST_SIGNS = 20


def report_pdf(document, language, paper="a4", own=None):
    """The PDF as bytes. `own` is `{indicator key: Finding}`: the lead's own sentences (moore/bands.py)."""
    with translation.override(language):
        data = words_of(document, language, own)
    return _compiled(NOT_XML.sub("\ufffd", json.dumps({**data, "paper": PAPERS[paper]}, ensure_ascii=False)))


def _compiled(data):
    """Signs that the font does not have (emoji, other scripts) are printed as a box; the PDF/UA standard refuses them."""
    for _try in range(MOST_SIGNS):
        try:
            return _compile(data, pdf_standards="ua-1")
        except typst.TypstError as error:
            missing = CANNOT.search(error.message)
            if not missing:
                raise
            data = data.replace(missing[1], "\u25a1")
    return _compile(data)


def _compile(data, **standard):
    made = int(timezone.now().timestamp())
    return typst.compile(
        LAYOUT.read_bytes(),
        sys_inputs={"data": data},
        font_paths=pictures.fonts(),
        ignore_system_fonts=True,
        timestamp=made,
        **standard,
    )


def words_of(document, language, own=None):
    """Everything the layout prints, in the active language."""
    code, __, region = language.partition("-")
    made = parse_datetime(document["made_at"])
    cohort = document["cohort"]
    return {
        "lang": code, "region": region.upper() or None, "made": {"year": made.year, "month": made.month, "day": made.day},
        "site": settings.SITE_NAME, "title": _("Results at Moore's outcome levels"), "cohort": cohort["name"],
        "facts": [
            [_("People"), number(cohort["people"])],
            [_("Countries"), ", ".join(str(countries.name(one) or one) for one in cohort["countries"]) or "–"],
            [_("Figures as of"), written_date(made.date())],
        ],
        "hidden": bands.what_is_hidden(document), "levels": [_level(band, document) for band in bands.bands_of(document, own)],
        "method": [list(pair) for pair in (*notes.about_the_figures(document["minimum"]), *notes.licence())],
        "method_title": _("Method"), "texts_title": _("What people wrote"), "tests_title": _("Effect sizes and tests"),
        "page_of": _("Page %(page)s of %(pages)s"), "own_words": _("The programme lead's own sentence"),
    }  # fmt: skip


def _level(band, document):
    level = band.level
    indicators = next((one["indicators"] for one in document["levels"] if one["code"] == level.code), [])
    panels = [*band.panels, *band.published]
    return {
        "code": level.code, "name": str(level.name), "question": str(level.question), "missing": band.missing,
        "panels": [_panel(panel, indicators, document) for panel in panels],
    }  # fmt: skip


def _panel(panel, indicators, document):
    indicator = panel.indicator
    about = [panel.evidence, panel.source, panel.of, panel.promise]
    chart = None if panel.hidden else charts.chart_of(indicator, indicators)
    return {
        "name": panel.name, "finding": panel.sentence.words, "rule": panel.sentence.rule if panel.sentence.own else "",
        "about": " · ".join(filter(None, about)), "warning": panel.warning, "drawing": _drawing(chart, panel, document),
        "head": [str(cell) for cell in chart.head] if chart else [],
        "body": [[str(label), *map(str, cells)] for label, cells in chart.body] if chart else [],
        "tests": [[label, " ".join(told)] for label, told in method_lines(indicator)] if chart else [],
        "texts": list(indicator.get("texts") or [])[:MOST_TEXTS],
    }  # fmt: skip


def _drawing(chart, panel, document):
    """The chart with what it says to those who do not see it."""
    if chart is None or not any(row.shapes for row in chart.rows):
        return None
    svg = standalone_svg(document, panel.indicator["level"], panel.indicator, chart, heading=False)
    wide, high = pictures.size_of(svg)
    return {"svg": drawable(svg), "alt": f"{panel.name}. {panel.sentence.rule}", "ratio": high / wide}
