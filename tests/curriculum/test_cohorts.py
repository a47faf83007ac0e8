"""Cohorts: the state machine, the places, transfer, and the pages of those who run them."""

import datetime
import itertools
import zoneinfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum import cohorts
from curriculum.cohorts import Refused
from curriculum.enrollment_states import TRANSITIONS, Role, Status
from curriculum.models import Cohort, Completion, Enrollment, EnrollmentChange, LessonPage
from curriculum.progress import progress_of
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture
def curriculum():
    return make_curriculum()


@pytest.fixture
def cohort(curriculum):
    return CohortFactory(curriculum_key=curriculum.key, countries=["MX"], capacity=5)


@pytest.fixture
def lead(cohort):
    return EnrollmentFactory(cohort=cohort, role=Role.LEAD).user


@pytest.fixture
def trainer(cohort):
    return EnrollmentFactory(cohort=cohort, role=Role.TRAINER).user


def in_state(cohort, status, **fields):
    return EnrollmentFactory(cohort=cohort, status=status, enrolled_at=None, **fields)


def url(name, *args):
    return reverse(f"curriculum:{name}", args=args)


# --- the state machine ---------------------------------------------------------------------------------------------
ALLOWED = [(former, to, step) for former, ways in TRANSITIONS.items() for to, step in ways.items() if step.door == "decision"]
FORBIDDEN = [pair for pair in itertools.product(Status, Status) if pair not in {(former, to) for former, to, _ in ALLOWED}]


@pytest.mark.parametrize(("former", "to", "step"), ALLOWED)
def test_an_allowed_change_is_made_and_remembered(client, cohort, lead, former, to, step):
    enrollment = in_state(cohort, former)
    client.force_login(lead)
    said = {"status": to, "reason": "Reunión preparatoria"}
    response = client.post(url("enrollment_decide", enrollment.pk), said)
    assert response.status_code == 302
    enrollment.refresh_from_db()
    assert enrollment.status == to
    change = enrollment.changes.get()
    assert (change.from_status, change.to_status, change.by, change.reason) == (former, to, lead, "Reunión preparatoria")


@pytest.mark.parametrize(("former", "to", "step"), [row for row in ALLOWED if row[2].reason])
def test_a_change_that_needs_a_reason_is_refused_without_one(client, cohort, lead, former, to, step):
    enrollment = in_state(cohort, former)
    client.force_login(lead)
    response = client.post(url("enrollment_decide", enrollment.pk), {"status": to, "reason": "  "})
    assert response.status_code == 422
    assert "reason" in response.context["form"].errors
    enrollment.refresh_from_db()
    assert enrollment.status == former
    assert not enrollment.changes.exists()


@pytest.mark.parametrize(("former", "to"), FORBIDDEN)
def test_every_other_change_is_refused(client, cohort, lead, former, to):
    enrollment = in_state(cohort, former)
    client.force_login(lead)
    response = client.post(url("enrollment_decide", enrollment.pk), {"status": to, "reason": "porque sí"})
    assert response.status_code == 422
    with pytest.raises(Refused):
        cohorts.decide(enrollment, to, lead, "porque sí")
    enrollment.refresh_from_db()
    assert enrollment.status == former


def test_a_stale_form_does_not_undo_what_happened_meanwhile(cohort, lead):
    enrollment = in_state(cohort, Status.CANDIDATE)
    cohorts.decide(enrollment, Status.WITHDRAWN, lead, "no puede")
    with pytest.raises(Refused):
        cohorts.decide(enrollment, Status.NOT_SELECTED, lead, "tarde")
    assert EnrollmentChange.objects.count() == 1


def test_being_enrolled_directly_notes_the_moment_once(cohort, lead):
    enrollment = cohorts.decide(in_state(cohort, Status.SELECTED), Status.ENROLLED, lead, "confirmó por teléfono")
    first = enrollment.enrolled_at
    assert first
    cohorts.decide(enrollment, Status.PAUSED, lead, "licencia")
    assert cohorts.decide(enrollment, Status.ENROLLED, lead, "").enrolled_at == first


