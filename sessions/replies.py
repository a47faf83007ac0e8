"""Answers that come by mail from calendar programs (iMIP, RFC 6047; METHOD:REPLY, RFC 5546, 3.2.3).

What is not clearly an answer of its sender to a meeting of ours is ignored. The log says why, and never who.
"""

import logging
import re
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from icalendar import Calendar

from curriculum.enrollment_states import Refused
from notifications.addresses import forms_of
from notifications.calendar import identifier_in
from sessions import answers, telling_mail
from sessions.models import Invitee, Meeting

log = logging.getLogger(__name__)
CLOCKS_DIFFER = timedelta(days=1)
LONGEST = 64_000  # characters: a reply is one event, a few hundred
# Nothing else is parsed: a rule of a time zone is worked out while it is read, and one of "every second" never ends.
READ = ("BEGIN", "END", "VERSION", "PRODID", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "RECURRENCE-ID")
FOLD, LINE = re.compile(r"(?:\r?\n)+[ \t]"), re.compile(r"([A-Z-]{1,20})[;:]", re.IGNORECASE)
ZONE_BEGINS, ZONE_ENDS = (re.compile(rf"{word}\b.*:\s*VTIMEZONE\s*", re.IGNORECASE) for word in ("BEGIN", "END"))
ANSWERS = {"ACCEPTED": Invitee.Answer.YES, "TENTATIVE": Invitee.Answer.MAYBE, "DECLINED": Invitee.Answer.NO}


class Ignored(Exception):
    """The text is why, for the log: nothing of what was in the mail."""


def take(address, ical_text):
    """Writes the answer in a mail from `address`; says whether there was one. Never raises, whatever the mail holds."""
    try:
        _take(address, ical_text)
    except Ignored as why:
        log.info("calendar reply ignored: %s", why)
    except Refused:
        log.info("calendar reply ignored: the meeting does not take this answer")
    except Exception as error:
        log.warning("calendar reply ignored: %s", type(error).__name__)
    else:
        return True
    return False


def _take(address, text):
    event = _event_of(text)
    meeting, person = _meeting_of(event), _sender(address, event)
    if _number(event.get("SEQUENCE", 0)) < _standing_sequence(meeting, person):
        raise Ignored("it answers an earlier version of the meeting")
    said_at = _said_at(event)
    if said_at < meeting.created_at - CLOCKS_DIFFER:
        raise Ignored("it was said before there was a meeting")
    answers.answer(meeting, person, _answer_of(event), Invitee.Via.MAIL, said_at=said_at)


def _standing_sequence(meeting, person):
    """The SEQUENCE of the newest entry that the person has. It is lower than the meeting's where that rose for somebody else, who came
    back (sessions/telling.py); where something changed that this person was not told yet, it is the meeting's."""
    told = Invitee.objects.filter(meeting_id=meeting.pk, user=person, told_off=False, told_sequence=meeting.sequence)
    newest = telling_mail.newest_request(meeting, person) if told.exists() else None
    return meeting.sequence if newest is None else newest


def _event_of(text):
    if not isinstance(text, str | bytes) or len(text) > LONGEST:
        raise Ignored("too long, or no text")
    calendar = Calendar.from_ical(_what_is_read(text))
    if calendar.name != "VCALENDAR" or str(calendar.get("METHOD", "")).upper() != "REPLY":
        raise Ignored("no reply")
    events = calendar.walk("VEVENT")
    if len(events) != 1 or events[0].get("RECURRENCE-ID") is not None:
        raise Ignored("not exactly one event")
    return events[0]


def _what_is_read(text):
    """The lines of an answer that matter, without time zones and their rules."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kept, in_zone = [], False
    for line in re.split(r"\r?\n", FOLD.sub("", text)):
        in_zone = in_zone or bool(ZONE_BEGINS.fullmatch(line))
        name = LINE.match(line)
        if name and name[1].upper() in READ and not in_zone:
            kept.append(line)
        in_zone = in_zone and not ZONE_ENDS.fullmatch(line)
    return "\r\n".join(kept) + "\r\n"


def _meeting_of(event):
    uid = identifier_in(event.get("UID", ""))
    meeting = Meeting.objects.non_polymorphic().filter(uid=uid).first() if uid else None
    if meeting is None:
        raise Ignored("no meeting of ours")
    return meeting


def _attendee(event):
    """The one attendee of a reply: whoever answers (RFC 5546, 3.2.3)."""
    found = event.get("ATTENDEE")
    if found is None or isinstance(found, list):
        raise Ignored("not exactly one attendee")
    return found


def _sender(address, event):
    """The account of the sender, who must be the attendee: nobody answers for somebody else."""
    said = str(_attendee(event)).strip()
    said = said[len("mailto:") :] if said.lower().startswith("mailto:") else said
    forms = forms_of(said.strip())
    if not said or str(address).strip().lower() not in forms:
        raise Ignored("the attendee is not the sender")
    person = next((one for form in sorted(forms) if (one := _with_account(form))), None)
    if person is None:
        raise Ignored("the sender has no account")
    return person


def _with_account(email):
    return get_user_model().objects.filter(email__iexact=email, is_active=True).first()


def _answer_of(event):
    said = str(_attendee(event).params.get("PARTSTAT", "")).upper()
    if said not in ANSWERS:
        raise Ignored("neither accepted, tentative nor declined")
    return ANSWERS[said]


def _said_at(event):
    """DTSTAMP, which a reply must have: when the person answered."""
    stamp = getattr(event.get("DTSTAMP"), "dt", None)
    if not isinstance(stamp, datetime):
        raise Ignored("no time of the answer")
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Ignored("no number of the version") from None
