"""When a person is written to: not in their quiet hours, and gathered messages in the morning. Wall time in the reader's own zone."""

import datetime
import zoneinfo

from django.conf import settings

MORNING = datetime.time(7, 30)  # of the digest
MONDAY = 0


def zone_of(user):
    """The person's zone; the programme's where they gave none or one that this machine's tzdata does not know."""
    try:
        return zoneinfo.ZoneInfo(getattr(user, "time_zone", "") or settings.PROGRAMME_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE)


def hours_of(habit):
    """(from, until) of a Habit, or of settings.QUIET_HOURS for a person without one. Equal hours: none are quiet."""
    if habit:
        return habit.quiet_from, habit.quiet_until
    begin, end = settings.QUIET_HOURS
    return datetime.time.fromisoformat(begin), datetime.time.fromisoformat(end)


def after_quiet(moment, zone, hours):
    """`moment` (aware), or the end of the quiet span it falls in. The span may cross midnight.

    An end that a clock skips comes when the clock has skipped it (RFC 5545, 3.3.5: the offset before the gap); one that a
    clock shows twice is its second showing, so that nobody is woken in between.
    """
    begin, end = hours
    local = moment.astimezone(zone)
    clock = local.time()
    within = begin <= clock < end if begin < end else begin != end and (clock >= begin or clock < end)
    if not within:
        return moment
    morning = local.date() + datetime.timedelta(days=1) if clock >= begin > end else local.date()
    return instant(morning, end, zone)


def next_digest(moment, zone, hours, *, weekly=False):
    """The first 07:30 after `moment` in the zone, on a Monday if `weekly`; later where 07:30 is still quiet."""
    day = moment.astimezone(zone).date()
    while True:
        begins = after_quiet(instant(day, MORNING, zone), zone, hours)
        if begins > moment and (not weekly or day.weekday() == MONDAY):
            return begins
        day += datetime.timedelta(days=1)


def instant(day, clock, zone):
    """A wall time as an instant in UTC. Of two that a change of clocks allows, the later one."""
    wall = datetime.datetime.combine(day, clock)
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(datetime.UTC) for fold in (0, 1))
