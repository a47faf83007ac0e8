"""The calendar page: days in the reader's zone, what stands in a month and what does not, few queries, bad addresses."""

import datetime
import re
import uuid
import zoneinfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions import calendar_page
from sessions.models import LeadGroup, LeadGroupMember, Meeting, MeetingPerson, QuarterSlot
from tests.evaluations.waving import make_survey
from tests.evaluations.waving import planned as planned_wave
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum
from tests.sessions.answering import said_by
from tests.sessions.planning import MEXICO, planned, signed, text_of, url
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db


def at(year, month, day, hour=18, minute=0, zone=MEXICO):
    return datetime.datetime(year, month, day, hour, minute, tzinfo=zone)


def page_of(user, query="month=2027-03", language="en", status=200):
    return text_of(signed(user, language).get(f"{url('calendar_page', language=language)}?{query}"), status)


def cell(page, day):
    """The words of one day of the table."""
    for found in re.findall(r"<td.*?</td>", page, re.S):
        if re.search(rf'class="n num">{day}(<|\s)', found):
            return " ".join(re.sub(r"<[^>]+>", " ", found).split())
    return None


def in_march(**fields):
    """A meeting on 10 March 2027 at 18:00 in Mexico City, with its people."""
    here = planned()
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(
        **{"starts_at": at(2027, 3, 10), "title": "Sesión 3", **fields}
    )
    here.meeting.refresh_from_db()
    return here


# --- days and weeks --------------------------------------------------------------------------------------------------


def test_a_late_evening_in_mexico_is_the_next_day_in_sao_paulo():
    here = in_march(starts_at=at(2027, 3, 10, 23, 30))
    brazilian = person_in(here.meeting, user__time_zone="America/Sao_Paulo", user__country="BR")
    assert "23:30 Sesión 3" in cell(page_of(here.trainee), 10)
    page = page_of(brazilian)
    assert "02:30 Sesión 3" in cell(page, 11) and "Sesión 3" not in cell(page, 10)
    assert "Days and hours are those of São Paulo." in page


def test_the_last_evening_of_a_month_is_in_the_next_month_elsewhere():
    here = in_march(starts_at=at(2027, 3, 31, 23, 30))
    brazilian = person_in(here.meeting, user__time_zone="America/Sao_Paulo")
    assert "Sesión 3" in cell(page_of(here.trainee), 31)
    assert "Sesión 3" not in page_of(brazilian)
    assert "Sesión 3" in cell(page_of(brazilian, "month=2027-04"), 1)
    assert "Sesión 3" not in page_of(here.trainee, "month=2027-04").partition('<table class="cal"')[2]


@pytest.mark.parametrize(
    ("country", "first"),
    [("MX", "Sunday"), ("BR", "Sunday"), ("CO", "Sunday"), ("VE", "Sunday"), ("PE", "Sunday"), ("AR", "Monday"), ("CL", "Monday"),
     ("CR", "Monday"), ("CU", "Monday"), ("GB", "Monday"), ("", "Monday")],
)  # fmt: skip
def test_the_week_begins_as_in_the_readers_country(country, first):
    user = UserFactory(country=country)
    page = page_of(user)
    assert re.findall(r'<th scope="col">.*?class="vh">(\w+)<', page)[0] == first
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.S)
    assert all(row.count("<td") == 7 for row in rows)
    assert [int(day) for day in re.findall(r'class="n num">(\d+)', page)] == list(range(1, 32))
    blanks = rows[0].count('class="out"')
    assert blanks == (1 if first == "Sunday" else 0)  # 1 March 2027 is a Monday


def test_a_midnight_that_did_not_exist():
    month = calendar_page.month_of("2018-11", zoneinfo.ZoneInfo("America/Sao_Paulo"))
    assert month.begins == at(2018, 11, 1, 3, zone=datetime.UTC)
    assert calendar_page._midnight(datetime.date(2018, 11, 4), month.zone) == at(2018, 11, 4, 3, zone=datetime.UTC)


def test_today_is_marked_and_is_the_readers():
    user = UserFactory(time_zone="Pacific/Kiritimati")
    today = timezone.now().astimezone(zoneinfo.ZoneInfo("Pacific/Kiritimati")).date()
    page = page_of(user, "")
    assert f'aria-current="date">\n              <span class="n num">{today.day}<' in page
    assert 'aria-current="date"' not in page_of(user, "month=2000-01")


@pytest.mark.parametrize(("language", "name"), [("es", "marzo de 2027"), ("pt-br", "março de 2027"), ("en", "March 2027")])
def test_the_month_is_named_in_the_readers_language(language, name):
    assert name in page_of(UserFactory(), language=language)


# --- what stands in it -----------------------------------------------------------------------------------------------


