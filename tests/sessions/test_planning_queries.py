"""What the pages of planning ask of the database: the same for one row and for many."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions import planning_preview
from sessions.models import LeadGroupMember, Meeting, MeetingPerson, Outcome
from tests.factories import CohortFactory, EnrollmentFactory
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.planning_moving import series_of
from tests.sessions.planning_series import coming, led, lives_in
from tests.sessions.rooms import meeting_of
from tests.sessions.rotating import a_group, a_lead

pytestmark = pytest.mark.django_db
ZONES = ("America/Bogota", "America/Sao_Paulo", "Europe/London", "America/Mexico_City")


def cost(act):
    """The queries of the second time: content types and permissions are remembered by then."""
    act()
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def series_with(meetings, people, clashes):
    """(the first meeting of a series, its lead's client); `clashes` other meetings of the same trainer at the same hours."""
    cohort, lead, client = led()
    lives_in(cohort, *[ZONES[number % len(ZONES)] for number in range(people)])
    made = series_of(cohort, lead, meetings)
    for number in range(clashes):
        other = CohortFactory()
        EnrollmentFactory(cohort=other, user=lead, role="trainer")
        MeetingPerson.objects.create(
            meeting=meeting_of(other, "scheduled", starts_at=made[number % meetings].starts_at), user=lead, part="host"
        )
    return Meeting.objects.get(pk=made[0].pk), client


def cost_of_moving(*sizes):
    meeting, client = series_with(*sizes)
    body = {"day": (coming() + datetime.timedelta(days=1)).isoformat(), "hour": "18:00", "rest": "on", "preview": "1"}
    asked = cost(lambda: text_of(client.get(url("move", meeting.pk))))
    return asked, cost(lambda: text_of(client.post(url("move", meeting.pk), body)))


def test_moving_one_and_moving_many_is_asked_and_previewed_at_one_price():
    few, many = cost_of_moving(2, 1, 2), cost_of_moving(20, 20, 12)
    assert few == many
    assert max(many) <= 24


def cost_of_cancelling(*sizes):
    meeting, client = series_with(*sizes)
    return cost(lambda: text_of(client.get(url("cancel", meeting.pk))))


def test_calling_off_is_asked_at_one_price():
    assert cost_of_cancelling(2, 1, 1) == cost_of_cancelling(20, 20, 12) <= 16


def cost_of_warnings(*sizes):
    meeting, _client = series_with(*sizes)
    lead = meeting.cohort.enrollments.get(role="lead").user
    last = Meeting.objects.filter(series=meeting.series_id).latest("starts_at")
    found = []
    spent = [cost(lambda one=one: found.append(planning_preview.warnings_for(one, lead))) for one in (meeting, last)]
    assert any(flag.key == "overlap" for flag in found[0].flags) == bool(sizes[2])
    return spent


def test_the_warnings_of_a_meeting_cost_ten_at_most():
    few, many = cost_of_warnings(2, 1, 1), cost_of_warnings(20, 20, 24)
    assert few[0] == many[0] and max(few + many) <= 10
    assert max(cost_of_warnings(1, 0, 0)) <= max(few)


def cost_of_outcomes(count):
    here = planned(hours=-1, state="live", started_at=timezone.now())
    for number in range(count):
        owner = EnrollmentFactory(cohort=here.cohort).user
        Outcome.objects.create(
            meeting=here.meeting, what=("note", "decision", "action")[number % 3], text=f"Said {number}", owner=owner, by=here.trainer
        )  # fmt: skip
    client = signed(here.trainer)
    return cost(lambda: text_of(client.get(url("outcomes", here.meeting.pk))))


def test_what_came_of_a_meeting_costs_the_same_for_one_and_for_forty():
    assert cost_of_outcomes(1) == cost_of_outcomes(40) <= 20


def year_of_groups(client, count):
    """Every second group has lost a member: it cannot lead, and stands on the page with who could join."""
    for number in range(count):
        group = a_group(f"Group {number} of {count}")
        if number % 2 == 0:
            LeadGroupMember.objects.filter(group=group, user=group.people[0]).update(left_at=timezone.now())
    return cost(lambda: text_of(client.get(url("year", 2027))))


def test_the_year_costs_the_same_with_two_groups_and_with_twelve():
    client = signed(a_lead())
    assert year_of_groups(client, 2) == year_of_groups(client, 10) <= 24
