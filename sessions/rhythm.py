"""The days of a series: one step after the other; a day that is left out pushes the following ones on."""

import itertools
from datetime import timedelta

from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused

FARTHEST = 5 * 366  # days from the first one


def days_of(first, gaps, step, why_not):
    """`(days, left_out)`: one day more than there are `gaps`; `left_out` is `[(day, why)]`.

    `gaps` are the days between one meeting and the next, `step` is what a left-out day is pushed on by, and `why_not(day)` says in words
    why nobody meets on that day, or "". Raises `Refused` where five years are not enough.
    """
    days, left_out, day = [], [], first
    for gap in (0, *gaps):
        day += timedelta(days=gap)
        while why := why_not(day):
            left_out.append((day, why))
            day += timedelta(days=step)
            _require_near(first, day)
        _require_near(first, day)
        days.append(day)
    return days, left_out


def regular(count, step):
    return [step] * (count - 1)


def rhythm_of(days):
    """The gaps between days that somebody else planned."""
    return [(later - earlier).days for earlier, later in itertools.pairwise(days)]


def next_weekday(after, weekday):
    """The first such weekday (Monday is 0) later than the day."""
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)


def _require_near(first, day):
    if (day - first).days > FARTHEST:
        raise Refused(_("The series would take more than five years. Plan fewer meetings, or leave out fewer days."), "count")
