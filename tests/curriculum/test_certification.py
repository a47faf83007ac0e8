import datetime
import math

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction

from curriculum import certification, checks, verification
from curriculum.models import Certificate, Completion, CurriculumPage, Enrollment, Requirement
from notifications import outbox
from notifications.models import Message
from tests.curriculum.certifying import a_certificate, add_trainee, at, certified, finish, make_programme
from tests.factories import EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db):
    return make_programme()


def refusal(act, *args):
    with pytest.raises(certification.Refused) as caught:
        act(*args)
    return str(caught.value.text)


# --- requirements ----------------------------------------------------------------------------------------------------


def test_the_checklist_names_what_is_missing_with_links(programme):
    (state,) = certification.requirements_of(programme.trainee)
    assert not state.met
    assert [missing.url is not None for missing in state.missing] == [True] * 4
    assert "1.1" in state.text
    assert "2.2" in state.text
    assert state.url == state.missing[0].url


def test_the_checklist_shows_five_and_counts_the_rest():
    programme = make_programme(modules=4, lessons=2)
    (state,) = certification.requirements_of(programme.trainee)
    assert len(state.missing) == 5
    assert state.more == 3
    assert "3" in state.text.rsplit("2", 1)[-1]


def test_done_activities_meet_the_requirement(programme):
    finish(programme)
    (state,) = certification.requirements_of(programme.trainee)
    assert state.met
    assert not state.missing
    assert "4" in state.text


def test_what_the_outline_does_not_ask_for_does_not_count(programme):
    import uuid

    for key in [*programme.made.keys[:-1], uuid.uuid4()]:
        Completion.objects.create(enrollment=programme.trainee, activity_key=key)
    (state,) = certification.requirements_of(programme.trainee)
    assert not state.met
    assert len(state.missing) == 1


def test_an_unknown_kind_is_never_met_and_is_a_system_check_error(programme):
    finish(programme)
    Requirement.objects.create(curriculum_key=programme.made.key, kind="attendance", order=1)
    assert [state.met for state in certification.requirements_of(programme.trainee)] == [True, False]
    assert "attendance" in refusal(certification.issue, programme.trainee, programme.lead)
    errors = run_checks(tags=["database"], databases=["default"])
    assert [error.id for error in errors if error.id.startswith("curriculum")] == ["curriculum.E002"]


def test_a_check_that_cannot_be_imported_is_a_system_check_error(settings):
    assert checks.checks_exist(None) == []
    settings.REQUIREMENT_CHECKS = {"activities": "curriculum.nowhere.check", "other": "nonsense"}
    assert [error.id for error in checks.checks_exist(None)] == ["curriculum.E001", "curriculum.E001"]


def test_requirements_take_two_queries_however_many_activities(django_assert_num_queries):
    programme = make_programme(modules=5, lessons=4)
    certification.requirements_of(programme.trainee)  # the outline is read once and remembered
    with django_assert_num_queries(2):
        certification.requirements_of(programme.trainee)


# --- issue -----------------------------------------------------------------------------------------------------------


def test_issue_copies_everything_and_tells_the_person(programme, monkeypatch, django_capture_on_commit_callbacks):
    now = at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    programme.trainee.refresh_from_db()
    assert certificate.name == "Dra. Ana Pérez Gutiérrez"
    assert certificate.curriculum_title == "Programa"
    assert (certificate.curriculum_version, certificate.hours, certificate.language) == ("1", 20, "es")
    assert certificate.issued_at == now
    assert certificate.issued_by == programme.lead
    assert certificate.expires_on == datetime.date(2029, 1, 26)
    assert programme.trainee.status == "certified"
    change = programme.trainee.changes.get()
    assert (change.from_status, change.to_status, change.by) == ("enrolled", "certified", programme.lead)
    message = Message.objects.get(what="certificate_issued")
    assert message.to == programme.trainee.user.email
    assert message.dedupe_key == f"certificate:{certificate.code}"
    assert message.context["verify_url"].endswith(f"/v/{certificate.code}")


@pytest.mark.parametrize(("language", "subject"), [("es", "Su certificado: {}"), ("en", "Your certificate: {}"), ("pt-br", "{}")])
def test_the_mail_names_the_programme(programme, mailoutbox, language, subject):
    programme.trainee.user.language = language
    programme.trainee.user.save()
    certificate = certified(programme)
    outbox.deliver(Message.objects.get(what="certificate_issued").pk)
    (sent,) = mailoutbox
    title = certificate.curriculum_title
    assert title and subject.format(title) in sent.subject
    assert title in sent.body and title in sent.alternatives[0].content


def test_a_later_change_of_name_or_programme_does_not_rewrite_the_certificate(programme):
    certificate = certified(programme)
    user = programme.trainee.user
    user.certificate_name = "Otro Nombre"
    user.save()
    CurriculumPage.objects.update(hours=99, version="9", title="Otro")
    certificate.refresh_from_db()
    assert (certificate.name, certificate.hours, certificate.curriculum_title) == ("Dra. Ana Pérez Gutiérrez", 20, "Programa")


