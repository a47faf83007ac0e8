"""The report of a cohort: what is known at each of Moore's levels, as one JSON document per view (shape: ARCHITECTURE.md).

Indicators gather (settings.MOORE_INDICATORS), suppression decides, `rows` writes down. One indicator that fails hides itself and is
logged; the rest stands. Whatever the number of people, the number of queries is the same.
"""

import logging

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from evaluations.moore import statistics
from evaluations.moore.answer_tables import ALL, contains
from evaluations.moore.counted import basis_of
from evaluations.moore.indicators.base import Scope, add_up
from evaluations.moore.levels import LEVELS, in_all_languages
from evaluations.moore.rows import row_of, words
from evaluations.moore.suppression import protect_groups

SCHEMA = 1
WORK_MEMORY = "64MB"
logger = logging.getLogger(__name__)


def build(cohort, view=ALL):
    """The document of one view: ("all", ""), ("country", "MX") or ("profession", "nursing")."""
    return Report(cohort).document(view)


def indicators():
    """Everything that settings name, in Moore's order; within a level in the order of settings."""
    found = [indicator for path in settings.MOORE_INDICATORS for indicator in import_string(path)()]
    order = {level.code: level.order for level in LEVELS}
    return sorted(found, key=lambda indicator: order[indicator.level])


class Report:
    """What was gathered for a cohort, once; a document for each view of it."""

    def __init__(self, cohort, now=None):
        self.cohort, self.now = cohort, now or timezone.now()
        self.scope = Scope(cohort, self.now)
        with transaction.atomic():  # one moment for all figures
            _make_room()
            self.people = self.scope.members
            self.basis = basis_of(self.scope.waves)
            self.lines = [(indicator, line) for indicator in indicators() for line in self._gather(indicator)]

    def views(self):
        """What a reader can choose: all, each country, each profession; never two at once."""
        atoms = add_up([self.people, *(counted.people for counted in self.scope.waves)])
        countries = sorted({country for country, _profession in atoms if country})
        professions = sorted({profession for _country, profession in atoms if profession})
        return [ALL, *(("country", code) for code in countries), *(("profession", name) for name in professions)]

    def document(self, view=ALL):
        return {
            "schema": SCHEMA, "cohort": self._cohort(), "view": {"kind": view[0], "value": view[1]}, "made_at": self.now.isoformat(),
            "minimum": settings.MIN_GROUP_SIZE, "levels": [self._level(level, view) for level in LEVELS],
        }  # fmt: skip

    def _gather(self, indicator):
        try:
            with transaction.atomic():
                return indicator.gather(self.scope)
        except Exception:
            logger.exception("Indicator %s of cohort %s failed", indicator.key, self.cohort.pk)
            return [None]

    def _cohort(self):
        countries = [country.code for country in self.cohort.countries]
        return {"id": self.cohort.pk, "name": self.cohort.name, "people": sum(self.people.values()), "countries": countries}

    def _level(self, level, view):
        lines = [
            self._line(indicator, line, view)
            for indicator, line in self.lines
            if (line.level if line and line.level else indicator.level) == level.code
        ]
        return {
            "code": level.code, "name": in_all_languages(level.name), "question": in_all_languages(level.question),
            "indicators": [line for line in lines if line],
        }  # fmt: skip

    def _line(self, indicator, line, view):
        """The line as JSON; what goes wrong on the way hides it, as in gathering."""
        try:
            return line_of(indicator, line, view)
        except Exception:
            logger.exception("Indicator %s of cohort %s could not be written down", indicator.key, self.cohort.pk)
            return line_of(indicator, None, view)


def _make_room():
    """PostgreSQL adds up in memory instead of on disk, in this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")


# --- one line --------------------------------------------------------------------------------------------------------


def line_of(indicator, line, view):
    """An indicator as it stands in the document; `None` where it has no place in this view. A missing line is an error."""
    head = _head(indicator, line)
    if line is None:
        return {**head, **_nobody(), "hidden": {"reason": "error", "n": None}}
    facts = _facts(line, view)
    reason = _hidden(indicator, line, view, facts["n"])
    if reason:
        return {**head, **facts, "hidden": reason}
    rows = [row_of(item, indicator.design, line.promise, view, indicator.exempt) for item in line.items]
    rows = [row for row in rows if row is not None]
    if not rows:
        return None
    texts = line.texts if view == ALL else []
    return {**head, **facts, "rows": rows, "texts": texts}


def _head(indicator, line):
    name = words(indicator.name)
    if line and line.about:
        name = {language: f"{text} ({line.about.get(language, '')})" for language, text in name.items()}
    suffix = f"-{line.suffix}" if line and line.suffix else ""
    return {
        "key": f"{indicator.key}{suffix}", "level": (line.level if line else "") or indicator.level, "name": name,
        "question": words(indicator.question), "evidence": indicator.evidence,
        "source": words((line.source if line else None) or indicator.source), "unit": indicator.unit, "design": indicator.design,
        "promise": line.promise if line else "", "exempt": indicator.exempt, "columns": line.columns if line else [],
        "rows": [], "texts": [], "hidden": None,
    }  # fmt: skip


def _nobody():
    return {"asked": None, "n": None, "response_rate": None, "low_response": False, "as_of": None, "waves": []}


def _facts(line, view):
    """Of how many, how many, and as of when. Somebody who has left since is still among those who were asked."""
    n = _in_view(line.people, view) if line.people or line.asked else None
    asked = max(_in_view(line.asked, view), n) if n is not None else None
    rate = statistics.response_rate(n, asked) if line.waves and line.open_n is None else None
    return {
        "asked": asked, "n": n, "response_rate": None if rate is None else round(rate, 4),
        "low_response": statistics.low_response(rate), "as_of": line.as_of.isoformat() if line.as_of else None,
        "waves": [counted.wave.pk for counted in line.waves],
    }  # fmt: skip


def _in_view(people, view):
    return sum(number for atom, number in people.items() if contains(view, atom))


def _hidden(indicator, line, view, n):
    if line.open_n is not None:
        return {"reason": "open_wave", "n": line.open_n if view == ALL else None}
    if not line.items:
        return {"reason": "nothing_yet", "n": None}
    if indicator.exempt:
        return None
    if view != ALL and set(line.people) == {("", "")}:  # nobody can be told apart, so no group can be shown
        return {"reason": "anonymous", "n": None}
    if view != ALL and not all(counted.final for counted in line.waves):
        # Steps hold for a whole wave, not for each country: its figures wait until nothing can move them any more.
        return {"reason": "open_wave", "n": None}
    if not n:
        return {"reason": "nothing_yet", "n": 0}
    reason = protect_groups(line.people, settings.MIN_GROUP_SIZE).get(view)
    return {"reason": reason, "n": n} if reason else None
