"""Level 1 of Moore shows who attended, by country, from settled meetings only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluations.moore import report
from evaluations.moore.indicators.base import Scope
from sessions import indicators
from tests.evaluations.answered_waves import indicator
from tests.factories import CohortFactory, EnrollmentFactory
from tests.sessions.attending import connected, ended, reconciled
from tests.sessions.rooms import person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(db):
    cohort = CohortFactory()
    long_ago = timezone.now() - timezone.timedelta(days=30)
    first, second, fresh = (
        ended(cohort, hours_ago=60, title="Uno"),
        ended(cohort, hours_ago=40, title="Dos"),
        ended(cohort, hours_ago=3),
    )
    people = [person_in(first, user__country=country, enrolled_at=long_ago) for country in ("MX", "MX", "BR")]
    trainer = person_in(first, role="trainer", enrolled_at=long_ago)
    for meeting, there in ((first, people), (second, people[:1]), (fresh, people)):
        for person in [*there, trainer]:
            connected(meeting, person, 0, 90)
        reconciled(meeting)
    gone = EnrollmentFactory(cohort=cohort, status="withdrawn", enrolled_at=long_ago).user
    connected(first, gone, 0, 90)
    return cohort


def test_all_meetings_and_each_of_them(cohort):
    line = indicator(report.build(cohort), "attendance")
    assert (line["level"], line["exempt"], line["evidence"], line["n"]) == ("1", True, "objective", 3)
    assert [(row["value"], row["of"]) for row in line["rows"]] == [(1, 3), (3, 3), (1, 3)]
    assert [row["label"]["es"] for row in line["rows"][1:]] == ["Uno", "Dos"]
    assert line["rows"][0]["marks"] == [["done", "done"], ["done", "open"], ["done", "open"]]
    brazil = indicator(report.build(cohort, ("country", "BR")), "attendance")
    assert [(row["value"], row["of"]) for row in brazil["rows"]] == [(0, 1), (1, 1), (0, 1)]


def test_level_1_of_the_results_page_shows_it(cohort, client):
    client.force_login(EnrollmentFactory(cohort=cohort, role="lead").user)
    html = client.get(reverse("evaluations:cohort_results", args=[cohort.pk])).content.decode()
    assert "Uno" in html and "Dos" in html


def test_nothing_settled_shows_nothing():
    meeting = ended()
    person_in(meeting)
    reconciled(meeting)
    assert indicators.gather(Scope(meeting.cohort)) == []


def test_the_queries_do_not_grow_with_people(cohort):
    def counted():
        scope = Scope(cohort)
        with CaptureQueriesContext(connection) as queries:
            indicators.gather(scope)
        return len(queries)

    few = counted()
    for _person in range(8):
        EnrollmentFactory(cohort=cohort)
    assert counted() == few
