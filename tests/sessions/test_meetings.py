"""The list of meetings and planning one: who may, what is refused, what is kept."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions.models import Meeting, MeetingPerson, Segment, TrainingSession
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.attending import programme
from tests.sessions.planning import planned, said, signed, text_of, tomorrow, url
from tests.sessions.polling import prepared
from tests.sessions.rooms import meeting_of

pytestmark = pytest.mark.django_db


def new_url(cohort):
    return f"{url('new')}?cohort={cohort.pk}"


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_next_meeting_stands_first_with_the_readers_hour_and_other_cities():
    here = planned(hours=30, title="Second")
    meeting_of(here.cohort, state="scheduled", starts_at=timezone.now() + datetime.timedelta(hours=5), title="First")
    EnrollmentFactory(cohort=here.cohort, user__time_zone="America/Sao_Paulo")
    text = text_of(signed(here.trainee).get(url("meetings")))
    assert text.index("First") < text.index("Second")
    assert "(Mexico City)" in text and "São Paulo" in text
    assert "Still missing" not in text and "Plan a meeting" not in text


def test_each_sees_their_own_and_drafts_are_for_hosts():
    here = planned(title="Ours")
    planned(title="Theirs")
    meeting_of(here.cohort, state="draft", title="Not yet", starts_at=timezone.now() + datetime.timedelta(days=9))
    seen = {
        role: text_of(signed(getattr(here, role)).get(url("meetings")))
        for role in ("trainee", "trainer", "evaluator", "stranger")
    }
    assert [role for role, text in seen.items() if "Ours" in text] == ["trainee", "trainer", "evaluator"]
    assert [role for role, text in seen.items() if "Not yet" in text] == ["trainer"]
    assert not any("Theirs" in text for text in seen.values())
    assert "No meetings are scheduled yet" in seen["stranger"]


def test_the_desk_reads_in_words_what_is_missing():
    here = planned(engine="link", mode="hybrid")
    text = text_of(signed(here.trainer).get(url("meetings")))
    for words in ("no run of show", "no slides", "no address of the video meeting", "no place"):
        assert words in text
    Segment.objects.create(meeting=here.meeting, title="Too long", minutes=100)
    text = text_of(signed(here.trainer).get(url("meetings")))
    assert "no run of show" not in text and "10 min too long" in text


@pytest.mark.parametrize(("hours", "enter"), [(0.2, True), (0.3, False), (-0.5, True)])
def test_the_door_opens_a_quarter_of_an_hour_before(hours, enter):
    here = planned(hours=hours)
    assert (url("room", here.meeting.pk) in text_of(signed(here.trainee).get(url("meetings")))) is enter


def test_the_list_costs_the_same_with_three_meetings_and_with_many():
    here = planned()
    _more_meetings(here, 2)
    few = _queries(here)
    _more_meetings(here, 20)
    assert _queries(here) == few <= 18


def _more_meetings(here, count):
    for number in range(count):
        state = ("scheduled", "ended", "draft")[number % 3]
        more = meeting_of(here.cohort, state=state, starts_at=timezone.now() + datetime.timedelta(days=number + 1))
        Segment.objects.create(meeting=more, title="x")
        prepared(more)
        MeetingPerson.objects.create(meeting=more, user=UserFactory(time_zone="America/Bogota"), part="guest")


def _queries(here):
    client = signed(here.trainer)
    client.get(url("meetings"))
    with CaptureQueriesContext(connection) as found:
        client.get(url("meetings"))
    return len(found)


def test_visitors_are_sent_to_sign_in(client):
    for name in ("meetings", "new"):
        assert client.get(url(name)).status_code == 302


# --- planning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("trainer", 200), ("lead", 200), ("trainee", 404), ("evaluator", 404), ("stranger", 404)]
)
def test_who_may_plan(role, status):
    here = planned()
    client = signed(getattr(here, role))
    assert client.get(url("new")).status_code == status
    assert client.get(new_url(here.cohort)).status_code == status
    assert client.post(new_url(here.cohort), said()).status_code == (302 if status == 200 else 404)


@pytest.mark.parametrize("query", ["cohort=x", "cohort=²", "cohort=999999999999999999999", "copy=x", "cohort=0"])
def test_addresses_that_name_nothing(query):
    here = planned()
    assert signed(here.trainer).get(f"{url('new')}?{query}").status_code == 404


def test_a_trainer_of_another_cohort_plans_nothing_here():
    here, there = planned(), planned()
    assert signed(here.trainer).post(new_url(there.cohort), said()).status_code == 404


def test_a_session_is_planned_at_the_hour_of_its_zone():
    cohort, key = programme()
    trainer = EnrollmentFactory(cohort=cohort, role="trainer").user
    response = signed(trainer).post(new_url(cohort), said(activity_key=str(key), time_zone="America/Sao_Paulo"))
    meeting = TrainingSession.objects.get()
    assert response.url == url("run_of_show", meeting.pk)
    assert meeting.starts_at.isoformat() == f"{tomorrow().isoformat()}T18:00:00+00:00"
    assert (meeting.activity_key, meeting.state, meeting.created_by) == (key, "scheduled", trainer)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "Write a title."),
        ({"title": "x" * 161}, "Shorten the title"),
        ({"day": ""}, "Write the day."),
        ({"day": "5.3.2027"}, "Write the day as 2027-03-05."),
        ({"day": "9999-12-31", "hour": "23:59"}, ""),
        ({"day": "0001-01-01", "hour": "00:00"}, ""),
        ({"day": "2026-01-01"}, "This time is past."),
        ({"day": "2046-01-01"}, "more than five years away"),
        ({"hour": "25:00"}, "Write the hour as 15:00."),
        ({"minutes": "4"}, "from 5 to 720"),
        ({"minutes": "many"}, "from 5 to 720"),
        ({"needed_percent": "101"}, "from 1 to 100"),
        ({"keep_days": "1"}, "from 7 to 3650"),
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone from the list."),
        ({"engine": "no-such"}, "no-such"),
        ({"engine": "link", "conference_url": "http://zoom.us/j/1"}, "https://"),
        ({"engine": "link", "conference_url": "https://evil.example/j/1"}, "evil.example"),
        ({"backup_url": "https://user@zoom.us/j/1"}, "user name"),
        ({"recording_url": "http://example.org/r"}, "https://"),
        ({"recording_url": "javascript:alert(1)"}, "https://"),
        ({"recording_url": "https://example.org/r", "recording_counts": "on"}, "how long the recording is"),
        ({"recording_check": "no-such"}, "Choose one of the questionnaires"),
        ({"activity_key": "b7a2c6f0-0000-4000-8000-000000000000"}, "Choose a session of the programme"),
        ({"title": "nul\x00byte"}, ""),
    ],
)  # fmt: skip
def test_bad_input_is_said_beside_its_field_and_kept(changed, words):
    here = planned()
    before = Meeting.objects.count()
    text = text_of(signed(here.trainer).post(new_url(here.cohort), said(about="Keep me", **changed)), 422)
    assert words in text and "Keep me" in text and "There is a problem" in text
    assert Meeting.objects.count() == before


@pytest.mark.parametrize(
    ("day", "hour", "words"), [("2027-03-14", "02:30", "does not exist"), ("2027-11-07", "01:30", "comes twice")]
)
def test_hours_that_a_clock_change_skips_or_repeats(day, hour, words):
    here = planned()
    form = said(day=day, hour=hour, time_zone="America/Tijuana")
    assert words in text_of(signed(here.trainer).post(new_url(here.cohort), form), 422)


def test_a_session_of_the_programme_has_one_meeting_in_a_cohort():
    cohort, key = programme()
    trainer = signed(EnrollmentFactory(cohort=cohort, role="trainer").user)
    assert trainer.post(new_url(cohort), said(activity_key=str(key))).status_code == 302
    assert "has its meeting already" in text_of(trainer.post(new_url(cohort), said(activity_key=str(key))), 422)
    first = TrainingSession.objects.get()
    trainer.post(url("cancel", first.pk), {"reason": "Fiesta"})
    assert trainer.post(new_url(cohort), said(activity_key=str(key))).status_code == 302


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_plan_one_meeting_for_a_session_of_the_programme(in_parallel):
    cohort, key = programme()
    trainer = EnrollmentFactory(cohort=cohort, role="trainer").user
    clients = [signed(trainer) for _number in range(10)]
    answers = in_parallel(lambda number: clients[number].post(new_url(cohort), said(activity_key=str(key))).status_code)
    assert sorted(answers) == [302] + [422] * 9
    assert TrainingSession.objects.filter(activity_key=key).count() == 1


def test_a_regional_meeting_belongs_to_the_people_it_names():
    here = planned()
    form = {**said(title="Regional"), "topic": "KPIs", "quarter": "2027-Q1"}
    del form["number"], form["activity_key"]
    assert signed(here.trainer).post(f"{url('new')}?kind=regional", form).status_code == 404
    response = signed(here.lead).post(f"{url('new')}?kind=regional", form)
    assert response.status_code == 302
    meeting = Meeting.objects.get(title="Regional")
    assert (meeting.kind, meeting.cohort, meeting.topic) == ("regional", None, "KPIs")
    assert list(meeting.people.values_list("user", "part")) == [(here.lead.pk, "host")]
    assert signed(here.trainer).get(url("meeting", meeting.pk)).status_code == 404
    form["quarter"] = "soon"
    assert "2027-Q1" in text_of(signed(here.lead).post(f"{url('new')}?kind=regional", form), 422)
