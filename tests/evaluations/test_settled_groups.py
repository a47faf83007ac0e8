"""Figures of one country wait until nothing can be added to the wave: steps of five hold for the wave, not for each country."""

import datetime

import pytest
from django.utils import timezone

from evaluations.moore import report
from tests.evaluations import answered_waves as asked
from tests.evaluations.answered_waves import answer, indicator, likert, people
from tests.factories import CohortFactory

pytestmark = pytest.mark.django_db
MEXICO = ("country", "MX")


def answered(state, **fields):
    cohort = CohortFactory()
    instrument = asked.instrument(useful=likert(aspect="satisfaction", moore="2"))
    wave = asked.wave(cohort, instrument, state=state, promise="identified", **fields)
    answer(wave, people(cohort, number=10), useful=[1, 2, 3, 4, 5] * 2)
    return cohort, wave


def hidden_in_mexico(cohort):
    return indicator(report.build(cohort, MEXICO), "satisfaction")["hidden"]


def test_a_rolling_wave_shows_no_country_until_it_is_closed():
    cohort, wave = answered("rolling")
    assert indicator(report.build(cohort), "satisfaction")["hidden"] is None
    assert hidden_in_mexico(cohort) == {"reason": "open_wave", "n": None}
    wave.closed_at = timezone.now()
    wave.save()
    assert hidden_in_mexico(cohort) is None


def test_while_late_answers_may_come_no_country_is_shown():
    cohort, wave = answered("closed", late_days=30)
    assert indicator(report.build(cohort), "satisfaction")["hidden"] is None
    assert hidden_in_mexico(cohort) == {"reason": "open_wave", "n": None}
    wave.late_days = 0
    wave.closes_on = timezone.localdate() - datetime.timedelta(days=10)
    wave.save()
    assert hidden_in_mexico(cohort) is None
