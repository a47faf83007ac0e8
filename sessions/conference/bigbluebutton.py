"""BigBlueButton: the meeting is made when the first person joins, because it vanishes when nobody is in it.

docs.bigbluebutton.org/development/api: checksum = SHA-256(call name + query string + secret), over the query exactly as sent.
"""

import hashlib
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.conference import outside
from sessions.conference.base import Grant, NotReachable, name_of_room

LIMIT = 64 * 1024


class BigBlueButton:
    key, label = "bbb", gettext_lazy("BigBlueButton")
    needs_address = embedded = framed = False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        room = name_of_room(meeting)
        words = _("The BigBlueButton server does not answer. Try again, or use the backup address.")
        answer = outside.call(
            "GET", signed("create", [("name", meeting.title[:200]), ("meetingID", room), ("record", "false")]), words
        )
        if not _succeeded(answer.content):
            raise NotReachable(words)
        role = "MODERATOR" if seat.hosts else "VIEWER"
        person = [("fullName", seat.name), ("meetingID", room), ("userID", str(seat.user_id)), ("role", role)]
        return Grant(url=signed("join", [*person, ("redirect", "true")]))


def engine():
    return BigBlueButton() if settings.BBB_URL and settings.BBB_SECRET else None


def signed(name, parameters):
    """The address of a call. It is a bearer token: redirect to it, never log it."""
    query = urlencode(parameters)
    return f"{settings.BBB_URL.rstrip('/')}/{name}?{query}&checksum={checksum(name, query, settings.BBB_SECRET)}"


def checksum(name, query, secret):
    return hashlib.sha256(f"{name}{query}{secret}".encode()).hexdigest()


def _succeeded(content):
    """No DTD, so no entities: an answer that has one is not BigBlueButton's."""
    if len(content) > LIMIT or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return False
    try:
        return ElementTree.fromstring(content).findtext("returncode") == "SUCCESS"  # noqa: S314 -- size and DTD are checked above
    except ElementTree.ParseError:
        return False
