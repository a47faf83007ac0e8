"""The calendar file of a meeting, its links to calendars elsewhere, and what an entry says to its reader."""

import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import calendar
from notifications.models import Message
from sessions import entries
from sessions.models import InPersonDay, Meeting, NationalMeeting, PreparatoryMeeting, RegionalMeeting, Segment, TrainingSession
from tests.factories import EnrollmentFactory, UserFactory
from tests.node import second_reader
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2027, 7, 6, 0, 0, tzinfo=datetime.UTC)  # 18:00 on 5 July in Mexico City


def downloaded(meeting, user, status=200):
    response = signed(user).get(url("calendar", meeting.pk))
    assert response.status_code == status
    return response.content.decode()


def read(text):
    found = second_reader.read([text])[0]
    (event,) = found["events"]
    return found["method"], event


def test_file_mail_and_feed_hold_the_same_entry():
    here = planned(minutes=75)
    method, event = read(downloaded(here.meeting, here.trainee))
    assert method == "PUBLISH" and event["attendees"] == [] and event["uid"] == calendar.uid_for(here.meeting.uid)
    call_command("bring_calendars_up_to_date", verbosity=0)
    _method, mailed = read(Message.objects.get(user=here.trainee).calendar)
    fed = second_reader.read([calendar.feed(entries.entries(here.trainee, timezone.now(), AT), "x")])[0]["events"]
    for other in (mailed, *fed):
        assert {name: other[name] for name in ("uid", "sequence", "starts", "ends", "summary")} == {
            name: event[name] for name in ("uid", "sequence", "starts", "ends", "summary")
        }


def test_it_is_for_those_who_may_see_the_meeting():
    here = planned()
    downloaded(here.meeting, here.stranger, 404)
    downloaded(here.meeting, here.evaluator)
    Meeting.objects.update(state="draft")
    downloaded(here.meeting, here.trainee, 404)


def test_a_meeting_called_off_says_so():
    here = planned()
    Meeting.objects.update(state="cancelled", cancel_reason="Sin luz")
    text = downloaded(here.meeting, here.trainee)
    assert read(text)[1]["status"] == "CANCELLED" and "Sin luz" in text and "VALARM" not in text


def test_an_entry_says_the_readers_hour_first_then_the_others_and_the_way_in():
    here = planned(about="Sobre fracturas", preparation="Traer un caso")
    Meeting.objects.update(starts_at=AT)
    here.trainee.language = "en"
    here.trainee.save()
    EnrollmentFactory(cohort=here.cohort, user__time_zone="Europe/London")
    for order, (title, minutes) in enumerate((("Bienvenida", 10), ("Caso", 20))):
        Segment.objects.create(meeting=here.meeting, title=title, minutes=minutes, order=order)
    here.meeting.refresh_from_db()
    words = entries.entry_of(here.meeting, here.trainee).description
    assert words.startswith("5 July 2027, 18:00 to 19:30 (Mexico City, your time)\n01:00 London (6 July 2027)")
    for part in (
        f"http://testserver/en/live/{here.meeting.pk}/",
        "Sobre fracturas",
        "How to prepare\nTraer un caso",
        "18:00 Bienvenida\n18:10 Caso",
    ):
        assert part in words
    here.trainee.time_zone, here.trainee.language = "Europe/London", "pt-br"
    assert "01h00" in entries.entry_of(here.meeting, here.trainee).description.splitlines()[0]


@pytest.mark.parametrize("kind", [TrainingSession, PreparatoryMeeting, InPersonDay, NationalMeeting, RegionalMeeting])
@pytest.mark.parametrize(
    ("mode", "place", "location"),
    [("live", "Aula", ""), ("in_person", "Aula", "Aula"), ("hybrid", "Aula", "Aula"), ("in_person", "", "")],
)
def test_every_kind_and_mode_has_an_entry_and_a_place(kind, mode, place, location):
    meeting = kind.objects.create(title="Reunión", starts_at=AT, mode=mode, place=place)
    user = UserFactory(language="en")
    entry = entries.entry_of(meeting, user)
    assert entry.location == (location or f"http://testserver/en/live/{meeting.pk}/")
    assert entry.url in entry.description and ("Aula" in entry.description) == bool(location)


def test_files_stay_under_eight_kilobytes_with_everything_full():
    here = planned(
        title="🦴" * 160, about="🦴" * 2000, preparation="é," * 1000, mode="hybrid", place="ñ" * 300, time_zone="America/Santiago"
    )
    for order in range(40):
        Segment.objects.create(meeting=here.meeting, title="x" * 120, minutes=5, order=order)
    text = downloaded(here.meeting, here.trainee)
    assert len(text.encode()) <= 8192 and f"/live/{here.meeting.pk}/" in read(text)[1]["description"]


def test_links_open_the_same_instant_elsewhere():
    here = planned(title="Sesión 1 & más", time_zone="America/Santiago")
    Meeting.objects.update(starts_at=AT)
    page = text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    here.meeting.refresh_from_db()
    links = entries.links_of(here.meeting)
    google = parse_qs(urlsplit(links.google).query)
    assert google["dates"] == ["20270706T000000Z/20270706T013000Z"] and google["ctz"] == ["America/Santiago"]
    assert google["text"] == ["Sesión 1 & más"] and google["action"] == ["TEMPLATE"]
    for link in (links.outlook_home, links.outlook_work):
        outlook = parse_qs(urlsplit(link).query)
        assert (outlook["startdt"], outlook["enddt"]) == (["2027-07-06T00:00:00Z"], ["2027-07-06T01:30:00Z"])
    assert "calendar.google.com/calendar/render?action=TEMPLATE" in page and "outlook.office.com/calendar" in page
    assert "does not follow changes" in page and max(len(link) for link in (links.google, links.outlook_home)) < 4000


def test_a_draft_offers_no_entry():
    here = planned(state="draft")
    assert "calendar.google.com" not in text_of(signed(here.trainer).get(url("meeting", here.meeting.pk)))


def test_links_cost_no_query():
    here = planned()
    with CaptureQueriesContext(connection) as found:
        entries.links_of(here.meeting)
    assert len(found) == 0
