"""The page of a meeting before and after, the page of the programme, the calendar file, the card on Today."""

import datetime
import zoneinfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from curriculum import progress
from curriculum.outline import url_of
from evaluations.models import Wave
from sessions import local_times
from sessions.models import Attendance, LiveSessionPage, Meeting, MeetingPerson, Segment, TrainingSession
from tests.evaluations.waving import planned as planned_wave
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.attending import programme
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rooms import meeting_of

pytestmark = pytest.mark.django_db


def page_of(here, role="trainee", language="en"):
    return text_of(signed(getattr(here, role), language).get(url("meeting", here.meeting.pk, language=language)))


# --- who and when ----------------------------------------------------------------------------------------------------


def test_who_sees_the_page():
    here = planned()
    address = url("meeting", here.meeting.pk)
    got = {
        role: signed(getattr(here, role)).get(address).status_code
        for role in ("trainee", "trainer", "lead", "evaluator", "stranger")
    }
    assert got == {"trainee": 200, "trainer": 200, "lead": 200, "evaluator": 200, "stranger": 404}
    guest = MeetingPerson.objects.create(meeting=here.meeting, user=here.stranger, part="guest")
    assert signed(here.stranger).get(address).status_code == 200
    MeetingPerson.objects.filter(pk=guest.pk).update(part="removed")
    assert signed(here.stranger).get(address).status_code == 404
    Meeting.objects.filter(pk=here.meeting.pk).update(state="draft")
    assert [signed(getattr(here, role)).get(address).status_code for role in ("trainee", "trainer")] == [404, 200]


def test_the_readers_own_hour_comes_first_with_its_city():
    here = planned()
    start = datetime.datetime(2027, 3, 5, 21, 0, tzinfo=datetime.UTC)
    Meeting.objects.update(starts_at=start)
    for zone in ("America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires"):
        EnrollmentFactory(cohort=here.cohort, user__time_zone=zone)
    text = page_of(here, language="es")
    assert "vie 5 mar 2027, 15:00 (Ciudad de México)" in text
    assert "3:00\u00a0p.\u00a0m." in text
    when = local_times.when_of([Meeting.objects.get()], here.trainee)[here.meeting.pk]
    assert [(group.clock, set(group.zones)) for group in when.elsewhere] == [
        ("16:00", {"America/Bogota"}),
        ("18:00", {"America/Sao_Paulo", "America/Argentina/Buenos_Aires"}),
    ]
    assert "18h00" in page_of(here, language="pt-br")


def test_at_most_three_other_clocks_those_with_most_people_and_another_day_is_named():
    here = planned()
    Meeting.objects.update(starts_at=datetime.datetime(2027, 3, 6, 1, 0, tzinfo=datetime.UTC))
    for zone, count in (("America/Bogota", 3), ("America/Sao_Paulo", 3), ("Europe/Madrid", 2), ("America/Caracas", 1)):
        for _person in range(count):
            EnrollmentFactory(cohort=here.cohort, user__time_zone=zone)
    when = local_times.when_of([Meeting.objects.get()], here.trainee)[here.meeting.pk]
    assert [(group.zones, group.day and group.day.day) for group in when.elsewhere] == [
        (("America/Bogota",), None), (("America/Sao_Paulo",), None), (("Europe/Madrid",), 6),
    ]  # fmt: skip


@pytest.mark.parametrize(("hours", "words"), [(0.5, "in 30 minutes"), (3.5, "in 3 h 30 min"), (2, "in 2 hours"), (25, "")])
def test_the_countdown_is_words_and_only_within_a_day(hours, words):
    here = planned(hours=hours)
    text = page_of(here)
    assert (f"It begins {words}." in text) is bool(words)
    assert ("It begins" in text) is bool(words)


# --- before ----------------------------------------------------------------------------------------------------------


def test_before_it_there_are_agenda_leader_preparation_and_a_calendar_file():
    here = planned(preparation="Lea la hoja.\nDos minutos.", about="De <esto>")
    Segment.objects.create(meeting=here.meeting, title="Caso", minutes=30)
    text = page_of(here)
    for words in (
        "Lea la hoja.<br>Dos minutos.",
        "De &lt;esto&gt;",
        "Caso",
        here.trainer.full_name,
        url("calendar", here.meeting.pk),
    ):
        assert words in text
    assert url("room", here.meeting.pk) not in text and "opens 15 minutes before" in text
    assert url("transcript", here.meeting.pk) not in text and "Afterwards" not in text


