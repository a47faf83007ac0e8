"""Janus's VideoRoom, behind our server: few send (the stage), many receive. The browser never sees Janus.

janus_call.py is one device in it, janus_room.py one room, janus_link.py our line; `make room-engine` starts it on Debian.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy

from sessions.conference.base import Grant


class Janus:
    key, label = "janus", gettext_lazy("in the page, through this site's media server (up to 6 on the stage, hundreds watching)")
    needs_address, embedded, framed = False, True, False

    def check(self, meeting):
        return []

    def join(self, meeting, seat):
        return Grant(config={"engine": self.key})


def engine():
    return Janus() if settings.JANUS_URL else None
