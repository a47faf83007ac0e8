"""What the preview of a plan says: local hours by country, holidays, odd hours, overlaps, hours that do not exist, and how fast."""

import datetime
import time
import zoneinfo

import pytest
from django.utils import timezone, translation

from sessions import overlaps, planning_preview, red_days, whose_clocks
from sessions.models import Meeting, MeetingPerson, Series
from sessions.planning_preview import Planned
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.planning_series import MEXICO, address, coming, led, lives_in, previewed, written
from tests.sessions.rooms import meeting_of

pytestmark = pytest.mark.django_db
SPEED = 0.2  # seconds; the bench prints the real one
BUSY_MACHINE = 4


def row(wall, places, *, zone=MEXICO, busy=(), minutes=90, **facts):
    return planning_preview.preview_of([Planned("x", wall, minutes, zone, **facts)], places, busy).rows[0]


def keys(found):
    return {flag.key: flag.severity for flag in found.flags}


def noon(days=30, hour=12):
    """A Tuesday."""
    return datetime.datetime.combine(coming(weeks=days // 7), datetime.time(hour))


# --- local hours -------------------------------------------------------------------------------------------------------


def test_hours_are_grouped_by_what_clocks_show():
    cohort, _lead, client = led(country="MX")
    lives_in(cohort, "America/Sao_Paulo", country="BR")
    lives_in(cohort, "America/Argentina/Buenos_Aires", country="AR")
    text = previewed(client, cohort, written(count="1", hour="12:00"))
    part = text.split('id="preview"')[1]
    assert "15:00" in part and "Argentina, Brazil" in part and "Buenos Aires, São Paulo · 2 people" in part
    assert "12:00" in part and "Mexico" in part


def test_countries_where_nobody_is_enrolled_yet_stand_with_their_zones():
    places = whose_clocks.of_cohort(CohortFactory(countries=["CO", "MX"]))
    assert {(place.zone, place.country, place.people) for place in places} == {
        ("America/Bogota", "CO", 0), ("America/Mexico_City", "MX", 0), ("America/Tijuana", "MX", 0)
    }  # fmt: skip


def test_people_without_a_zone_live_where_their_country_is():
    cohort = CohortFactory()
    lives_in(cohort, "", country="BR")
    lives_in(cohort, "Europe/London", country="")
    lives_in(cohort, "Mars/Olympus", country="")
    places = whose_clocks.of_cohort(cohort)
    assert {(place.zone, place.country) for place in places} == {
        ("America/Sao_Paulo", "BR"),
        ("Europe/London", "GB"),
        (MEXICO, "MX"),
    }


# --- flags -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), [("es", "Día de Navidad"), ("pt-br", "Christmas Day"), ("en", "Christmas Day")])
def test_holidays_by_name(language, name):
    """Where the library has the reader's language; it has no Portuguese for Mexico, so it says it in the country's own."""
    with translation.override(language):
        assert red_days.name_of("MX", datetime.date(2027, 12, 25)) in (name, "Navidad")
        assert red_days.name_of("BR", datetime.date(2027, 12, 25))
        assert not red_days.name_of("MX", datetime.date(2027, 12, 24))
        assert not red_days.name_of("XX", datetime.date(2027, 12, 25)) and not red_days.name_of("", datetime.date(2027, 12, 25))


def test_a_holiday_is_looked_up_on_the_day_of_each_country():
    """The evening of 31 December in Mexico is New Year's Day in London."""
    eve = datetime.datetime(timezone.localdate().year + 1, 12, 31, 19)
    places = [whose_clocks.Place("Europe/London", "GB", 1), whose_clocks.Place(MEXICO, "MX", 1)]
    (flag,) = [flag for flag in row(eve, places).flags if flag.key == "holiday"]
    assert flag.facts["countries"] == ["GB"] and flag.facts["day"] == eve.date() + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("hour", "minutes", "odd"),
    [
        (8, 90, False),
        (7, 60, True),
        (18, 120, False),
        (18, 121, True),
        (19, 90, True),
        (23, 90, True),
        (12, 720, True),
        (8, 720, False),
    ],
)
def test_hours_outside_eight_to_twenty(hour, minutes, odd):
    places = [whose_clocks.Place(MEXICO, "", 2)]
    assert ("odd" in keys(row(noon(hour=hour), places, minutes=minutes))) == odd


def test_odd_hours_where_nobody_lives_are_a_note():
    assert keys(row(noon(hour=18), [whose_clocks.Place("Europe/London", "", 0)]))["odd"] == "note"
    assert keys(row(noon(hour=18), [whose_clocks.Place("Europe/London", "", 1)]))["odd"] == "warn"


def test_who_is_at_one_place_has_no_odd_hours():
    assert "odd" not in keys(row(noon(hour=9), [whose_clocks.Place("Asia/Tokyo", "", 3)], together=True))


def test_weekends_past_and_far():
    saturday = datetime.datetime.combine(coming(5), datetime.time(12))
    assert keys(row(saturday, []))["weekend"] == "note"
    assert keys(row(datetime.datetime(2020, 1, 8, 12), [])) == {"past": "stop"}
    assert keys(row(noon() + datetime.timedelta(days=6 * 366), [])).get("far") == "stop"


def spring_gap(zone):
    """The next hour that the zone's clocks skip, and the next that comes twice: naive, from this machine's zone data."""
    found, day = {}, timezone.localdate() + datetime.timedelta(days=7)
    while len(found) < 2:
        for hour in range(24):
            wall = datetime.datetime.combine(day, datetime.time(hour, 30))
            twist = planning_preview.wall_clock.moment_of(wall, zoneinfo.ZoneInfo(zone)).twist
            if twist:
                found.setdefault(twist, wall)
        day += datetime.timedelta(days=1)
    return found


def test_an_hour_that_does_not_exist_blocks_and_one_that_comes_twice_does_not():
    cohort, _lead, client = led()
    found = spring_gap("Europe/London")
    gap, fold = found["skipped"], found["twice"]
    form = written(count="1", time_zone="Europe/London", first_day=gap.date().isoformat(), hour=f"{gap:%H:%M}")
    text = previewed(client, cohort, form)
    assert "does not exist. Write 02:00" in text and 'name="create"' not in text
    seen = text.split('name="seen" value="')[1].split('"')[0]
    assert "not possible" in text_of(client.post(address(cohort), {**form, "seen": seen, "create": "1"}), 422)
    assert not Series.objects.exists()
    form |= {"first_day": fold.date().isoformat(), "hour": f"{fold:%H:%M}"}
    text = previewed(client, cohort, form)
    assert "comes twice. The first one is taken." in text
    seen = text.split('name="seen" value="')[1].split('"')[0]
    assert client.post(address(cohort), {**form, "seen": seen, "create": "1"}).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.starts_at == fold.replace(tzinfo=zoneinfo.ZoneInfo("Europe/London"), fold=0).astimezone(datetime.UTC)


# --- overlaps ------------------------------------------------------------------------------------------------------------


def starting(days=14, hour=18):
    return datetime.datetime.combine(coming(weeks=days // 7), datetime.time(hour), zoneinfo.ZoneInfo(MEXICO))


def test_overlaps_name_the_meeting():
    cohort, lead, client = led()
    other = CohortFactory()
    EnrollmentFactory(cohort=other, user=lead, role="trainer")
    meeting_of(cohort, "scheduled", starts_at=starting(), title="De esta cohorte")
    meeting_of(other, "scheduled", starts_at=starting(hour=19), title="De la otra")
    meeting_of(cohort, "cancelled", starts_at=starting(), title="Cancelada")
    meeting_of(other, "scheduled", starts_at=starting(hour=20), title="Más tarde")
    text = previewed(client, cohort, written(count="1"))
    assert "At the same time as “De esta cohorte” of this cohort." in text
    assert f"{lead.full_name}: at the same time as “De la otra”." in text
    assert "Cancelada" not in text and "Más tarde" not in text


def test_a_meeting_that_one_may_not_see_has_no_name():
    cohort, _lead, client = led()
    trainer = EnrollmentFactory(cohort=cohort, role="trainer").user
    there = meeting_of(CohortFactory(), "scheduled", starts_at=starting(), title="Secreta")
    MeetingPerson.objects.create(meeting=there, user=trainer, part="guest")
    text = previewed(client, cohort, written(count="1"))
    assert "Secreta" not in text and f"{trainer.full_name}: has another meeting at that time." in text


def test_what_trainees_do_elsewhere_is_nobodys_business():
    cohort, lead, _client = led()
    trainee = EnrollmentFactory(cohort=cohort).user
    there = meeting_of(CohortFactory(), "scheduled", starts_at=starting())
    EnrollmentFactory(cohort=there.cohort, user=trainee)
    assert overlaps.busy(lead, cohort.pk, starting(), starting() + datetime.timedelta(hours=1)) == []


def test_the_plan_may_be_in_its_own_way():
    cohort, _lead, client = led()
    first = coming()
    text = previewed(
        client,
        cohort,
        written(count="1", closing="on", closing_day=first.isoformat(), closing_hour="17:00", closing_title="Cierre"),
    )
    assert "At the same time as “Cierre” of this plan." in text


# --- the page of a meeting ----------------------------------------------------------------------------------------------


def test_those_who_run_a_meeting_see_what_is_worth_a_look():
    here = planned()
    Meeting.objects.filter(pk=here.meeting.pk).update(starts_at=starting(hour=23))
    assert "Outside 08:00 to 20:00:" in text_of(signed(here.trainer).get(url("meeting", here.meeting.pk)))
    assert "Outside 08:00 to 20:00:" not in text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))


def test_a_shift_since_the_last_one_of_the_series():
    here = planned()
    lives_in(here.cohort, "Europe/London")
    fold = spring_gap("Europe/London")["twice"]
    series = Series.objects.create(cohort=here.cohort, title="x", wall_time="12:00", time_zone=MEXICO)
    before = datetime.datetime.combine(fold.date() - datetime.timedelta(days=4), datetime.time(9), zoneinfo.ZoneInfo(MEXICO))
    meeting_of(here.cohort, "scheduled", starts_at=before, series=series)
    Meeting.objects.filter(pk=here.meeting.pk).update(starts_at=before + datetime.timedelta(days=7), series=series)
    text = text_of(signed(here.trainer).get(url("meeting", here.meeting.pk)))
    assert "1 person meets at 15:00 instead of 16:00:" in text and "London" in text


PAGES = ("meetings", "meeting", "edit", "run_of_show", "people", "move", "cancel")


@pytest.mark.parametrize("page", PAGES)
def test_a_zone_that_this_machine_does_not_know(page):
    here = planned()
    Meeting.objects.filter(pk=here.meeting.pk).update(time_zone="Mars/Olympus")
    args = () if page == "meetings" else (here.meeting.pk,)
    text = text_of(signed(here.trainer).get(url(page, *args)))
    if page == "meeting":
        assert "does not know the meeting's time zone, “Mars/Olympus”" in text and "Choose a time zone" in text
        text = text_of(signed(here.trainee).get(url(page, *args)))
        assert "they are in UTC" in text and "Choose a time zone" not in text


def test_a_person_with_an_unknown_zone_reads_in_the_programmes():
    here = planned()
    type(here.trainee).objects.filter(pk=here.trainee.pk).update(time_zone="Mars/Olympus")
    assert "(Mexico City)" in text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))