@pytest.mark.parametrize(
    ("hours", "state", "open_"), [(0.26, "scheduled", False), (0.24, "scheduled", True), (-1, "live", True), (-1, "paused", True)]
)
def test_the_way_in(hours, state, open_):
    here = planned(hours=hours, state=state)
    assert (url("room", here.meeting.pk) in page_of(here)) is open_


def test_late_people_read_where_it_stands():
    here = planned(hours=-1, state="live")
    for order, title in enumerate(("Bienvenida", "Caso", "Cierre"), start=1):
        Segment.objects.create(meeting=here.meeting, title=title, order=order, started_at=timezone.now() if order == 2 else None)
    assert "Now: Caso (2 of 3)" in page_of(here)


def test_a_missing_address_of_the_video_meeting_is_said_with_whom_to_ask(settings):
    here = planned(hours=0.1, engine="link")
    text = page_of(here)
    assert "address of the video meeting is missing" in text and settings.CONTACT_EMAIL in text


def test_hosts_get_the_desk_and_what_is_missing():
    here = planned()
    assert url("edit", here.meeting.pk) in page_of(here, "trainer") and "no slides" in page_of(here, "trainer")
    assert url("edit", here.meeting.pk) not in page_of(here) and "Still missing" not in page_of(here)


# --- after -----------------------------------------------------------------------------------------------------------


def test_afterwards_everything_it_left_is_on_the_page():
    here = planned(
        hours=-3, state="ended", recording_url="https://example.org/grabacion", recording_minutes=80, ended_at=timezone.now()
    )
    Attendance.objects.create(meeting=here.meeting, user=here.trainee, status="present", source="room")
    wave = planned_wave(here.cohort, moment="session", number=1)
    text = page_of(here)
    for words in (
        "https://example.org/grabacion",
        "1 h 20 min",
        url("transcript", here.meeting.pk),
        "Your attendance",
        "Present",
    ):
        assert words in text
    assert "This may still change until" in page_of(here)
    assert f"/waves/{wave.pk}" in text or "Opinión" in text
    assert "Opinión" not in page_of(here, "trainer")
    assert url("room", here.meeting.pk) not in text
    Meeting.objects.filter(pk=here.meeting.pk).update(recording_url="")
    assert "There is no recording here." in page_of(here)


def test_the_page_costs_the_same_with_few_people_and_with_many():
    here = planned(hours=-3, state="ended")
    planned_wave(here.cohort, moment="session", number=1)
    client, counted = signed(here.trainee), []
    for number in range(2):
        for order in range(1 + 20 * number):
            EnrollmentFactory(cohort=here.cohort, user__time_zone="America/Bogota")
            Segment.objects.create(meeting=here.meeting, title="x", order=order, owner=here.trainer)
        client.get(url("meeting", here.meeting.pk))
        with CaptureQueriesContext(connection) as found:
            client.get(url("meeting", here.meeting.pk))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 30


# --- the calendar file -----------------------------------------------------------------------------------------------


def test_the_calendar_file_names_its_zone_and_brings_its_rules():
    here = planned(about="Línea; una, dos\nFIN:VEVENT", title="Sesión, uno")
    start = datetime.datetime(2027, 7, 5, 15, 0, tzinfo=zoneinfo.ZoneInfo("America/Santiago"))
    Meeting.objects.update(starts_at=start, time_zone="America/Santiago")
    response = signed(here.trainee).get(url("calendar", here.meeting.pk))
    assert response["Content-Type"].startswith("text/calendar")
    assert "sesion-uno" in response["Content-Disposition"]
    raw = response.content.decode()
    assert "DTSTART;TZID=America/Santiago:20270705T150000" in raw and "BEGIN:VTIMEZONE" in raw and "TRIGGER:-PT15M" in raw
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert event["SUMMARY"] == "Sesión, uno" and "FIN:VEVENT" in event["DESCRIPTION"]
    assert event["DTSTART"].dt.astimezone(datetime.UTC) == start.astimezone(datetime.UTC)
    assert (event["DTEND"].dt - event["DTSTART"].dt) == datetime.timedelta(minutes=90)
    assert event["UID"] == f"{here.meeting.uid}@puente"
    assert signed(here.stranger).get(url("calendar", here.meeting.pk)).status_code == 404


# --- the page of the programme ---------------------------------------------------------------------------------------


@pytest.fixture
def outlined():
    cohort, key = programme()
    enrollment = EnrollmentFactory(cohort=cohort)
    return cohort, key, enrollment, signed(enrollment.user)


