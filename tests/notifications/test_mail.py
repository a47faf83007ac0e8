"""What people read: their language, one link, both forms, nothing that tracks."""

import re

import pytest
from django.utils import translation

from notifications import mail, outbox
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = "http://testserver/es/invitation/abcDEF-_123/"
INVITATION = {
    "cohort": "México & Centroamérica 2027", "curriculum": "Programa", "starts_on": "2027-03-05", "ends_on": "2027-06-30",
    "hours": 4, "role": "trainee", "invited_by": "Dra. <Ana> Pérez", "expires_on": "2027-02-01", "secret_url": URL,
}  # fmt: skip
CERTIFICATE = {
    "curriculum": "Programa", "url": "http://testserver/es/certificate/", "verify_url": "http://testserver/v/ABC",
    "expires_on": "2029-01-01",
}  # fmt: skip
ALL = [("invitation", INVITATION), ("invitation_renewed", INVITATION), ("certificate_issued", CERTIFICATE)]
LANGUAGES = ["es", "pt-br", "en"]


def rendered(what, context, language="es", **person):
    return mail.render(outbox.enqueue(what, UserFactory(**person), what, context, language=language))


@pytest.mark.parametrize(
    ("language", "date"), [("es", "5 de marzo de 2027"), ("pt-br", "5 de março de 2027"), ("en", "5 March 2027")]
)
def test_an_invitation_says_who_what_when_until_when_and_whom_to_ask(language, date, settings):
    subject, text, html = rendered("invitation", INVITATION, language)
    assert "México & Centroamérica 2027" in subject
    assert date in text
    assert URL in text
    assert text.count("/invitation/") == 1
    assert "Dra. <Ana> Pérez" in text
    assert "Dra. &lt;Ana&gt; Pérez" in html
    assert settings.CONTACT_EMAIL in text
    assert f'lang="{language}"' in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("what", "context"), ALL)
def test_every_mail_is_small_complete_and_without_tracking(what, context, language):
    subject, text, html = rendered(what, context, language)
    link = context.get("secret_url") or context["url"]
    assert subject
    assert "\n" not in subject
    assert link in text
    assert link in html
    assert len((subject + text + html).encode()) < 40_000
    assert not re.search(r"<img|<script|<link|url\(|https?://(?!testserver)", html)
    assert "{{" not in text + html
    assert not re.search(r"[ \t]+$|\n{3,}", text, re.MULTILINE)


def test_a_sent_mail_has_both_forms_and_the_programme_as_sender(mailoutbox, settings):
    message = outbox.enqueue("invitation", UserFactory(email="ana@example.org"), "i", INVITATION, language="pt-br")
    outbox.deliver(message.pk)
    [sent] = mailoutbox
    assert sent.from_email == settings.DEFAULT_FROM_EMAIL
    assert sent.to == ["ana@example.org"]
    assert sent.reply_to == [settings.CONTACT_EMAIL]
    assert [kind for _content, kind in sent.alternatives] == ["text/html"]
    assert sent.extra_headers["Content-Language"] == "pt-br"
    assert sent.extra_headers["Message-ID"].endswith("@testserver>")
    assert len(sent.message().as_bytes()) < 40_000


def test_each_try_of_one_message_carries_the_same_message_id(mailoutbox):
    message = outbox.enqueue("invitation", UserFactory(), "i", INVITATION)
    mail.send(message)
    mail.send(message)
    assert len({sent.extra_headers["Message-ID"] for sent in mailoutbox}) == 1


@pytest.mark.parametrize("evil", ["Curso\r\nBcc: all@example.org", "Curso\nX", "Curso\u2028X", "Curso\x01X"])
def test_a_subject_is_one_line_whatever_a_name_contains(evil, mailoutbox):
    message = outbox.enqueue(
        "certificate_issued", UserFactory(), "c", {**CERTIFICATE, "curriculum": evil.replace("\x00", "\x01")}
    )
    assert outbox.deliver(message.pk)
    assert len(mailoutbox[0].subject.splitlines()) == 1
    assert mailoutbox[0].message().get_all("Bcc") is None


@pytest.mark.parametrize(
    ("asked", "own", "expected"),
    [(None, "pt-br", "pt-br"), ("en", "pt-br", "en"), (None, "", "es"), ("xx", "", "es"), ("xx", "en", "en")],
)
def test_the_language_is_the_asked_one_else_the_persons_else_the_sites(asked, own, expected):
    assert mail.language_for(UserFactory(language=own), asked) == expected


def test_a_person_without_a_name_is_greeted_without_their_address():
    _subject, text, html = rendered("invitation", INVITATION, full_name="", certificate_name="", email="sin.nombre@example.org")
    assert "sin.nombre@example.org" not in text + html


def test_trainers_read_their_own_commitments():
    trainee = rendered("invitation", INVITATION)[1]
    trainer = mail.render(outbox.enqueue("invitation", UserFactory(), "t", {**INVITATION, "role": "trainer"}, language="es"))[1]
    assert trainee.splitlines()[4:] != trainer.splitlines()[4:]


def test_moments_name_their_place():
    with translation.override("es"):
        written = mail._written("opens_at", ["2027-03-05T21:00:00+00:00", "America/Mexico_City"])
    assert written == "5 de marzo de 2027, 15:00 (Mexico City)"