# --- how fast ------------------------------------------------------------------------------------------------------------

ZONES = (
    MEXICO, "America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Santiago", "America/Lima", "America/Asuncion",
    "Europe/London", "Europe/Zurich", "America/Tijuana",
)  # fmt: skip
COUNTRIES = ("MX", "CO", "BR", "AR", "CL", "PE", "PY", "GB", "CH", "US")


def test_twelve_meetings_forty_people_ten_countries():
    cohort, _lead, client = led()
    for number in range(40):
        EnrollmentFactory(cohort=cohort, user=UserFactory(time_zone=ZONES[number % 10], country=COUNTRIES[number % 10]))
    form = written(count="12", hour="12:00")
    previewed(client, cohort, form)  # imports of the library, compiled templates
    took = []
    for _time in range(3):
        began = time.perf_counter()
        previewed(client, cohort, form)
        took.append(time.perf_counter() - began)
    assert min(took) < SPEED * BUSY_MACHINE


@pytest.mark.parametrize("language", ["pt-br", "es"])
def test_a_holiday_without_a_name_in_the_readers_language_has_the_one_of_its_country(language, monkeypatch):
    """Asked for no language, the library follows the locale of the machine."""
    monkeypatch.setenv("LANGUAGE", "en_US")
    with translation.override(language):
        assert red_days.name_of("CO", datetime.date(2026, 12, 8)) == "La Inmaculada Concepción"
