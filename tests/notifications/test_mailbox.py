"""Mail that comes back: reports stop mail to addresses that are gone, answers reach the calendar, the rest is left alone."""

import imaplib
import mailbox as maildirs
import subprocess
import sys
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone

from notifications import mail, mailbox, mailbox_doors, outbox, returning
from notifications.models import Bounce, Message
from tests.factories import UserFactory
from tests.servers.running import free_port, wait_for_port

pytestmark = pytest.mark.django_db
TAKEN = []


def take(address, text):
    TAKEN.append((address, text))
    return "UID:ours" in text


@pytest.fixture
def message():
    message = outbox.enqueue("personal", UserFactory(email="ana@example.org"), "p", {"text": "Hola"})
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now())
    return message


@pytest.fixture
def box(tmp_path, settings):
    settings.INBOX_URL, settings.CALENDAR_REPLIES = f"maildir://{tmp_path}/box", f"{__name__}.take"
    TAKEN.clear()
    return maildirs.Maildir(tmp_path / "box", create=True)


def report(identifier, action="failed", status="5.1.1", part="message/rfc822", envelope="", to="puente@localhost"):
    """`envelope` is the ENVID that the mail was given."""
    envelope = f"\nOriginal-Envelope-Id: {envelope}" if envelope else ""
    return f"""From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

It did not arrive.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org{envelope}

Final-Recipient: rfc822; ana@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--B
Content-Type: {part}

From: puente@localhost
To: ana@example.org
Message-ID: {identifier}
Subject: Hola

--B--
""".encode()


def reply(uid="ours", method="REPLY", charset="utf-8"):
    calendar = f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nEND:VEVENT\r\nEND:VCALENDAR"
    return f"""From: "Ana" <ana@example.org>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="B"

--B
Content-Type: text/plain

Accepted
--B
Content-Type: text/calendar; method={method}; charset={charset}

{calendar}
--B--
""".encode()


LETTER = b"From: ana@example.org\nSubject: Una pregunta\n\nHola"


# --- reports -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_of_an_address_that_is_gone_stops_mail_to_it(box, message, part):
    box.add(report(mail.message_id(message.pk), part=part, envelope=returning.token_of(message.pk)))
    assert mailbox.read() == 1
    bounce = Bounce.objects.get()
    assert (bounce.message, bounce.to, bounce.kind, bounce.status) == (message, "ana@example.org", "permanent", "5.1.1")
    assert outbox.enqueue("personal", message.user, "next", {}).settled_as == "bounced"
    assert mailbox.read() == 0, "it is marked as read"


@pytest.mark.parametrize(
    ("action", "status", "kinds"),
    [("delayed", "4.4.1", ["temporary"]), ("failed", "5.2.2", ["temporary"]), ("failed", "5.7.1", ["temporary"]), ("delivered", "2.0.0", []),
     ("failed", "nonsense", ["temporary"]), ("failed", "5.0.0", ["permanent"])],
)  # fmt: skip
def test_delays_full_boxes_and_policies_do_not_stop_mail(box, message, action, status, kinds):
    box.add(report(mail.message_id(message.pk), action, status, envelope=returning.token_of(message.pk)))
    assert mailbox.read() == 1
    assert list(Bounce.objects.values_list("kind", flat=True)) == kinds


def test_the_same_report_twice_is_one_bounce(box, message):
    for _ in range(2):
        box.add(report(mail.message_id(message.pk)))
    assert mailbox.read() == 2
    assert Bounce.objects.count() == 1


def test_a_report_that_somebody_made_up_stops_nothing(box, message):
    box.add(report(f"<{message.pk}.{'a' * 32}@testserver>"))
    box.add(report("<x@elsewhere>"))
    assert mailbox.read() == 0
    assert not Bounce.objects.exists()


def test_a_report_by_a_reader_of_the_mail_stops_nothing(box, message):
    """Whoever was forwarded the mail knows its Message-ID; the token of the envelope they have not seen. It is noted all the same."""
    box.add(report(mail.message_id(message.pk)))
    box.add(
        report(mail.message_id(message.pk), envelope=f"{message.pk}.{'a' * 20}", to=f"puente+{message.pk}.{'a' * 20}@localhost")
    )
    assert mailbox.read() == 2
    assert list(Bounce.objects.values_list("kind", flat=True)) == ["temporary"]
    assert not outbox.enqueue("personal", message.user, "next", {}).settled_as


def test_a_token_stops_mail_to_its_own_address_alone(box, message):
    """Somebody's own token, learned from a report about their own address, is of no use against somebody else's."""
    other = outbox.enqueue("personal", UserFactory(email="bruno@example.org"), "q", {"text": "Hola"})
    Message.objects.filter(pk=other.pk).update(sent_at=timezone.now())
    box.add(report(mail.message_id(message.pk), envelope=returning.token_of(other.pk)))
    assert mailbox.read() == 1
    assert Bounce.objects.get().to == "bruno@example.org"


@pytest.mark.parametrize("identifier", ["ours", "<lost@on.the.way>"])
def test_a_return_path_of_its_own_names_the_mail_even_where_its_headers_are_lost(box, settings, message, identifier):
    settings.BOUNCE_ADDRESS = "vuelve@puente.example"
    path = returning.path_of(message.pk)
    assert path.startswith(f"vuelve+{message.pk}.") and path.endswith("@puente.example") and len(path.partition("@")[0]) <= 64
    box.add(report(mail.message_id(message.pk) if identifier == "ours" else identifier, to=path))
    assert mailbox.read() == 1
    assert (Bounce.objects.get().kind, Bounce.objects.get().message) == ("permanent", message)


