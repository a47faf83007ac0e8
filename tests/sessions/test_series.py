"""A whole series in one form: rhythm, days left out, closing day, copying, and what it refuses."""

import datetime
import zoneinfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.enrollment_states import Refused
from sessions import schedule
from sessions.models import InPersonDay, Meeting, Poll, Series, TrainingSession
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.planning_series import address, coming, create, led, lives_in, previewed, with_sessions, written
from tests.sessions.polling import prepared
from tests.sessions.rooms import do, meeting_of

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(weeks=1)


def walls(cohort):
    return [meeting.wall_start for meeting in Meeting.objects.filter(cohort=cohort).order_by("starts_at")]


# --- who -------------------------------------------------------------------------------------------------------------


def test_who_may_plan_a_series():
    here = planned()
    got = {
        role: signed(getattr(here, role)).get(address(here.cohort)).status_code
        for role in ("trainee", "trainer", "lead", "evaluator", "stranger")
    }
    assert got == {"trainee": 404, "trainer": 200, "lead": 200, "evaluator": 404, "stranger": 404}
    form = written()
    for role in ("trainee", "evaluator", "stranger"):
        assert signed(getattr(here, role)).post(address(here.cohort), {**form, "create": "1"}).status_code == 404
        assert signed(getattr(here, role)).get(url("plan_series")).status_code == 404
    assert not Series.objects.exists()


def test_first_the_cohort_is_chosen():
    cohort, _lead, client = led()
    closed = CohortFactory(status="closed")
    EnrollmentFactory(cohort=closed, role="lead", user=_lead)
    text = text_of(client.get(url("plan_series")))
    assert f"?cohort={cohort.pk}" in text and f"?cohort={closed.pk}" not in text


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "", "²"])
def test_numbers_that_are_none(number):
    _cohort, _lead, client = led()
    assert client.get(f"{url('plan_series')}?cohort={number}").status_code == 404


# --- the six weeks of the seeds ----------------------------------------------------------------------------------------


def test_six_tuesdays_and_a_closing_day():
    cohort, lead, client = with_sessions()
    first = coming()
    form = written(
        skip=(first + 2 * WEEK).isoformat(),
        closing="on",
        closing_place="Siglo XXI",
        closing_url="https://maps.example.org/x",
        state="scheduled",
    )
    text = previewed(client, cohort, form)
    assert "Sesión 6: Sostener" in text and "as written" in text
    assert not Meeting.objects.exists()
    assert create(client, cohort, form).status_code == 302
    sessions = list(TrainingSession.objects.filter(cohort=cohort).order_by("starts_at"))
    expected = [first + WEEK * number for number in (0, 1, 3, 4, 5, 6)]
    assert [one.wall_start for one in sessions] == [f"{day}T18:00" for day in expected]
    assert [one.title for one in sessions[:2]] == ["Sesión 1: Bienvenida", "Sesión 2: Identificar"]
    assert [one.number for one in sessions] == [1, 2, 3, 4, 5, 6] and len({one.activity_key for one in sessions}) == 6
    assert all(one.starts_at.astimezone(zoneinfo.ZoneInfo("America/Mexico_City")).hour == 18 for one in sessions)
    assert all(one.segments.count() == 5 and one.state == "scheduled" and one.created_by == lead for one in sessions)
    (day,) = InPersonDay.objects.filter(cohort=cohort)
    assert (day.place, day.place_url, day.mode, day.minutes) == ("Siglo XXI", "https://maps.example.org/x", "in_person", 480)
    assert day.wall_start == f"{expected[-1] + datetime.timedelta(days=3)}T09:00"  # the Friday after the last Tuesday
    (series,) = Series.objects.all()
    assert series.meetings.count() == 7 and series.wall_time == "18:00"


def test_every_ten_days_without_the_programme():
    cohort, _lead, client = led()
    form = written(count="3", every="10", unit="1", pattern="Taller {n}")
    form.pop("linked")
    assert create(client, cohort, form).status_code == 302
    first = coming()
    assert walls(cohort) == [f"{first + datetime.timedelta(days=10 * number)}T18:00" for number in range(3)]
    assert list(Meeting.objects.filter(cohort=cohort).order_by("starts_at").values_list("title", flat=True)) == [
        "Taller 1",
        "Taller 2",
        "Taller 3",
    ]


def test_a_title_without_a_name_loses_its_marks():
    cohort, _lead, client = led()
    create(client, cohort, written(count="1"))
    assert Meeting.objects.get(cohort=cohort).title == "Sesión 1"


def test_holidays_are_left_out_by_name():
    cohort, _lead, client = led()
    lives_in(cohort, "America/Mexico_City", country="MX")
    christmas = datetime.date(timezone.localdate().year + 1, 12, 25)
    form = written(count="2", first_day=(christmas - WEEK).isoformat(), holidays_of=["MX"])
    assert "Christmas Day" in previewed(client, cohort, form)
    create(client, cohort, form)
    assert walls(cohort) == [f"{christmas - WEEK}T18:00", f"{christmas + 2 * WEEK}T18:00"]  # New Year's Day neither