# --- places --------------------------------------------------------------------------------------------------------
def test_selecting_beyond_the_places_is_refused_with_words(client, cohort, lead):
    Cohort.objects.update(capacity=1)
    in_state(cohort, Status.PAUSED)
    candidate = in_state(cohort, Status.CANDIDATE)
    client.force_login(lead)
    response = client.post(url("enrollment_decide", candidate.pk), {"status": "selected", "reason": "x y"})
    assert response.status_code == 422
    assert cohort.name in str(response.context["form"].errors["status"])
    assert "x y" in response.content.decode()


def test_guides_and_candidates_take_no_place(cohort, lead, trainer):
    Cohort.objects.update(capacity=1)
    in_state(cohort, Status.CANDIDATE)
    assert cohorts.decide(in_state(cohort, Status.CANDIDATE), Status.SELECTED, lead).status == Status.SELECTED


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_last_place_goes_to_exactly_one_of_ten(in_parallel):
    cohort = CohortFactory(capacity=1)
    lead = UserFactory()
    candidates = [in_state(cohort, Status.CANDIDATE) for _ in range(10)]
    results = in_parallel(lambda number: cohorts.decide(candidates[number], Status.SELECTED, lead))
    assert sum(isinstance(result, Refused) for result in results) == 9
    assert cohort.enrollments.counted().count() == 1
    assert EnrollmentChange.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_adds_of_one_person_make_one_account_and_one_enrolment(in_parallel):
    cohort = CohortFactory()
    lead = UserFactory()
    results = in_parallel(lambda number: cohorts.add_candidate(cohort, "Ana@Example.org", lead, full_name="Ana"))
    assert not [result for result in results if isinstance(result, Exception)]
    assert len({result.pk for result in results}) == 1
    assert sum(result.was_added for result in results) == 1
    user = Enrollment.objects.get(cohort=cohort).user
    assert user.emailaddress_set.count() == 1
    assert EnrollmentChange.objects.count() == 1


# --- adding --------------------------------------------------------------------------------------------------------
def test_a_new_person_has_no_password_and_an_unproven_address(cohort, lead):
    user = cohorts.add_candidate(cohort, " ANA@Example.org ", lead, full_name="Ana", country="MX").user
    assert user.email == "ana@example.org"
    assert not user.has_usable_password()
    address = user.emailaddress_set.get()
    assert (address.primary, address.verified) == (True, False)


def test_what_people_wrote_about_themselves_is_not_overwritten(cohort, lead):
    user = UserFactory(full_name="Ana María", city="")
    cohorts.add_candidate(cohort, user.email, lead, full_name="Anita", city="Puebla")
    user.refresh_from_db()
    assert (user.full_name, user.city) == ("Ana María", "Puebla")


@pytest.mark.parametrize(
    "address", ["", "nadie", "a@b", "a@b..org", "a\x00@example.org", "\ud800@example.org", f"{'a' * 250}@example.org"]
)
def test_a_bad_address_is_refused(cohort, lead, address):
    with pytest.raises(Refused) as refusal:
        cohorts.add_candidate(cohort, address, lead)
    assert refusal.value.field == "email"


def test_a_closed_account_and_a_closed_cohort_are_refused(cohort, lead):
    with pytest.raises(Refused):
        cohorts.add_candidate(cohort, UserFactory(is_active=False).email, lead)
    Cohort.objects.update(status=Cohort.Status.CLOSED)
    with pytest.raises(Refused):
        cohorts.add_candidate(cohort, "nueva@example.org", lead)


def test_a_guide_begins_as_selected_and_sees_nothing_before_accepting(client, cohort, lead):
    enrollment = cohorts.add_candidate(cohort, "guia@example.org", lead, role=Role.TRAINER)
    assert enrollment.status == Status.SELECTED
    client.force_login(enrollment.user)
    assert client.get(url("cohort", cohort.pk)).status_code == 404


def test_a_late_joiner_is_enrolled_and_marked(client, cohort, lead):
    enrollment = in_state(cohort, Status.SELECTED)
    cohorts.decide(enrollment, Status.ENROLLED, lead, "llegó tarde")
    client.force_login(lead)
    people = client.get(url("cohort", cohort.pk)).context["people"]
    assert {person.enrollment.pk: person.late for person in people}[enrollment.pk]
    early = EnrollmentFactory(cohort=cohort, enrolled_at=timezone.now() - datetime.timedelta(days=30))
    assert not cohorts.is_late(early, cohort)