def test_a_report_about_an_old_mail_stops_nothing(box, message):
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now() - returning.BELIEVED)
    box.add(report(mail.message_id(message.pk), envelope=returning.token_of(message.pk)))
    assert mailbox.read() == 1
    assert Bounce.objects.get().kind == "temporary"


def test_the_token_stands_nowhere_in_the_mail(settings, message):
    assert returning.token_of(message.pk) not in mail.build(message).message().as_string()
    settings.BOUNCE_ADDRESS = "vuelve@puente.example"
    built = mail.build(message)
    assert built.from_email == returning.path_of(message.pk)
    text = built.message().as_string()
    assert returning.token_of(message.pk) not in text and built.message()["From"] == settings.DEFAULT_FROM_EMAIL


# --- answers -------------------------------------------------------------------------------------------------------------------
def test_an_answer_reaches_the_calendar_once(box):
    box.add(reply())
    assert mailbox.read() == 1 and mailbox.read() == 0
    [(address, text)] = TAKEN
    assert address == "ana@example.org" and "METHOD:REPLY" in text


def test_an_answer_that_is_not_ours_is_left_unread(box):
    box.add(reply(uid="somebody-else"))
    assert mailbox.read() == 0 and len(TAKEN) == 1
    assert [key for key, one in box.items() if "S" not in one.get_flags()]
    mailbox.read()
    assert len(TAKEN) == 1, "and not looked at again every minute"


def test_invitations_of_others_are_not_answers(box):
    box.add(reply(method="REQUEST"))
    assert mailbox.read() == 0 and TAKEN == []


def test_an_unknown_charset_is_read_as_utf_8(box):
    box.add(reply(charset="x-none"))
    assert mailbox.read() == 1


# --- the rest ----------------------------------------------------------------------------------------------------------------------
def test_letters_of_people_are_left_as_they_are(box, tmp_path):
    key = box.add(LETTER)
    assert mailbox.read() == 0
    assert (tmp_path / "box" / "new" / key).read_bytes() == LETTER


BROKEN = [
    b"", b"\x00\xff" * 500, b"Content-Type: multipart/report\n\nno boundary", b"Content-Type: multipart/mixed; boundary=B\n\n--B\n--B\n--B",
    b"Content-Type: text/calendar; method=REPLY; charset=\xff\n\n\xff", b"From: \xff\xfe <>\nContent-Type: text/calendar; method=REPLY\n\nx",
    b"Content-Type: text/calendar; method*=utf-8''REPLY; method*0=x\nContent-Transfer-Encoding: base64\nFrom: a@b\n\n!!!!",
    b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\nContent-Type: text/calendar; method=REPLY\n\nx\n" * 3000,
]  # fmt: skip


def test_broken_mail_does_not_stop_the_round(box):
    for raw in [*BROKEN, reply()]:
        box.add(raw)
    assert mailbox.read() == 1


def test_an_act_that_fails_leaves_the_mail_and_reads_the_next(box, settings, message):
    settings.CALENDAR_REPLIES = "builtins.divmod"
    box.add(reply())
    box.add(report(mail.message_id(message.pk)))
    assert mailbox.read() == 1


def test_large_mail_is_left_alone(box, monkeypatch):
    monkeypatch.setattr(mailbox, "LARGEST", 100)
    box.add(reply())
    assert mailbox.read() == 0 and TAKEN == []


def test_a_full_mailbox_is_read_in_portions_the_newest_first(box, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(mailbox_doors.Maildir, "unread", lambda door: sorted(door.box.keys(), key=names.index))
    names = [box.add(LETTER), box.add(reply()), box.add(LETTER), box.add(LETTER)]
    assert [mailbox.read() for _ in range(2)] == [0, 1]


# --- doors -------------------------------------------------------------------------------------------------------------------------
def test_without_an_inbox_nothing_is_read_and_it_says_so(settings):
    settings.INBOX_URL = ""
    said = StringIO()
    call_command("read_mailbox", stdout=said)
    assert "replies by mail are not read" in said.getvalue()


@pytest.mark.parametrize("url", ["pop3://x", "imap://user:pass@mail.example.org/INBOX", "/var/mail"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ImproperlyConfigured):
        mailbox_doors.open_door(url)


@pytest.fixture
def imap(settings):
    """pymap with a mailbox in memory: a real IMAP server from elsewhere."""
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--no-tls", "dict", "--demo-data"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        settings.INBOX_URL, settings.CALENDAR_REPLIES = f"imap://demouser:demopass@127.0.0.1:{port}/INBOX", f"{__name__}.take"
        TAKEN.clear()
        with imaplib.IMAP4("127.0.0.1", port) as line:
            line.login("demouser", "demopass")
            line.select("INBOX")
            yield line
    finally:
        server.terminate()
        server.wait()


def test_a_mailbox_by_imap(imap, message, monkeypatch):
    def unread():
        imap.noop()
        return len(imap.search(None, "UNSEEN")[1][0].split())

    before = unread()
    for raw in (report(mail.message_id(message.pk)), reply(), LETTER, *BROKEN[2:4]):
        imap.append("INBOX", None, None, raw.replace(b"\n", b"\r\n"))
    assert unread() == before + 5
    assert mailbox.read() == 2
    assert Bounce.objects.get().status == "5.1.1" and len(TAKEN) == 1
    assert unread() == before + 3, "only what is ours is marked"
    assert mailbox.read() == 0
    cache.clear()
    monkeypatch.setattr(mailbox, "LARGEST", 10)
    assert mailbox.read() == 0


def test_a_wrong_password_is_an_error_of_the_command(imap, settings):
    settings.INBOX_URL = settings.INBOX_URL.replace("demopass", "wrong")
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        mailbox.read()
