"""What lists of mails show before a mail is opened, and that people's long words neither widen nor fatten it."""

import datetime

import pytest

from notifications import mail, outbox, preheader
from notifications.kinds import BY_WHAT
from notifications.models import Message, Notice, Wording
from sessions import schedule, telling
from tests.factories import UserFactory
from tests.notifications.every_message import ACTS
from tests.sessions.planning import planned

pytestmark = pytest.mark.django_db
LIGHT = 40_000
BONE = "🦴"  # four octets, twelve in quoted-printable
WITHOUT_BUTTON = {"account"}  # a code to copy


def hidden(html):
    """What stands in the hidden line at the top."""
    return html.partition("mso-hide:all")[2].partition(">")[2].partition("</div>")[0]


@pytest.mark.parametrize("what", sorted(BY_WHAT))
def test_a_mail_begins_with_what_it_says_and_has_one_button(what, monkeypatch):
    ACTS[what](monkeypatch)
    for message in Message.objects.filter(what=what, channel="mail"):
        _subject, text, html = mail.render(message)
        begins = hidden(html)
        assert len(begins) >= 20 and "http" not in begins
        assert message.user.addressed_as not in begins[:30] and begins[:15] in " ".join(text.split()).replace("'", "&#x27;")
        assert html.count("padding:12px 22px") == (0 if what in WITHOUT_BUTTON else 1)


def test_own_words_begin_with_themselves():
    Wording.objects.create(what="assignment_judged", language="es", subject="Su tarea", body="Ya leímos su texto.\n\n{link}")
    words = {"title": "T", "accepted": True, "comment": "", "url": "http://testserver/es/today/"}
    _subject, _text, html = mail.render(outbox.enqueue("assignment_judged", UserFactory(language="es"), "j", words))
    assert hidden(html) == "Ya leímos su texto."


def test_it_ends_at_the_first_link_and_at_its_length():
    assert preheader.after_greeting("Buen día:\n\nUno.\n\n- dos\nVea aquí:\nhttps://x.example/\nTres") == "Uno. - dos"
    assert len(preheader.of("palabra " * 60)) <= preheader.LONGEST
    assert preheader.of("") == ""


def test_what_people_write_is_escaped_at_the_top_too():
    words = {
        "headline": "x",
        "text": "<b>Hola</b> & adiós",
        "by_name": "",
        "reply_to": "a@example.org",
        "url": "http://testserver/",
    }
    _subject, _text, html = mail.render(outbox.enqueue("personal", UserFactory(), "p", words))
    assert hidden(html).startswith("&lt;b&gt;Hola&lt;/b&gt; &amp; adiós")


@pytest.mark.parametrize("what", ["personal", "assignment_judged"])
def test_the_longest_text_in_the_heaviest_letters_stays_light(what):
    long = BONE * 2000
    words = {
        "headline": "x", "text": long, "by_name": "", "reply_to": "a@example.org", "title": "T", "accepted": False, "comment": long,
        "url": "http://testserver/",
    }  # fmt: skip
    built = mail.build(outbox.enqueue(what, UserFactory(), what, words)).message()
    assert len(built.as_bytes()) < LIGHT
    assert long in built.get_payload()[0].get_payload(decode=True).decode()


def test_a_long_plain_text_stays_readable_on_the_wire():
    words = {"headline": "x", "text": "palabra " * 240, "by_name": "", "reply_to": "a@example.org", "url": "http://testserver/"}
    built = mail.build(outbox.enqueue("personal", UserFactory(), "p", words)).message()
    assert "base64" not in {part["Content-Transfer-Encoding"] for part in built.walk()}


@pytest.mark.parametrize("mark", [BONE, "ñ", '"', "&", "\\"])
def test_the_entry_of_a_meeting_with_the_longest_words_is_light_with_its_two_files(mark):
    here = planned(about=mark * 2000, preparation=mark * 2000, place=mark * 300, title=mark * 160, mode="hybrid")
    telling.bring_up_to_date(here.meeting.pk)
    for message in Message.objects.filter(what="meeting_request"):
        assert len(mail.build(message).message().as_bytes()) < LIGHT


def test_a_digest_of_very_many_shows_the_first_and_says_where_the_rest_is():
    words = {
        "count": 90,
        "secret_lines": [[f"{number} {BONE * 60}", f"http://testserver/{number}/{'x' * 200}"] for number in range(90)],
    }
    message = outbox.enqueue("digest", UserFactory(language="en"), "d", words)
    _subject, text, html = mail.render(message)
    assert html.count("<li") == 20 and "70 more are among your notices" in text
    assert "http://testserver/en/messages/" in text and 'href="http://testserver/en/messages/"' in html
    assert len(mail.build(message).message().as_bytes()) < LIGHT


def test_a_word_without_an_end_does_not_widen_a_mail():
    words = {"headline": "x", "text": "W" * 900, "by_name": "", "reply_to": "a@example.org", "url": "http://testserver/"}
    _subject, _text, html = mail.render(outbox.enqueue("personal", UserFactory(), "p", words))
    frame = html.partition("max-width:560px")[2].partition('"')[0]
    assert "table-layout:fixed" in frame and "overflow-wrap:anywhere" in frame


def test_whoever_hears_of_a_new_time_can_answer_anew_without_signing_in(client):
    here = planned()
    telling.bring_up_to_date(here.meeting.pk)
    outbox.deliver_due()
    schedule.change(here.meeting, starts_at=here.meeting.starts_at + datetime.timedelta(hours=3))
    telling.bring_up_to_date(here.meeting.pk)
    message = Message.objects.get(what="meeting_update", user=here.trainee)
    link = message.context["secret_url"]
    _subject, text, html = mail.render(message)
    assert text.count(link) == html.count(link) == 1
    assert client.get(link.removeprefix("http://testserver")).status_code == 200
    assert link not in Notice.objects.get(dedupe_key=message.dedupe_key).url