def test_an_entry_says_hour_title_kind_cohort_state_and_own_answer():
    here = in_march()
    meeting_of(here.cohort, state="scheduled", starts_at=at(2027, 3, 10, 8))
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(starts_at=timezone.now() + datetime.timedelta(minutes=5))
    said_by(here.trainee, here.meeting, "maybe")
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(
        starts_at=at(2027, 3, 10), state="cancelled", cancel_reason="Feriado"
    )
    page = page_of(here.trainee)
    words = cell(page, 10)
    assert words.index("08:00 Session 1") < words.index("18:00 Sesión 3")
    assert "Training session" in words and here.cohort.name in words and "cancelled" in words
    assert page.count("<s>Sesión 3</s>") == 2 and "Feriado" in page
    assert "18:00–19:30" in page and "Your answer: Perhaps" in page


def test_what_belongs_to_others_is_not_shown_and_drafts_only_to_hosts():
    here, _there = in_march(), in_march(title="De otros")
    meeting_of(here.cohort, state="draft", starts_at=at(2027, 3, 12), title="Borrador")
    page = page_of(here.trainee)
    assert "Sesión 3" in page and "De otros" not in page and "Borrador" not in page
    assert "Borrador" in page_of(here.trainer) and "draft" in cell(page_of(here.trainer), 12)
    assert "Sesión 3" not in page_of(here.stranger)
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    assert "Sesión 3" not in page_of(here.trainee)
    assert Client().get(url("calendar_page")).status_code == 302


def test_what_i_run_is_offered_to_those_who_run_something():
    here = in_march()
    other = in_march(title="Solo asisto")
    EnrollmentFactory(user=here.trainer, cohort=other.cohort)
    assert "Solo asisto" in page_of(here.trainer) and "What I run" in page_of(here.trainer)
    page = page_of(here.trainer, "month=2027-03&only=run")
    assert "Sesión 3" in page and "Solo asisto" not in page
    assert "What I run" not in page_of(here.trainee)
    assert "Sesión 3" not in page_of(here.trainee, "month=2027-03&only=run")


def test_a_full_day_says_how_many_more_and_leads_to_them():
    here = in_march()
    for number in range(5):
        meeting_of(here.cohort, state="scheduled", starts_at=at(2027, 3, 10, 19 + number % 3), title=f"Otra {number}")
    page = page_of(here.trainee)
    assert "and 3 more" in cell(page, 10)
    assert 'href="/en/live/calendar/?month=2027-03&amp;view=list#day-2027-03-10"' in page
    listed = page_of(here.trainee, "month=2027-03&view=list")
    assert (
        'id="day-2027-03-10"' in listed
        and "<table" not in listed
        and "Wednesday, 10 March 2027" in re.sub(r"<[^>]+>", "", listed)
    )
    assert all(f"Otra {number}" in listed for number in range(5))


def test_questionnaires_stand_on_their_first_and_last_day_for_those_who_are_asked():
    here = in_march()
    planned_wave(here.cohort, make_survey(), opens_on=datetime.date(2027, 3, 5), closes_on=datetime.date(2027, 3, 20))
    planned_wave(
        here.cohort, make_survey("otro"), moment="m3", opens_on=datetime.date(2027, 3, 25), closes_on=datetime.date(2027, 4, 2)
    )
    page = page_of(here.trainee)
    assert "Questionnaire opens" in cell(page, 5) and "Last day of the questionnaire" in cell(page, 20)
    assert "Questionnaire opens" in cell(page, 25)
    month = calendar_page.month_of("2027-03", MEXICO)
    assert {line.day.month for line in calendar_page.waves(calendar_page.Reader(here.trainee, MEXICO), month)} == {3}
    assert "uestionnaire" not in page_of(here.trainer).partition('<table class="cal"')[2].partition("</table>")[0]
    assert (
        "uestionnaire"
        not in page_of(here.trainee, "month=2027-03&only=run").partition('<table class="cal"')[2].partition("</table>")[0]
    )


def test_modules_stand_on_the_day_they_open_for_the_person():
    made = make_curriculum()
    first, second = (str(key) for key in made.module_keys)
    cohort = CohortFactory(
        curriculum_key=made.key, releases={first: "2027-03-02T05:00:00+00:00", second: "2027-03-09T15:00:00+00:00"}
    )
    mine = EnrollmentFactory(cohort=cohort, releases={second: "2027-03-16T15:00:00+00:00"}).user
    page = page_of(mine)
    assert "Module opens" in cell(page, 1)  # 23:00 of the day before in Mexico City
    assert "09:00" in cell(page, 16) and "Module opens" in cell(page, 16) and "Module opens" not in cell(page, 9)


def test_planned_quarters_are_for_leads_and_the_group_until_there_is_a_meeting():
    here, mentor = in_march(), UserFactory()
    group = LeadGroup.objects.create(name="Grupo Norte")
    LeadGroupMember.objects.create(group=group, user=mentor)
    QuarterSlot.objects.create(quarter="2027-Q1", planned_on=datetime.date(2027, 3, 24), group=group, state="accepted")
    for user in (here.lead, mentor):
        assert "Q1 2027 · Grupo Norte" in cell(page_of(user), 24)
    for user in (here.trainee, here.trainer, here.stranger):
        assert "Grupo Norte" not in page_of(user)


# --- going through it ------------------------------------------------------------------------------------------------


