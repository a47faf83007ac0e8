"""What was published about the programme: figures with their source, never mixed with what a cohort shows of itself.

Two values for one thing both stand (17,205 and 17,025 additional patients), each with where it stands. One line per level.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from evaluations.models import ReportedFigure
from evaluations.moore.indicators.base import Gathered, Indicator, Item
from evaluations.moore.levels import CODES, in_order


def indicators():
    return [
        Indicator(
            key="published", level="5", name=_("Published figures"), question=_("What has been published about the programme?"),
            evidence="estimate", source=_("Publications"), unit="", design="published", gather=gather, exempt=True,
        )
    ]  # fmt: skip


def gather(scope):
    figures = [row for row in ReportedFigure.objects.filter(curriculum_key=scope.cohort.curriculum_key) if row.level in CODES]
    levels = in_order({row.level for row in figures})
    return [
        Gathered(items=[_item(row) for row in figures if row.level == level], level=level, suffix=level.lower())
        for level in levels
    ]  # fmt: skip


def _item(figure):
    row = {
        "value": int(figure.value) if figure.value == int(figure.value) else figure.value, "unit": figure.unit,
        "country": figure.country.code or "", "as_of": figure.as_of, "definition": figure.definition, "source": figure.source,
        "note": figure.note, "indicator": figure.indicator,
    }  # fmt: skip

    def figures(view):
        """A country's view has that country's figures; a profession's has none."""
        return row if view[0] == "all" or view == ("country", row["country"]) else None

    return Item(key=figure.key, label=_country_words(figure.country) or figure.definition, figures=figures)


def _country_words(country):
    if not country:
        return {}
    names = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names[language] = str(country.name)
    return names
