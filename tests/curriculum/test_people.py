"""The page of one person, and adding people by hand."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curriculum import cohorts
from curriculum.cohorts import Refused
from curriculum.enrollment_states import Role, Status
from curriculum.models import Cohort, Completion, Enrollment, EnrollmentChange
from notifications.models import Message
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture
def curriculum():
    return make_curriculum()


@pytest.fixture
def cohort(curriculum):
    return CohortFactory(curriculum_key=curriculum.key)


@pytest.fixture
def lead(cohort):
    return EnrollmentFactory(cohort=cohort, role=Role.LEAD).user


@pytest.fixture
def trainer(cohort):
    return EnrollmentFactory(cohort=cohort, role=Role.TRAINER).user


@pytest.fixture
def trainee(cohort):
    return EnrollmentFactory(cohort=cohort)


def url(name, *args):
    return reverse(f"curriculum:{name}", args=args)


PAGES = ["enrollment", "enrollment_decide", "enrollment_transfer", "enrollment_releases"]


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_the_pages_of_a_person(client, trainee, lead, trainer, name):
    page = url(name, trainee.pk)
    assert client.get(page).status_code == 302
    for person, expected in [
        (lead, 200),
        (trainer, 200 if name == "enrollment" else 403),
        (trainee.user, 404),
        (EnrollmentFactory(cohort=trainee.cohort).user, 404),
        (EnrollmentFactory(role=Role.LEAD).user, 404),
        (UserFactory(is_superuser=True), 200),
    ]:
        client.force_login(person)
        assert client.get(page).status_code == expected, person


@pytest.mark.parametrize("name", ["enrollment_decide", "enrollment_invite", "enrollment_transfer", "enrollment_releases"])
def test_trainers_and_strangers_change_nothing(client, trainee, trainer, name):
    said = {"status": "paused", "reason": "porque sí"}
    for person, expected in [(trainer, 403), (trainee.user, 404), (EnrollmentFactory(role=Role.LEAD).user, 404)]:
        client.force_login(person)
        assert client.post(url(name, trainee.pk), said).status_code == expected
    trainee.refresh_from_db()
    assert trainee.status == Status.ENROLLED


def test_the_page_shows_progress_history_and_invitation(client, cohort, curriculum, lead):
    enrollment = cohorts.add_candidate(cohort, "ana@example.org", lead, full_name="Ana <b>Pérez</b>")
    cohorts.decide(enrollment, Status.SELECTED, lead, "reunión del 5 de marzo")
    invitation = cohorts.invite(enrollment, lead)
    client.force_login(lead)
    page = client.get(url("enrollment", enrollment.pk))
    html = page.content.decode()
    assert "Ana &lt;b&gt;Pérez" in html
    assert "reunión del 5 de marzo" in html
    assert page.context["progress"] is None
    cohorts.accept(invitation, enrollment.user)
    Completion.objects.create(enrollment=enrollment, activity_key=curriculum.keys[0])
    page = client.get(url("enrollment", enrollment.pk))
    assert page.context["progress"].done == 1
    assert [who for _at, _what, who, _why in page.context["history"]] == [lead, lead, enrollment.user]


def invitation_kind(client, enrollment):
    return client.get(url("enrollment", enrollment.pk)).context["invitation"]


def test_where_the_invitation_stands_is_told(client, cohort, lead):
    enrollment = EnrollmentFactory(cohort=cohort, status=Status.SELECTED, enrolled_at=None)
    client.force_login(lead)
    assert invitation_kind(client, enrollment) is None
    invitation = cohorts.invite(enrollment, lead)
    seen = [invitation_kind(client, enrollment)[:2]]
    Message.objects.update(attempts=1, last_error="2027-01-01T00:00:00Z X: y")
    seen.append(invitation_kind(client, enrollment)[:2])
    Message.objects.update(sent_at=timezone.now(), last_error="")
    seen.append(invitation_kind(client, enrollment)[:2])
    enrollment.invitations.update(expires_at=timezone.now() - datetime.timedelta(days=1))
    seen.append(invitation_kind(client, enrollment)[:2])
    enrollment.invitations.update(expires_at=timezone.now() + datetime.timedelta(days=1))
    cohorts.accept(invitation, enrollment.user)
    seen.append(invitation_kind(client, enrollment)[:2])
    assert len({words for words, _kind in seen}) == 5
    assert [kind for _words, kind in seen] == ["", "err", "", "warn", "ok"]


def test_adding_by_hand(client, cohort, lead):
    client.force_login(lead)
    said = {"email": "Nueva@Example.org", "full_name": "Nueva", "title": "Dra.", "country": "MX", "role": "trainee"}
    response = client.post(url("people_add", cohort.pk), said)
    enrollment = Enrollment.objects.get(user__email="nueva@example.org")
    assert response.url == url("enrollment", enrollment.pk)
    assert enrollment.status == Status.CANDIDATE
    assert enrollment.user.language == cohort.language
    assert enrollment.changes.get().by == lead
    client.post(url("people_add", cohort.pk), said)
    assert EnrollmentChange.objects.count() == 1, "adding twice is adding once"
    assert not Message.objects.exists(), "nobody is written to yet"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": "nada"}, "email"), ({"email": ""}, "email"), ({"role": "boss"}, "role"), ({"country": "ZZ"}, "country"),
     ({"full_name": "x" * 151}, "full_name"), ({"title": "x" * 21}, "title"), ({"full_name": "a\x00b"}, "full_name")],
)  # fmt: skip
def test_a_wrong_field_is_named(client, cohort, lead, changes, field):
    client.force_login(lead)
    response = client.post(url("people_add", cohort.pk), {"email": "a@example.org", "role": "trainee", **changes})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Enrollment.objects.filter(role=Role.TRAINEE).exists()


# --- roles -----------------------------------------------------------------------------------------------------------
def change_role(client, enrollment, role, reason="se incorpora al equipo"):
    said = {"change": "role", "role-role": role, "role-reason": reason}
    return client.post(url("enrollment_decide", enrollment.pk), said)


def test_a_trainee_becomes_a_trainer(client, trainee, lead):
    client.force_login(lead)
    assert change_role(client, trainee, "trainer").status_code == 302
    trainee.refresh_from_db()
    assert (trainee.role, trainee.status) == (Role.TRAINER, Status.ENROLLED)
    change = trainee.changes.get()
    assert (change.from_status, change.to_status, change.by) == (Status.ENROLLED, Status.ENROLLED, lead)
    assert "se incorpora al equipo" in change.reason


@pytest.mark.parametrize(
    ("role", "reason"), [("trainee", "x y"), ("boss", "x y"), ("", "x y"), ("trainer", ""), ("trainer", " ")]
)
def test_a_role_change_without_a_new_role_or_a_reason_is_refused(client, trainee, lead, role, reason):
    client.force_login(lead)
    assert change_role(client, trainee, role, reason).status_code == 422
    trainee.refresh_from_db()
    assert trainee.role == Role.TRAINEE


def test_the_only_lead_stays_lead(client, cohort, lead):
    client.force_login(lead)
    enrollment = Enrollment.objects.get(user=lead)
    assert change_role(client, enrollment, "trainer").status_code == 422
    second = EnrollmentFactory(cohort=cohort, role=Role.LEAD)
    assert change_role(client, second, "trainer").status_code == 302


def test_becoming_a_trainee_takes_a_place(cohort, lead):
    Cohort.objects.update(capacity=1)
    EnrollmentFactory(cohort=cohort)
    guide = EnrollmentFactory(cohort=cohort, role=Role.TRAINER)
    with pytest.raises(Refused):
        cohorts.change_role(guide, Role.TRAINEE, lead, "x y")


# --- cost ------------------------------------------------------------------------------------------------------------
def test_a_long_history_costs_no_more(client, cohort, trainee, lead):
    client.force_login(lead)

    def count():
        client.get(url("enrollment", trainee.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("enrollment", trainee.pk))
        return len(queries)

    cohorts.decide(trainee, Status.PAUSED, lead, "licencia")
    few = count()
    for _ in range(10):
        cohorts.decide(trainee, Status.ENROLLED, lead)
        cohorts.decide(trainee, Status.PAUSED, UserFactory(), "licencia")
    assert count() == few
    assert few <= 20
