"""Mail that comes back: delivery reports (RFC 3464) and answers to calendar mail (RFC 6047). Everything else is left as it is.

A mail is marked as read after what it says is committed; a crash in between makes it count twice, which changes nothing. What was
looked at and is not ours is remembered for a while, so that a full mailbox is not read again every minute.
"""

import email
import email.policy
import logging
import re
from email.utils import parseaddr

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.utils.module_loading import import_string

from notifications import bounces, mail, mailbox_doors, returning
from notifications.models import Bounce, Message

logger = logging.getLogger(__name__)
MOST_AT_ONCE, LARGEST = 200, 2**20
LOOKED, REMEMBERED, MOST_REMEMBERED = "mailbox-looked", 7 * 24 * 3600, 5000
MOST_PARTS, LONGEST_CALENDAR = 50, 100_000
# Each open boundary is looked for in each line: a megabyte with hundreds of them, one in the other, took twenty seconds.
MOST_BOUNDARIES = 40


def configured():
    return bool(settings.INBOX_URL)


def read():
    """Handles what has come in; returns how many mails. Raises `OSError` or `imaplib.IMAP4.error` where the mailbox cannot be reached."""
    if not configured():
        return 0
    with mailbox_doors.open_door(settings.INBOX_URL) as door:
        known = cache.get(LOOKED) or []
        looked = set(known)
        # The newest: whoever fills the mailbox with rubbish must not keep what comes after it from being read.
        fresh = [name for name in door.unread() if name not in looked][-MOST_AT_ONCE:]
        handled = {name for name in fresh if _handled(door, name)}
        cache.set(LOOKED, [*known, *(name for name in fresh if name not in handled)][-MOST_REMEMBERED:], REMEMBERED)
    return len(handled)


def _handled(door, name):
    """Whatever one mail contains, the next one is read. Only a mailbox that breaks ends the round."""
    raw = door.fetch(name, LARGEST)
    try:
        ours = raw is not None and take(raw)
    except OperationalError:
        raise  # the database is away: the same mail is read again in a minute
    except Exception:
        logger.exception("a mail in the inbox could not be read; it is left as it is")
        return False
    if ours:
        door.mark_read(name)
    return ours


def take(raw):
    """Says whether a mail (bytes) was for us, once what it says is committed."""
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        return False
    arrived = email.message_from_bytes(raw, policy=email.policy.compat32)
    parts = [part for _number, part in zip(range(MOST_PARTS), arrived.walk(), strict=False)]
    with transaction.atomic():
        if arrived.get_content_type() == "multipart/report":
            return _take_report(arrived, parts)
        return any(_take_reply(arrived, part) for part in parts if part.get_content_type() == "text/calendar")


# --- delivery reports ----------------------------------------------------------------------------------------------------------
def _take_report(arrived, parts):
    """A report that names the token of the envelope may stop mail to the address. One that knows the Message-ID alone, which every reader
    of the mail has, is noted and stops nothing (notifications/returning.py)."""
    blocks = [block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)][
        :MOST_PARTS
    ]
    found = [block for block in blocks if block.get("Action")]
    named = Message.objects.filter(pk=returning.pk_named_by(arrived, blocks)).first()
    message = named or _original(parts)
    if message is None:
        return False
    for block in found:
        _record(message, block, believed=named is not None and returning.is_recent(named))
    return bool(found)


def _original(parts):
    """Our message that a report is about, by its signed Message-ID."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            part = email.message_from_bytes(part.get_payload(decode=True) or b"")
        pk = mail.pk_of(str(part.get("Message-ID", "")))
        message = Message.objects.filter(pk=pk).first() if pk else None
        if message:
            return message
    return None


def _blocks(part):
    payload = part.get_payload()
    return [block for block in payload if not isinstance(block, str)] if isinstance(payload, list) else []


def _record(message, block, *, believed):
    action, status = str(block["Action"]).strip().lower(), bounces.status_in(str(block.get("Status", "")))
    said = str(block.get("Diagnostic-Code", "")) or status
    if action == "failed":
        gone = believed and status.startswith("5") and bounces.is_gone(0, status)
        bounces.record(message, Bounce.Kind.PERMANENT if gone else Bounce.Kind.TEMPORARY, status, said)
    elif action == "delayed":
        bounces.record(message, Bounce.Kind.TEMPORARY, status, said)


# --- answers to calendar mail --------------------------------------------------------------------------------------------------
def _take_reply(arrived, part):
    """settings.CALENDAR_REPLIES decides what an answer means and whether to believe who it says it is from."""
    if str(part.get_param("method", "")).upper() != "REPLY":
        return False
    raw = part.get_payload(decode=True) or b""
    address = parseaddr(str(arrived.get("From", "")))[1]
    if not address or len(raw) > LONGEST_CALENDAR or not _vouched_for(arrived):
        return False
    text = raw.decode(_charset(part), "replace")
    return bool(import_string(settings.CALENDAR_REPLIES)(address, text))


def _vouched_for(arrived):
    """Whether the receiving server says that the mail is from whom it says (RFC 8601); it writes on top of whatever came with the mail."""
    if not settings.INBOX_AUTHSERV_ID:
        return True
    said = re.sub(r"\([^()]*\)", " ", str(arrived.get("Authentication-Results", "")))
    server, _semicolon, results = said.partition(";")
    ours = server.split()[:1] == [settings.INBOX_AUTHSERV_ID]
    return (
        ours
        and len(arrived.get_all("From", [])) == 1
        and bool(re.search(r"(?:^|;)\s*dmarc\s*=\s*pass\b", results, re.IGNORECASE))
    )


def _charset(part):
    try:
        return (part.get_content_charset() or "utf-8") if "".encode(part.get_content_charset() or "utf-8") == b"" else "utf-8"
    except LookupError:
        return "utf-8"