# --- transfer ------------------------------------------------------------------------------------------------------
def test_a_transfer_takes_completions_and_history_along(client, cohort, curriculum, lead):
    enrollment = EnrollmentFactory(cohort=cohort, releases={"x": "2027-01-01T00:00:00+00:00"})
    Completion.objects.create(enrollment=enrollment, activity_key=curriculum.keys[0])
    target = CohortFactory(curriculum_key=curriculum.key)
    EnrollmentFactory(cohort=target, user=lead, role=Role.LEAD)
    client.force_login(lead)
    response = client.post(url("enrollment_transfer", enrollment.pk), {"cohort": target.pk, "reason": "cambio de turno"})
    assert response.status_code == 302
    moved = Enrollment.objects.get(user=enrollment.user, cohort=target)
    assert (moved.pk, moved.status, moved.releases) == (enrollment.pk, Status.ENROLLED, {})
    assert progress_of(moved).done == 1
    marker = Enrollment.objects.get(user=enrollment.user, cohort=cohort)
    assert marker.status == Status.TRANSFERRED
    assert "cambio de turno" in marker.changes.get().reason
    assert "cambio de turno" in moved.changes.get().reason
    assert moved.changes.get().by == lead


def test_a_transfer_there_and_back_leaves_no_second_row(cohort, curriculum, lead):
    enrollment = EnrollmentFactory(cohort=cohort)
    target = CohortFactory(curriculum_key=curriculum.key)
    away = cohorts.transfer(enrollment, target, lead, "ida")
    back = cohorts.transfer(away, cohort, lead, "vuelta")
    assert back.pk == enrollment.pk
    assert Enrollment.objects.filter(user=enrollment.user).count() == 2
    assert back.changes.count() == 3, "the marker's line of history came along"


def test_a_candidate_there_is_absorbed_and_somebody_who_studied_there_is_not(cohort, curriculum, lead):
    enrollment = EnrollmentFactory(cohort=cohort)
    target = CohortFactory(curriculum_key=curriculum.key)
    earlier = in_state(target, Status.WITHDRAWN, user=enrollment.user)
    Enrollment.objects.filter(pk=earlier.pk).update(enrolled_at=timezone.now())
    with pytest.raises(Refused):
        cohorts.transfer(enrollment, target, lead, "x y")
    Enrollment.objects.filter(pk=earlier.pk).update(enrolled_at=None)
    assert cohorts.transfer(enrollment, target, lead, "x y").cohort == target


def test_transfers_that_cannot_be(client, cohort, curriculum, lead):
    enrollment = EnrollmentFactory(cohort=cohort)
    same = {"curriculum_key": curriculum.key}
    full = CohortFactory(**same, capacity=1)
    EnrollmentFactory(cohort=full)
    for target, words in [
        (cohort, "x"),
        (CohortFactory(), "x"),
        (full, "x"),
        (CohortFactory(**same, status="closed"), "x"),
        (CohortFactory(**same), " "),
    ]:
        with pytest.raises(Refused):
            cohorts.transfer(enrollment, target, lead, words)
    for status in (Status.CANDIDATE, Status.CERTIFIED, Status.WITHDRAWN):
        with pytest.raises(Refused):
            cohorts.transfer(in_state(cohort, status), CohortFactory(**same), lead, "x")
    client.force_login(lead)
    stranger = CohortFactory(**same)
    response = client.post(url("enrollment_transfer", enrollment.pk), {"cohort": stranger.pk, "reason": "a escondidas"})
    assert response.status_code == 422, "only cohorts that one leads are offered"
    response = client.post(url("enrollment_transfer", enrollment.pk), {"cohort": "", "reason": ""})
    assert set(response.context["form"].errors) == {"cohort", "reason"}
    assert not EnrollmentChange.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_opposite_transfers_at_once_do_not_lock_each_other(in_parallel):
    key = make_curriculum().key
    pair = [CohortFactory(curriculum_key=key), CohortFactory(curriculum_key=key)]
    people = [EnrollmentFactory(cohort=pair[number % 2]) for number in range(6)]
    lead = UserFactory()
    results = in_parallel(lambda number: cohorts.transfer(people[number], pair[1 - number % 2], lead, "cambio"), 6)
    assert not [result for result in results if isinstance(result, Exception)]


