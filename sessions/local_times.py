"""One instant in the clocks of those who meet: the reader's own first, then the other cities, grouped by what the clock shows."""

import zoneinfo
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from sessions import wall_clock
from sessions.models import MeetingPerson

MOST_GROUPS, MOST_CITIES = 3, 3
DOORS_OPEN = timedelta(minutes=15)
COUNTDOWN = timedelta(hours=24)


@dataclass(frozen=True)
class Elsewhere:
    """`zones` are IANA names whose clocks show the same; `day` is set where their calendar shows another one than the reader's."""

    clock: str
    zones: tuple[str, ...]
    day: date | None


@dataclass(frozen=True)
class When:
    """A meeting in time, for one reader. `zone` is the reader's, as an IANA name; `starts_in` is `None` outside the last 24 hours."""

    zone: str
    clock: str
    twelve: str
    elsewhere: tuple[Elsewhere, ...]
    starts_in: str | None
    doors_open: bool


def zone_of(user):
    """The zone in which a person reads times: their own, else the programme's."""
    return wall_clock.known(getattr(user, "time_zone", "")) or zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE)


def when_of(meetings, user, now=None):
    """`{meeting id: When}`. Two queries whatever the number of meetings."""
    now = now or timezone.now()
    zone, zones = zone_of(user), zones_of(meetings)
    return {meeting.pk: _when(meeting, zone, zones[meeting.pk], now) for meeting in meetings}


def zones_of(meetings):
    """`{meeting id: Counter of zones}` of the people of its cohort and of those who were asked by name."""
    cohorts = defaultdict(Counter)
    states = Enrollment.MEMBER_STATES
    members = Enrollment.objects.filter(cohort__in={one.cohort_id for one in meetings if one.cohort_id}, status__in=states)
    for cohort_id, role, zone in members.order_by().values_list("cohort_id", "role", "user__time_zone"):
        cohorts[cohort_id, True][zone] += 1
        cohorts[cohort_id, False][zone] += role in TEACHING
    found = {meeting.pk: Counter(+cohorts[meeting.cohort_id, meeting.for_cohort]) for meeting in meetings}
    asked = MeetingPerson.objects.filter(meeting__in=found).exclude(part=MeetingPerson.Part.REMOVED)
    for meeting_id, zone in asked.order_by().values_list("meeting_id", "user__time_zone"):
        found[meeting_id][zone] += 1
    return found


def when_for(meeting, user, zones, now=None):
    """The same of one meeting whose zones are known already (`zones_of`): no query."""
    return _when(meeting, zone_of(user), zones, now or timezone.now())


def _when(meeting, zone, zones, now):
    local = meeting.starts_at.astimezone(zone)
    left = meeting.starts_at - now
    return When(
        zone=str(zone),
        clock=clock(local),
        twelve=twelve(local),
        elsewhere=_elsewhere(meeting.starts_at, local, {*zones, meeting.time_zone} - {"", str(zone)}, zones),
        starts_in=_in_words(left) if timedelta() < left <= COUNTDOWN else None,
        doors_open=meeting.is_under_way or (meeting.state == meeting.State.SCHEDULED and left <= DOORS_OPEN),
    )


def _elsewhere(instant, local, names, counted):
    """At most three groups, those with most people, in the order of their clocks."""
    groups = defaultdict(list)
    for name in sorted(names, key=lambda one: (-counted[one], one)):
        zone = wall_clock.known(name)
        if zone is None:  # a row from a machine with other zone data
            continue
        there = instant.astimezone(zone)
        if there.replace(tzinfo=None) != local.replace(tzinfo=None):
            groups[there.replace(tzinfo=None)].append(name)
    largest = sorted(groups, key=lambda wall: -sum(counted[name] for name in groups[wall]))[:MOST_GROUPS]
    return tuple(
        Elsewhere(clock(wall), tuple(groups[wall][:MOST_CITIES]), wall.date() if wall.date() != local.date() else None)
        for wall in sorted(largest)
    )


def clock(local: datetime):
    """ "15:00", in Portuguese "15h00"."""
    return f"{local:%H}h{local:%M}" if (get_language() or "").startswith("pt") else f"{local:%H:%M}"


def twelve(local: datetime):
    """ "3:00 p. m." for those who read Spanish, whose countries use it beside the 24-hour clock; "" for others."""
    if not (get_language() or "").startswith("es"):
        return ""
    half = "a.\u00a0m." if local.hour < 12 else "p.\u00a0m."
    return f"{local.hour % 12 or 12}:{local:%M}\u00a0{half}"


def _in_words(left):
    minutes = max(1, round(left.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("in %(count)s minute", "in %(count)s minutes", rest) % {"count": rest}
    if not rest:
        return ngettext("in %(count)s hour", "in %(count)s hours", hours) % {"count": hours}
    return _("in %(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