def test_guests_by_address():
    cohort, _lead, client = led()
    guest, member = (
        UserFactory(email="Guest@Example.org", time_zone="Europe/London", country="GB"),
        EnrollmentFactory(cohort=cohort).user,
    )
    form = written(count="2", guests=f"guest@example.org\n{member.email}")
    assert "London" in previewed(client, cohort, form)
    create(client, cohort, form)
    for meeting in Meeting.objects.filter(cohort=cohort):
        assert [(one.user_id, one.part) for one in meeting.people.all()] == [(guest.pk, "guest")]
    assert "has the address nobody@example.org" in previewed(client, cohort, written(guests="nobody@example.org"), status=422)


def test_a_trainer_does_not_learn_from_the_form_who_has_an_account():
    cohort, _lead, _client = led()
    trainer = EnrollmentFactory(cohort=cohort, role="trainer").user
    UserFactory(email="known@example.org")
    for guest in ("known@example.org", "nobody@example.org"):
        assert f"has the address {guest}" in previewed(signed(trainer), cohort, written(guests=guest), status=422)


def test_a_plan_that_was_not_previewed_is_not_saved():
    cohort, _lead, client = led()
    form = written(count="2")
    assert "Look at the preview first" in text_of(client.post(address(cohort), {**form, "create": "1"}), 422)
    seen = previewed(client, cohort, form).split('name="seen" value="')[1].split('"')[0]
    assert "Look at the preview first" in text_of(
        client.post(address(cohort), {**form, "count": "3", "seen": seen, "create": "1"}), 422
    )
    assert not Series.objects.exists()


def test_sent_again_it_is_planned_once():
    cohort, _lead, client = led()
    form = written(count="2")
    assert create(client, cohort, form).status_code == 302
    for _again in range(2):
        assert client.post(address(cohort), {**form, "create": "1"}).status_code == 302
    assert Series.objects.count() == 1 and Meeting.objects.count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_clicks_at_once_plan_once(in_parallel):
    cohort, lead, client = with_sessions(2)
    form = written(count="2")
    seen = previewed(client, cohort, form).split('name="seen" value="')[1].split('"')[0]
    body = {**form, "seen": seen, "create": "1"}
    answers = in_parallel(lambda _number: signed(lead).post(address(cohort), body).status_code)
    assert answers == [302] * 10
    assert Series.objects.count() == 1 and Meeting.objects.count() == 2


def test_somebody_elses_key_is_not_taken():
    cohort, _lead, client = led()
    other, _other_lead, other_client = led()
    form = written(count="1")
    create(client, cohort, form)
    assert "was sent already" in text_of(create(other_client, other, form), 422)
    assert Meeting.objects.count() == 1


