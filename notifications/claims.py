"""Whose turn it is: what waits, who holds it, and what became of those that nobody finished. Each message leaves once, whatever dies.

A row is claimed before its mail leaves: one conditional UPDATE sets `sent_at`, so of any number of workers exactly one has it, in
PostgreSQL and in SQLite alike, and no lock is held while a mail server takes its time. `handed_at` is committed when everything but the
final dot is with the server (notifications/smtp.py). After a crash, therefore:

- claimed, not handed over: it has certainly not left. It is due again when the claim is older than settings.MAIL_CLAIM_SECONDS.
- handed over, no answer recorded: nobody knows. It is reported (`interrupted`) and not repeated, unless the server is known to drop a
  second copy of the same Message-ID (settings.MAIL_SERVER_DROPS_DUPLICATES).

Clocks step. What was to leave at once is due whatever the clock says now; an instant that lies ahead, of a failure or a claim, was
written by a clock that was fast and holds nothing up.

Other backends than SMTP and the telephone channels know no such instant: they count as handed over from the claim on.
"""

import datetime

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from notifications.models import Message

SENDING = "sending"
SECRET_PREFIX = "secret_"  # noqa: S105
# Wait after the n-th failure. After the last one the message stays where a person can see it, with its error.
PAUSES = [datetime.timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120, 720)]
MAX_ATTEMPTS = len(PAUSES)
STEPPED = datetime.timedelta(minutes=2)
INTERRUPTED_AFTER = datetime.timedelta(minutes=15)
MOST_IN_DOUBT = datetime.timedelta(days=30)
KEY_LENGTH = Message._meta.get_field("dedupe_key").max_length
Settled = Message.Settled


class Lost(Exception):
    """The claim of this message is no longer ours."""


def due(now=None):
    """Messages whose time has come, sign-in codes first, then fresh ones. `last_error` begins with the instant of its failure."""
    now = now or timezone.now()
    paused = Q(last_error__gt=instant(now + STEPPED), last_error__lt=SENDING)
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
    now, patience = timezone.now(), datetime.timedelta(seconds=settings.MAIL_CLAIM_SECONDS)
    cut_off = Message.objects.filter(Q(sent_at__lt=now - patience) | Q(sent_at__gt=now + patience), last_error=SENDING)
    if not settings.MAIL_SERVER_DROPS_DUPLICATES:
        cut_off = cut_off.filter(handed_at=None)
    return cut_off.filter(Q(handed_at=None) | Q(channel=Message.Channel.MAIL)).update(sent_at=None, handed_at=None, last_error="")


def erase_useless():
    """Settles what waits and is too late, and erases the secrets of what is in doubt as soon as they open nothing any more; the report
    (`interrupted`) stays. What has no end of its own gets one after MOST_IN_DOUBT. Returns how many rows changed."""
    now = timezone.now()
    late = Message.objects.filter(sent_at=None, settled_as=Settled.NOT, expires_at__lte=now)
    changed = sum(_settle_late(message, now) for message in late.only("pk", "context").iterator())
    doubtful = interrupted(now).filter(Q(expires_at__lte=now) | Q(expires_at=None, sent_at__lte=now - MOST_IN_DOUBT))
    return changed + sum(_erase(message, now) for message in doubtful.only("pk", "context", "expires_at").iterator())


def _settle_late(message, now):
    late = Message.objects.filter(pk=message.pk, sent_at=None, settled_as=Settled.NOT, expires_at__lte=now)
    return late.update(settled_as=Settled.EXPIRED, context=without_secrets(message.context))


def _erase(message, now):
    """An end in the past as well: sent again on request, it would be a mail without its link."""
    context = without_secrets(message.context)
    if context == message.context and message.expires_at:
        return 0
    held = Message.objects.filter(pk=message.pk, last_error=SENDING)
    return held.update(context=context, expires_at=message.expires_at or now)


def without_secrets(context):
    return {name: "" if name.startswith(SECRET_PREFIX) else value for name, value in context.items()}


def under_way(now=None):
    its_time = Q(due_at__lte=now or timezone.now()) | Q(due_at__lte=F("created_at"))
    return its_time & Q(sent_at=None, settled_as=Settled.NOT, in_digest=False)


def superseded():
    """A newer message of the same topic was written and stands. By number, not by hour: clocks step."""
    same = {name: OuterRef(name) for name in ("topic", "channel", "user_id")}
    newer = Message.objects.filter(**same, pk__gt=OuterRef("pk")).exclude(settled_as=Settled.WITHDRAWN)
    return ~Q(topic="") & Q(Exists(newer))


def is_superseded(message):
    return bool(message.topic) and Message.objects.filter(superseded(), pk=message.pk).exists()


def claim(message):
    """Our claim is the instant in `sent_at`: nobody else's has the same one on this row."""
    message.sent_at, message.attempts = timezone.now(), message.attempts + 1
    free = Message.objects.filter(under_way(message.sent_at), pk=message.pk, attempts__lt=MAX_ATTEMPTS)
    if message.topic:
        free = free.exclude(superseded())
    return free.update(sent_at=message.sent_at, attempts=F("attempts") + 1, last_error=SENDING, handed_at=None)


def take_back(message):
    """Withdraws a message that has certainly not left, even out of the hands of its sender: whose hand-over is refused then. The row
    stays for the log, under another key. Says whether it could."""
    unsent = Q(sent_at=None) | Q(last_error=SENDING, handed_at=None)
    return Message.objects.filter(unsent, pk=message.pk).update(
        settled_as=Settled.WITHDRAWN,
        sent_at=None,
        last_error=Case(When(last_error=SENDING, then=Value("")), default=F("last_error")),
        context=without_secrets(message.context),
        dedupe_key=f"withdrawn:{message.pk}:{message.dedupe_key}"[:KEY_LENGTH],
    )


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
