"""The contract of sound and picture. One engine, one file; chosen per meeting (`Meeting.engine`); a room is complete without any.

An engine is an object with the attributes of `Engine`. Optional: `webhook(request) -> HttpResponse`, called by the engine's own
server, which checks the signature itself and writes what it learns as `ImportedStay` rows; and `fetch_stays(meeting) -> int`, which
asks for a report and returns how many stays are new.
"""

from dataclasses import dataclass, field
from typing import Protocol

from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class Grant:
    """How one person gets in. `url` is opened in a tab of its own (it may carry a token: redirect to it, never log or store it).

    `config` is for engines inside our page (mesh, janus): {"engine", "room"}; they get everything else over the socket.
    """

    url: str = ""
    config: dict = field(default_factory=dict)


class Engine(Protocol):
    """`label` is a translated name. `needs_address`: the meeting's `conference_url` must be filled in.

    `embedded`: sound and picture are in our page; else a link opens them. `framed`: the page of another server is shown in ours.
    """

    key: str
    label: str
    needs_address: bool
    embedded: bool
    framed: bool

    def check(self, meeting) -> list:
        """What stands in the way, as sentences; empty when people can join."""

    def join(self, meeting, seat) -> Grant:
        """May call the engine's server. Raises `NotReachable` with a sentence for the person."""


class NotReachable(Exception):
    """The engine did not give what was asked for. The text is for people; details are in the log."""


def name_of_room(meeting, group=None):
    """The name of a room at an engine: stable, and not to be guessed from the number of the meeting."""
    who = f"{meeting.pk}:{group or 'main'}"
    return f"puente-{meeting.pk}-{salted_hmac('sessions.conference.room', who).hexdigest()[:20]}"