# --- the pages: who may ---------------------------------------------------------------------------------------------
SEEN = ["cohort"]
DECIDED = ["cohort_edit", "cohort_start", "cohort_adopt", "cohort_releases", "people_add", "people_import"]


@pytest.mark.parametrize("name", SEEN + DECIDED)
def test_who_may_open_the_pages_of_a_cohort(client, cohort, lead, trainer, name):
    page = url(name, cohort.pk)
    assert client.get(page).status_code == 302, "anonymous people sign in first"
    stranger_lead = EnrollmentFactory(role=Role.LEAD).user
    for person, expected in [
        (lead, 200),
        (trainer, 200 if name in SEEN else 403),
        (EnrollmentFactory(cohort=cohort).user, 404),
        (stranger_lead, 404),
        (UserFactory(), 404),
        (UserFactory(is_staff=True), 404),
        (UserFactory(is_superuser=True, is_staff=True), 200),
    ]:
        client.force_login(person)
        assert client.get(page).status_code == expected, person


def test_a_lead_who_withdrew_runs_nothing(client, cohort, lead):
    Enrollment.objects.filter(user=lead).update(status=Status.WITHDRAWN)
    client.force_login(lead)
    assert client.get(url("cohort", cohort.pk)).status_code == 404
    assert client.get(url("cohorts")).status_code == 404


def test_the_list_is_for_those_who_run_cohorts(client, cohort, lead, trainer):
    CohortFactory(name="Ajena")
    for person, expected in [(lead, 200), (trainer, 200), (EnrollmentFactory(cohort=cohort).user, 404)]:
        client.force_login(person)
        response = client.get(url("cohorts"))
        assert response.status_code == expected
        assert "Ajena" not in response.content.decode()
    client.force_login(trainer)
    assert url("cohort_create") not in client.get(url("cohorts")).content.decode()
    assert client.get(url("cohort_create")).status_code == 403


def test_the_empty_list_says_what_to_do(client):
    client.force_login(UserFactory(is_superuser=True))
    response = client.get(url("cohorts"))
    assert response.status_code == 200
    assert url("cohort_create") in response.content.decode()


# --- creating and editing --------------------------------------------------------------------------------------------
def form_data(curriculum, **changes):
    return {
        "name": "México 2027", "curriculum_key": str(curriculum.key), "countries": ["MX", "GT"], "language": "es",
        "time_zone": "America/Mexico_City", "starts_on": "2027-03-05", "ends_on": "2027-06-30", "capacity": "12", **changes,
    }  # fmt: skip


