"""Gathered messages: one mail with a line for each, at the hour the person chose. Found from the rows, so it may run twice or late."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from notifications import claims, mail, outbox, quiet, readers
from notifications.kinds import kind_of
from notifications.models import Message, Notice, Preference

Settled = Message.Settled


def send_due(now=None):
    """Writes one digest for each person whose gathered messages are due. Returns how many were written."""
    now = now or timezone.now()
    people = set(_due(now).order_by().values_list("user_id", flat=True))
    users = get_user_model().objects.filter(pk__in=people).select_related("message_habit")
    return sum(_gather(user, now) for user in users if not _is_quiet(user, now))


def _is_quiet(user, now):
    """Late after a worker was away: it would wait for the morning, and lines that run out overnight would stand in it all the same."""
    hours = quiet.hours_of(getattr(user, "message_habit", None))
    return quiet.after_quiet(now, quiet.zone_of(user), hours) != now


def _due(now):
    return Message.objects.filter(sent_at=None, settled_as=Settled.NOT, in_digest=True, due_at__lte=now, user__isnull=False)


def _gather(user, now):
    """The digest and what it settles are one transaction; the rows are locked in one order, so of ten runs one finds them."""
    with transaction.atomic():
        rows = list(_due(now).filter(user=user).select_for_update().order_by("pk"))
        off = _turned_off(user)
        lines = [row for row in rows if not _settled_otherwise(row, off, now)]
        digest = _write(user, lines) if lines else None
        for row in lines:
            row.settled_as, row.digest = Settled.DIGEST, digest
        for row in rows:
            row.context = outbox.without_secrets(row.context)
        Message.objects.bulk_update(rows, ["settled_as", "digest", "context"])
    return int(digest is not None)


def _turned_off(user):
    return set(Preference.objects.filter(user=user, mail=False).values_list("kind", flat=True))


def _settled_otherwise(row, off, now):
    if row.expires_at and row.expires_at <= now:
        row.settled_as = Settled.EXPIRED
    elif kind_of(row.what).key in off:
        row.settled_as = Settled.UNWANTED
    elif claims.is_superseded(row):
        row.settled_as = Settled.WITHDRAWN
    return bool(row.settled_as)


def _write(user, rows):
    """Lines are secrets: some of them hold links that sign their reader in."""
    language = readers.language_for(user)
    urls = dict(Notice.objects.filter(dedupe_key__in=[row.dedupe_key for row in rows]).values_list("dedupe_key", "url"))
    for row in rows:
        row.user = user
    lines = [
        [mail.subject(row, language), mail.address_in(row.context) or _absolute(urls.get(row.dedupe_key, ""))] for row in rows
    ]
    return outbox.enqueue("digest", user, f"digest:{user.pk}:{rows[0].pk}", {"count": len(rows), "secret_lines": lines})


def _absolute(url):
    return f"{settings.SITE_BASE_URL}{url}" if url.startswith("/") else url
