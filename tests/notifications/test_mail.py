"""What people read: their language, one link, both forms, nothing that tracks."""

import email
import email.header
import re

import pytest
from django.utils import translation

from notifications import mail, outbox, readers, unsubscribing
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
    assert readers.language_for(UserFactory(language=own), asked) == expected


def test_a_person_without_a_name_is_greeted_without_their_address():
    _subject, text, html = rendered("invitation", INVITATION, full_name="", certificate_name="", email="sin.nombre@example.org")
    assert "sin.nombre@example.org" not in text + html


def test_trainers_read_their_own_commitments():
    trainee = rendered("invitation", INVITATION)[1]
    trainer = mail.render(outbox.enqueue("invitation", UserFactory(), "t", {**INVITATION, "role": "trainer"}, language="es"))[1]
    assert trainee.splitlines()[4:] != trainer.splitlines()[4:]


def test_moments_name_their_place():
    with translation.override("es"):
        written = readers.words_of({"opens_at": ["2027-03-05T21:00:00+00:00", "America/Mexico_City"]})["opens_at"]
    assert written == "viernes 5 de marzo de 2027, 15:00 (3:00\u00a0p.\u00a0m.), Ciudad de México"


QUARTER = [("en", "Q2 2027"), ("es", "2.º trimestre de 2027"), ("pt-br", "2º trimestre de 2027")]


@pytest.mark.parametrize(("language", "words"), QUARTER)
def test_quarters_are_written_out(language, words):
    with translation.override(language):
        assert readers.words_of({"quarter": "2027-Q2", "other": "2027-Q2"}) == {"quarter": words, "other": "2027-Q2"}
        assert readers.words_of({"quarter": "2027-Q5"}) == {"quarter": "2027-Q5"}


@pytest.mark.parametrize(("language", "words"), QUARTER)
def test_a_mail_about_leading_says_the_quarter_in_the_readers_words(language, words):
    context = {
        "news": "accepted",
        "group": "Andes",
        "quarter": "2027-Q2",
        "topic": "",
        "planned": False,
        "reason": "",
        "url": "/",
    }
    user = UserFactory(language=language)
    subject, text, html = mail.render(outbox.enqueue("meeting_duty", user, language, context | {"day_on": "2027-05-05"}))
    assert subject.startswith(f"{words}: ") and words in text and words in html
    assert "2027-Q2" not in subject + text + html and f"trimestre {words}" not in text


# --- calendar parts, the way out, size -----------------------------------------------------------------------------------------
CALENDAR = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:meeting-1@testserver", "SUMMARY:Reunión — año",
    "END:VEVENT", "END:VCALENDAR", "",
])  # fmt: skip
LONGEST = {"title": "Título largo " * 19, "cohort": "México " * 20, "recording": True, "url": URL, "transcript_url": URL, "secret_feedback": [URL] * 3,
           "decisions": ["Decisión " * 20] * 20, "actions": [["Acción " * 20, "Persona " * 5, "5 de marzo de 2027"]] * 20,
           "notes": ["Nota " * 30] * 20}  # fmt: skip


def sent(what, context, mailoutbox, *, user=None, **more):
    message = outbox.enqueue(what, user or UserFactory(), f"{what}:{len(mailoutbox)}", context, **more)
    assert outbox.deliver(message.pk)
    return email.message_from_bytes(mailoutbox[-1].message().as_bytes(linesep="\r\n"))


def structure(part):
    kind = part.get_content_type()
    return (kind, [structure(one) for one in part.get_payload()]) if part.is_multipart() else kind


def test_a_reply_to_what_a_person_wrote_goes_to_that_person(mailoutbox, settings):
    arrived = sent("personal", {"text": "Hola", "reply_to": "trainer@example.org"}, mailoutbox)
    assert arrived["Reply-To"] == "trainer@example.org"
    assert sent("certificate_issued", CERTIFICATE, mailoutbox)["Reply-To"] == settings.CONTACT_EMAIL


