import io

import pytest
from django.core.management import CommandError, call_command

from curriculum import certification
from curriculum.models import Certificate, Enrollment
from tests.curriculum.certifying import add_trainee, at, certified, finish, make_programme
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db):
    return make_programme()


def run(*args):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*args, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    return 0, out.getvalue(), err.getvalue()


def test_the_command_issues_to_those_who_are_ready(programme):
    finish(programme)
    add_trainee(programme.cohort, "Eva Ñúñez")
    code, out, _err = run("issue_certificates", "--cohort", str(programme.cohort.pk), "--dry-run")
    assert code == 0
    assert not Certificate.objects.exists()
    assert "Dra. Ana Pérez Gutiérrez" in out
    code, out, _err = run("issue_certificates", "--cohort", str(programme.cohort.pk))
    assert code == 0
    assert Certificate.objects.get().issued_by == programme.lead
    assert Certificate.objects.get().grouped_code in out
    assert "Eva Ñúñez" in out
    assert run("issue_certificates", "--cohort", str(programme.cohort.pk))[0] == 0
    assert Certificate.objects.count() == 1


def test_the_command_fails_when_some_are_refused(programme):
    nameless = add_trainee(programme.cohort, "")
    for enrollment in (programme.trainee, nameless):
        finish(programme, enrollment)
    for extra in (["--dry-run"], []):
        code, _out, err = run("issue_certificates", "--cohort", str(programme.cohort.pk), *extra)
        assert code == 1
        assert nameless.user.get_full_name() in err
    assert Certificate.objects.get().enrollment == programme.trainee


def test_the_command_needs_to_know_who_issues(programme):
    EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.LEAD)
    finish(programme)
    cohort = str(programme.cohort.pk)
    assert run("issue_certificates", "--cohort", cohort)[0] == 1
    assert run("issue_certificates", "--cohort", cohort, "--by", "nobody@example.org")[0] == 1
    assert run("issue_certificates", "--cohort", cohort, "--by", programme.trainee.user.email)[0] == 1
    assert run("issue_certificates", "--cohort", "999999")[0] == 1
    assert not Certificate.objects.exists()
    assert run("issue_certificates", "--cohort", cohort, "--by", programme.lead.email.upper())[0] == 0
    assert Certificate.objects.exists()


def test_the_verify_command(programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    code, out, _err = run("verify_certificate", certificate.grouped_code.lower())
    assert code == 0
    assert "Dra. Ana Pérez Gutiérrez" in out
    at(monkeypatch, 2029, 1, 27)
    assert run("verify_certificate", certificate.code)[0] == 1
    certification.revoke(certificate, programme.lead, "other", "x")
    assert run("verify_certificate", certificate.code)[0] == 1
    assert run("verify_certificate", "222222222222")[0] == 1
