"""From a message to a mail: the words in the reader's language, plain text and HTML, one link, nothing that tracks.

A mail is multipart/alternative. One that moves a calendar entry is multipart/mixed of that, with the entry as third alternative
(RFC 6047: `text/calendar` with its METHOD) and once more as a file, because some mail programs look only there.
"""

import re
from email import charset
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac

from notifications import preheader, readers, returning, unsubscribing, wordings
from notifications.kinds import BY_WHAT

MESSAGE_ID = re.compile(r"<(\d{1,18})\.([0-9a-f]{32})@")
METHOD = re.compile(r"^METHOD:([A-Z-]+)\r?$", re.MULTILINE | re.IGNORECASE)
LONGEST_TEXT = 300
LONGEST_LINE = 998  # octets (RFC 5322, 2.1.1); beyond it Django chooses quoted-printable: three octets for each that is not ASCII
BASE64 = charset.Charset("utf-8")
BASE64.body_encoding = charset.BASE64


def send(message, connection=None):
    """Sends `message` now, over an open connection if one is given. Raises whatever the mail server raises."""
    mail = build(message)
    mail.connection = connection
    mail.send()


def build(message):
    """The whole mail. Each try of one message carries the same Message-ID, so that a server or a reader's program can drop a second copy."""
    subject, text, html = render(message)
    mail = EmailMultiAlternatives(
        subject,
        text,
        returning.path_of(message.pk) or settings.DEFAULT_FROM_EMAIL,
        [message.to],
        reply_to=[message.context.get("reply_to") or settings.CONTACT_EMAIL],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": message_id(message.pk),
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
            **_way_out(message),
        },
    )
    mail.envelope_id = returning.token_of(message.pk)
    mail.attach_alternative(html, "text/html")
    mail.encoding = BASE64 if _swells(text) or _swells(html) else None
    if message.calendar:
        found = METHOD.search(message.calendar)
        mail.attach_alternative(message.calendar, f"text/calendar; method={found[1].upper() if found else 'PUBLISH'}")
        mail.attach("invite.ics", message.calendar.encode(), "application/ics")
    return mail


def message_id(pk):
    return f"<{pk}.{_signature(pk)}@{urlsplit(settings.SITE_BASE_URL).hostname or 'localhost'}>"


def pk_of(identifier):
    """The number of our message with this Message-ID; `None` for one that we did not write: nobody can guess the second half."""
    found = MESSAGE_ID.search(identifier or "")
    return int(found[1]) if found and constant_time_compare(found[2], _signature(found[1])) else None


def render(message):
    """Subject (always one line), plain text and HTML of a message: in the programme's own words if there are some, else in the shipped ones."""
    with translation.override(message.language):
        words = words_for(message)
        own = wordings.filled(message, words)
        subject, text, html = own or _shipped(message.what, words)
    return _one_line(subject), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html


def subject(message, language=None):
    """The subject alone, in the language of the message or another one."""
    with translation.override(language or message.language):
        words = words_for(message)
        own = wordings.filled(message, words)
        return _one_line(own[0] if own else _fill(f"notifications/{message.what}/subject.txt", words, autoescape=False))


def address_in(context):
    """Where the one button of a message leads, or ""."""
    return next((context[name] for name in ("secret_url", "url") if isinstance(context.get(name), str)), "")


def short_text(message):
    """What fits into a text to a telephone: the subject and the link, at most LONGEST_TEXT signs. A link is never cut."""
    words, link = subject(message), address_in(message.context)
    if not link or len(link) >= LONGEST_TEXT:
        return words[:LONGEST_TEXT]
    room = LONGEST_TEXT - len(link) - 1
    return f"{words if len(words) <= room else words[: room - 1] + '…'} {link}"


def words_for(message):
    """What templates see of a message, in the active language."""
    kind = BY_WHAT.get(message.what.partition("/")[0])
    return {
        **readers.words_of(message.context),
        "reader": message.user,
        "language": message.language,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_BASE_URL,
        "contact": settings.CONTACT_EMAIL,
        "mail_kind": kind.name if kind else "",
        "unsubscribe_url": _unsubscribe_link(message, kind),
        "choices_url": _choices_link(kind),
    }


def _unsubscribe_link(message, kind):
    return unsubscribing.link(message.user, kind.key) if message.user and kind and not kind.must else ""


def _choices_link(kind):
    """Where a person chooses; not under a sign-in code, which has one purpose."""
    return settings.SITE_BASE_URL + reverse("notifications:choices") if kind and kind.key != "account" else ""


def _way_out(message):
    """One click in the mail program ends this kind (RFC 8058, which asks for https; RFC 2369 for the plain link)."""
    link = _unsubscribe_link(message, BY_WHAT.get(message.what.partition("/")[0]))
    if not link:
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if link.startswith("https:") else {}
    return {"List-Unsubscribe": f"<{link}>", **one_click}


def _shipped(what, words):
    folder = f"notifications/{what}"
    subject = _fill(f"{folder}/subject.txt", words, autoescape=False)
    text = _fill(f"{folder}/body.txt", words, autoescape=False)
    shown = {**words, "subject": _one_line(subject), "preview": preheader.after_greeting(text.strip())}
    return subject, text, _fill(f"{folder}/body.html", shown, autoescape=True)


def _swells(text):
    """Whether quoted-printable would make it larger than base64 does, which takes a third more."""
    content = text.encode()
    not_ascii = sum(octet > 127 for octet in content)
    return not_ascii > len(content) / 6 and any(len(line) > LONGEST_LINE for line in content.splitlines())


def _signature(pk):
    return salted_hmac("notifications.message-id", str(pk), algorithm="sha256").hexdigest()[:32]


def _fill(name, words, autoescape):
    return get_template(name).template.render(Context(words, autoescape=autoescape))


def _one_line(text):
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