def test_without_a_calendar_entry_a_mail_is_two_alternatives(mailoutbox):
    assert structure(sent("personal", {"subject": "Hola"}, mailoutbox)) == ("multipart/alternative", ["text/plain", "text/html"])


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_calendar_entry_is_an_alternative_and_a_file(mailoutbox, method):
    arrived = sent("personal", {"subject": "Hola"}, mailoutbox, calendar=CALENDAR.replace("REQUEST", method))
    alternatives = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert structure(arrived) == ("multipart/mixed", [alternatives, "application/ics"])
    inline, attached = [part for part in arrived.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    assert (inline.get_param("method"), inline.get_param("charset").lower()) == (method, "utf-8")
    assert attached.get_filename() == "invite.ics"
    assert (
        inline.get_payload(decode=True).decode()
        == attached.get_payload(decode=True).decode()
        == CALENDAR.replace("REQUEST", method)
    )


def test_what_can_be_stopped_says_how_in_its_head_and_its_foot(mailoutbox, settings):
    settings.SITE_BASE_URL = "https://testserver"
    user = UserFactory()
    arrived = sent("personal", {"subject": "Hola"}, mailoutbox, user=user)
    link = unsubscribing.link(user, "personal")
    assert arrived["List-Unsubscribe"].strip() == f"<{link}>" and link.startswith("https://testserver/")
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(link in part and "/messages/choices/" in part for part in (mailoutbox[0].body, mailoutbox[0].alternatives[0][0]))


def test_one_click_is_not_offered_without_https(mailoutbox):
    arrived = sent("personal", {"subject": "Hola"}, mailoutbox)
    assert arrived["List-Unsubscribe"] and arrived["List-Unsubscribe-Post"] is None


def test_what_must_be_told_offers_no_way_out(mailoutbox):
    arrived = sent("certificate_issued", CERTIFICATE, mailoutbox)
    assert arrived["List-Unsubscribe"] is None and "/messages/stop/" not in mailoutbox[0].body
    assert "/messages/choices/" in mailoutbox[0].body
    sent("account", {"secret_subject": "123456", "secret_text": "123456"}, mailoutbox)
    assert "/messages/" not in mailoutbox[1].body


def test_the_longest_mails_stay_under_40_kb(mailoutbox):
    summary = sent("meeting_summary", LONGEST, mailoutbox)
    invitation = sent("personal", {"text": "Texto largo. " * 300}, mailoutbox, calendar=CALENDAR + "X-PAD:" + "x" * 4000)
    assert 20_000 < len(summary.as_bytes()) < 40_000
    assert 15_000 < len(invitation.as_bytes()) < 40_000


def test_two_people_read_the_same_links_but_for_secrets_and_the_way_out(mailoutbox):
    pages = []
    for secret in ("uno", "dos"):
        user = UserFactory(full_name="Ana")
        sent("personal", {"subject": "Hola", "text": "x", "url": URL, "secret_url": secret}, mailoutbox, user=user)
        html = mailoutbox[-1].alternatives[0][0]
        pages.append(html.replace(unsubscribing.link(user, "personal"), "OUT").replace(secret, "SECRET"))
    assert pages[0] == pages[1]
    assert not re.search(r"<img|<script|<link|url\(|https?://(?!testserver)", pages[0])


EVIL = [
    "a\r\nBcc: all@example.org",
    "a\nX-Evil: 1",
    "a\r\n\r\nbody",
    "a\x0bX: 1",
    "a\u2028X: 1",
    "a\x00b",
    "=?utf-8?q?a=0D=0ABcc:_x?=",
]


@pytest.mark.parametrize("evil", EVIL)
def test_names_and_titles_cannot_write_headers(evil, mailoutbox):
    user = UserFactory(full_name=evil.replace("\x00", ""), certificate_name="x")
    arrived = sent("personal", {"subject": evil.replace("\x00", ""), "text": evil.replace("\x00", "")}, mailoutbox, user=user)
    known = {"subject", "from", "to", "reply-to", "message-id", "auto-submitted", "content-language", "content-type", "mime-version", "date",
             "list-unsubscribe"}  # fmt: skip
    assert {name.lower() for name in arrived} == known
    assert "\n" not in str(email.header.make_header(email.header.decode_header(mailoutbox[0].subject))).strip() or "=?" in evil


@pytest.mark.parametrize("language", ["es\r\nBcc: all@example.org", "xx"])
def test_a_language_that_we_do_not_speak_does_not_reach_the_head(language, mailoutbox):
    assert sent("personal", {"subject": "Hola"}, mailoutbox, language=language)["Content-Language"] == "es"


def test_only_our_own_message_ids_are_recognised(settings):
    mine = mail.message_id(7)
    assert mail.pk_of(mine) == mail.pk_of(f" {mine} \r\n") == 7
    assert mail.pk_of(mine.replace("<7.", "<8.")) is None
    settings.SECRET_KEY = "other"
    assert mail.pk_of(mine) is None
    assert [mail.pk_of(text) for text in ("", None, "<x@y>", f"<{'9' * 40}.{'a' * 32}@x>")] == [None] * 4
