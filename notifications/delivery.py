"""From rows to mail: what waits is looked at once more, claimed, sent over one line, and what goes wrong is told apart (claims.py)."""

import logging
from time import monotonic

from django.core.cache import cache
from django.utils import timezone

from notifications import bounces, claims, line, mail, texts
from notifications.claims import MAX_ATTEMPTS, give_back, without_secrets
from notifications.kinds import BY_WHAT
from notifications.models import Bounce, Message, Preference, TextNumber

logger = logging.getLogger(__name__)

BATCH = 100
RESTS, REST_SECONDS = "mail-server-rests", 60
Settled = Message.Settled


def deliver(message_pk, post=None):
    """Sends one message unless it is not due, somebody else has it, it has left or it is spent. Says whether it left now.

    `post` is an open `line.Line`; without one a line is opened for this message, unless the server was silent a minute ago.
    """
    if post is None:
        if server_rests():
            return False
        with line.Line() as post:
            return deliver(message_pk, post)
    message = Message.objects.select_related("user").filter(claims.under_way(), pk=message_pk, attempts__lt=MAX_ATTEMPTS).first()
    if message is None or _settled(message):
        return False
    if message.channel == Message.Channel.MAIL and not post.open():
        return _rest(post.trouble)
    return bool(claims.claim(message)) and _carry(message, post)


def deliver_waiting(limit=BATCH, seconds=None):
    """Sends what waits over one line, at most `limit` messages and `seconds`: (numbers tried, numbers that left). When the mail server
    stops answering, mail waits and texts go on."""
    claims.free_cut_off()
    claims.erase_useless()
    tried, left, end = [], [], monotonic() + seconds if seconds else None
    with line.Line() as post:
        while len(tried) < limit and (waiting := _next(post, limit - len(tried))):
            for message_pk, channel in waiting:
                if end and monotonic() >= end:
                    return tried, left
                if post.works or channel != Message.Channel.MAIL:
                    tried.append(message_pk)
                    left += [message_pk] if deliver(message_pk, post) else []
        if left and post.works:
            cache.delete(RESTS)
    return tried, left


def _next(post, most):
    waiting = claims.due() if post.works else claims.due().exclude(channel=Message.Channel.MAIL)
    return list(waiting.values_list("pk", "channel")[: min(BATCH, most)])


def server_rests():
    """Whether the mail server did not answer within the last minute."""
    return bool(cache.get(RESTS))


# --- may it leave? -------------------------------------------------------------------------------------------------------------
def _settled(message):
    """Settles a message that is of no use, or not wanted, any more. Says whether it did."""
    if claims.is_superseded(message):
        return bool(claims.take_back(message))
    reason = _why_not(message)
    if not reason:
        return False
    Message.objects.filter(claims.under_way(), pk=message.pk).update(settled_as=reason, context=without_secrets(message.context))
    logger.info("message %s settled as %s", message.pk, reason)
    return True


def _why_not(message):
    kind = BY_WHAT.get(message.what.partition("/")[0])
    if message.expires_at and message.expires_at <= timezone.now():
        return Settled.EXPIRED
    if kind is None:
        return None
    if message.user_id and not kind.must and not _still_wanted(message, kind):
        return Settled.UNWANTED
    if message.channel == Message.Channel.MAIL and bounces.stops(kind, message.to):
        return Settled.BOUNCED
    return None


def _still_wanted(message, kind):
    row = Preference.objects.filter(user=message.user_id, kind=kind.key).first()
    if message.channel == Message.Channel.MAIL:
        return row.mail if row else kind.mail
    return bool(row and row.text and _number(message))


def _number(message):
    return TextNumber.objects.filter(user=message.user_id, channel=message.channel, confirmed_at__isnull=False).first()


# --- the way out -----------------------------------------------------------------------------------------------------------------
def _carry(message, post):
    try:
        if message.channel == Message.Channel.MAIL:
            post.carry(mail.build(message), lambda: claims.hand_over(message))
        else:
            _text(message)
    except claims.Lost:
        return False
    except BaseException as error:
        _failed(message, error, post)
        if not isinstance(error, Exception):
            raise
        return False
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now(), last_error="", context=without_secrets(message.context))
    return True


def _text(message):
    number, channel = _number(message), texts.channel_for(message.channel)
    if not number or not channel:
        raise texts.Refused("no confirmed number, or no such channel")
    claims.hand_over(message)
    channel.send(number.number, mail.short_text(message), f"message-{message.pk}")


# --- what went wrong ---------------------------------------------------------------------------------------------------------------
def _failed(message, error, post):
    # The text of a mail error may quote the address; it stays in the row and out of the log.
    logger.warning("message %s to user %s failed: %s", message.pk, message.user_id, type(error).__name__)
    if message.channel != Message.Channel.MAIL:
        return give_back(message, error, for_good=isinstance(error, texts.Refused))
    if post.in_doubt(error, message.handed_at):
        logger.error("message %s may or may not have left: the server did not say", message.pk)
        return _rest(error)
    if not post.works:
        _rest(error)
        return give_back(message, error, counts=post.began)
    refusal = line.refusal_of(error)
    return _refused(message, error, refusal) if refusal else give_back(message, error)


def _refused(message, error, refusal):
    """A permanent no about the address ends it; everything else is tried again, since policies and settings change within hours."""
    reply, said, about_recipient = refusal
    status = bounces.status_in(said)
    gone = 500 <= reply < 600 and (bool(status) or about_recipient) and bounces.is_gone(reply, status)
    if gone:
        bounces.record(message, Bounce.Kind.PERMANENT, status or str(reply), said)
    elif about_recipient or status.startswith(("4.2", "5.2")):
        bounces.record(message, Bounce.Kind.TEMPORARY, status or str(reply), said)
    give_back(message, error, for_good=gone)


def _rest(error):
    """Single messages do not try again for a minute; the worker's round does, with one try for all that wait. Always `False`."""
    cache.set(RESTS, 1, REST_SECONDS)
    logger.warning("the mail server does not take mail (%s); messages wait", type(error).__name__)
    return False
