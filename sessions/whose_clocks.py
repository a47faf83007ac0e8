"""The places in which people of a cohort and its guests live, and what their clocks show at one instant, grouped by what they show."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from django.conf import settings

from curriculum.models import Enrollment
from sessions import belonging, red_days, wall_clock

EARLIEST, LATEST = time(8), time(20)


@dataclass(frozen=True)
class Place:
    """`people` is 0 for a country of the cohort in which nobody is enrolled yet."""

    zone: str
    country: str
    people: int


@dataclass(frozen=True)
class Clock:
    """What the clocks of some places show when a meeting begins. `day` is set where their calendar shows another one than the
    organiser's; `odd` outside 08:00 to 20:00."""

    local: datetime
    zones: tuple[str, ...]
    countries: tuple[str, ...]
    people: int
    day: date | None
    odd: bool


def of_cohort(cohort, guests=()):
    """The places of a cohort's people (of its countries where nobody is enrolled) and of `guests` (users). One query."""
    states = Enrollment.MEMBER_STATES
    members = Enrollment.objects.filter(cohort=cohort, role__in=belonging.INVITED_ROLES, status__in=states, user__is_active=True)
    rows = members.order_by().values_list("user_id", "user__country", "user__time_zone")
    people = {pk: (country, zone) for pk, country, zone in rows}
    people |= {user.pk: (user.country.code, user.time_zone) for user in guests}
    return _counted(people.values(), [country.code for country in cohort.countries])


def of_meeting(meeting, besides=()):
    """The places of those who are invited to a meeting, without those `besides` (ids). One query."""
    people = belonging.people_of(meeting).exclude(pk__in=besides).order_by().values_list("country", "time_zone")
    countries = [one.code for one in meeting.cohort.countries] if meeting.cohort_id and meeting.for_cohort else []
    return _counted(list(people), countries)


def of_users(users):
    """The places of some people. No query."""
    return _counted([(user.country.code, user.time_zone) for user in users], [])


def _counted(people, countries):
    """Countries in which nobody is enrolled yet stand with their zones."""
    counted = Counter(_settled(country or "", zone or "") for country, zone in people)
    peopled = {country for _zone, country in counted}
    places = [Place(zone, country, number) for (zone, country), number in counted.items()]
    for country in dict.fromkeys(countries):
        if country not in peopled:
            places += [Place(zone, country, 0) for zone in _zones_in(country)]
    return sorted(places, key=lambda place: (-place.people, place.zone, place.country))


def _settled(country, zone):
    """(zone, country) of somebody: what is missing follows from the other, at last from the programme's zone."""
    if wall_clock.known(zone) is None:
        zone = next(iter(_zones_in(country)), settings.PROGRAMME_TIME_ZONE)
    return zone, country or red_days.country_of(zone)


def _zones_in(country):
    return tuple(zone for zone in red_days.zones_in(country, tuple(settings.WAGTAIL_USER_TIME_ZONES)) if wall_clock.known(zone))


def local_times(instant, places):
    """`{place: naive local time}`."""
    return {place: instant.astimezone(wall_clock.zone(place.zone)).replace(tzinfo=None) for place in places}


def clocks(locals_, minutes_later, wall):
    """`[Clock]` in the order of what they show. `locals_` and `minutes_later` are local times of begin and end; `wall` the organiser's."""
    groups = defaultdict(list)
    for place, local in locals_.items():
        groups[local].append(place)
    return tuple(_clock(local, groups[local], minutes_later[groups[local][0]], wall) for local in sorted(groups))


def _clock(local, places, ends, wall):
    zones = tuple(dict.fromkeys(place.zone for place in places))
    countries = tuple(dict.fromkeys(place.country for place in places if place.country))
    day = local.date() if local.date() != wall.date() else None
    return Clock(local, zones, countries, sum(place.people for place in places), day, is_odd(local, ends))


def is_odd(begins, ends):
    """Whether any of it lies outside 08:00 to 20:00 of one day."""
    return begins.time() < EARLIEST or ends.date() != begins.date() or ends.time() > LATEST
