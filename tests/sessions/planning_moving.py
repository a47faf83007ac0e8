"""Series that are there already, and what their rows hold."""

import datetime
import zoneinfo

from sessions import schedule
from sessions.models import Meeting, Series
from tests.sessions.planning_series import MEXICO, coming


def series_of(cohort, lead, count=4, *, zone=MEXICO, first=None, hour=18, closing=False, state="scheduled"):
    """Weekly meetings made by the act itself; the last is an in-person day at 09:00 where `closing`."""
    series = Series.objects.create(cohort=cohort, title="x", wall_time=f"{hour:02}:00", time_zone=zone, created_by=lead)
    first, made = first or coming(), []
    for number in range(count):
        day = first + datetime.timedelta(weeks=number)
        made.append(_one("training", lead, cohort, series, day, hour, zone, state, number + 1))
    if closing:
        made.append(_one("in_person_day", lead, cohort, series, first + datetime.timedelta(weeks=count), 9, zone, state, None))
    return made


def _one(kind, lead, cohort, series, day, hour, zone, state, number):
    starts = datetime.datetime.combine(day, datetime.time(hour), zoneinfo.ZoneInfo(zone))
    fields = {"number": number} if number else {"mode": "in_person"}
    return schedule.create(
        kind, lead, cohort=cohort, title=f"M{number}", starts_at=starts, time_zone=zone, series=series, state=state, **fields
    )


def walls(meetings):
    return [Meeting.objects.get(pk=one.pk).wall_start for one in meetings]


def sequences(meetings):
    return [Meeting.objects.get(pk=one.pk).sequence for one in meetings]
