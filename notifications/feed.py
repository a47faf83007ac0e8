"""A person's calendar at a secret address: made, read, ended. Whoever has the address reads the calendar, so only its hash is stored,
and a new address ends the old one.

What stands in it comes from the providers of `settings.CALENDAR_ENTRIES`: `provider(user, since, until) -> [calendar.Entry]`.
"""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from notifications import calendar, readers
from notifications.models import FeedToken

log = logging.getLogger(__name__)
BACK, AHEAD = timedelta(days=90), timedelta(days=400)
NOTED_EVERY = timedelta(hours=1)


class Unreadable(Exception):
    """A provider failed. Half a calendar would delete entries at the reader's end, so there is none."""


# --- the address -----------------------------------------------------------------------------------------------------


def make(user):
    """A new address for `user`; the old one stops. Returns the token, which is not to be had again."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)  # two at once: the later one holds
        revoke(user)
        FeedToken.objects.create(user=user, token_hash=hash_of(token))
    return token


def revoke(user):
    """Whoever has the address reads nothing from now on. Says whether there was one."""
    return bool(FeedToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now()))


def standing(user):
    """The person's address that works, as a row, or `None`."""
    return FeedToken.objects.filter(user=user, revoked_at=None).first()


def found(token):
    """The row of a token that works, with its user; `None` for unknown and ended ones. The look-up by hash tells nothing by its time."""
    rows = FeedToken.objects.filter(token_hash=hash_of(token), revoked_at=None, user__is_active=True)
    return rows.select_related("user").first()


def hash_of(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def address_of(token):
    """The address as https (or http where the site is), for programs that take a link."""
    return settings.SITE_BASE_URL + reverse("ics:feed", args=[token])


def webcal_of(token):
    """The same address in the form that opens a calendar program."""
    return f"webcal://{address_of(token).partition('://')[2]}"


# --- reading ---------------------------------------------------------------------------------------------------------


def written_for(user, now=None):
    """The calendar of `user` in their language, as text. Raises `Unreadable`."""
    now = now or timezone.now()
    with translation.override(readers.language_for(user)):
        entries = [entry for path in settings.CALENDAR_ENTRIES for entry in _provided(path, user, now - BACK, now + AHEAD)]
        return calendar.feed(sorted(entries, key=lambda one: (one.starts_at, one.uid)), settings.SITE_NAME)


def _provided(path, user, since, until):
    try:
        return import_string(path)(user, since, until)
    except Exception as error:
        log.exception("calendar entries failed: %s", path)
        raise Unreadable(path) from error


def note_reading(row, now=None):
    """Remembers when a calendar program last came by, to the hour."""
    now = now or timezone.now()
    stale = Q(read_at=None) | Q(read_at__lte=now - NOTED_EVERY)
    FeedToken.objects.filter(stale, pk=row.pk).update(read_at=now)
