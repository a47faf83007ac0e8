"""The outbox: a message is a row written in the transaction of the act it tells of; sending it is somebody else's work (delivery.py).

Whether a person wants it is decided twice: here, so that the log tells at once what became of it, and again when it is about to leave.
A row that is not wanted is written all the same, settled, so that its dedupe key holds.
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone

from notifications import claims, delivery, notices, quiet, readers, spacing, tasks
from notifications.claims import (
    MAX_ATTEMPTS,
    PAUSES,
    SECRET_PREFIX,
    SENDING,
    due,
    interrupted,
    release_interrupted,
    spent,
    without_secrets,
)
from notifications.kinds import kind_of
from notifications.models import Habit, Message, Notice
from notifications.wishes import Wishes

__all__ = [
    "MAX_ATTEMPTS", "PAUSES", "SECRET_PREFIX", "SENDING", "deliver", "deliver_due", "due", "enqueue", "enqueue_many", "interrupted",
    "release_interrupted", "spent", "withdraw", "without_secrets",
]  # fmt: skip

AT_ONCE = 400  # people whose messages are written together
TEXT_KEY = ":sms"
URL_LENGTH = Notice._meta.get_field("url").max_length
Settled, Digest = Message.Settled, Habit.Digest


@dataclass(frozen=True)
class _Letter:
    """One message to one person before it is a row."""

    what: str
    user: object
    key: str
    context: dict
    language: str | None = None
    to: str = ""
    due_at: datetime | None = None
    expires_at: datetime | None = None
    calendar: str = ""
    by: object = None
    url: str = ""
    topic: str = ""
    now: datetime = field(default_factory=lambda: timezone.now())

    @property
    def address(self):
        return self.to or self.user.email


def enqueue(
    what, user, dedupe_key, context, language=None, to=None, *, due_at=None, expires_at=None, calendar="", by=None, url="", topic="",
    spaced=False,
):  # fmt: skip
    """Writes a message to `user` about `what` (a folder of notifications/templates/notifications/) and returns it.

    Call it inside the transaction of the act. `None` when `dedupe_key` is known: the act was told of already. Values
    of `context` are JSON; names that start with `secret_` are for this mail alone and are erased once it has left.
    `calendar` is an iCalendar object with its METHOD; `by` the person who wrote it; `url` where a line on the site about it leads (a
    path or an address of ours; default `context["url"]`). Of messages to one person with the same `topic` only the newest leaves: give it
    where the newer one says all that still holds of the older. With `spaced` there is none, and `None` comes back, where the person was
    written to about the topic in the last seven days. `KeyError` for a `what` that notifications/kinds.py does not know.

    It leaves from `due_at` on (default now) and not after `expires_at`. Within the reader's quiet hours it waits for their end, unless
    it would then be too late: a reminder at night is better than none. Where the reader gathers messages it waits for their digest,
    unless, again, it would be too late. A line on the site is written at once. What a person turned off, or what goes to an address
    that refuses mail, is written as settled and does not leave.
    """
    how = {"due_at": due_at, "expires_at": expires_at, "calendar": calendar, "by": by, "url": url, "topic": topic}
    letter, kind = _Letter(what, user, dedupe_key, context, language, to or "", **how), kind_of(what)
    message, *text = _rows(letter, kind, Wishes(kind, [user], [letter.address]))
    try:
        with transaction.atomic():
            if spaced and spacing.is_too_soon(user, topic):
                return None
            message.save(force_insert=True)
            Message.objects.bulk_create(text, ignore_conflicts=True)
            _note([letter], kind)
    except IntegrityError:
        if not Message.objects.filter(dedupe_key=dedupe_key).exists():
            raise
        return None
    if _leaves_now(message, letter.now):
        # A queue that cannot be reached must not undo the act: the worker's next round finds the row anyway.
        transaction.on_commit(lambda: tasks.deliver_message.enqueue(message.pk), robust=True)
    return message


def enqueue_many(what, people, key_for, context_for, *, due_at=None, expires_at=None, calendar_for=None, by=None, url_for=None):
    """`enqueue` for many: `people` is any iterable of users, the functions take a user. Returns how many were not told before.

    Eight statements for each AT_ONCE people, however many are told already; `context_for` is only asked about those who are not. Each
    portion is a savepoint. Ten of these at once tell everybody once; of two in the same instant both may count a person.
    """
    kind, told, people = kind_of(what), 0, iter(people)
    while portion := list(islice(people, AT_ONCE)):
        told += _write_portion(what, kind, portion, key_for, context_for, due_at, expires_at, calendar_for, by, url_for)
    if told:
        transaction.on_commit(tasks.deliver_waiting.enqueue, robust=True)
    return told


def withdraw(dedupe_key):
    """Takes back a message that has not left, with its line on the site: what it tells of no longer holds. Says whether there was one.
    One that is being sent counts until the server has all of it.

    The row stays for the log, under another key: if the same act comes again, it is told again.
    """
    keys = [dedupe_key, f"{dedupe_key}{TEXT_KEY}"]
    with transaction.atomic():
        waiting = Message.objects.filter(dedupe_key__in=keys).exclude(settled_as=Settled.DIGEST)
        taken = [claims.take_back(message) for message in waiting]
        if any(taken):
            Notice.objects.filter(dedupe_key=dedupe_key).delete()
    return any(taken)


def deliver(message_pk):
    """Sends one message unless it is not due, somebody else has it, it has left or it is spent. Says whether it left now."""
    return delivery.deliver(message_pk)


def deliver_due(limit=100):
    """Sends what waits, at most `limit` messages. Returns how many left."""
    return len(delivery.deliver_waiting(limit)[1])


def _write_portion(what, kind, people, key_for, context_for, due_at, expires_at, calendar_for, by, url_for):
    keys = {key_for(user): user for user in people}
    known = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    letters = [
        _Letter(
            what, user, key, context_for(user), due_at=due_at, expires_at=expires_at, by=by,
            calendar=calendar_for(user) if calendar_for else "", url=url_for(user) if url_for else "",
        )
        for key, user in keys.items() if key not in known
    ]  # fmt: skip
    if not letters:
        return 0
    wishes = Wishes(kind, [letter.user for letter in letters], [letter.address for letter in letters])
    with transaction.atomic():
        Message.objects.bulk_create([row for letter in letters for row in _rows(letter, kind, wishes)], ignore_conflicts=True)
        _note(letters, kind)
    return len(letters)


# --- rows ------------------------------------------------------------------------------------------------------------------------
def _rows(letter, kind, wishes):
    """The mail and, for those who asked for it, the text to their telephone."""
    settled = _settled_at_once(letter, wishes)
    when, gathered = _leaves_at(letter, kind, wishes.habit(letter.user))
    row = {
        "what": letter.what, "user": letter.user, "to": letter.address, "by": letter.by, "created_at": letter.now,
        "language": readers.language_for(letter.user, letter.language), "expires_at": letter.expires_at, "topic": letter.topic,
    }  # fmt: skip
    context = without_secrets(letter.context) if settled else letter.context
    rows = [
        Message(**row, dedupe_key=letter.key, context=context, calendar=letter.calendar, due_at=when, in_digest=gathered and not settled,
                settled_as=settled)
    ]  # fmt: skip
    if number := wishes.number(letter.user):
        at = _after_quiet(letter, kind, wishes.habit(letter.user))
        rows.append(
            Message(**row, dedupe_key=f"{letter.key}{TEXT_KEY}", context=letter.context, channel=number.channel, due_at=at)
        )
    return rows


def _settled_at_once(letter, wishes):
    if not wishes.mail(letter.user):
        return Settled.UNWANTED
    return Settled.BOUNCED if wishes.refuses(letter.address) else Settled.NOT


def _leaves_at(letter, kind, habit):
    """(instant, whether it waits for the digest)."""
    asked = letter.due_at or letter.now
    if kind.digest and habit and habit.digest != Digest.OFF and not letter.calendar:
        weekly = habit.digest == Digest.WEEKLY
        gathered_at = quiet.next_digest(max(asked, letter.now), quiet.zone_of(letter.user), quiet.hours_of(habit), weekly=weekly)
        if not letter.expires_at or gathered_at < letter.expires_at:
            return gathered_at, True
    return _after_quiet(letter, kind, habit), False


def _after_quiet(letter, kind, habit):
    asked = letter.due_at or letter.now
    if not kind.quiet:
        return asked
    waits_until = quiet.after_quiet(max(asked, letter.now), quiet.zone_of(letter.user), quiet.hours_of(habit))
    too_late = letter.expires_at and waits_until >= letter.expires_at
    return asked if too_late or waits_until == max(asked, letter.now) else waits_until


def _leaves_now(message, now):
    return message.settled_as == Settled.NOT and not message.in_digest and message.due_at <= now


def _note(letters, kind):
    """Lines on the site, for kinds that have them. They never hold what is for the mail alone."""
    noted = [letter for letter in letters if kind.notice and letter.user]
    if not noted:
        return
    Notice.objects.bulk_create([_notice(letter) for letter in noted], ignore_conflicts=True)
    transaction.on_commit(lambda: [notices.forget(letter.user.pk) for letter in noted], robust=True)


def _notice(letter):
    context = {name: value for name, value in letter.context.items() if not name.startswith(SECRET_PREFIX)}
    url = letter.url or context.get("url") or ""
    fits = isinstance(url, str) and len(url) <= URL_LENGTH
    return Notice(
        user=letter.user, what=letter.what, context=context, url=url if fits else "", dedupe_key=letter.key, created_at=letter.now
    )
