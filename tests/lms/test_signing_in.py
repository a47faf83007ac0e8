"""Signing in: a code first, a password second; the same answer for known and unknown addresses; invitations taken up."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from curriculum import cohorts
from curriculum.models import Enrollment, Invitation
from lms.accounts import CODES_ARE_OF_USE, INVITATION
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/en/accounts/login/"


def person(**fields):
    user = factories.UserFactory(**{"language": "en", **fields})
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    """Posts as the browser does, and lets the outbox deliver what the request wrote."""

    def send(path, data, **extra):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(path, data, **extra)

    return send


def code_in(message):
    return re.search(r"^(\d{6})$", message.body, re.M)[1]


# --- codes ---
@pytest.mark.parametrize("page", ["login/code/", "password/reset/"])
@pytest.mark.parametrize(("language", "label"), [("es", "Correo"), ("pt-br", "Endereço de e-mail"), ("en", "E-mail address")])
def test_the_field_of_an_address_is_called_as_everywhere_else(client, page, language, label):
    path = f"/{language}/accounts/{page}"
    html = client.get(path).content.decode()
    assert re.search(rf'<label for="id_email">\s*{label}\s*</label>', html) and "placeholder" not in html


def test_a_code_signs_in(client, post):
    user = person()
    response = post(LOGIN, {"login": user.email, "way": "code"})
    assert response["Location"].startswith("/en/accounts/login/code/confirm/")
    assert [message.to for message in mail.outbox] == [[user.email]]
    response = post(response["Location"], {"code": code_in(mail.outbox[0])})
    assert response["Location"] == "/en/today/"
    assert client.get("/en/today/").wsgi_request.user == user


def test_the_code_is_asked_for_in_one_box_that_phones_fill(client, post):
    post(LOGIN, {"login": person().email, "way": "code"})
    text = client.get("/en/accounts/login/code/confirm/").content.decode()
    assert 'autocomplete="one-time-code"' in text
    assert 'inputmode="numeric"' in text


def test_a_wrong_code_is_refused_in_words_and_three_end_it(client, post):
    user = person()
    post(LOGIN, {"login": user.email, "way": "code"})
    page = "/en/accounts/login/code/confirm/"
    wrong = "000000" if code_in(mail.outbox[0]) != "000000" else "111111"
    assert "There is a problem" in post(page, {"code": wrong}).content.decode()
    post(page, {"code": wrong})
    post(page, {"code": wrong})
    assert post(page, {"code": code_in(mail.outbox[0])})["Location"] != "/en/today/"


def test_the_mail_is_in_the_persons_language_and_has_no_tracking(post):
    post(LOGIN, {"login": person(language="es").email, "way": "code"})
    message = mail.outbox[0]
    assert message.extra_headers["Content-Language"] == "es"
    html = message.alternatives[0][0]
    assert "<img" not in html
    assert code_in(message) in html


def test_the_outbox_forgets_the_code_once_it_has_left(post):
    from notifications.models import Message

    post(LOGIN, {"login": person().email, "way": "code"})
    code = code_in(mail.outbox[0])
    assert code not in str(Message.objects.get().context)


# --- no enumeration ---
def test_a_code_and_an_invitation_leave_no_secret_behind_when_they_are_over(post):
    """The mail may be cut off half-way and stay in doubt: then what it said goes with the hour until which it is of use."""
    from notifications.models import Message

    user = person()
    post("/en/accounts/login/code/", {"email": user.email})
    assert Message.objects.get().expires_at - timezone.now() <= CODES_ARE_OF_USE
    cohorts.invite(factories.EnrollmentFactory(status="selected"), by=factories.UserFactory())
    assert Message.objects.get(what="invitation").expires_at == Invitation.objects.get().expires_at


def shown(client, path, data):
    """The answer to a form and the page after it, without what is random in every page (tokens, references)."""
    first = client.post(path, data)
    second = client.get(first["Location"]) if first.status_code == 302 else first
    text = re.sub(r'value="[\w-]{64}"', "", second.content.decode())
    return first.status_code, first.get("Location"), second.status_code, text.replace(data.get("login") or data.get("email"), "…")


@pytest.mark.parametrize("way", ["code", "password"])
def test_sign_in_answers_the_same_for_known_and_unknown(client, way):
    known = person(email="known-1@example.org").email
    data = {"way": way, "password": "not-the-password"}
    with_account = shown(client, LOGIN, {"login": known, **data})
    client.cookies.clear()
    without = shown(client, LOGIN, {"login": "unknown@example.org", **data})
    assert with_account == without


def test_only_known_addresses_get_mail(post):
    post(LOGIN, {"login": "unknown@example.org", "way": "code"})
    post("/en/accounts/password/reset/", {"email": "unknown@example.org"})
    assert mail.outbox == []


def test_a_new_password_answers_the_same_for_known_and_unknown(client):
    known = person(email="known-1@example.org").email
    with_account = shown(client, "/en/accounts/password/reset/", {"email": known})
    client.cookies.clear()
    without = shown(client, "/en/accounts/password/reset/", {"email": "unknown@example.org"})
    assert with_account == without


def test_deactivated_people_get_the_same_answer_and_no_code(client, post):
    gone = person(is_active=False)
    assert post(LOGIN, {"login": gone.email, "way": "code"})["Location"].startswith("/en/accounts/login/code/confirm/")
    assert mail.outbox == []


def test_nobody_signs_up_by_a_form(client, post):
    text = post("/en/accounts/signup/", {"email": "new@example.org"}).content.decode()
    assert "Accounts begin with an invitation" in text
    assert mail.outbox == []


# --- passwords ---
def test_a_password_signs_in_and_addresses_ignore_case(client, post):
    user = person(email="ana@example.org")
    assert post(LOGIN, {"login": "Ana@Example.org", "password": factories.PASSWORD})["Location"] == "/en/today/"
    assert client.get("/en/today/").wsgi_request.user == user


def test_the_password_way_without_a_password_says_so_and_keeps_the_address(post):
    text = post(LOGIN, {"login": "ana@example.org", "way": "password"}).content.decode()
    assert "Write your password" in text
    assert 'value="ana@example.org"' in text


@pytest.mark.parametrize(("address", "said"), [("", "Write your e-mail address."), ("ana", "such as name@hospital.org")])
def test_an_address_that_is_none_is_refused_in_words(post, address, said):
    text = post(LOGIN, {"login": address, "way": "code"}).content.decode()
    assert said in text
    assert f'value="{address}"' in text


def test_a_safe_next_page_is_followed_and_a_foreign_one_is_not(client, post):
    user = person()
    data = {"login": user.email, "password": factories.PASSWORD}
    assert post(LOGIN, {**data, "next": "/en/programme/"})["Location"] == "/en/programme/"
    client.logout()
    assert post(LOGIN, {**data, "next": "https://evil.example/"})["Location"] == "/en/today/"


def test_the_first_page_is_in_the_persons_language(post):
    user = person(language="pt-br")
    assert post(LOGIN, {"login": user.email, "password": factories.PASSWORD})["Location"] == "/pt-br/today/"


def test_guessing_is_slowed_down(post):
    user = person()
    answers = [post(LOGIN, {"login": user.email, "password": "wrong"}) for _attempt in range(7)]
    assert "Too many" in answers[-1].content.decode() or answers[-1].status_code == 429


# --- invitations ---
def selected(**fields):
    enrollment = factories.EnrollmentFactory(status=Enrollment.Status.SELECTED, user=person(**fields))
    return enrollment, cohorts.invite(enrollment, None)


def wait_with(client, invitation):
    session = client.session
    session[INVITATION] = invitation.pk
    session.save()


def test_signing_in_takes_up_the_invitation_and_leads_to_the_profile(client, post):
    enrollment, invitation = selected(profile_completed_at=None)
    wait_with(client, invitation)
    response = post(LOGIN, {"login": enrollment.user.email, "password": factories.PASSWORD})
    enrollment.refresh_from_db()
    assert response["Location"] == "/en/profile/"
    assert enrollment.status == Enrollment.Status.ENROLLED
    assert INVITATION not in client.session
    assert Invitation.objects.get(pk=invitation.pk).accepted_at


def test_people_with_a_profile_go_on_to_today(client, post):
    enrollment, invitation = selected()
    wait_with(client, invitation)
    assert post(LOGIN, {"login": enrollment.user.email, "password": factories.PASSWORD})["Location"] == "/en/today/"


def test_somebody_else_does_not_take_up_the_invitation(client, post):
    enrollment, invitation = selected()
    wait_with(client, invitation)
    response = post(LOGIN, {"login": person(email="else@example.org").email, "password": factories.PASSWORD})
    enrollment.refresh_from_db()
    assert enrollment.status == Enrollment.Status.SELECTED
    assert INVITATION not in client.session
    assert "for another person" in client.get(response["Location"]).content.decode()


def test_an_invitation_that_ran_out_meanwhile_is_told_and_nothing_else_happens(client, post):
    enrollment, invitation = selected()
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    wait_with(client, invitation)
    response = post(LOGIN, {"login": enrollment.user.email, "password": factories.PASSWORD})
    enrollment.refresh_from_db()
    assert response.status_code == 302
    assert enrollment.status == Enrollment.Status.SELECTED


def test_the_sign_in_page_knows_the_invited_address(client):
    enrollment, invitation = selected()
    wait_with(client, invitation)
    text = client.get(LOGIN).content.decode()
    assert f'value="{enrollment.user.email}"' in text
    assert "readonly" in text


# --- the second factor ---
@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.parametrize("role", ["trainer", "lead"])
def test_people_who_see_others_set_up_a_second_factor(client, required, role):
    client.force_login(factories.EnrollmentFactory(role=role).user)
    response = client.get("/en/today/")
    assert response["Location"] == "/en/accounts/2fa/"
    assert client.get("/en/accounts/2fa/").status_code == 200


def test_staff_set_it_up_too(client, required):
    client.force_login(factories.UserFactory(is_staff=True))
    assert "/accounts/2fa/" in client.get("/django-admin/")["Location"]


def test_trainees_need_none(client, required):
    client.force_login(factories.EnrollmentFactory().user)
    assert client.get("/en/today/").status_code == 200


def test_with_a_second_factor_the_way_is_free(client, required):
    from allauth.mfa.models import Authenticator

    user = factories.EnrollmentFactory(role="lead").user
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(user)
    assert client.get("/en/today/").status_code == 200


def test_signing_out_stays_possible(client, required):
    client.force_login(factories.EnrollmentFactory(role="lead").user)
    assert client.post("/en/accounts/logout/")["Location"] == "/en/"
