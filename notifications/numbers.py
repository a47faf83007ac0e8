"""A person's telephone for texts: written down, confirmed by a code, taken away. Nothing but the code goes to an unconfirmed number.

The code is an HMAC of the row's nonce under the site's key, so the row alone does not tell it and the task that sends it needs no
secret in its arguments. Five tries, fifteen minutes, three codes an hour per person and per number.
"""

import datetime
import hashlib
import hmac
import logging
import re
import secrets

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django_tasks import task

from notifications import readers, texts
from notifications.models import TextNumber
from notifications.refusals import Refused

logger = logging.getLogger(__name__)
CODE_LIFE = datetime.timedelta(minutes=15)
MAX_TRIES = 5
CODES_AN_HOUR = 3
FILLERS = re.compile(r"[\s().\-/\u00a0]")
E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def numbers_of(user):
    """The person's telephones on channels that are set up, confirmed or not."""
    return list(
        TextNumber.objects.filter(user=user, channel__in=[name for name, _words in texts.configured()]).order_by("channel")
    )


def clean(text):
    """E.164 from what people type: "+52 55 1234-5678", "0052 …". Raises `Refused`."""
    number = FILLERS.sub("", text)
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not E164.fullmatch(number):
        raise Refused(_("Write the number with + and the code of the country, for example +52 55 1234 5678."), "number")
    return number


def add(user, channel, number):
    """Writes the number down and has a code sent to it; a former number of this channel is replaced. Raises `Refused`."""
    if texts.channel_for(channel) is None:
        raise Refused(_("This way of sending texts is not set up."), "channel")
    number = clean(number)
    _count_code(user, number)
    fresh = {"number": number, "code_hash": secrets.token_hex(32), "code_until": timezone.now() + CODE_LIFE}
    with transaction.atomic():
        row, _made = TextNumber.objects.update_or_create(
            user=user, channel=channel, defaults={**fresh, "tries": 0, "confirmed_at": None}
        )
        transaction.on_commit(lambda: send_code.enqueue(row.pk, row.code_hash), robust=True)
    return row


def confirm(user, channel, code):
    """Confirms the number with the code. A try counts before it is compared, so parallel guesses share the five. Raises `Refused`."""
    now = timezone.now()
    waiting = TextNumber.objects.filter(user=user, channel=channel, confirmed_at=None)
    if not waiting.filter(tries__lt=MAX_TRIES, code_until__gt=now).update(tries=F("tries") + 1):
        raise Refused(_("This code is used up or older than 15 minutes. Have a new one sent."), "code")
    row = waiting.first()
    if row is None or not constant_time_compare(code_of(row.pk, row.code_hash), code.strip()):
        raise Refused(_("This is not the code. Compare it with the newest text message."), "code")
    waiting.filter(pk=row.pk, code_hash=row.code_hash).update(confirmed_at=now, code_hash="", code_until=None)


def remove(user, channel):
    TextNumber.objects.filter(user=user, channel=channel).delete()


def code_of(pk, nonce):
    """Six digits that only this site can compute from the row."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"text-number:{pk}:{nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


@task()
def send_code(pk, nonce):
    """Sends the code unless a newer one was asked for, the number is confirmed, or it is too late to be of use."""
    row = TextNumber.objects.select_related("user").filter(pk=pk, code_hash=nonce, code_until__gt=timezone.now()).first()
    channel = texts.channel_for(row.channel) if row else None
    if channel is None:
        return
    with translation.override(readers.language_for(row.user)):
        words = _("%(code)s is your code for %(site)s. It is valid for 15 minutes.")
        text = words % {"code": code_of(pk, nonce), "site": settings.SITE_NAME}
    try:
        channel.send(row.number, text, f"code:{pk}:{nonce[:8]}")
    except Refused as refusal:
        logger.warning("code to %s refused: %s", texts.masked(row.number), refusal.text)


def _count_code(user, number):
    for whose in (f"user:{user.pk}", f"number:{hashlib.sha256(number.encode()).hexdigest()[:32]}"):
        key = f"text-codes:{whose}:{timezone.now():%Y%m%d%H}"
        cache.add(key, 0, 3600)
        if cache.incr(key) > CODES_AN_HOUR:
            raise Refused(_("Three codes were sent within an hour. Wait an hour, then have a new one sent."), "number")
