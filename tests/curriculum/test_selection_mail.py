"""Who is told about being selected or not, once and kindly; reasons stay with the leads."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from curriculum import cohorts, selection_mail
from notifications import mail
from notifications.models import Message
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
REASON = "No cumple el criterio tres; véase Dra. Gómez."


@pytest.fixture
def cohort(db):
    return CohortFactory(name="México 2027")


@pytest.fixture
def lead(cohort):
    return EnrollmentFactory(cohort=cohort, role="lead").user


def candidate(cohort, **user):
    return EnrollmentFactory(cohort=cohort, status="candidate", enrolled_at=None, user=UserFactory(**user))


def told(settled=""):
    return Message.objects.filter(what="selection", settled_as=settled)


def press(lead, person, status, reason="", **more):
    client = Client(headers={"accept-language": "en"})
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(f"/en/enrollments/{person.pk}/decide/", {"status": status, "reason": reason, **more})


@pytest.mark.parametrize(
    ("language", "words"), [("es", "México 2027"), ("pt-br", "México 2027"), ("en", "you have been selected for “México 2027”")]
)
def test_a_selected_person_is_told_in_their_language_after_a_breath(cohort, lead, language, words):
    person = candidate(cohort, language=language)
    assert press(lead, person, "selected").status_code == 302
    [message] = told()
    assert message.user == person.user
    assert message.language == language
    assert message.due_at >= timezone.now() + selection_mail.BREATH - datetime.timedelta(minutes=1)
    assert message.sent_at is None
    sent = mail.build(message)
    assert words in sent.body
    assert len(sent.message().as_bytes()) < 40_000
    assert sent.alternatives[0][0].count("display:inline-block") == 1


def test_who_is_not_selected_reads_no_reason(cohort, lead):
    person = candidate(cohort, language="en")
    press(lead, person, "not_selected", REASON)
    [message] = told()
    subject, text, html = mail.render(message)
    assert "cannot offer you a place" in text
    for words in (subject, text, html, str(message.context)):
        assert "Gómez" not in words
        assert "criterio" not in words


def test_selected_and_invited_at_once_is_one_mail(cohort, lead):
    person = candidate(cohort)
    press(lead, person, "selected", invite="on")
    assert not told().exists()
    assert Message.objects.filter(what="invitation", user=person.user).count() == 1


def test_invited_within_the_breath_is_one_mail_too(cohort, lead):
    person = cohorts.decide(candidate(cohort), "selected", lead)
    assert told().count() == 1
    cohorts.invite(person, lead)
    assert not told().exists()


def test_a_decision_that_is_corrected_is_told_once(cohort, lead):
    person = cohorts.decide(candidate(cohort, language="en"), "not_selected", lead, "wrong line")
    person = cohorts.decide(person, "selected", lead, "I chose the wrong line")
    [message] = told()
    assert message.context["selected"] is True
    cohorts.decide(person, "withdrawn", lead, "asked to")
    assert not told().exists()


def test_the_same_decision_again_later_is_told_again(cohort, lead):
    person = cohorts.decide(candidate(cohort), "not_selected", lead, "places")
    told().update(sent_at=timezone.now())
    person = cohorts.decide(person, "candidate", lead, "a place is free")
    cohorts.decide(person, "not_selected", lead, "taken again")
    assert told().count() == 2


@pytest.mark.parametrize("status", ["paused", "withdrawn"])
def test_other_decisions_are_not_told_here(cohort, lead, status):
    cohorts.decide(EnrollmentFactory(cohort=cohort), status, lead, "so it is")
    assert not told().exists()


def test_a_trainer_is_named_not_selected(cohort, lead):
    person = EnrollmentFactory(cohort=cohort, role="trainer", status="declined")
    cohorts.decide(person, "selected", lead, "asked again")
    assert not told().exists()


def test_a_closed_account_is_not_written_to(cohort, lead):
    cohorts.decide(candidate(cohort, is_active=False), "selected", lead)
    assert not told().exists()


def test_a_refused_decision_tells_nobody(cohort, lead):
    cohort.capacity = 1
    cohort.save()
    EnrollmentFactory(cohort=cohort)
    assert press(lead, candidate(cohort), "selected").status_code == 422
    assert not told().exists()