def test_a_lead_creates_a_cohort_and_leads_it(client, curriculum, lead):
    client.force_login(lead)
    response = client.post(url("cohort_create"), form_data(curriculum))
    cohort = Cohort.objects.get(name="México 2027")
    assert response.url == url("cohort", cohort.pk)
    assert [country.code for country in cohort.countries] == ["GT", "MX"]
    enrollment = cohort.enrollments.get()
    assert (enrollment.user, enrollment.role, enrollment.status) == (lead, Role.LEAD, Status.ENROLLED)
    assert enrollment.changes.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"ends_on": "2027-03-04"}, "ends_on"),
        ({"starts_on": "ayer"}, "starts_on"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "40000"}, "capacity"),
        ({"time_zone": "America/Nowhere"}, "time_zone"),
        ({"countries": ["ZZ"]}, "countries"),
        ({"curriculum_key": "11111111-1111-1111-1111-111111111111"}, "curriculum_key"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_kept(client, curriculum, lead, changes, field):
    client.force_login(lead)
    response = client.post(url("cohort_create"), form_data(curriculum, **changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "GT" in response.content.decode()
    assert Cohort.objects.count() == 1


def test_places_cannot_go_below_those_taken(client, curriculum, cohort, lead):
    for _ in range(3):
        in_state(cohort, Status.SELECTED)
    client.force_login(lead)
    response = client.post(url("cohort_edit", cohort.pk), form_data(curriculum, capacity="2"))
    assert response.status_code == 422
    assert "capacity" in response.context["form"].errors
    assert client.post(url("cohort_edit", cohort.pk), form_data(curriculum, capacity="3")).status_code == 302
    cohort.refresh_from_db()
    assert (cohort.name, cohort.capacity, cohort.status) == ("México 2027", 3, Cohort.Status.RUNNING)


def test_a_cohort_is_closed_and_opened_again(client, curriculum, cohort, lead):
    client.force_login(lead)
    client.post(url("cohort_edit", cohort.pk), form_data(curriculum, closed="on"))
    cohort.refresh_from_db()
    assert cohort.status == Cohort.Status.CLOSED
    response = client.post(url("people_add", cohort.pk), {"email": "a@example.org", "role": "trainee"})
    assert response.status_code == 422
    client.post(url("cohort_edit", cohort.pk), form_data(curriculum))
    cohort.refresh_from_db()
    assert cohort.status == Cohort.Status.RUNNING


# --- starting, adopting, opening times -------------------------------------------------------------------------------
def test_starting_freezes_the_outline_once(client, cohort, curriculum, lead):
    Cohort.objects.update(status="planned")
    client.force_login(lead)
    assert client.get(url("cohort_start", cohort.pk)).status_code == 200
    assert client.post(url("cohort_start", cohort.pk)).status_code == 302
    cohort.refresh_from_db()
    assert cohort.status == "running"
    assert len(cohort.outline["modules"]) == 2
    assert client.post(url("cohort_start", cohort.pk)).status_code == 409


def test_a_cohort_without_a_published_curriculum_does_not_start(client):
    enrollment = EnrollmentFactory(role=Role.LEAD, cohort__status="planned")
    client.force_login(enrollment.user)
    response = client.post(url("cohort_start", enrollment.cohort_id))
    assert response.status_code == 409
    assert Cohort.objects.get().outline is None


def test_a_new_version_is_offered_shown_and_adopted(client, cohort, curriculum, lead):
    Cohort.objects.update(status="planned")
    client.force_login(lead)
    client.post(url("cohort_start", cohort.pk))
    assert client.post(url("cohort_adopt", cohort.pk)).status_code == 409, "nothing to adopt"
    LessonPage.objects.get(translation_key=curriculum.keys[0], locale__language_code="es").unpublish()
    assert len(client.get(url("cohort", cohort.pk)).context["changes"]) >= 1
    assert len(client.get(url("cohort_adopt", cohort.pk)).context["changes"]) >= 1
    frozen = Cohort.objects.get().outline
    assert client.post(url("cohort_adopt", cohort.pk)).status_code == 302
    assert Cohort.objects.get().outline != frozen
    assert client.get(url("cohort", cohort.pk)).context["changes"] == []


def opening(curriculum, moment, number=0):
    return {f"module-{curriculum.module_keys[number]}": moment}


def test_opening_times_are_in_the_zone_of_the_cohort(client, cohort, curriculum, lead):
    client.force_login(lead)
    assert client.post(url("cohort_releases", cohort.pk), opening(curriculum, "2027-03-05T09:00")).status_code == 302
    cohort.refresh_from_db()
    assert cohort.releases == {str(curriculum.module_keys[0]): "2027-03-05T15:00:00+00:00"}
    assert "2027-03-05T09:00" in client.get(url("cohort_releases", cohort.pk)).content.decode()
    client.post(url("cohort_releases", cohort.pk), opening(curriculum, ""))
    cohort.refresh_from_db()
    assert cohort.releases == {}


def test_hours_that_a_clock_change_skips_or_repeats_are_sent_back(client, cohort, curriculum, lead):
    Cohort.objects.update(time_zone="America/Santiago")
    client.force_login(lead)
    changes = list(clock_changes("America/Santiago", 2027))
    assert len(changes) == 2
    for evening in changes:
        times = [evening + datetime.timedelta(hours=hours, minutes=30) for hours in range(8)]
        said = [opening(curriculum, f"{time:%Y-%m-%dT%H:%M}") for time in times]
        answers = [client.post(url("cohort_releases", cohort.pk), each).status_code for each in said]
        assert answers.count(422) == 1, evening
    assert client.post(url("cohort_releases", cohort.pk), opening(curriculum, "mañana")).status_code == 422


def clock_changes(zone, year):
    """20:00 on the evenings before the nights in which the clocks change."""
    for number in range(365):
        noon = datetime.datetime(year, 1, 1, 12, tzinfo=zoneinfo.ZoneInfo(zone)) + datetime.timedelta(days=number)
        if noon.utcoffset() != (noon + datetime.timedelta(days=1)).utcoffset():
            yield noon.replace(hour=20, tzinfo=None)


def test_an_opening_time_for_one_person_overrides_the_cohorts(client, cohort, curriculum, lead):
    enrollment = EnrollmentFactory(cohort=cohort)
    client.force_login(lead)
    client.post(url("cohort_releases", cohort.pk), opening(curriculum, "2099-01-01T09:00"))
    enrollment = Enrollment.objects.get(pk=enrollment.pk)
    assert progress_of(enrollment).items[0].lock
    assert client.post(url("enrollment_releases", enrollment.pk), opening(curriculum, "2020-01-01T09:00")).status_code == 302
    enrollment = Enrollment.objects.get(pk=enrollment.pk)
    assert progress_of(enrollment).items[0].lock is None
    assert "2020" in client.get(url("enrollment", enrollment.pk)).content.decode()


# --- what the pages show ---------------------------------------------------------------------------------------------
def test_the_list_counts_people_certificates_and_states(client, cohort, lead):
    for status in (Status.CANDIDATE, Status.CANDIDATE, Status.ENROLLED, Status.PAUSED):
        in_state(cohort, status)
    client.force_login(lead)
    [row] = client.get(url("cohorts")).context["rows"]
    assert [number for _label, number in row.states] == [2, 1, 1]
    assert (row.members, row.assessed, row.certificates) == (2, None, 0)


def test_the_people_are_filtered_by_state(client, cohort, lead):
    in_state(cohort, Status.CANDIDATE)
    in_state(cohort, Status.PAUSED)
    client.force_login(lead)
    page = client.get(url("cohort", cohort.pk), {"status": "candidate"})
    assert [person.enrollment.status for person in page.context["people"]] == ["candidate"]
    assert len(client.get(url("cohort", cohort.pk), {"status": "nonsense"}).context["people"]) == 3


def test_an_insight_that_fails_leaves_the_page_standing(client, cohort, lead, settings):
    settings.COHORT_INSIGHTS = ["tests.curriculum.no_such_module.insight"]
    client.force_login(lead)
    assert client.get(url("cohort", cohort.pk)).status_code == 200


def test_attention_names_the_quiet_the_finished_and_the_uninvited(client, cohort, curriculum, lead):
    finished, quiet = EnrollmentFactory(cohort=cohort), EnrollmentFactory(cohort=cohort)
    Enrollment.objects.filter(pk=quiet.pk).update(
        enrolled_at=timezone.now() - datetime.timedelta(days=20), created_at=timezone.now() - datetime.timedelta(days=20)
    )
    for key in curriculum.keys:
        Completion.objects.create(enrollment=finished, activity_key=key)
    uninvited = in_state(cohort, Status.SELECTED)
    EnrollmentFactory(cohort=cohort)
    client.force_login(lead)
    attention = client.get(url("cohort", cohort.pk)).context["attention"]
    assert {item.enrollment.pk for item in attention} == {finished.pk, quiet.pk, uninvited.pk}


@pytest.mark.parametrize("many", [12])
def test_the_pages_ask_as_many_queries_for_one_as_for_many(client, curriculum, lead, cohort, many, django_assert_max_num_queries):
    client.force_login(lead)

    def count(page):

        client.get(page)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    fill(cohort, curriculum, 1)
    few = count(url("cohorts")), count(url("cohort", cohort.pk))
    Cohort.objects.update(capacity=100)
    fill(cohort, curriculum, 12)
    for _ in range(49):
        other = CohortFactory(curriculum_key=curriculum.key)
        EnrollmentFactory(cohort=other, user=lead, role=Role.LEAD)
        fill(other, curriculum, 1)
    assert (count(url("cohorts")), count(url("cohort", cohort.pk))) == few
    assert max(few) <= 25


def fill(cohort, curriculum, number):
    for status in (Status.CANDIDATE, Status.SELECTED, Status.ENROLLED):
        for _ in range(number):
            enrollment = EnrollmentFactory(cohort=cohort, status=status)
            if status == Status.SELECTED:
                cohorts.invite(enrollment, None)
            if status == Status.ENROLLED:
                Completion.objects.create(enrollment=enrollment, activity_key=curriculum.keys[0])
