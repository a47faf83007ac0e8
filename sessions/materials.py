"""Materials of a meeting: what to read before it, what to take away after it. Hosts add, change, order and remove them."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from sessions import ordering, places
from sessions.models import Material

MOST = 20
SHORT = 5  # minutes of preparation that people really do before a session
PATH = re.compile(r"/(?![/\\])[^\s\\<>\"'`\x00-\x1f\x7f]*")
Moment = Material.Moment
_is_https = URLValidator(schemes=["https"])


@dataclass(frozen=True)
class Shown:
    """`minutes` is the sum of what is to be done before; `too_long` where people are unlikely to do it."""

    before: tuple[Material, ...]
    after: tuple[Material, ...]

    @property
    def minutes(self):
        return sum(one.minutes or 0 for one in self.before)

    @property
    def too_long(self):
        return self.minutes > SHORT


def shown_for(meeting):
    """One query."""
    rows = list(Material.objects.filter(meeting_id=meeting.pk))
    before, after = ([row for row in rows if row.moment == moment] for moment in (Moment.BEFORE, Moment.AFTER))
    return Shown(tuple(before), tuple(after))


def checked_address(text):
    """An https address, or a path of this site. Raises `Refused` with the reason for anything else."""
    text = text.strip()
    if settings.SITE_BASE_URL and text.startswith(f"{settings.SITE_BASE_URL}/"):
        text = text.removeprefix(settings.SITE_BASE_URL)
    if PATH.fullmatch(text):
        return text
    try:
        parts = urlsplit(text)
        scheme, named = parts.scheme.lower(), parts.username is not None
        if scheme == "https" and not named:
            _is_https(text)
            return text
    except (ValueError, ValidationError):
        scheme, named = "https", False
    raise Refused(_why_not(scheme, named), "url")


def _why_not(scheme, named):
    if named:
        return _("The address has a name before an @, which hides where it leads. Write it without.")
    if scheme == "http":
        return _(
            "The address begins with http://, which anybody on the way can read and change. Write one that begins with https://."
        )
    if scheme and scheme != "https":
        return _("Addresses that begin with %(scheme)s: are not accepted. Write one that begins with https://.") % {
            "scheme": scheme[:20]
        }
    return _("Write an address that begins with https://, or a path of this site that begins with a single /.")


# --- acts ------------------------------------------------------------------------------------------------------------


def add(meeting, **written):
    """At the end of its moment. Raises `Refused` beyond twenty, or for an address that is not accepted."""
    written["url"] = checked_address(written["url"])
    with transaction.atomic():
        rows = _rows(meeting)
        if len(rows) >= MOST:
            raise Refused(_("A meeting has at most %(count)s materials. Remove one first.") % {"count": MOST})
        order = max((row.order for row in rows), default=0) + 1
        return Material.objects.create(meeting_id=meeting.pk, order=order, **written)


def change(material, **written):
    """Says whether it was still there. Raises `Refused` for an address that is not accepted."""
    written["url"] = checked_address(written["url"])
    return bool(Material.objects.filter(pk=material.pk).update(**written))


def shift(material, steps):
    """Up (-1) or down (1) among those of the same moment. At the edge nothing happens."""
    with transaction.atomic():
        rows = [row for row in _rows(material.meeting) if row.moment == material.moment]
        ordering.shift(rows, material.pk, steps)


def _rows(meeting):
    """In their order, while the meeting's row is held: two people who change at once come one after the other."""
    places.held(meeting.pk)
    return list(Material.objects.filter(meeting_id=meeting.pk))
