"""What a plan means for the people it is for, before anything is saved: local hours, holidays, odd hours, overlaps, shifting clocks.

Only what is impossible blocks; the rest is said. Flags are data: live/planning/flag.html puts them in words.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from sessions import clock_shifts, guests, overlaps, red_days, wall_clock, whose_clocks
from sessions.models import InPersonDay, Meeting
from sessions.schedule import FARTHEST
from sessions.wall_clock import Moment

STOP, WARN, NOTE = "stop", "warn", "note"
SATURDAY = 5
BEFORE = (Meeting.State.DRAFT, Meeting.State.SCHEDULED)


@dataclass(frozen=True)
class Planned:
    """A meeting as it would be. `wall` is naive, in `time_zone`; `together` where everybody is at one place, whatever clocks show elsewhere.

    `source` is the meeting whose parts are copied; `pk` the meeting that would change; `unfinished` what stays a draft for want of an address.
    """

    title: str
    wall: datetime
    minutes: int
    time_zone: str
    kind: str = "training"
    together: bool = False
    number: int | None = None
    activity_key: UUID | None = None
    source: Meeting | None = None
    pk: int | None = None
    unfinished: bool = False


@dataclass(frozen=True)
class Flag:
    """`severity` is "stop" (cannot be), "warn" (somebody should look) or "note". `facts` are what the words need."""

    key: str
    severity: str
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    planned: Planned
    moment: Moment
    ends_at: datetime
    clocks: tuple[whose_clocks.Clock, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Preview:
    """`shifts` stand once for the whole plan; `left_out` is `[(day, why)]`."""

    rows: tuple[Row, ...]
    shifts: tuple[clock_shifts.Shift, ...]
    left_out: tuple = ()

    @property
    def blocked(self):
        return any(flag.severity == STOP for row in self.rows for flag in row.flags)

    @property
    def warnings(self):
        return sum(flag.severity == WARN for row in self.rows for flag in row.flags) + len(self.shifts)


def preview_of(planned, places, busy, *, left_out=(), before=None):
    """The `Preview` of `planned` meetings in the order of time. No queries: `places` come from whose_clocks, `busy` from overlaps.

    `before` is the instant of the meeting that comes before the first one, where clocks may have shown another hour.
    """
    now = timezone.now()
    moments = [wall_clock.moment_of(one.wall, wall_clock.zone(one.time_zone)) for one in planned]
    seen = [(before, whose_clocks.local_times(before, places))] if before else []
    rows = []
    for one, moment in zip(planned, moments, strict=True):
        local = whose_clocks.local_times(moment.instant, places)
        rows.append(_row(one, moment, local, places, busy, now))
        if not one.together:
            seen.append((moment.instant, local))
    return Preview(tuple(_with_each_other(rows)), tuple(clock_shifts.shifts_between(seen)), tuple(left_out))


def span_of(planned):
    """The first begin and the last end, as instants, for a look at what else is there."""
    begins = [wall_clock.moment_of(one.wall, wall_clock.zone(one.time_zone)).instant for one in planned]
    return min(begins), max(begin + timedelta(minutes=one.minutes) for begin, one in zip(begins, planned, strict=True))


def _row(one, moment, local, places, busy, now):
    ends_at = moment.instant + timedelta(minutes=one.minutes)
    ending = whose_clocks.local_times(ends_at, places)
    clocks = whose_clocks.clocks(local, ending, one.wall)
    flags = [*_impossible(moment, now), *_days(one, local), *_hours(one, clocks), *_busy(busy, moment.instant, ends_at)]
    return Row(one, moment, ends_at, clocks, tuple(flags))


def _impossible(moment, now):
    if moment.twist == "skipped":
        yield Flag("skipped", STOP, {"fix": moment.fix})
    if moment.twist == "twice":
        yield Flag("twice", WARN, {"instant": moment.instant})
    if moment.instant <= now:
        yield Flag("past", STOP)
    if moment.instant > now + FARTHEST:
        yield Flag("far", STOP)


def _days(one, local):
    """Holidays are looked up on the day that people's own calendars show."""
    here = red_days.country_of(one.time_zone)
    days = {
        (place.country, time.date())
        for place, time in local.items()
        if place.country and not (one.together and place.country != here)
    }
    names = {}
    for country, day in sorted(days):
        if name := red_days.name_of(country, day):
            names.setdefault((name, day), []).append(country)
    for (name, day), countries in names.items():
        yield Flag("holiday", WARN, {"name": name, "day": day, "countries": countries})
    if one.wall.weekday() >= SATURDAY:
        yield Flag("weekend", NOTE)
    if one.unfinished:
        yield Flag("unfinished", WARN)


