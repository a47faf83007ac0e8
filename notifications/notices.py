"""What was told, as lines on the site. Looking changes nothing; opening a line or pressing "mark all read" (both POST) does.

Browsers and mail scanners fetch addresses ahead of people, so a GET never marks anything as read.
"""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from notifications import readers
from notifications.kinds import BY_WHAT
from notifications.models import Notice

logger = logging.getLogger(__name__)
REMEMBERED = 60  # seconds for which the number in the header may be behind


# --- the number in the header ----------------------------------------------------------------------------------------
def unread_count(user):
    """How many notices the person has not opened. At most one query a minute, none while the cache remembers."""
    return cache.get_or_set(_key(user.pk), lambda: Notice.objects.filter(user=user, read_at=None).count(), REMEMBERED)


def forget(user_pk):
    """The number is counted again; after each notice that is written or read."""
    cache.delete(_key(user_pk))


def _key(user_pk):
    return f"unread:{user_pk}"


# --- reading -----------------------------------------------------------------------------------------------------------
def mark_read(notice):
    """Keeps the instant of the first time."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    forget(notice.user_id)


def mark_all_read(user, newest):
    """Everything up to the notice `newest` (an id), the first one on the page: what arrived meanwhile stays unread."""
    Notice.objects.filter(user=user, read_at=None, pk__lte=newest).update(read_at=timezone.now())
    forget(user.pk)


# --- showing -----------------------------------------------------------------------------------------------------------
def line(notice):
    """The subject of the message in the active language, from what the notice remembers; the name of its kind if words are missing."""
    try:
        return _subject(notice) or _kind_name(notice)
    except Exception as error:  # an old row that lacks a fact must not take the other lines with it
        logger.warning("notice %s has no line: %s", notice.pk, type(error).__name__)
        return _kind_name(notice)


def _subject(notice):
    facts = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_BASE_URL, "contact": settings.CONTACT_EMAIL}
    words = {**readers.words_of(notice.context), "reader": notice.user, **facts}
    template = get_template(f"notifications/{notice.what}/subject.txt").template
    return " ".join(template.render(Context(words, autoescape=False)).split())


def _kind_name(notice):
    kind = BY_WHAT.get(notice.what.partition("/")[0])
    return str(kind.name) if kind else settings.SITE_NAME


def address_of(notice):
    """Where the line leads: a path or an address of this site; "" for none or a stranger's."""
    host = urlsplit(settings.SITE_BASE_URL).netloc
    return notice.url if notice.url and url_has_allowed_host_and_scheme(notice.url, {host}) else ""
