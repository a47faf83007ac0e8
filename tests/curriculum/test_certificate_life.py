import datetime

import pytest

from curriculum import certification, verification
from curriculum.models import Certificate, Completion, CurriculumPage, Enrollment
from notifications.models import Message
from tests.curriculum.certifying import at, certified, make_programme
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db):
    return make_programme()


def refusal(act, *args):
    with pytest.raises(certification.Refused) as caught:
        act(*args)
    return str(caught.value.text)


# --- revoke ----------------------------------------------------------------------------------------------------------


def test_revoke_keeps_the_reason_and_the_person_is_enrolled_again(programme):
    certificate = certified(programme)
    certification.revoke(certificate, programme.lead, "mistake", "Entregado a otra persona")
    programme.trainee.refresh_from_db()
    assert certificate.revoked_at
    assert (certificate.revoked_by, certificate.revoke_class) == (programme.lead, "mistake")
    assert certificate.revoke_reason == "Entregado a otra persona"
    assert programme.trainee.status == "enrolled"
    assert programme.trainee.changes.last().reason == "Entregado a otra persona"
    message = Message.objects.get(what="certificate_revoked")
    assert "Entregado" not in str(message.context)
    again = certification.issue(programme.trainee, programme.lead)
    assert again.code != certificate.code


@pytest.mark.parametrize(
    ("kind", "reason"), [("mistake", ""), ("mistake", "  "), ("", "x"), ("nonsense", "x"), ("other", "x" * 501)]
)
def test_revoke_needs_a_class_and_a_reason(programme, kind, reason):
    certificate = certified(programme)
    assert refusal(certification.revoke, certificate, programme.lead, kind, reason)
    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_revoke_is_for_other_leads_and_happens_once(programme):
    certificate = certified(programme)
    trainer = EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.TRAINER).user
    for user in (trainer, programme.trainee.user, EnrollmentFactory(role=Enrollment.Role.LEAD).user):
        assert refusal(certification.revoke, certificate, user, "other", "x")
    certification.revoke(certificate, programme.lead, "other", "x")
    assert refusal(certification.revoke, certificate, programme.lead, "other", "again")


def test_revoking_leaves_who_withdrew_withdrawn(programme):
    certificate = certified(programme)
    Enrollment.objects.filter(pk=programme.trainee.pk).update(status="withdrawn")
    certification.revoke(certificate, programme.lead, "conduct", "x")
    programme.trainee.refresh_from_db()
    assert programme.trainee.status == "withdrawn"


# --- renew and expire ------------------------------------------------------------------------------------------------


def test_renewal_from_ninety_days_before_the_end(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    at(monkeypatch, 2028, 10, 27)
    assert "28" in refusal(certification.renew, certificate, programme.lead)
    at(monkeypatch, 2028, 10, 28)
    renewed = certification.renew(certificate, programme.lead)
    certificate.refresh_from_db()
    assert renewed.renewal_of == certificate
    assert certificate.renewed_at == renewed.issued_at
    assert renewed.expires_on == datetime.date(2031, 1, 26)  # counted from the old end: early renewal loses no time
    assert Certificate.objects.standing().get() == renewed
    assert Message.objects.filter(what="certificate_issued").count() == 2
    programme.trainee.refresh_from_db()
    assert programme.trainee.status == "certified"


def test_renewal_after_the_end_counts_from_today(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    at(monkeypatch, 2030, 5, 31)
    assert certification.outcome_of(certificate) == "expired"
    assert certification.renew(certificate, programme.lead).expires_on == datetime.date(2032, 5, 31)


def test_renewal_checks_the_requirements_again(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    at(monkeypatch, 2029, 1, 1)
    Completion.objects.filter(activity_key=programme.made.keys[0]).delete()
    assert "1.1" in refusal(certification.renew, certificate, programme.lead)


def test_renewal_refusals(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    at(monkeypatch, 2029, 1, 1)
    assert refusal(certification.renew, certificate, programme.trainee.user)
    renewed = certification.renew(certificate, programme.lead)
    assert refusal(certification.renew, certificate, programme.lead)
    assert refusal(certification.revoke, certificate, programme.lead, "other", "x")
    certification.revoke(renewed, programme.lead, "conduct", "x")
    assert refusal(certification.renew, renewed, programme.lead)


def test_what_has_no_end_is_not_renewed(programme):
    CurriculumPage.objects.update(certificate_valid_months=0)
    assert refusal(certification.renew, certified(programme), programme.lead)


def test_revoking_a_renewal_revokes_what_it_renewed(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    first = certified(programme)
    at(monkeypatch, 2029, 1, 1)
    second = certification.renew(first, programme.lead)
    certification.revoke(second, programme.lead, "conduct", "x")
    assert verification.verify(first.code).outcome == "revoked"
    assert verification.verify(first.code).newer is None


def test_the_holders_choice_of_initials_outlives_a_renewal(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    first = certified(programme)
    certification.show_name(first, False)
    at(monkeypatch, 2029, 1, 1)
    assert certification.renew(first, programme.lead).name_public is False


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_parallel_renewals_make_one(in_parallel, monkeypatch):
    programme = make_programme()
    certificate = certified(programme)
    at(monkeypatch, certificate.expires_on.year, certificate.expires_on.month, certificate.expires_on.day)
    in_parallel(lambda number: certification.renew(Certificate.objects.get(pk=certificate.pk), programme.lead), 10)
    assert Certificate.objects.count() == 2
    assert Certificate.objects.standing().count() == 1
