"""The outbox: a message is a row written in the transaction of the act it tells of; sending it is somebody else's work.

`enqueue` writes the row, a task delivers it after the commit, and `deliver_due` (the `deliver_messages` command, and
every delivery task in passing) tries again what failed. A row is claimed before its mail leaves: one conditional
UPDATE sets `sent_at`, so of any number of workers exactly one sends, in PostgreSQL and in SQLite alike, and no lock
is held while a mail server takes its time. A failure gives the claim back. A process that dies in the middle leaves
`last_error` at `SENDING`: nobody knows whether that mail left, so it is reported and never repeated by itself.
"""

import datetime
import logging

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from notifications import mail
from notifications.models import Message

logger = logging.getLogger(__name__)

SENDING = "sending"
SECRET_PREFIX = "secret_"  # noqa: S105
# Wait after the n-th failure. After the last one the message stays where a person can see it, with its error.
PAUSES = [datetime.timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120, 720)]
MAX_ATTEMPTS = len(PAUSES)
INTERRUPTED_AFTER = datetime.timedelta(minutes=15)


def enqueue(what, user, dedupe_key, context, language=None, to=None, *, due_at=None, expires_at=None, calendar="", by=None, url=""):
    """Writes a message to `user` about `what` (a folder of notifications/templates/notifications/) and returns it.

    Call it inside the transaction of the act. `None` when `dedupe_key` is known: the act was told of already. Values
    of `context` are JSON; names that start with `secret_` are for this mail alone and are erased once it has left.
    It leaves from `due_at` on (default now, later in the reader's quiet hours) and not after `expires_at`. `calendar` is an iCalendar
    object with its METHOD; `by` the person who wrote it; `url` where a line on the site about it leads (a path or an address of ours).
    """
    from notifications import tasks  # noqa: PLC0415 (tasks deliver what is enqueued here)

    try:
        with transaction.atomic():
            message = Message.objects.create(
                what=what,
                user=user,
                to=to or user.email,
                language=mail.language_for(user, language),
                context=context,
                dedupe_key=dedupe_key,
                due_at=due_at or timezone.now(),
                expires_at=expires_at,
                calendar=calendar,
                by=by,
            )
    except IntegrityError:
        if not Message.objects.filter(dedupe_key=dedupe_key).exists():
            raise
        return None
    # A queue that cannot be reached must not undo the act: deliver_due finds the row anyway.
    transaction.on_commit(lambda: tasks.deliver_message.enqueue(message.pk), robust=True)
    return message


def withdraw(dedupe_key):
    """Takes back a message that has not left: what it tells of no longer holds. Says whether there was one."""
    return bool(Message.objects.filter(dedupe_key=dedupe_key, sent_at__isnull=True).delete()[0])


def deliver(message_pk):
    """Sends one message unless somebody else has it, it has left or it is spent. Says whether it left now."""
    message = _claim(message_pk)
    if message is None:
        return False
    try:
        mail.send(message)
    except BaseException as error:
        _give_back(message, error)
        if not isinstance(error, Exception):
            raise
        logger.warning("message %s to user %s failed: %s", message.pk, message.user_id, type(error).__name__)
        return False
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), last_error="", context=without_secrets(message.context))
    return True


def deliver_due(limit=100):
    """Sends what waits: new messages, and failed ones whose pause is over. Returns how many left."""
    return sum(deliver(pk) for pk in list(due().values_list("pk", flat=True)[:limit]))


def due(now=None):
    """Unsent messages whose time has come, fresh ones first. `last_error` begins with the instant of its failure."""
    now = now or timezone.now()
    paused = Q()
    for attempts, pause in enumerate(PAUSES[1:], start=1):
        paused |= Q(attempts=attempts, last_error__lte=_instant(now - pause))
    return Message.objects.filter(sent_at__isnull=True).filter(Q(attempts=0) | paused).order_by("attempts", "created_at", "pk")


def spent():
    """Messages that failed for good; a person has to look at the address or the mail server."""
    return Message.objects.filter(sent_at__isnull=True, attempts__gte=MAX_ATTEMPTS)


def interrupted(now=None):
    """Messages whose sender died in the middle: they may or may not have left."""
    return Message.objects.filter(last_error=SENDING, sent_at__lt=(now or timezone.now()) - INTERRUPTED_AFTER)


def release_interrupted():
    """Makes interrupted messages due again, at the price of a possible second copy. Returns how many."""
    return interrupted().update(sent_at=None, last_error="", attempts=0)


def without_secrets(context):
    return {name: "" if name.startswith(SECRET_PREFIX) else value for name, value in context.items()}


def _claim(message_pk):
    claimed = Message.objects.filter(pk=message_pk, sent_at__isnull=True, attempts__lt=MAX_ATTEMPTS).update(
        sent_at=timezone.now(), attempts=F("attempts") + 1, last_error=SENDING
    )
    return Message.objects.select_related("user").get(pk=message_pk) if claimed else None


def _give_back(message, error):
    # The text of a mail error may quote the address; it stays in the row and out of the log.
    text = f"{_instant(timezone.now())} {type(error).__name__}: {error}"[:300]
    spent_now = message.attempts >= MAX_ATTEMPTS
    Message.objects.filter(pk=message.pk).update(
        sent_at=None, last_error=text, **({"context": without_secrets(message.context)} if spent_now else {})
    )


def _instant(moment):
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
