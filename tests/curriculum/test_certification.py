import datetime
import io
import math

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from curriculum import certification, checks, requirements, verification
from curriculum.models import Certificate, Completion, CurriculumPage, Enrollment, Requirement
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


# --- pages -----------------------------------------------------------------------------------------------------------


def page(client, user, name, *args, **data):
    client.force_login(user)
    return client.get(reverse(name, args=args), data)


def test_mine_shows_what_is_missing_then_the_certificate(client, programme):
    missing = page(client, programme.trainee.user, "curriculum:certificate").content.decode()
    for url in [state.url for state in requirements.requirements_of(programme.trainee)[0].missing]:
        assert f'href="{url}"' in missing
    assert "Dra. Ana Pérez Gutiérrez" in missing
    certificate = certified(programme)
    held = page(client, programme.trainee.user, "curriculum:certificate").content.decode()
    assert certificate.grouped_code in held
    assert reverse("curriculum:certificate_pdf", args=[certificate.code]) in held
    assert f"http://testserver/v/{certificate.code}" in held


def test_mine_without_an_enrolment_says_what_will_appear(client):
    response = page(client, UserFactory(), "curriculum:certificate")
    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


def test_mine_without_a_name_leads_to_the_profile(client, programme):
    user = programme.trainee.user
    user.certificate_name = ""
    user.save()
    finish(programme)
    assert f'class="btn sec" href="{reverse("profile")}"' in page(client, user, "curriculum:certificate").content.decode()


def test_mine_after_revocation_shows_both(client, programme):
    certificate = certified(programme)
    certification.revoke(certificate, programme.lead, "mistake", "secreto")
    body = page(client, programme.trainee.user, "curriculum:certificate").content.decode()
    assert certificate.grouped_code in body
    assert "secreto" not in body
    assert reverse("curriculum:certificate_pdf", args=[certificate.code]) not in body


def test_mine_asks_the_anonymous_to_sign_in(client, db):
    response = client.get(reverse("curriculum:certificate"))
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


ACTS = ["curriculum:certificate_issue", "curriculum:certificate_revoke", "curriculum:certificate_renew"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    ("persona", "expected"), [("trainee", 403), ("trainer", 403), ("other_lead", 404), ("stranger", 404), ("anonymous", 302)]
)
def test_acts_are_for_leads(client, programme, name, method, persona, expected):
    certificate = certified(programme)
    people = {
        "trainee": lambda: programme.trainee.user,
        "trainer": lambda: EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.TRAINER).user,
        "other_lead": lambda: EnrollmentFactory(role=Enrollment.Role.LEAD).user,
        "stranger": UserFactory,
    }
    if persona != "anonymous":
        client.force_login(people[persona]())
    key = programme.trainee.pk if name.endswith("issue") else certificate.code
    response = getattr(client, method)(reverse(name, args=[key]), {"revoke_class": "other", "reason": "x"})
    assert response.status_code == expected
    certificate.refresh_from_db()
    assert certificate.is_standing


def test_a_lead_issues_through_the_page(client, programme):
    url = reverse("curriculum:certificate_issue", args=[programme.trainee.pk])
    client.force_login(programme.lead)
    assert b"<form" not in client.get(url).content.split(b"<main")[1].split(b"</main")[0]
    assert client.post(url).status_code == 409
    finish(programme)
    assert b"<form" in client.get(url).content.split(b"<main")[1]
    response = client.post(url)
    assert response.status_code == 302
    assert response["Location"] == reverse("curriculum:enrollment", args=[programme.trainee.pk])
    assert Certificate.objects.count() == 1
    assert client.post(url).status_code == 409


def test_a_lead_revokes_through_the_page(client, programme):
    certificate = certified(programme)
    url = reverse("curriculum:certificate_revoke", args=[certificate.code])
    client.force_login(programme.lead)
    assert client.get(url).status_code == 200
    response = client.post(url, {"revoke_class": "conduct", "reason": ""})
    assert response.status_code == 400
    assert "checked" in response.content.decode()
    assert "#id_reason" in response.content.decode()
    assert client.post(url, {"revoke_class": "conduct", "reason": "Motivo"}).status_code == 302
    certificate.refresh_from_db()
    assert certificate.revoke_reason == "Motivo"
    assert client.post(url, {"revoke_class": "conduct", "reason": "Motivo"}).status_code == 409


def test_a_lead_renews_through_the_page(client, programme, monkeypatch):
    at(monkeypatch, 2027, 1, 26)
    certificate = certified(programme)
    url = reverse("curriculum:certificate_renew", args=[certificate.code])
    client.force_login(programme.lead)
    assert b"<form" not in client.get(url).content.split(b"<main")[1].split(b"</main")[0]
    assert client.post(url).status_code == 409
    at(monkeypatch, 2029, 1, 26)
    client.force_login(programme.lead)
    done = Completion.objects.filter(activity_key=programme.made.keys[0]).first()
    done.delete()
    assert b"<form" not in client.get(url).content.split(b"<main")[1].split(b"</main")[0]
    assert client.post(url).status_code == 409
    done.save(force_insert=True)
    assert b"<form" in client.get(url).content.split(b"<main")[1]
    assert client.post(url).status_code == 302
    assert Certificate.objects.count() == 2


def test_a_lead_sees_why_it_cannot_be_their_own(client, programme):
    own = EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.LEAD)
    client.force_login(own.user)
    assert client.post(reverse("curriculum:certificate_issue", args=[own.pk])).status_code == 409


def test_the_holder_alone_chooses_initials(client, programme):
    certificate = certified(programme)
    url = reverse("curriculum:certificate_name_public", args=[certificate.code])
    client.force_login(programme.lead)
    assert client.post(url, {"public": "0"}).status_code == 403
    client.force_login(UserFactory())
    assert client.post(url, {"public": "0"}).status_code == 404
    client.force_login(programme.trainee.user)
    assert client.get(url).status_code == 405
    for value in ("0", "0", "1"):
        assert client.post(url, {"public": value}).status_code == 302
        certificate.refresh_from_db()
        assert certificate.name_public is (value == "1")


def test_the_page_takes_the_same_queries_for_one_and_for_many(client, programme, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        client.force_login(programme.trainee.user)
        client.get(reverse("curriculum:certificate"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("curriculum:certificate"))
        return len(queries)

    certificate = certified(programme)
    one = count()
    for _ in range(5):
        revoked_at = certificate.issued_at
        a_certificate(programme.trainee, revoked_at=revoked_at, revoke_class="other")
    assert count() == one


# --- commands --------------------------------------------------------------------------------------------------------


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
