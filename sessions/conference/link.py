"""No sound and picture here at all, or the address of a meeting elsewhere that somebody pasted."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.conference.base import Grant


class NoEngine:
    key, label = "none", gettext_lazy("none: people meet in person or only write")
    needs_address = embedded = framed = False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        return Grant()


class LinkEngine:
    """The room stays open beside it, so presence and attendance remain ours."""

    key, label = "link", gettext_lazy("a video meeting elsewhere, by its address")
    needs_address, embedded, framed = True, False, False

    def check(self, meeting):
        if not meeting.conference_url:
            return [_("The address of the video meeting is missing.")]
        return problems_of(meeting.conference_url)

    def join(self, meeting, seat):
        return Grant(url="" if self.check(meeting) else meeting.conference_url)


def none():
    return NoEngine()


def link():
    return LinkEngine()


def problems_of(url):
    try:
        check_address(url)
    except ValidationError as error:
        return error.messages
    return []


def check_address(url):
    """Raises `ValidationError` unless the address is https, without user and password, and on a host the operator allows.

    `settings.CONFERENCE_HOSTS`: `zoom.us` allows that host, `.zoom.us` also those below it.
    """
    try:
        URLValidator(schemes=["https"])(url)
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except (ValidationError, ValueError) as error:
        raise ValidationError(_("Give a complete address that begins with https://.")) from error
    if parts.username or parts.password or "@" in parts.netloc:
        raise ValidationError(_("The address must not contain a user name or a password."))
    if port not in (None, 443) or not _allowed(host):
        raise ValidationError(_("Video meetings on %(host)s are not allowed on this site. Ask the operator.") % {"host": host})


def _allowed(host):
    return any(host == allowed.lstrip(".") or (allowed[0] == "." and host.endswith(allowed)) for allowed in hosts())


def hosts():
    return [host.strip().lower() for host in settings.CONFERENCE_HOSTS if host.strip()]