def test_months_lead_to_each_other_and_keep_what_was_chosen():
    page = page_of(UserFactory(), "month=2027-01&view=month")
    assert 'rel="prev" href="/en/live/calendar/?month=2026-12&amp;view=month"' in page
    assert 'rel="next" href="/en/live/calendar/?month=2027-02&amp;view=month"' in page
    assert 'href="/en/live/calendar/?view=month"' in page
    assert 'rel="prev"' not in page_of(UserFactory(), "month=2000-01") and 'rel="next"' not in page_of(
        UserFactory(), "month=2100-12"
    )


def test_an_empty_month_says_so_and_where_the_next_meeting_is():
    here = in_march()
    page = page_of(here.trainee, "month=2027-01&view=list")
    assert "Nothing is planned in January 2027." in page
    assert 'href="/en/live/calendar/?month=2027-03&amp;view=list"' in page and "Wed 10 Mar 2027, 18:00" in page
    assert "Your next meeting" not in page_of(here.stranger, "month=2027-01")


@pytest.mark.parametrize(
    "query",
    ["month=2027-13", "month=2027-00", "month=1999-12", "month=2101-01", "month=2027-3", "month=27-03", "month=0000-01", "month=99999-01",
     "month=2027-03-05", "month=abc", "month=%D9%A2%D9%A0%D9%A2%D9%A7-03", "month=2027-03%0A", "view=week", "view=list&only=all", "only=1"],
)  # fmt: skip
def test_bad_addresses_are_not_there(query):
    page_of(UserFactory(), query, status=404)


def test_a_nul_in_the_address_is_refused():
    assert signed(UserFactory()).get(url("calendar_page") + "?month=%00").status_code == 400
    assert signed(UserFactory()).post(url("calendar_page")).status_code == 405


def test_the_list_of_meetings_leads_here():
    assert url("calendar_page") in text_of(signed(UserFactory()).get(url("meetings")))


# --- much of everything ----------------------------------------------------------------------------------------------


def many(count, months=50):
    """That many instants, spread over so many months from January 2025 on."""
    return [at(2025, 1, 3) + datetime.timedelta(days=30.4 * (number % months), minutes=number) for number in range(count)]


def base_rows(here, instants):
    """Meetings in the database, past the model: rows of two tables cannot be made in bulk through it."""
    known = Meeting.objects.non_polymorphic().get(pk=here.meeting.pk)
    fields = [field for field in Meeting._meta.concrete_fields if not field.primary_key]
    rows = [
        [uuid.uuid4().hex if field.name == "uid" else field.get_db_prep_save(instant if field.name == "starts_at" else field.value_from_object(known), connection) for field in fields]
        for instant in instants
    ]  # fmt: skip
    names, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{Meeting._meta.db_table}" ({names}) VALUES ({marks})', rows)


def test_queries_do_not_grow_and_only_the_month_is_read():
    here, counted = in_march(), []
    client, address = signed(here.trainee), url("calendar_page") + "?month=2027-03"
    client.get(address)
    for instants in ([], many(5000)):
        base_rows(here, instants)
        with CaptureQueriesContext(connection) as queries:
            began = timezone.now()
            text_of(client.get(address))
            took = timezone.now() - began
        counted.append(len(queries))
    assert counted[0] == counted[1]
    in_month = sum(at(2027, 3, 1, 0) <= one < at(2027, 4, 1, 0) for one in instants)
    assert 50 < in_month < 300
    month = calendar_page.month_of("2027-03", MEXICO)
    lines = calendar_page.lines_of(calendar_page.Reader(here.trainee, MEXICO), month)
    assert len(lines) == in_month + 1
    assert all(month.begins <= line.meeting.starts_at < month.ends for line in lines)
    assert took < datetime.timedelta(seconds=5)


def test_a_month_with_more_than_fits_says_so():
    here = in_march()
    base_rows(here, [at(2027, 3, 1 + number % 28, 8 + number % 10) for number in range(600)])
    page = page_of(here.trainee, "month=2027-03&view=list")
    assert "more in this month than fits" in page
    assert page.count("<li>") - page.count('<li><a href="/en/') >= calendar_page.MOST_IN_MONTH


def test_what_opens_in_the_evening_stands_after_what_meets_in_the_morning():
    month = calendar_page.month_of("2027-03", MEXICO)
    lines = [calendar_page.Line(datetime.date(2027, 3, 5), "x", "", clock=clock) for clock in ("18:00", "", "09:00")]

    def some(reader, month):
        return lines

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar_page, "PROVIDERS", (some,))
        assert [line.clock for line in calendar_page.lines_of(None, month)] == ["", "09:00", "18:00"]


def test_what_the_width_chose_is_marked_until_somebody_chooses():
    """Without `view` a wide screen shows the month and a narrow one the list; the style sheet marks which."""
    user = UserFactory()
    links = re.compile(r'<a href="[^"]*view=(month|list)"([^>]*)>')
    assert dict(links.findall(page_of(user, ""))) == {"month": ' class="if-wide"', "list": ' class="if-narrow"'}
    assert dict(links.findall(page_of(user, "view=list"))) == {"month": "", "list": ' aria-current="page"'}
