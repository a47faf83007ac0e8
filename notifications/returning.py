"""Where reports of mails that did not arrive go back to, and by what we know a true one.

A report can be written by anybody. What stops mail to an address must therefore name what no reader of the mail has seen: a token that
travels in the envelope alone. There are two ways, and either will do:

- ENVID (RFC 3461, 4.4): given to each mail server that offers DSN, written into its report as Original-Envelope-Id (RFC 3464, 2.2.1).
- a return path of its own for each mail (VERP): settings.BOUNCE_ADDRESS with "+number.token" before the @ (RFC 5233). Reports come to
  that address, so one mailbox does where its server files subaddresses into it. The last server writes the return path on top of a mail
  that arrived (RFC 5321, 4.4), so its reader could find it in the source and whoever gets a forward as plain text cannot.

Servers give up after about five days (RFC 5321, 4.5.4.1): a report about an older mail is not believed either.
"""

import re
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

TOKEN = re.compile(r"\b(\d{1,18})\.([0-9a-f]{20})\b")
ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
BELIEVED = timedelta(days=14)


def token_of(pk):
    """ "123.0f9a…": letters that need no quoting in an envelope, at most 39 of them."""
    return f"{pk}.{_signature(pk)}"


def path_of(pk):
    """The return path of one mail, or "" where all share the sender's address."""
    name, at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{name}+{token_of(pk)}@{domain}" if at else ""


def pk_named_by(report, blocks):
    """The number of our message whose token the report (a Message) or one of its blocks of fields names; `None` without one."""
    said = [str(value) for name in ADDRESSED for value in report.get_all(name, [])]
    said += [str(block.get("Original-Envelope-Id", "")) for block in blocks]
    for pk, signature in TOKEN.findall(" ".join(said)[:10_000]):
        if constant_time_compare(signature, _signature(pk)):
            return int(pk)
    return None


def is_recent(message):
    """Whether a server may still be trying, or may just have given up."""
    return message.sent_at is not None and timezone.now() - message.sent_at < BELIEVED


def _signature(pk):
    return salted_hmac("notifications.return-path", str(pk), algorithm="sha256").hexdigest()[:20]
