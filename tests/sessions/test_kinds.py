"""The kinds of meeting: planning each, what its page says, and who belongs to it."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Enrollment
from sessions import answers, attendance_reading, belonging, forms, kinds, local_times, schedule, stays
from sessions.models import (
    InPersonDay,
    Meeting,
    MeetingPerson,
    NationalMeeting,
    PreparatoryMeeting,
    RegionalMeeting,
    TrainingSession,
)
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.planning import planned, said, signed, text_of, url

pytestmark = pytest.mark.django_db
MOVING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|/people/\d+/')
ROLES = ("trainee", "trainer", "lead", "evaluator", "stranger")
OWN = ("number", "activity_key")
COHORT_KINDS = ("training", "preparatory", "in_person_day", "national")


def typed(kind, **changed):
    form = said(**{"title": f"A {kind}", **changed})
    if kind != "training":
        form = {name: value for name, value in form.items() if name not in OWN}
    own = {
        "in_person_day": {"mode": "in_person", "place": "Hospital", "place_url": "https://maps.example.org/x"},
        "national": {"country": "MX"}, "regional": {"topic": "KPIs", "quarter": "2027-Q1"},
    }  # fmt: skip
    return {**form, **own.get(kind, {}), **changed}


def address(kind, cohort=None):
    return f"{url('new')}?kind={kind}" + (f"&cohort={cohort.pk}" if cohort else "")


def made(model, cohort=None, *, state="scheduled", hours=48, **fields):
    begun = {"started_at": timezone.now()} if state in ("live", "ended") else {}
    when = timezone.now() + datetime.timedelta(hours=hours)
    return model.objects.create(cohort=cohort, state=state, starts_at=when, title=model.kind, **begun, **fields)


# --- planning --------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_form_words_and_a_model():
    assert set(schedule.KINDS) == set(kinds.KINDS) == {form.kind for form in forms.FORMS.values()}
    assert set(forms.FORMS) == set(schedule.KINDS.values())


@pytest.mark.parametrize("kind", COHORT_KINDS)
@pytest.mark.parametrize("role", ROLES)
def test_who_plans_what_in_a_cohort(kind, role):
    here = planned()
    client = signed(getattr(here, role))
    runs = role in ("trainer", "lead")
    assert client.get(address(kind, here.cohort)).status_code == (200 if runs else 404)
    assert client.post(address(kind, here.cohort), typed(kind)).status_code == (302 if runs else 404)
    assert Meeting.objects.filter(title=f"A {kind}").exists() is runs


@pytest.mark.parametrize("kind", ["regional", "national", "in_person_day"])
@pytest.mark.parametrize(("role", "status"), [("lead", 302), ("trainer", 404), ("trainee", 404), ("stranger", 404)])
def test_what_belongs_to_no_cohort_is_planned_by_leads(kind, role, status):
    here = planned()
    assert signed(getattr(here, role)).post(address(kind), typed(kind)).status_code == status


@pytest.mark.parametrize("kind", COHORT_KINDS)
def test_each_kind_is_saved_as_itself_and_edited(kind):
    here = planned()
    client = signed(here.lead)
    form = typed(kind, capacity="40")
    client.post(address(kind, here.cohort), form)
    meeting = Meeting.objects.get(title=f"A {kind}")
    assert (meeting.kind, meeting.cohort, meeting.capacity) == (kind, here.cohort, 40)
    text_of(client.get(url("edit", meeting.pk)))
    assert client.post(url("edit", meeting.pk), {**form, "title": "Other", "capacity": ""}).status_code == 302
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert (meeting.title, meeting.capacity, meeting.kind) == ("Other", None, kind)


def test_what_is_needed_next_depends_on_the_kind():
    here = planned()
    client = signed(here.lead)
    goes = {kind: client.post(address(kind, here.cohort), typed(kind)).url.rsplit("/", 2)[1] for kind in COHORT_KINDS}
    expected = {"training": "run-of-show", "preparatory": "selection", "in_person_day": "run-of-show", "national": "people"}
    assert goes == expected


@pytest.mark.parametrize(
    ("kind", "changed", "words"),
    [
        ("in_person_day", {"place": ""}, "Write the address, or keep the day as a draft."),
        ("in_person_day", {"place_url": ""}, "Add the address on a map service"),
        ("in_person_day", {"place_url": "http://maps.example.org"}, "https://"),
        ("in_person_day", {"mode": "live"}, "live"),
        ("national", {"country": ""}, "Choose a country"),
        ("national", {"country": "XX"}, "Choose a country"),
        ("training", {"capacity": "0"}, "from 1 to 10000"),
        ("training", {"capacity": "9" * 30}, "from 1 to 10000"),
        ("preparatory", {"title": "a\x00b"}, "Null"),
    ],
)
def test_bad_input_of_each_kind_is_said_and_kept(kind, changed, words):
    here = planned()
    text = text_of(signed(here.lead).post(address(kind, here.cohort), typed(kind, about="Keep me", **changed)), 422)
    assert words in text and "Keep me" in text
    assert not Meeting.objects.filter(about="Keep me").exists()


def test_a_draft_of_an_in_person_day_may_wait_for_its_place_and_says_what_is_missing():
    here = planned()
    client = signed(here.lead)
    assert (
        client.post(address("in_person_day", here.cohort), typed("in_person_day", place="", place_url="", draft="on")).status_code
        == 302
    )
    day = InPersonDay.objects.get()
    text = text_of(client.get(url("meeting", day.pk)))
    assert "no place" in text and "no map" in text and "not known yet" in text


def test_sound_and_picture_are_only_kept_where_somebody_is_online():
    here = planned()
    form = typed("in_person_day", engine="link", conference_url="https://zoom.us/j/1")
    signed(here.lead).post(address("in_person_day", here.cohort), form)
    day = InPersonDay.objects.get()
    assert (day.engine, day.conference_url) == ("none", "")
    assert signed(here.lead).post(url("edit", day.pk), {**form, "mode": "hybrid"}).status_code == 302
    day.refresh_from_db()
    assert (day.engine, day.conference_url) == ("link", "https://zoom.us/j/1")


def test_the_choice_of_a_kind_is_in_words_and_offers_what_one_may():
    here = planned()
    text = text_of(signed(here.lead).get(url("new")))
    assert all(word in text for word in ("Preparatory meeting", "In-person day", "National meeting", "Regional meeting"))
    assert "Regional meeting" not in text_of(signed(here.trainer).get(url("new")))
    text = text_of(signed(here.lead).get(address("preparatory")), 422)
    assert "this kind of meeting needs one" in text


@pytest.mark.parametrize(
    "query", ["kind=party", "kind=", "kind=preparatory&cohort=x", "kind=national&cohort=99999999999999999999"]
)
def test_addresses_of_kinds_that_do_not_exist(query):
    here = planned()
    assert signed(here.trainer).get(f"{url('new')}?{query}").status_code == 404


def test_a_copy_takes_over_the_criteria_and_places():
    here = planned()
    first = made(PreparatoryMeeting, here.cohort, capacity=9)
    first.criteria.create(text="Ready", order=1)
    client = signed(here.lead)
    text = text_of(client.get(f"{address('preparatory', here.cohort)}&copy={first.pk}"))
    assert 'value="9"' in text
    client.post(f"{address('preparatory', here.cohort)}&copy={first.pk}", typed("preparatory"))
    copy = PreparatoryMeeting.objects.exclude(pk=first.pk).get()
    assert [one.text for one in copy.criteria.all()] == ["Ready"] and not copy.for_cohort


# --- the page and the list -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        (TrainingSession, {"number": 4}, ["Training session", "an extra meeting"]),
        (PreparatoryMeeting, {}, ["Preparatory meeting", "criteria, candidates, decisions", "no criteria", "no candidates"]),
        (InPersonDay, {"mode": "in_person", "place": "Av. 1", "place_url": "https://m.example.org/"}, ["In-person day", "Av. 1", "https://m.example.org/", "sign for the door"]),
        (NationalMeeting, {"country": "BR"}, ["National meeting", "Brazil", "nobody named to take part"]),
    ],
)  # fmt: skip
def test_the_page_says_the_kind_and_its_own_facts(model, fields, words):
    here = planned()
    meeting = made(model, here.cohort, **fields)
    text = text_of(signed(here.trainer).get(url("meeting", meeting.pk)))
    assert [word for word in words if word not in text] == []
    assert words[0] in text_of(signed(here.trainer).get(url("meetings")))


def test_a_regional_meeting_says_quarter_and_topic():
    here = planned()
    meeting = made(RegionalMeeting, topic="KPIs", quarter="2027-Q1")
    MeetingPerson.objects.create(meeting=meeting, user=here.lead, part="host")
    text = text_of(signed(here.lead).get(url("meeting", meeting.pk)))
    assert "Q1 2027" in text and "2027-Q1" not in text and "KPIs" in text and "Regional meeting" in text
    rows = text_of(signed(here.lead).get(url("meetings")))
    assert "Q1 2027" in rows and "2027-Q1" not in rows


def test_participants_check_in_from_the_page_on_the_day_only():
    here = planned()
    day = made(
        InPersonDay, here.cohort, state="live", hours=0, mode="in_person", place="Av. 1", place_url="https://m.example.org/"
    )
    later = made(InPersonDay, here.cohort, mode="in_person", place="Av. 1", place_url="https://m.example.org/")
    client = signed(here.trainee)
    text = text_of(client.get(url("meeting", day.pk)))
    assert url("check_in", day.pk) in text and "sign for the door" not in text
    assert url("check_in", later.pk) not in text_of(client.get(url("meeting", later.pk)))
    assert url("check_in", day.pk) not in text_of(signed(here.evaluator).get(url("meeting", day.pk)))


def test_the_list_is_narrowed_by_kind_and_cohort_where_there_is_a_choice():
    here = planned(title="Ours")
    assert 'name="kind"' not in text_of(signed(here.trainer).get(url("meetings")))
    made(InPersonDay, here.cohort)
    other = CohortFactory(name="Otra")
    EnrollmentFactory(cohort=other, role="trainer", user=here.trainer)
    made(TrainingSession, other)
    client = signed(here.trainer)
    rows = lambda query="": client.get(url("meetings") + query).context["coming"]  # noqa: E731
    assert len(rows()) == 3
    assert [row["meeting"].kind for row in rows("?kind=in_person_day")] == ["in_person_day"]
    assert [row["meeting"].cohort for row in rows(f"?cohort={other.pk}")] == [other]
    assert rows(f"?kind=in_person_day&cohort={other.pk}") == []
    for query in ("?kind=party", "?cohort=x", "?cohort=99999999999999999999", "?page=z&over=-1"):
        assert len(rows(query)) == 3
    assert "No meeting that matches this choice" in text_of(client.get(f"{url('meetings')}?kind=in_person_day&cohort={other.pk}"))


def test_the_list_of_all_kinds_costs_the_same_with_few_and_many():
    here = planned()
    of_each = (TrainingSession, PreparatoryMeeting, InPersonDay, NationalMeeting)

    def queries():
        client = signed(here.lead)
        client.get(url("meetings"))
        with CaptureQueriesContext(connection) as found:
            client.get(url("meetings"))
        return len(found)

    for model in of_each:
        made(model, here.cohort)
    few = queries()
    for model in of_each:
        for _number in range(5):
            made(model, here.cohort)
    assert queries() == few <= 26


# --- who belongs -----------------------------------------------------------------------------------------------------

CLOSED_TO_TRAINEES = ("meeting", "room", "state", "transcript", "transcript_pdf", "transcript_json", "calendar", "devices", "attendance",
                      "run_of_show", "people", "selection", "agenda_sheet", "rehearsal", "outcomes", "board_summary", "check_in")  # fmt: skip


@pytest.mark.parametrize("model", [PreparatoryMeeting, NationalMeeting])
@pytest.mark.parametrize("name", CLOSED_TO_TRAINEES)
def test_trainees_of_the_cohort_find_nothing_of_a_meeting_about_them(model, name):
    here = planned()
    for state in ("scheduled", "ended"):
        meeting = made(model, here.cohort, state=state)
        for person in (here.trainee, here.evaluator):
            assert signed(person).get(url(name, meeting.pk)).status_code == 404
        assert signed(here.trainee).post(url("act", meeting.pk), "{}", content_type="application/json").status_code in (403, 404)


@pytest.mark.parametrize("status", ["candidate", "selected", "not_selected"])
def test_candidates_find_nothing_either(status):
    here = planned()
    meeting = made(PreparatoryMeeting, here.cohort)
    candidate = EnrollmentFactory(cohort=here.cohort, status=status).user
    for name in CLOSED_TO_TRAINEES:
        assert signed(candidate).get(url(name, meeting.pk)).status_code == 404
    assert meeting.title not in text_of(signed(candidate).get(url("meetings")))


def test_trainees_stand_on_no_list_of_a_meeting_about_candidates():
    here = planned()
    named = EnrollmentFactory(cohort=here.cohort).user
    meeting = made(PreparatoryMeeting, here.cohort, state="ended")
    MeetingPerson.objects.create(meeting=meeting, user=named, part="guest")
    assert set(belonging.people_of(meeting)) == {here.trainer, here.lead, named}
    assert stays.expected_ids(meeting) == {named.pk}
    assert {line.person for line in attendance_reading.lines_of(meeting)} == {named}
    assert meeting.pk not in [one.pk for one in attendance_reading.grid_of(here.cohort).meetings]
    text = text_of(signed(here.trainer).get(url("run_of_show", meeting.pk)))
    assert named.full_name in text and here.trainee.full_name not in text


def test_zones_of_trainees_do_not_count_where_they_do_not_belong():
    here = planned()
    EnrollmentFactory(cohort=here.cohort, user__time_zone="America/Sao_Paulo")
    preparatory, training = made(PreparatoryMeeting, here.cohort), made(TrainingSession, here.cohort)
    zones = local_times.zones_of([preparatory, training])
    assert "America/Sao_Paulo" in zones[training.pk] and "America/Sao_Paulo" not in zones[preparatory.pk]


def test_candidates_do_not_become_members_by_being_asked_to_the_meeting():
    here = planned()
    meeting = made(PreparatoryMeeting, here.cohort)
    candidate = EnrollmentFactory(cohort=here.cohort, status=Enrollment.Status.CANDIDATE).user
    MeetingPerson.objects.create(meeting=meeting, user=candidate, part="participant")
    client = signed(candidate)
    text = text_of(client.get(url("meeting", meeting.pk)))
    assert "Selection" not in text and "criteria, candidates" not in text
    for name in ("selection", "criteria", "selection_apply"):
        assert client.get(url(name, meeting.pk)).status_code == 403


# --- people by name --------------------------------------------------------------------------------------------------


def test_a_guest_without_an_account_is_made_one_without_a_cohort_and_reads_their_own_hour():
    here = planned()
    client = signed(here.trainer)
    address_ = url("people", here.meeting.pk)
    typed_ = {"email": "Guest@Example.ORG", "part": "guest", "full_name": "", "time_zone": "Europe/London", "language": "en"}
    text = text_of(client.post(address_, typed_), 422)
    assert "Nobody whom you can find has this address" in text and "Guest@Example.ORG" in text
    before = here.meeting.sequence
    assert client.post(address_, {**typed_, "full_name": "Dr Guest"}).status_code == 302
    row = MeetingPerson.objects.get(meeting=here.meeting)
    assert (row.user.email, row.user.time_zone, row.user.language) == ("guest@example.org", "Europe/London", "en")
    assert not row.user.has_usable_password() and row.user.is_active and not row.user.enrollments.exists()
    assert "guest@example.org" in text_of(client.get(address_))
    text = text_of(signed(row.user).get(url("meeting", here.meeting.pk)))
    assert "(London)" in text and "Mexico City" in text
    here.meeting.refresh_from_db()
    assert here.meeting.sequence == before
    assert client.post(url("person_remove", here.meeting.pk, row.pk)).status_code == 302
    assert signed(row.user).get(url("meeting", here.meeting.pk)).status_code == 404


def test_the_page_answers_alike_for_an_account_and_for_none():
    """Else a trainer could find out by typing addresses who has an account here. Leads find everybody by name anyway."""
    here = planned()
    known = {"full_name": "Someone Else", "time_zone": "Asia/Tokyo", "language": "pt-br"}
    UserFactory(email="a.known@example.org", **known)
    UserFactory(email="a.closed@example.org", **known, is_active=False)
    pages = [_named_by(here, f"{one}@example.org") for one in ("a.known", "a.closed", "nobody")]
    assert pages[0] == pages[1] == pages[2]
    assert "Someone Else" not in pages[0][2] and "(Tokyo)" not in pages[0][2]


def _named_by(here, email):
    """The trainer's three pages: without a name, with one, and the list; then the person is taken off again."""
    client, where = signed(here.trainer), url("people", here.meeting.pk)
    typed = {"email": email, "part": "guest", "full_name": "", "time_zone": "Europe/London", "language": "en"}
    pages = [client.post(where, typed), client.post(where, {**typed, "full_name": "Dr Guest"}, follow=True), client.get(where)]
    MeetingPerson.objects.filter(meeting=here.meeting).delete()
    return [MOVING.sub("", text_of(page, page.status_code)).replace(email, "…") for page in pages]


