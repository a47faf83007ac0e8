"""The contract of an indicator: what one line of the report says of itself, and how it finds its figures.

`settings.MOORE_INDICATORS` lists providers by dotted path: each a function without arguments that gives a list of `Indicator`.
Apps of upper floors (attendance, mentorship) add theirs there; nothing here knows them.

`Indicator.gather(scope)` gives a list of `Gathered`, one per line of the report: usually one, one per wave where waves stand apart,
none where there is nothing (the level then says so). It reads the database by GROUP BY: a handful of queries whatever the number of
people, and nobody's name. What several indicators need is asked once: `scope.once(name, read)`.
What an indicator raises hides that indicator alone, and is logged.

A `Gathered` carries its figures as counts of people by *atom*, (country, profession) as they were when answering: the report adds
atoms up to the view that is read and lets `suppression` decide what of it may be shown. `exempt` figures (attendance, completion,
published) are shown as they are.

What `Item.atoms` maps an atom to, by design:
  distribution                  `{point of the scale: people}`
  true_pre_post, retro_pre_post `{(before, after): people}`
  rated                         `{(first or None, last, raters): people}`, first only of those who were assessed again
  commitments                   `{(status or "unanswered", barriers): commitments}`, with `sizes` the people
  count, published              nothing: `figures(view)` gives the row's own keys, or `None` where the row is not of that view.
                                Where it is not exempt, `sizes` are the people behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Count

from curriculum.models import Cohort, Enrollment
from evaluations.moore.counted import CountedWave, counted_waves

Atom = tuple[str, str]  # (country, profession)
View = tuple[str, str]  # ("all", "") | ("country", "MX") | ("profession", "nursing")


@dataclass(frozen=True)
class Indicator:
    """`name`, `question` and `source` are lazy translations or `{language: text}`. `level` is a code of `levels.CODES`.

    `evidence`: objective | observed | self-report | estimate. `design`: count | distribution | true_pre_post | retro_pre_post |
    rated | commitments | published.
    """

    key: str
    level: str
    name: Any
    question: Any
    evidence: str
    source: Any
    unit: str
    design: str
    gather: Callable[["Scope"], list["Gathered"]]
    exempt: bool = False


@dataclass
class Item:
    """One row: an item of an instrument, a construct, a criterion. `scale` is `[{"value", "text"}]`, low to high; `items` stand
    below it; `facts` are what its design needs besides."""

    key: str
    label: Any
    atoms: dict[Atom, dict] = field(default_factory=dict)
    construct: str = ""
    low: float | None = None
    high: float | None = None
    scale: list[dict] = field(default_factory=list)
    not_applicable: dict[Atom, int] = field(default_factory=dict)
    items: list["Item"] = field(default_factory=list)
    figures: Callable[[View], dict | None] | None = None
    sizes: dict[Atom, int] = field(default_factory=dict)
    facts: dict = field(default_factory=dict)


@dataclass
class Gathered:
    """One line of the report. `suffix` makes its key its own where an indicator has several; `about` is said after the name.

    `people` are those behind the figures by atom, `asked` those who could have been. `open_n` have answered a wave that is still
    open (then there are no items). `level` replaces the indicator's where the figures bring their own.
    """

    items: list[Item] = field(default_factory=list)
    suffix: str = ""
    about: dict | None = None
    source: Any = None
    promise: str = ""
    waves: tuple[CountedWave, ...] = ()
    people: dict[Atom, int] = field(default_factory=dict)
    asked: dict[Atom, int] = field(default_factory=dict)
    as_of: date | None = None
    open_n: int | None = None
    columns: list[dict] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    level: str = ""


class Scope:
    """What is reported on: a cohort, its counted waves, its people."""

    def __init__(self, cohort: Cohort, now=None):
        self.cohort, self.now, self._known = cohort, now, {}

    def once(self, name, read):
        """`read()`, or what it gave the first time."""
        if name not in self._known:
            self._known[name] = read()
        return self._known[name]

    @cached_property
    def waves(self):
        return counted_waves(self.cohort, self.now)

    @cached_property
    def members(self):
        """Trainees of the cohort by atom, as their profiles say today. One query."""
        return self._people(Enrollment.objects.members())

    @cached_property
    def mentors(self):
        return self._people(Enrollment.objects.members().filter(status=Enrollment.Status.CERTIFIED))

    def asked(self, wave):
        return self.mentors if wave.audience == wave.Audience.MENTORS else self.members

    def _people(self, enrollments):
        rows = (
            enrollments.filter(cohort=self.cohort)
            .order_by()
            .values_list("user__country", "user__profession")
            .annotate(people=Count("pk"))
        )
        return {(country or "", profession): people for country, profession, people in rows}


def add_up(counts):
    """The sum of many `{thing: people}`."""
    total = {}
    for one in counts:
        for thing, people in one.items():
            total[thing] = total.get(thing, 0) + people
    return total


def count_by(rows, columns):
    """`[(*columns, people)]`: GROUP BY over a queryset that is itself grouped (by person), which Django cannot say. One query."""
    inner, parameters = rows.query.sql_with_params()
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted}, COUNT(*) FROM ({inner}) AS people GROUP BY {quoted}", parameters)  # noqa: S608 -- names from our code
        return cursor.fetchall()
