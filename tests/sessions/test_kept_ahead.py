"""Which pages a device keeps by itself: of meetings that one runs, presents in or leads within 36 hours, three at most."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions import kept_ahead
from sessions.models import MeetingPerson, QuarterSlot, RegionalMeeting
from tests.sessions.answering import hours, place
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rotating import a_group

pytestmark = pytest.mark.django_db


def ahead(user):
    return kept_ahead.addresses_for(user)


def test_who_runs_a_meeting_soon_keeps_its_run_of_show_and_materials():
    here = planned(hours=35)
    pk = here.meeting.pk
    wanted = [reverse("live:run_of_show", args=[pk]), reverse("live:materials", args=[pk])]
    assert ahead(here.trainer) == ahead(here.lead) == wanted
    assert ahead(here.trainee) == ahead(here.evaluator) == ahead(here.stranger) == []
    for address in wanted:
        assert signed(here.trainer).get(address)["X-Keep-Copy"] == "1"


@pytest.mark.parametrize(
    ("fields", "kept"),
    [({"starts_at": hours(37)}, False), ({"starts_at": hours(-3)}, False), ({"starts_at": hours(-0.5)}, True),
     ({"state": "live", "starts_at": hours(-3)}, True), ({"state": "ended"}, False), ({"state": "cancelled"}, False)],
)  # fmt: skip
def test_only_what_is_near(fields, kept):
    here = planned(hours=30, minutes=60)
    place(here.meeting, **fields)
    assert bool(ahead(here.trainer)) is kept


def test_who_presents_or_leads_keeps_the_page_of_the_meeting():
    here, group = planned(hours=20), a_group("Grupo A")
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="presenter")
    assert ahead(here.trainee) == [reverse("live:meeting", args=[here.meeting.pk])]
    meeting = RegionalMeeting.objects.create(title="Regional", starts_at=hours(20), minutes=60, state="scheduled")
    for person in group.people:
        MeetingPerson.objects.create(meeting=meeting, user=person, part="participant")
    assert ahead(group.people[0]) == []
    QuarterSlot.objects.create(quarter="2088-Q2", group=group, meeting=meeting, state="accepted")
    assert ahead(group.people[0]) == [reverse("live:meeting", args=[meeting.pk])]


def test_three_pages_at_most_the_nearest_first_and_one_query():
    later, sooner = planned(hours=30), planned(hours=3)
    MeetingPerson.objects.create(meeting=later.meeting, user=sooner.trainer, part="host")
    with CaptureQueriesContext(connection) as queries:
        found = ahead(sooner.trainer)
    assert len(queries) == 1
    assert [address.split("/")[3] for address in found] == [str(sooner.meeting.pk)] * 2 + [str(later.meeting.pk)]


def test_calendar_home_and_the_meetings_page_say_so_but_not_to_who_saves_data():
    here = planned(hours=3)
    client = signed(here.trainer)
    for address in (url("calendar_page"), url("meeting", here.meeting.pk), reverse("today")):
        assert "data-keep-ahead" in text_of(client.get(address, follow=True))
        assert "data-keep-ahead" not in text_of(client.get(address, headers={"save-data": "on"}, follow=True))