@pytest.mark.parametrize(
    ("language", "title"), [("pt-br", "Programa"), ("en", "Programme"), ("", "Programa"), ("xx", "Programa")]
)
def test_the_certificate_is_in_the_persons_language_or_the_cohorts(programme, language, title):
    trainee = add_trainee(programme.cohort, "João Gonçalves", language=language)
    certificate = certified(programme, trainee)
    assert certificate.language == (language if language in ("pt-br", "en") else "es")
    assert certificate.curriculum_title == title


def test_without_end_where_the_programme_says_so(programme):
    CurriculumPage.objects.update(certificate_valid_months=0)
    assert certified(programme).expires_on is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ((2027, 1, 31), 1, (2027, 2, 28)),
        ((2028, 1, 31), 1, (2028, 2, 29)),
        ((2028, 2, 29), 12, (2029, 2, 28)),
        ((2027, 12, 31), 2, (2028, 2, 29)),
        ((2027, 1, 26), 24, (2029, 1, 26)),
        ((2027, 8, 31), 13, (2028, 9, 30)),
    ],
)
def test_calendar_months(day, months, expected):
    assert certification.add_months(datetime.date(*day), months) == datetime.date(*expected)


def test_missing_requirements_are_named_in_the_refusal(programme):
    assert "1.1" in refusal(certification.issue, programme.trainee, programme.lead)
    assert not Certificate.objects.exists()
    assert not Message.objects.exists()


def test_a_curriculum_that_asks_for_nothing_certifies_nothing(programme):
    Requirement.objects.all().delete()
    finish(programme)
    assert refusal(certification.issue, programme.trainee, programme.lead)


@pytest.mark.parametrize("name", ["", "   "])
def test_no_name_no_certificate(programme, name):
    user = programme.trainee.user
    user.certificate_name = name
    user.save()
    finish(programme)
    assert refusal(certification.issue, programme.trainee, programme.lead)


def test_a_name_that_cannot_be_printed_is_refused_with_the_sign(programme):
    user = programme.trainee.user
    user.certificate_name = "Ana 漢 Pérez"
    user.save()
    finish(programme)
    assert "漢" in refusal(certification.issue, programme.trainee, programme.lead)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("status", ["candidate", "selected", "paused", "withdrawn", "transferred", "certified"])
def test_only_enrolled_people_are_certified(programme, status):
    finish(programme)
    Enrollment.objects.filter(pk=programme.trainee.pk).update(status=status)
    assert refusal(certification.issue, programme.trainee, programme.lead)


def test_nobody_issues_to_themselves(programme):
    own = EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.LEAD)
    finish(programme, own)
    other_cohort_lead = UserFactory(is_superuser=True)
    mine = EnrollmentFactory(cohort=programme.cohort, user=other_cohort_lead)
    finish(programme, mine)
    assert refusal(certification.issue, own, own.user)
    assert refusal(certification.issue, mine, other_cohort_lead)
    assert certification.issue(mine, programme.lead)


def test_only_leads_of_the_cohort_issue(programme):
    finish(programme)
    trainer = EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.TRAINER).user
    other_lead = EnrollmentFactory(role=Enrollment.Role.LEAD).user
    for user in (trainer, other_lead, programme.trainee.user, UserFactory()):
        assert refusal(certification.issue, programme.trainee, user)
    assert not Certificate.objects.exists()


def test_a_second_certificate_is_refused(programme):
    certified(programme)
    assert refusal(certification.issue, programme.trainee, programme.lead)
    assert Certificate.objects.count() == 1


def test_the_database_keeps_one_standing_certificate(programme):
    a_certificate(programme.trainee)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_certificate(programme.trainee)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_parallel_issues_make_one(in_parallel):
    programme = make_programme()
    finish(programme)
    results = in_parallel(lambda number: certification.issue(Enrollment.objects.get(pk=programme.trainee.pk), programme.lead), 10)
    assert sum(isinstance(result, Certificate) for result in results) == 1
    assert all(isinstance(result, Certificate | certification.Refused) for result in results), results
    assert Certificate.objects.count() == 1
    assert programme.trainee.changes.count() == 1
    assert Message.objects.filter(what="certificate_issued").count() == 1


def test_a_code_that_is_taken_is_drawn_again(programme, monkeypatch):
    first = certified(programme)
    codes = iter([first.code, first.code, "7K3MQ9TDXW42"])
    monkeypatch.setattr(certification, "new_code", lambda: next(codes))
    assert certified(programme, add_trainee(programme.cohort, "Eva Ñúñez")).code == "7K3MQ9TDXW42"


def test_codes_are_long_and_unambiguous():
    assert not set("01OILU") & set(verification.ALPHABET)
    assert verification.CODE_LENGTH * math.log2(len(set(verification.ALPHABET))) >= 55
    codes = {verification.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert set("".join(codes)) == set(verification.ALPHABET)
