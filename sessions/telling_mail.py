"""The mails of sessions/telling.py: what they say, the calendar object they carry, the key under which each is written once."""

import datetime
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation

from notifications import calendar, outbox, readers
from notifications.models import Message
from sessions import answers, entries, local_times
from sessions.models import Invitee, Meeting

REQUEST, CANCEL = "REQUEST", "CANCEL"
MOST_WORDS = 1000  # octets of each long text: they stand in the mail twice, and the entry beside them, together below 40 KB
ANSWERS = {
    Invitee.Answer.NONE: "NEEDS-ACTION",
    Invitee.Answer.YES: "ACCEPTED",
    Invitee.Answer.MAYBE: "TENTATIVE",
    Invitee.Answer.NO: "DECLINED",
}


@dataclass(frozen=True)
class Held:
    """What a person's calendar holds of a meeting: METHOD and SEQUENCE of the last message that left, and what its mail said."""

    method: str
    sequence: int
    said: dict
    useful_until: datetime.datetime | None = None


def past_of(meeting, user_ids):
    """`{user id: [messages about the meeting's entry, in the order they were written]}`; those taken back have another key. The order is
    that of their numbers: an hour may come twice where the server's clock is set back."""
    found = {pk: [] for pk in user_ids}
    mine = Message.objects.filter(user_id__in=user_ids, dedupe_key__startswith=f"calendar:{meeting.pk}:")
    for message in mine.filter(channel=Message.Channel.MAIL).order_by("pk"):
        found[message.user_id].append(message)
    return found


def newest_request(meeting, user):
    """The SEQUENCE of the last REQUEST that was written to the person, or `None` where the log knows of none."""
    keys = [message.dedupe_key.split(":") for message in past_of(meeting, [user.pk])[user.pk]]
    return next((int(key[3]) for key in reversed(keys) if key[4] == REQUEST), None)


def take_back(row, past):
    """Withdraws what has not left and returns what the person's calendar holds then: `Held`, or `None` if it was never told."""
    left = [message for message in past if not (_is_waiting(message) and outbox.withdraw(message.dedupe_key))]
    if left:
        *_rest, sequence, method = left[-1].dedupe_key.split(":")[:5]
        return Held(method, int(sequence), left[-1].context, left[-1].expires_at)
    if row.told_sequence is None or any(message.what == "meeting_request" for message in past):
        return None
    return Held(CANCEL if row.told_off and not past else REQUEST, row.told_sequence, {})


def _is_waiting(message):
    """Also while it is being sent: `withdraw` takes it out of the sender's hands until the server has all of it."""
    being_sent = message.last_error == outbox.SENDING and message.handed_at is None
    return not message.settled_as and (message.sent_at is None or being_sent)


# --- writing ---------------------------------------------------------------------------------------------------------


def write_request(meeting, row, facts, held):
    """The entry as it is now: new to the person, or in place of the one they have. Says whether a message was written."""
    new = held is None or held.method == CANCEL
    entry = entries.entry_of(meeting, row.user, facts)
    context = {**said_of(meeting, row.user), **({} if new else changes(meeting, row.user, held.said))}
    context |= {"replies_read": bool(settings.INBOX_URL), "secret_url": answers.link_for(meeting, row.user)}
    text = calendar.request(entry, _attendee(row), calendar.organiser())
    return _write("meeting_request" if new else "meeting_update", meeting, row, meeting.sequence, REQUEST, context, text, held)


def write_cancel(meeting, row, facts, held, sequence, *, reopened=False):
    """Takes the entry out: the meeting is called off, is planned anew (`reopened`), or the person no longer belongs. Says whether a message
    was written."""
    entry = replace(entries.entry_of(meeting, row.user, facts), cancelled=True, sequence=sequence)
    off = meeting.state == Meeting.State.CANCELLED
    context = {**said_of(meeting, row.user), "called_off": off, "reason": meeting.cancel_reason if off else ""}
    context |= {"reopened": reopened}
    context["url"] = context["url"] if off else ""  # whoever no longer belongs does not find the page
    text = calendar.cancel(entry, _attendee(row), calendar.organiser())
    return _write("meeting_cancel", meeting, row, sequence, CANCEL, context, text, held)


def _write(what, meeting, row, sequence, method, context, text, held):
    expires_at = max(filter(None, [meeting.ends_at, held and held.useful_until]))  # a wrong entry hurts until its own end
    topic = f"calendar:{meeting.pk}:{row.user_id}"  # one that failed and is tried later must not follow the next one
    how = {"expires_at": expires_at, "calendar": text, "url": context["url"], "topic": topic}
    return outbox.enqueue(what, row.user, f"{topic}:{sequence}:{method}", context, **how) is not None


def _attendee(row):
    answer = Invitee.Answer.MAYBE if row.waiting_since else row.answer
    return calendar.Attendee(row.user.email, row.user.full_name, ANSWERS[answer])


# --- words -----------------------------------------------------------------------------------------------------------


def said_of(meeting, user):
    """What the mail says, and what the next one compares itself with."""
    with translation.override(readers.language_for(user)):
        url = entries.address_of(meeting)
    return {
        "title": meeting.title, "starts_at": _moment(meeting.starts_at, user), "minutes": meeting.minutes, "url": url,
        "place": meeting.place if meeting.mode != Meeting.Mode.LIVE else "", "online": meeting.mode != Meeting.Mode.IN_PERSON,
        "about": calendar.clipped(meeting.about, MOST_WORDS), "preparation": calendar.clipped(meeting.preparation, MOST_WORDS),
    }  # fmt: skip


def changes(meeting, user, said):
    """What is different from the mail before, as far as it is known: `was_at`, `was_minutes`, `was_title`, `was_place`."""
    now, found = said_of(meeting, user), {}
    if "starts_at" in said and _instant(said["starts_at"]) != meeting.starts_at:
        found["was_at"] = [said["starts_at"][0], now["starts_at"][1]]
    for name in ("minutes", "title", "place", "online"):
        if name in said and said[name] != now[name]:
            found[f"was_{name}"] = said[name]
    return found


def _moment(instant, user):
    return [instant.isoformat(), str(local_times.zone_of(user))]


def _instant(moment):
    return datetime.datetime.fromisoformat(moment[0])