def _hours(one, clocks):
    odd = [clock for clock in clocks if clock.odd]
    if odd and not one.together:
        people = sum(clock.people for clock in odd)
        yield Flag("odd", WARN if people else NOTE, {"clocks": odd, "people": people})


def _busy(busy, begins, ends):
    for one in busy:
        if one.meets(begins, ends):
            yield Flag("overlap", WARN, {"busy": one})


def _with_each_other(rows):
    """Rows of one plan may be in each other's way, and a closing day may come before the last session."""
    last = max((row.moment.instant for row in rows if row.planned.kind != InPersonDay.kind), default=None)
    for row in rows:
        flags = list(row.flags)
        for other in rows:
            if other is not row and other.moment.instant < row.ends_at and row.moment.instant < other.ends_at:
                flags.append(Flag("each_other", WARN, {"title": other.planned.title}))
        if row.planned.kind == InPersonDay.kind and last and row.moment.instant < last:
            flags.append(Flag("closes_early", WARN))
        yield Row(row.planned, row.moment, row.ends_at, row.clocks, tuple(flags))


# --- a meeting that is there already ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Warnings:
    """`unknown_zone` is the name of a zone that this machine does not know, "" otherwise."""

    flags: tuple[Flag, ...] = ()
    shifts: tuple[clock_shifts.Shift, ...] = ()
    unknown_zone: str = ""

    def __bool__(self):
        return bool(self.flags or self.shifts or self.unknown_zone)


def warnings_for(meeting, user):
    """What is worth a look about a meeting that has not begun, for `user`, who runs it; nothing of who they know by address alone. Twelve queries at most; none once it has begun."""
    if meeting.started_at or meeting.state not in BEFORE:
        return unknown_zone_of(meeting)
    planned, unknown = as_planned(meeting), guests.unknown_in(user, meeting)
    busy = overlaps.busy(
        user, meeting.cohort_id, meeting.starts_at, meeting.ends_at, named=named_hosts(meeting, unknown), besides=[meeting.pk]
    )
    found = preview_of([planned], whose_clocks.of_meeting(meeting, unknown), busy, before=_before(meeting))
    return Warnings(found.rows[0].flags, found.shifts, unknown_zone_of(meeting).unknown_zone)


def unknown_zone_of(meeting):
    """What is said to everybody."""
    return Warnings(unknown_zone="" if wall_clock.known(meeting.time_zone) else meeting.time_zone)


def as_planned(meeting):
    wall = wall_clock.read(wall_clock.written(meeting.starts_at, wall_clock.zone(meeting.time_zone)))
    return Planned(
        meeting.title, wall, meeting.minutes, meeting.time_zone, meeting.kind, together=is_together(meeting), pk=meeting.pk
    )


def is_together(meeting):
    return meeting.mode == Meeting.Mode.IN_PERSON or meeting.kind == InPersonDay.kind


def named_hosts(meeting, besides=()):
    """Ids of those who run or present a meeting by name, without those `besides` (ids)."""
    named = meeting.people.filter(part__in=("host", "presenter")).exclude(user__in=besides)
    return list(named.values_list("user_id", flat=True))


def _before(meeting):
    """When the meeting before this one in its series began, unless everybody was at one place."""
    if meeting.series_id is None or is_together(meeting):
        return None
    earlier = Meeting.objects.non_polymorphic().filter(series=meeting.series_id, starts_at__lt=meeting.starts_at)
    earlier = earlier.exclude(state=Meeting.State.CANCELLED).exclude(mode=Meeting.Mode.IN_PERSON)
    return earlier.order_by("-starts_at").values_list("starts_at", flat=True).first()
