"""The Today page: the right cards, each failing alone, and a constant number of queries."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from lms import today
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainee(client):
    curriculum = factories.make_curriculum()
    enrollment = factories.EnrollmentFactory(cohort__curriculum_key=curriculum.key)
    client.force_login(enrollment.user)
    return enrollment


def broken_cards(request, enrollment, progress):
    raise RuntimeError("a provider failed")


def broken_template(request, enrollment, progress):
    return [{"order": 1, "template": "there/is/none.html", "context": {}}]


def test_a_trainee_sees_what_comes_next(client, trainee):
    text = client.get("/es/today/").content.decode()
    assert trainee.cohort.name in text
    assert "Lección 1.1" in text


@pytest.mark.parametrize("broken", [broken_cards, broken_template])
def test_each_card_fails_alone(client, trainee, settings, monkeypatch, broken):
    find = today.import_string
    monkeypatch.setattr(today, "import_string", lambda path: broken if path == "broken" else find(path))
    settings.TODAY_CARDS = ["broken", *settings.TODAY_CARDS]
    response = client.get("/es/today/")
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count('class="note err') == 1
    assert "Lección 1.1" in text


def test_failing_progress_still_greets(client, trainee, monkeypatch):
    from curriculum import progress

    monkeypatch.setattr(progress, "progress_of", lambda enrollment: 1 / 0)
    response = client.get("/en/today/")
    assert response.status_code == 200
    assert 'class="note err' in response.content.decode()


def test_the_queries_do_not_grow(client):
    counts = []
    for size in (1, 6):
        curriculum = factories.make_curriculum(modules=size, lessons=size, slug=f"c{size}")
        enrollment = factories.EnrollmentFactory(cohort__curriculum_key=curriculum.key)
        client.force_login(enrollment.user)
        client.get("/es/today/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/es/today/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 13


def test_the_enrolment_in_use_is_the_chosen_one_then_the_newest_that_may_study(client):
    person = factories.UserFactory()
    now = timezone.now()
    old = factories.EnrollmentFactory(user=person, enrolled_at=now - datetime.timedelta(days=400))
    paused = factories.EnrollmentFactory(user=person, status="paused", enrolled_at=now)
    assert today.enrollment_in_use(person) == old
    assert today.enrollment_in_use(person, preferred=paused.pk) == paused
    other = factories.EnrollmentFactory()
    assert today.enrollment_in_use(person, preferred=other.pk) == old


def test_leads_are_shown_to_their_cohorts(client):
    client.force_login(factories.EnrollmentFactory(role="lead").user)
    assert 'href="/en/cohorts/"' in client.get("/en/today/").content.decode()


def test_people_without_a_cohort_are_told_what_to_do(client):
    client.force_login(factories.UserFactory())
    text = client.get("/en/today/").content.decode()
    assert "You are not in a cohort yet" in text
    assert "mailto:" in text


def test_an_unfinished_profile_is_asked_for(client, trainee):
    trainee.user.profile_completed_at = None
    trainee.user.save()
    assert 'href="/en/profile/"' in client.get("/en/today/").content.decode()


@pytest.mark.parametrize(("hour", "said"), [(13, "Good morning"), (20, "Good afternoon"), (2, "Good evening")])
def test_the_greeting_follows_the_readers_clock(hour, said):
    person = factories.UserFactory(title="Dra.", full_name="Ana Pérez", time_zone="America/Mexico_City")
    now = datetime.datetime(2027, 3, 5, hour, tzinfo=datetime.UTC)
    with override("en"):
        assert today.greeting(person, now) == f"{said}, Dra. Ana Pérez"


def test_a_person_without_a_name_is_not_greeted_by_the_address():
    person = factories.UserFactory(full_name="", certificate_name="")
    assert "@" not in today.greeting(person)


def test_only_reading_is_possible(client, trainee):
    assert client.post("/en/today/").status_code == 405