def test_who_has_answered_is_known_by_name():
    here = planned()
    guest = UserFactory(email="known@example.org", full_name="Dr Known")
    MeetingPerson.objects.create(meeting=here.meeting, user=guest, part="guest")
    where = url("people", here.meeting.pk)
    assert "Dr Known" not in text_of(signed(here.trainer).get(where)) and "Dr Known" in text_of(signed(here.lead).get(where))
    answers.answer(here.meeting, guest, "yes", "page")
    assert "Dr Known" in text_of(signed(here.trainer).get(where))


def test_what_people_wrote_about_themselves_stays():
    here = planned()
    known = UserFactory(email="known@example.org", full_name="Known", time_zone="Europe/Zurich")
    form = {"email": "known@example.org", "part": "presenter", "full_name": "Other", "time_zone": "Asia/Tokyo", "language": "en"}
    assert signed(here.trainer).post(url("people", here.meeting.pk), form).status_code == 302
    known.refresh_from_db()
    assert (known.full_name, known.time_zone, known.language) == ("Known", "Europe/Zurich", "es")


@pytest.mark.parametrize(
    "changed",
    [{"time_zone": "Mars/Olympus"}, {"language": "xx"}, {"full_name": "x" * 151}, {"full_name": "a\x00b"}, {"email": "a\x00@b.org"},
     {"email": "x" * 250 + "@b.org"}, {"part": "removed"}, {"part": ""}],
)  # fmt: skip
def test_bad_input_makes_no_account(changed):
    here = planned()
    form = {
        "email": "new@example.org",
        "part": "guest",
        "full_name": "New",
        "time_zone": "Europe/London",
        "language": "en",
        **changed,
    }
    text_of(signed(here.trainer).post(url("people", here.meeting.pk), form), 422)
    assert not MeetingPerson.objects.filter(meeting=here.meeting).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_make_one_account_and_one_part(in_parallel):
    here = planned()
    form = {"email": "new@example.org", "part": "guest", "full_name": "New", "time_zone": "Europe/London", "language": "en"}
    clients = [signed(here.trainer) for _number in range(10)]
    answers = in_parallel(lambda number: clients[number].post(url("people", here.meeting.pk), form).status_code)
    assert answers == [302] * 10
    assert MeetingPerson.objects.filter(meeting=here.meeting, user__email="new@example.org").count() == 1