def read(client, cohort, key, status=200):
    return text_of(client.get(url_of(key, cohort.curriculum_key, "en")), status)


def test_the_page_of_the_programme_shows_the_meeting_of_ones_cohort(outlined):
    cohort, key, enrollment, client = outlined
    assert "has no date for this session yet" in read(client, cohort, key)
    soon = timezone.now() + datetime.timedelta(hours=30)
    first = meeting_of(cohort, state="scheduled", starts_at=soon, activity_key=key)
    meeting_of(state="scheduled", starts_at=soon, activity_key=key)
    assert url("meeting", first.pk) in read(client, cohort, key)
    TrainingSession.objects.filter(pk=first.pk).update(state="draft")
    assert "has no date for this session yet" in read(client, cohort, key)
    TrainingSession.objects.filter(pk=first.pk).update(state="cancelled", cancel_reason="Sin luz")
    assert "Sin luz" in read(client, cohort, key)
    second = meeting_of(cohort, state="ended", starts_at=soon, activity_key=key)
    assert url("meeting", second.pk) in read(client, cohort, key)
    Attendance.objects.create(meeting=second, user=enrollment.user, status="partly", source="room", seconds=3000)
    text = read(client, cohort, key)
    assert "Partly present" in text and "50 min counted" in text


def test_it_says_done_and_shows_in_the_outline(outlined):
    cohort, key, enrollment, client = outlined
    assert "Attend the session" in read(client, cohort, key)
    progress.complete(enrollment, key, {"by": "test"})
    text = read(client, cohort, key)
    assert "Done" in text and "Attend the session" not in text
    programme_page = text_of(client.get(url_of(cohort.curriculum_key, cohort.curriculum_key, "en")))
    assert "En vivo en" in programme_page


def test_others_read_about_it_or_are_told_why_not(outlined):
    cohort, key, _enrollment, _client = outlined
    assert "People of a cohort see it here" in read(signed(EnrollmentFactory(cohort=cohort, role="trainer").user), cohort, key)
    assert "not enrolled" in read(signed(UserFactory()), cohort, key, 403)


def test_a_locked_module_keeps_it_closed(outlined):
    cohort, key, _enrollment, client = outlined
    page = LiveSessionPage.objects.filter(translation_key=key).first()
    later = timezone.now() + datetime.timedelta(days=3)
    cohort.releases = {str(page.get_parent().translation_key): later.isoformat()}
    cohort.save()
    read(client, cohort, key, 403)


def test_visitors_sign_in_first(outlined, client):
    cohort, key, _enrollment, _client = outlined
    assert client.get(url_of(key, cohort.curriculum_key, "en")).status_code == 302


# --- today -----------------------------------------------------------------------------------------------------------


def today(user):
    return text_of(signed(user).get("/en/today/"))


@pytest.mark.parametrize(("hours", "first"), [(5, True), (-0.5, True), (48, False)])
def test_the_card_stands_first_within_a_day_and_after_continue_otherwise(outlined, hours, first):
    cohort, _key, enrollment, _client = outlined
    meeting_of(cohort, state="scheduled", title="La próxima", starts_at=timezone.now() + datetime.timedelta(hours=hours))
    text = today(enrollment.user)
    assert (text.index("La próxima") < text.index('id="continue"')) is first


def test_the_card_is_the_way_in_while_it_goes_on(outlined):
    cohort, _key, enrollment, _client = outlined
    meeting_of(cohort, state="scheduled", title="Luego", starts_at=timezone.now() + datetime.timedelta(hours=2))
    live = meeting_of(cohort, state="live", title="Ahora")
    text = today(enrollment.user)
    assert "Going on now" in text and url("room", live.pk) in text and "Luego" not in text


def test_no_card_for_drafts_ends_and_what_nobody_opened(outlined):
    cohort, _key, enrollment, _client = outlined
    for state, hours in (("draft", 2), ("ended", -3), ("cancelled", 2), ("scheduled", -2)):
        meeting_of(cohort, state=state, title="Nada", starts_at=timezone.now() + datetime.timedelta(hours=hours))
    text = today(enrollment.user)
    assert "Nada" not in text and 'class="note err' not in text


def test_the_wave_of_another_session_is_not_offered():
    here = planned(hours=-3, state="ended")
    planned_wave(here.cohort, moment="session", number=2)
    assert Wave.objects.exists() and "Opinión" not in page_of(here)
