"""Mentors, lead groups and years for tests, with a clock that can be set."""

import datetime
import itertools

from curriculum.models import Cohort
from sessions import forming_groups
from sessions.models import QuarterSlot
from tests.curriculum.certifying import a_certificate
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

_numbers = itertools.count(1)
COUNTRIES = {"MX": ("es", "America/Mexico_City"), "BR": ("pt-br", "America/Sao_Paulo"), "CO": ("es", "America/Bogota"),
             "AR": ("es", "America/Argentina/Buenos_Aires"), "CL": ("es", "America/Santiago")}  # fmt: skip


def at(monkeypatch, day, hour=18):
    """Sets the clock to a day ("2026-12-05"); 18:00 UTC is noon in Mexico City."""
    moment = datetime.datetime.combine(datetime.date.fromisoformat(str(day)), datetime.time(hour), datetime.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment


def a_cohort():
    return Cohort.objects.filter(name="Mentores").first() or CohortFactory(name="Mentores")


def a_lead():
    return EnrollmentFactory(cohort=a_cohort(), role="lead", user__full_name="Laura Lead", user__language="en").user


def a_mentor(country="MX", **fields):
    language, zone = COUNTRIES[country]
    names = {"full_name": f"Mentor {next(_numbers):03}", "country": country, "language": language, "time_zone": zone}
    enrollment = EnrollmentFactory(cohort=a_cohort(), user=UserFactory(**{**names, **fields}), status="certified")
    a_certificate(enrollment, expires_on=datetime.date(2031, 1, 1))
    return enrollment.user


def a_group(name, country="MX", size=2, by=None):
    """A group with `.people` (its users)."""
    people = [a_mentor(country) for _ in range(size)]
    group = forming_groups.create(by, name, people)
    group.people = people
    return group


def five_groups(by=None):
    return [a_group(f"Grupo {name}", country, by=by) for name, country in zip("ABCDE", COUNTRIES, strict=True)]


def names_of(year):
    """The names of the leading groups of a year, "" for none."""
    found = dict(QuarterSlot.objects.filter(quarter__startswith=str(year)).values_list("quarter", "group__name"))
    return [(found.get(f"{year}-Q{number}") or "").removeprefix("Grupo ") for number in (1, 2, 3, 4)]


def the_days(**days):
    """What is typed into the form of days: `the_days(q2="2027-05-20")`; the other quarters stay as they are, without a day."""
    said = {}
    for number in (1, 2, 3, 4):
        day = days.get(f"q{number}", "")
        said |= {
            f"q{number}-day": day,
            f"q{number}-hour": "10:00" if day else "",
            f"q{number}-time_zone": "America/Mexico_City",
            f"q{number}-minutes": "90",
        }
    return said
