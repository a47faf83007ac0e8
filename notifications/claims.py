"""Whose turn it is: what waits, who holds it, and what became of those that nobody finished. Each message leaves once, whatever dies.

A row is claimed before its mail leaves: one conditional UPDATE sets `sent_at`, so of any number of workers exactly one has it, in
PostgreSQL and in SQLite alike, and no lock is held while a mail server takes its time. `handed_at` is committed when everything but the
final dot is with the server (notifications/smtp.py). After a crash, therefore:

- claimed, not handed over: it has certainly not left. It is due again when the claim is older than settings.MAIL_CLAIM_SECONDS.
- handed over, no answer recorded: nobody knows. It is reported (`interrupted`) and not repeated, unless the server is known to drop a
  second copy of the same Message-ID (settings.MAIL_SERVER_DROPS_DUPLICATES).

Other backends than SMTP and the telephone channels know no such instant: they count as handed over from the claim on.
"""

import datetime

from django.conf import settings
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from notifications.models import Message

SENDING = "sending"
SECRET_PREFIX = "secret_"  # noqa: S105
# Wait after the n-th failure. After the last one the message stays where a person can see it, with its error.
PAUSES = [datetime.timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120, 720)]
MAX_ATTEMPTS = len(PAUSES)
INTERRUPTED_AFTER = datetime.timedelta(minutes=15)
Settled = Message.Settled


class Lost(Exception):
    """The claim of this message is no longer ours."""


def due(now=None):
    """Messages whose time has come, sign-in codes first, then fresh ones. `last_error` begins with the instant of its failure."""
    now = now or timezone.now()
    paused = Q()
    for attempts, pause in enumerate(PAUSES[1:], start=1):
        paused |= Q(attempts=attempts, last_error__lte=instant(now - pause))
    codes_first = Case(When(what="account", then=Value(0)), default=Value(1))
    return Message.objects.filter(under_way(now), Q(attempts=0) | paused).order_by(codes_first, "attempts", "due_at", "pk")


def spent():
    """Messages that failed for good; a person has to look at the address or the mail server."""
    return Message.objects.filter(sent_at__isnull=True, settled_as=Settled.NOT, attempts__gte=MAX_ATTEMPTS)


def interrupted(now=None):
    """Messages whose sender died, or lost the line, while the server took them: they may or may not have left."""
    held = (now or timezone.now()) - INTERRUPTED_AFTER
    return Message.objects.filter(last_error=SENDING, sent_at__lt=held, handed_at__isnull=False)


def release_interrupted():
    """Makes interrupted messages due again, at the price of a possible second copy. Returns how many."""
    return interrupted().update(sent_at=None, handed_at=None, last_error="", attempts=0)


def free_cut_off():
    """Makes messages of dead workers due again that have certainly not left, or of which the server drops a second copy. Returns how many."""
    cut_off = Message.objects.filter(
        last_error=SENDING, sent_at__lt=timezone.now() - datetime.timedelta(seconds=settings.MAIL_CLAIM_SECONDS)
    )
    if not settings.MAIL_SERVER_DROPS_DUPLICATES:
        cut_off = cut_off.filter(handed_at=None)
    return cut_off.filter(Q(handed_at=None) | Q(channel=Message.Channel.MAIL)).update(sent_at=None, handed_at=None, last_error="")


def without_secrets(context):
    return {name: "" if name.startswith(SECRET_PREFIX) else value for name, value in context.items()}


def under_way(now=None):
    return Q(sent_at=None, settled_as=Settled.NOT, in_digest=False, due_at__lte=now or timezone.now())


def claim(message):
    """Our claim is the instant in `sent_at`: nobody else's has the same one on this row."""
    message.sent_at, message.attempts = timezone.now(), message.attempts + 1
    return (
        Message.objects.filter(under_way(message.sent_at), pk=message.pk, attempts__lt=MAX_ATTEMPTS)
        .update(sent_at=message.sent_at, attempts=F("attempts") + 1, last_error=SENDING, handed_at=None)
    )  # fmt: skip


def hand_over(message):
    now = timezone.now()
    ours = Message.objects.filter(pk=message.pk, sent_at=message.sent_at, last_error=SENDING, handed_at=None)
    if not ours.update(handed_at=now):
        raise Lost
    message.handed_at = now


def give_back(message, error, *, for_good=False, counts=True):
    attempts = MAX_ATTEMPTS if for_good else message.attempts - (not counts)
    text = f"{instant(timezone.now())} {type(error).__name__}: {error}"[:300]
    ended = {"context": without_secrets(message.context)} if attempts >= MAX_ATTEMPTS else {}
    Message.objects.filter(pk=message.pk, sent_at=message.sent_at, last_error=SENDING).update(
        sent_at=None, handed_at=None, last_error=text.replace("\0", " "), attempts=attempts, **ended
    )


def instant(moment):
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
