"""The list of messages with words of one's own agrees with the shipped templates."""

import re

import pytest
from django.template.loader import get_template
from django.urls import reverse

from notifications import mail, trying_words, wordings
from notifications.editable import EDITABLE
from notifications.kinds import BY_WHAT
from notifications.models import Message, Wording
from tests.factories import UserFactory
from tests.notifications.every_message import ACTS
from tests.notifications.people import signed_in

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")


@pytest.mark.parametrize("what", EDITABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_words_can_be_saved_as_they_are_and_hold_no_sample(what, language):
    subject, body = wordings.shipped(what, language)
    assert wordings.problems(what, subject, body) == []
    assert len(subject) <= wordings.SUBJECT_CAP
    assert len(body) <= wordings.BODY_CAP
    assert "2027" not in subject + body
    assert str(wordings.MARK)[:4] not in subject + body
    assert what in BY_WHAT


@pytest.mark.parametrize("what", EDITABLE)
def test_every_name_is_known_to_the_shipped_templates(what):
    """A name that no shipped template of the message knows is a name that its context does not have."""
    editable = EDITABLE[what]
    parts = [one.part for one in editable.names.values() if one.part]
    files = [f"notifications/{what}/{name}" for name in ("subject.txt", "body.txt", "body.html")] + parts
    source = " ".join(get_template(name).template.source for name in files)
    for name, one in editable.names.items():
        if name not in ("name", "site") and not one.part:
            assert re.search(rf"\b{editable.key_of(name)}\b", source), name


@pytest.mark.parametrize("what", EDITABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_preview_from_samples(what, language):
    user = UserFactory(is_superuser=True)
    shown = trying_words.preview(what, language, *wordings.shipped(what, language), user, user)
    assert shown.subject
    assert "{" not in shown.subject + shown.text
    buttons = [block["link"] for block in shown.blocks if "link" in block]
    assert buttons == (["http://testserver/…"] if "link" in EDITABLE[what].names else [])


# Codes: whoever rewords them could send everybody a link of their own. The test of own words says that it is one.
NEVER = {"account", "wording_test"}


def test_every_message_can_be_reworded_but_two():
    assert EDITABLE.keys() == BY_WHAT.keys() - NEVER


@pytest.mark.parametrize("what", EDITABLE)
def test_the_shipped_words_say_the_same_whether_they_are_ones_own_or_not(what, monkeypatch):
    """Every message of every kind, written by its act: what depends on the person is in a {name}, or it would be lost when somebody saves."""
    ACTS[what](monkeypatch)
    messages = list(Message.objects.filter(what=what, channel="mail"))
    assert messages
    for language in LANGUAGES:
        Wording.objects.all().delete()
        shipped = []
        for message in messages:
            message.language = language
            shipped.append(words_of(message))
        subject, body = wordings.shipped(what, language)
        Wording.objects.create(what=what, language=language, subject=subject, body=body)
        assert [words_of(message) for message in messages] == shipped


def words_of(message):
    subject, text, html = mail.render(message)
    assert not re.search(r"\{[a-z_]+\}", subject + text + html)
    return subject, text.split()


# --- for a person ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["meeting_request", "meeting_cancel", "checklist_step", "certificate_issued", "reminder_day"])
def test_a_preview_in_each_language_is_the_persons_own_message(what, monkeypatch):
    """With the facts of the real message: what it says is what the person was told, but for links that act for them."""
    ACTS[what](monkeypatch)
    message = Message.objects.filter(what=what, channel="mail").latest("created_at", "pk")
    operator = UserFactory(is_superuser=True)
    for language in LANGUAGES:
        shown = trying_words.preview(what, language, *wordings.shipped(what, language), message.user, operator)
        message.language = language
        subject, text, _html = mail.render(message)
        assert shown.subject == subject
        assert shown.said_at == message.created_at
        assert without_links(shown.whole) == without_links(text)


def without_links(text):
    return [word for word in text.split() if not word.startswith("http")]


@pytest.mark.parametrize(
    ("what", "secret"),
    [
        ("personal", "Cómo va"),
        ("assignment_judged", "Falta una fecha"),
        ("meeting_summary", "Dicho decision"),
        ("commitment_reminder", "secret"),
    ],
)
def test_what_one_person_wrote_to_another_is_in_no_preview(what, secret, monkeypatch):
    ACTS[what](monkeypatch)
    operator = UserFactory(is_superuser=True)
    for message in Message.objects.filter(what=what, channel="mail"):
        told = mail.render(message)[1]
        shown = trying_words.preview(what, "es", *wordings.shipped(what, "es"), message.user, operator)
        assert shown.said_at
        words = message.context.get("secret_commitments") or [secret]
        assert all(one not in shown.whole for one in words) and any(one in told for one in words)


def test_the_page_shows_a_person_in_all_three_languages(monkeypatch):
    here = ACTS["meeting_request"](monkeypatch)
    client = signed_in(UserFactory(is_superuser=True, language="en"))
    address = reverse("notifications:wording", args=["meeting_request"])
    page = client.get(address, {"person": here.trainee.pk})
    assert [side["preview"].said_at is not None for side in page.context["sides"]] == [True] * 3
    assert len({side["preview"].subject for side in page.context["sides"]}) == 3 or not page.context["sides"]
    assert "{time}" not in page.content.decode() and "/answer/" not in page.content.decode()
    assert f"?person={here.trainee.pk}" in client.get(address, {"who": here.trainee.email}).content.decode()
    assert [client.get(address, {"person": odd}).status_code for odd in ("x", "0", "9" * 40)] == [422] * 3


# --- subjects on a telephone ---------------------------------------------------------------------------------------------------------
TELEPHONE = 40  # signs of a subject that a telephone shows
SAYS_WHEN = ("meeting_request", "meeting_update", "meeting_cancel", "place_free", "reminder_day")


@pytest.mark.parametrize("what", SAYS_WHEN)
@pytest.mark.parametrize("zone", ["America/Mexico_City", "America/Argentina/Buenos_Aires"])
def test_day_and_hour_stand_in_what_a_telephone_shows(what, zone, monkeypatch):
    ACTS[what](monkeypatch)
    for message in Message.objects.filter(what=what, channel="mail"):
        for name in ("starts_at", "begins_at", "was_at"):
            if name in message.context:
                message.context[name][1] = zone
        for language in LANGUAGES:
            message.language = language
            shown = mail.subject(message)[:TELEPHONE]
            assert re.search(r"\d{1,2} [a-zA-Z]{3}( \d{4})?, \d\d[:h]\d\d", shown), shown


def test_an_update_says_first_what_is_another(monkeypatch):
    ACTS["meeting_update"](monkeypatch)
    message = Message.objects.filter(what="meeting_update").first()
    message.language, said = "en", {name: value for name, value in message.context.items() if not name.startswith("was_")}
    for change, words in (
        ({"was_at": said["starts_at"], "was_title": "x"}, "New time: "), ({"was_place": ""}, "New place: "), ({"was_online": False}, "New place: "),
        ({"was_minutes": 30}, "New length: "), ({"was_title": "x"}, "New title: "), ({}, "Changed: "),
    ):  # fmt: skip
        message.context = said | change
        assert mail.subject(message).startswith(words)