def test_names_are_looked_for_among_the_people_one_may_name():
    here = planned()
    mine, theirs = UserFactory(full_name="Zulema Mía"), UserFactory(full_name="Zulema Ajena")
    EnrollmentFactory(cohort=here.cohort, user=mine)
    search = lambda person, words: text_of(signed(person).get(url("people", here.meeting.pk), {"q": words}))  # noqa: E731
    text = search(here.trainer, "zulema")
    assert mine.full_name in text and theirs.full_name not in text
    assert theirs.full_name in search(here.lead, "ajena zul")
    assert "Nobody of this name was found" in search(here.lead, "z")
    assert "Nobody of this name was found" in search(here.lead, "x" * 500)
    assert signed(here.lead).get(url("people", here.meeting.pk), {"q": "a\x00b"}).status_code == 400


@pytest.mark.parametrize(
    ("role", "status"), [("trainer", 200), ("lead", 200), ("trainee", 403), ("evaluator", 403), ("stranger", 404)]
)
def test_who_names_people(role, status):
    here = planned()
    client = signed(getattr(here, role))
    assert client.get(url("people", here.meeting.pk)).status_code == status
    assert client.post(url("people_by_country", here.meeting.pk)).status_code == (302 if status == 200 else status)


def test_the_people_of_a_country_are_named_at_once():
    here = planned()
    EnrollmentFactory(cohort=here.cohort, user__country="BR")
    away = EnrollmentFactory(cohort=here.cohort, user__country="CO").user
    meeting = made(NationalMeeting, here.cohort, country="BR")
    client = signed(here.trainer)
    assert "1 person of the cohort works in Brazil" in text_of(client.get(url("people", meeting.pk)))
    for _again in range(2):
        assert client.post(url("people_by_country", meeting.pk)).status_code == 302
    assert [row.user.country.code for row in meeting.people.all()] == ["BR"]
    assert signed(away).get(url("meeting", meeting.pk)).status_code == 404
    assert signed(meeting.people.get().user).get(url("meeting", meeting.pk)).status_code == 200
