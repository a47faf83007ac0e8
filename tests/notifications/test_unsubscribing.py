"""One kind of mail ends with one click, without a sign-in and never by merely looking (RFC 8058)."""

import pytest
from django.core import signing
from django.test import Client
from django.utils import translation

from notifications import choices, unsubscribing
from notifications.kinds import BY_KEY, KINDS
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def path_of(user, kind="summaries"):
    return unsubscribing.link(user, kind).removeprefix("http://testserver")


def is_on(user, kind="summaries"):
    return next(choice.mail for choice in choices.choices_of(user) if choice.kind.key == kind)


def test_the_link_is_in_the_language_of_the_person_whatever_is_active():
    with translation.override("en"):
        assert unsubscribing.link(UserFactory(language="pt-br"), "summaries").startswith("http://testserver/pt-br/messages/stop/")


def test_looking_changes_nothing():
    user = UserFactory(language="en")
    for method in ("get", "head"):
        response = getattr(Client(), method)(path_of(user))
        assert response.status_code == 200
    assert "Summaries of meetings" in Client().get(path_of(user)).content.decode()
    assert is_on(user)


def test_the_button_stops_it_and_undo_brings_it_back():
    user, client = UserFactory(language="en"), Client(enforce_csrf_checks=True)
    response = client.post(path_of(user), {"stop": "1"}, follow=True)
    assert "no longer comes by e-mail" in response.content.decode()
    assert not is_on(user)
    client.post(path_of(user), {"undo": "1"})
    assert is_on(user)


def test_a_mail_program_posts_once_without_cookies_and_gets_no_redirect():
    user = UserFactory()
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = client.post(path_of(user), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert response.status_code == 200
    assert not is_on(user)
    assert is_on(user, "grading")


def test_texts_of_the_kind_stay_as_they_were():
    user = UserFactory()
    choices.Preference.objects.create(user=user, kind="duties", mail=True, text=True)
    Client().post(path_of(user, "duties"), {"stop": "1"})
    row = choices.Preference.objects.get(user=user)
    assert (row.mail, row.text) == (False, True)


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS if kind.must])
def test_kinds_that_must_be_told_have_no_way_out(kind):
    user = UserFactory()
    assert unsubscribing.link(user, kind) == ""
    token = unsubscribing.token_for(user, kind)
    assert Client().post(f"/es/messages/stop/{token}/").status_code == 404


def forged(user):
    good = unsubscribing.token_for(user, "summaries")
    yield good[:-1]
    yield good.swapcase()
    yield signing.dumps([user.pk, "summaries"])
    yield signing.dumps([user.pk, "summaries"], salt="other")
    yield unsubscribing.SIGNER.sign_object([user.pk, "nothing"])
    yield unsubscribing.SIGNER.sign_object([10**9, "summaries"])
    yield unsubscribing.SIGNER.sign_object(["x", "summaries"])
    yield unsubscribing.SIGNER.sign_object(7)
    yield unsubscribing.SIGNER.sign_object([user.pk, ["summaries"]])
    yield "é:✓"


def test_a_link_that_is_cut_or_changed_says_what_to_do_and_changes_nothing():
    user = UserFactory()
    for token in forged(user):
        for method in ("get", "post"):
            response = getattr(Client(), method)(f"/en/messages/stop/{token}/")
            assert response.status_code == 404, token
            assert "Nothing was changed" in response.content.decode()
    assert is_on(user)


def test_a_closed_account_has_no_page():
    user = UserFactory(is_active=False)
    assert Client().get(path_of(user)).status_code == 404


def test_the_link_is_for_one_person_and_one_kind():
    user, other = UserFactory(), UserFactory()
    Client().post(path_of(user), {"stop": "1"})
    assert is_on(other)
    assert all(is_on(user, kind.key) == kind.mail for kind in BY_KEY.values() if kind.key != "summaries")


def test_the_link_of_one_kind_is_always_the_same(monkeypatch):
    """A mail that is tried again must be the same mail; and a link of another purpose stops nothing."""
    user = UserFactory()
    link = unsubscribing.token_for(user, "grading")
    monkeypatch.setattr("time.time", lambda: 4_000_000_000)
    assert unsubscribing.token_for(user, "grading") == link
    assert unsubscribing.read(link)[0] == user
    assert unsubscribing.read(signing.Signer(salt="other").sign_object([user.pk, "grading"])) is None