# --- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("count", "0", "from 1 to 52"), ("count", "53", "from 1 to 52"), ("count", "9" * 40, "from 1 to 52"), ("count", "x", "from 1 to 52"),
        ("first_day", "mañana", "Write the day as"), ("first_day", "", "Write the day"), ("first_day", "2020-01-01", "This day is past"),
        ("first_day", "9999-12-31", "five years"), ("first_day", "0001-01-01", "is past"), ("hour", "25:00", "Write the hour"),
        ("hour", "", "Write the hour"), ("time_zone", "Mars/Olympus", "time zone from the list"), ("time_zone", "../etc", "time zone from the list"),
        ("minutes", "4", "from 5 to 720"), ("minutes", "-90", "from 5 to 720"), ("minutes", "", "from 5 to 720"), ("every", "0", "from 1 to 90"),
        ("unit", "3", "Select a valid choice"), ("skip", "2027-13-01", "is not a day"), ("skip", "\x00", "Null characters"),
        ("skip", "\n".join(f"20{27 + n // 360}-{n % 12 + 1:02}-{n % 28 + 1:02} x{n}" for n in range(300)), "at most 200"),
        ("holidays_of", "ZZ", "countries from the list"), ("guests", "not an address", "is not an e-mail address"),
        ("pattern", "{sesion}", "stands for nothing"), ("pattern", "x" * 161, "160 characters"), ("conference_url", "javascript:alert(1)", "https://"),
        ("closing_url", "http://maps.example.org", "https://"), ("closing_day", "nunca", "Write the day as"), ("key", "x", "incomplete"),
        ("mode", "by post", "Select a valid choice"), ("state", "cancelled", "Select a valid choice"), ("engine", "fax", "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_is_refused(field, value, words):
    cohort, _lead, client = led()
    text = previewed(client, cohort, written(**{field: value}), status=422)
    assert words in text
    assert not Meeting.objects.exists()


def test_all_of_it_or_nothing():
    """The last ones would be more than five years away."""
    cohort, _lead, client = led()
    form = written(count="52", every="90", unit="7")
    assert "more than five years" in previewed(client, cohort, form, status=422)
    assert not Series.objects.exists()


def test_a_closed_cohort():
    cohort, _lead, client = led(CohortFactory(status="closed"))
    assert "closed" in text_of(client.get(address(cohort)))
    assert client.post(address(cohort), {**written(), "create": "1"}).status_code == 403


def test_closed_while_the_form_was_open():
    cohort, lead, _client = led(CohortFactory(status="closed"))
    with pytest.raises(Refused, match="closed"):
        schedule.create("training", lead, cohort=cohort, title="x", starts_at=timezone.now() + WEEK)


def test_a_closing_day_before_the_last_session_is_said_not_refused():
    cohort, _lead, client = led()
    form = written(closing="on", closing_day=(coming() + datetime.timedelta(days=1)).isoformat())
    assert "before the last meeting" in previewed(client, cohort, form)
    assert create(client, cohort, form).status_code == 302


# --- from an earlier cohort --------------------------------------------------------------------------------------------


def earlier(lead):
    """A cohort of last year: a Tuesday, the Tuesday after next, the Thursday after; with parts and with people."""
    cohort = CohortFactory(name="El año pasado")
    trainer = EnrollmentFactory(cohort=cohort, role="trainer", user=lead).user
    for number, (title, minutes) in enumerate((("Inicio", 60), ("Medio", 90), ("Fin", 120)), start=1):
        day = datetime.datetime(2025, 3, (4, 18, 20)[number - 1], 17, tzinfo=zoneinfo.ZoneInfo("America/Mexico_City"))
        meeting = meeting_of(
            cohort,
            "scheduled",
            starts_at=day,
            title=title,
            minutes=minutes,
            number=number,
            preparation=f"Leer {number}",
            recording_url="https://example.org/r",
        )
        meeting.segments.create(title=f"Caso {number}", minutes=20, order=1)
        meeting.people.create(user=UserFactory(), part="guest")
    prepared(meeting, text="¿Qué sigue?")
    do(
        meeting,
        trainer,
        "board.setup",
        {"columns": [{"key": "retos", "title": {"es": "Retos"}, "role": "challenge"}], "votes_each": 2},
    )
    return cohort


def test_copying_an_earlier_cohort():
    cohort, lead, client = led()
    source = earlier(lead)
    assert source.name in text_of(client.get(address(cohort)))
    assert 'value="3"' in text_of(client.get(address(cohort, source)))
    form = written(count="3", rhythm="copied", pattern="", minutes="", hour="17:00")
    form.pop("use_template")
    assert create(client, cohort, form, copy=source).status_code == 302
    made = list(TrainingSession.objects.filter(cohort=cohort).order_by("starts_at"))
    days = [coming() + datetime.timedelta(days=number) for number in (0, 14, 16)]
    assert [one.wall_start for one in made] == [f"{day}T17:00" for day in days]
    assert [(one.title, one.minutes, one.preparation) for one in made] == [
        ("Inicio", 60, "Leer 1"),
        ("Medio", 90, "Leer 2"),
        ("Fin", 120, "Leer 3"),
    ]
    assert [[segment.title for segment in one.segments.all()] for one in made] == [["Caso 1"], ["Caso 2"], ["Caso 3"]]
    assert not any(one.people.exists() or one.recording_url for one in made)
    assert Poll.objects.filter(meeting=made[2]).count() == 1
    assert made[2].streams.get(name="main").board.columns[0]["key"] == "retos"


def test_what_one_does_not_run_is_not_copied():
    cohort, _lead, client = led()
    _other, stranger, _client = led()
    source = earlier(stranger)
    assert source.name not in text_of(client.get(address(cohort)))
    assert client.get(address(cohort, source)).status_code == 404
    assert client.post(address(cohort, source), {**written(), "create": "1"}).status_code == 404


def test_more_than_there_were():
    cohort, lead, client = led()
    source = earlier(lead)
    assert "had 3" in previewed(client, cohort, written(count="5", rhythm="copied"), copy=source, status=422)


# --- queries -------------------------------------------------------------------------------------------------------------


def queries_of_preview(people, meetings):
    cohort, lead, client = led()
    lives_in(cohort, *["America/Bogota"] * people)
    other = CohortFactory()
    EnrollmentFactory(cohort=other, user=lead, role="trainer")
    for number in range(meetings):
        start = datetime.datetime.combine(coming() + number * WEEK, datetime.time(18), zoneinfo.ZoneInfo("America/Mexico_City"))
        meeting_of(other, "scheduled", starts_at=start)
    form = written(count="6")
    previewed(client, cohort, form)
    with CaptureQueriesContext(connection) as queries:
        previewed(client, cohort, form)
    return len(queries)


def test_the_preview_costs_the_same_for_one_and_for_many():
    assert queries_of_preview(1, 1) == queries_of_preview(20, 6)
