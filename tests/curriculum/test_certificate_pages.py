import pytest
from django.urls import reverse

from curriculum import certification, requirements
from curriculum.models import Certificate, Completion, Enrollment
from tests.curriculum.certifying import a_certificate, at, certified, finish, make_programme
from tests.factories import EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db):
    return make_programme()


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


def test_a_lead_finds_the_acts_on_the_persons_page(client, programme):
    certificate = certified(programme)
    body = page(client, programme.lead, "curriculum:enrollment", programme.trainee.pk).content.decode()
    for name in ("curriculum:certificate_revoke", "curriculum:certificate_renew"):
        assert reverse(name, args=[certificate.code]) in body


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
