"""The usual plan of a cohort's waves: looked at first, then planned; what stands already is left alone.

`settings.WAVE_PLANS` names the provider by its dotted path: a function that takes the key of a curriculum (a UUID) and gives its
usual waves as a sequence of `PlannedWave`, empty where there is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from curriculum.outline import outline_of
from evaluations import waves
from evaluations.answering import newest_instrument
from evaluations.models import Instrument, Wave


@dataclass(frozen=True)
class PlannedWave:
    """One wave of a usual plan. `opens` and `closes` are ("start" | "end", days) from the cohort's first or last day.

    `closes` is `None` for a rolling wave; `activity_key` is the activity of the programme that asks, `None` where it stands alone.
    """

    key: str
    instrument: str
    moment: str
    number: int
    promise: str
    feedback: str
    opens: tuple[str, int]
    closes: tuple[str, int] | None
    late_days: int
    activity_key: UUID | None = None


WavePlan = Callable[[UUID], Sequence[PlannedWave]]


@dataclass(frozen=True)
class Line:
    """What the usual plan comes to in one cohort. `wave` stands already; else `problem` says why it is left out; else it is new."""

    planned: PlannedWave
    instrument: Instrument | None
    opens_on: date
    closes_on: date | None
    wave: Wave | None = None
    problem: str = ""

    @property
    def new(self):
        return self.wave is None and not self.problem

    @property
    def moment_words(self):
        return moment_words(self.planned.moment, self.planned.number)

    @property
    def promise_words(self):
        return Wave.Promise(self.planned.promise).label


def preview(cohort):
    """A `Line` for each wave of the usual plan; nothing is written. Two queries and one for each instrument."""
    planned = import_string(settings.WAVE_PLANS)(cohort.curriculum_key)
    standing = list(Wave.objects.filter(cohort=cohort).select_related("instrument"))
    known = {(wave.instrument.key, wave.moment, wave.number): wave for wave in standing}
    newest = {key: newest_instrument(key) for key in {wave.instrument for wave in planned}}
    return [_line(cohort, wave, newest[wave.instrument], known) for wave in planned]


def _line(cohort, planned, instrument, known):
    opens_on, closes_on = (_day(cohort, when) for when in (planned.opens, planned.closes))
    wave = known.get((planned.instrument, planned.moment, planned.number))
    if wave:
        return Line(planned, wave.instrument, wave.opens_on, wave.closes_on, wave)
    today = waves.today_in(cohort)
    problem = _problem(cohort, planned, instrument, closes_on, today)
    return Line(planned, instrument, max(opens_on, today), closes_on, None, problem)


def _problem(cohort, planned, instrument, closes_on, today):
    """Why this wave cannot be planned here, in a sentence; "" where it can. One that should have opened already opens today."""
    if instrument is None:
        return _("There is no questionnaire “%(key)s”.") % {"key": planned.instrument}
    if closes_on and closes_on < today:
        return _("Its days are past.")
    if planned.activity_key and outline_of(cohort).find(planned.activity_key) is None:
        return _("The cohort's programme does not have this activity.")
    return ""


def _day(cohort, when):
    if when is None:
        return None
    anchor, days = when
    return (cohort.starts_on if anchor == "start" else cohort.ends_on) + timedelta(days=days)


def plan_usual(cohort, by):
    """Plans all that is new in the preview, everything or nothing; returns the waves made. Again it makes none.

    Raises `Refused` where one of them cannot be planned: the text names it.
    """
    with transaction.atomic():
        cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
        return [_plan(cohort, by, line) for line in preview(cohort) if line.new]


def _plan(cohort, by, line):
    planned = line.planned
    try:
        return waves.plan(
            cohort, by, instrument=line.instrument, moment=planned.moment, number=planned.number, promise=planned.promise,
            feedback=planned.feedback, opens_on=line.opens_on, closes_on=line.closes_on, late_days=planned.late_days,
            activity_key=planned.activity_key,
        )  # fmt: skip
    except Refused as refusal:
        raise Refused(f"{line.instrument.title_here}, {line.moment_words}: {refusal.text}") from refusal


def moment_words(moment, number=0):
    """ "before the training", "after session 3"."""
    if moment == Wave.Moment.SESSION and number:
        return _("after session %(number)s") % {"number": number}
    if moment == Wave.Moment.MEETING and number:
        return _("after mentor meeting %(number)s") % {"number": number}
    return Wave.Moment(moment).label
