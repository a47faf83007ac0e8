"""Drafts of a series are announced together; what people could not find stays a draft, and says so."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Message
from sessions.models import Meeting, QuarterSlot, RegionalMeeting
from tests.factories import EnrollmentFactory
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.planning_series import SEEN, create, led, lives_in, previewed, written
from tests.sessions.rotating import a_group, a_lead

pytestmark = pytest.mark.django_db
MAP = {"closing_place": "Siglo XXI", "closing_url": "https://maps.example.org/x"}


def series_of(**changed):
    """Three drafts and a closing day, their lead signed in, and one trainee."""
    cohort, _lead, client = led()
    lives_in(cohort, "America/Bogota")
    form = written(count="3", closing="on", **{**MAP, **changed})
    assert create(client, cohort, form).status_code == 302
    return list(Meeting.objects.filter(cohort=cohort).order_by("starts_at")), client


def press(client, meeting, button, **options):
    """Over the page, as people do."""
    seen = SEEN.search(text_of(client.get(url("announce", meeting.pk))))
    return client.post(url("announce", meeting.pk), {button: "1", "seen": seen[1] if seen else ""}, **options)


def states(meetings):
    return [Meeting.objects.get(pk=one.pk).state for one in meetings]


def test_all_drafts_of_a_series_are_announced_in_one_go(django_capture_on_commit_callbacks):
    meetings, client = series_of()
    page = text_of(client.get(url("announce", meetings[1].pk)))
    assert all(one.title in page for one in meetings) and "Announce all 4 meetings" in page
    assert states(meetings) == ["draft"] * 4 and not Message.objects.exists()
    assert f'href="{url("announce", meetings[0].pk)}"' in text_of(client.get(url("meeting", meetings[0].pk)))
    assert f'href="{url("announce", meetings[0].pk)}"' in text_of(client.get(url("meetings")))
    with django_capture_on_commit_callbacks(execute=True):
        assert press(client, meetings[1], "rest").status_code == 302
    assert states(meetings) == ["scheduled"] * 4
    sent = Message.objects.count()
    assert sent == 8  # the lead and the trainee, of each meeting
    with django_capture_on_commit_callbacks(execute=True):
        again = press(client, meetings[1], "rest", follow=True)
    assert "The meeting is announced already, or it is over." in text_of(again)
    assert Message.objects.count() == sent


def test_the_page_costs_the_same_for_few_and_many_people():
    meetings, client = series_of()
    address = url("announce", meetings[0].pk)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    EnrollmentFactory.create_batch(9, cohort=meetings[0].cohort)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_only_one_is_announced_where_that_is_asked():
    meetings, client = series_of()
    assert press(client, meetings[1], "one").status_code == 302
    assert states(meetings) == ["draft", "scheduled", "draft", "draft"]
    page = text_of(client.get(url("announce", meetings[1].pk)))
    assert "Announce all 3 meetings" in page and "Announce only" not in page


def test_a_day_without_an_address_and_a_past_draft_stay_drafts():
    meetings, client = series_of(closing_url="")
    Meeting.objects.filter(pk=meetings[0].pk).update(starts_at=timezone.now() - datetime.timedelta(hours=1))
    page = text_of(client.get(url("announce", meetings[0].pk)))
    assert "The address or the map is missing." in page and "This time is past." in page
    refused = press(client, meetings[3], "one", follow=True)
    assert "The address or the map is missing." in text_of(refused)
    assert press(client, meetings[0], "rest").status_code == 302
    assert states(meetings) == ["draft", "scheduled", "scheduled", "draft"]


def test_a_meeting_alone_is_announced_alone():
    here = planned(state="draft")
    page = text_of(signed(here.lead).get(url("announce", here.meeting.pk)))
    assert "Announce only" in page and "Announce all" not in page
    press(signed(here.lead), here.meeting, "one")
    assert states([here.meeting]) == ["scheduled"]


def test_who_may_announce():
    here = planned(state="draft")
    got = {
        role: signed(getattr(here, role)).post(url("announce", here.meeting.pk)).status_code for role in ("trainee", "stranger")
    }
    assert got == {"trainee": 404, "stranger": 404}
    Meeting.objects.update(state="scheduled")
    assert signed(here.trainee).get(url("announce", here.meeting.pk)).status_code == 403


def test_what_changed_since_the_page_was_looked_at_is_shown_again():
    meetings, client = series_of()
    seen = SEEN.search(text_of(client.get(url("announce", meetings[0].pk))))[1]
    lives_in(meetings[0].cohort, "America/Lima")
    for button in ("rest", "one"):
        assert client.post(url("announce", meetings[0].pk), {button: "1", "seen": seen}).status_code == 409
        assert client.post(url("announce", meetings[0].pk), {button: "1"}).status_code == 409
    assert states(meetings) == ["draft"] * 4


def test_a_meeting_of_the_rota_has_its_own_page():
    lead, group = a_lead(), a_group("Norte")
    begins = timezone.now() + datetime.timedelta(days=40)
    meeting = RegionalMeeting.objects.create(title="Regional", starts_at=begins, state="draft", created_by=lead)
    meeting.people.create(user=lead, part="host")
    QuarterSlot.objects.create(quarter="2088-Q1", group=group, state="accepted", meeting=meeting)
    client = signed(lead)
    for answer in (client.get(url("announce", meeting.pk)), client.post(url("announce", meeting.pk), {"one": "1"})):
        assert answer.status_code == 302 and answer["Location"] == url("duty_invite", "2088-Q1")
    assert states([meeting]) == ["draft"]


# --- the form of a series --------------------------------------------------------------------------------------------


def test_an_announced_series_keeps_a_closing_day_without_an_address_as_a_draft():
    cohort, _lead, client = led()
    words = "It stays a draft until it has an address and a map."
    form = written(count="2", closing="on", state="scheduled")
    assert words in previewed(client, cohort, form)
    assert words not in previewed(client, cohort, {**form, **MAP})
    assert words not in previewed(client, cohort, {**form, "state": "draft"})
    assert create(client, cohort, form).status_code == 302
    assert states(Meeting.objects.filter(cohort=cohort).order_by("starts_at")) == ["scheduled", "scheduled", "draft"]
