"""Quarters of the year as words that sort: "2027-Q1". Days are `datetime.date`s of the programme's calendar."""

import datetime
import zoneinfo

from django.conf import settings
from django.utils import timezone

FIRST_YEAR, LAST_YEAR = 2020, 2098


def today():
    """The day where the programme is at home."""
    return day_of(timezone.now())


def day_of(instant):
    """The day of an instant where the programme is at home."""
    return timezone.localdate(instant, zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE))


def quarter_of(day):
    return f"{day.year}-Q{(day.month + 2) // 3}"


def of_year(year):
    return [f"{year}-Q{number}" for number in (1, 2, 3, 4)]


def year_of(quarter):
    return int(quarter[:4])


def number_of(quarter):
    return int(quarter[-1])


def first_day(quarter):
    return datetime.date(year_of(quarter), number_of(quarter) * 3 - 2, 1)


def last_day(quarter):
    return first_day(following(quarter)) - datetime.timedelta(days=1)


def middle(quarter):
    """The day that stands for a meeting whose day nobody has planned yet."""
    first = first_day(quarter)
    return first + (last_day(quarter) - first) // 2


def following(quarter):
    year, number = year_of(quarter), number_of(quarter)
    return f"{year}-Q{number + 1}" if number < 4 else f"{year + 1}-Q1"


def preceding(quarter):
    year, number = year_of(quarter), number_of(quarter)
    return f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"


def is_over(quarter, day=None):
    return last_day(quarter) < (day or today())


def has_begun(quarter, day=None):
    return first_day(quarter) <= (day or today())
