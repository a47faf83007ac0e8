"""Sound and picture: which engines this site has, and the one of a meeting. base.py holds the contract.

Which engines there are is decided by the operator's settings ("rooms: sound and picture"): without any, people have `none`, `link`
and `mesh`. Everything else of the room (chat, polls, board) never depends on this.
"""

from sessions.conference import bigbluebutton, janus, jitsi, link, livekit, mesh, teams, zoom
from sessions.conference.base import Grant, NotReachable
from sessions.conference.link import check_address

__all__ = ["Grant", "NotReachable", "check_address", "choices", "engine_of", "engines"]

MAKERS = (
    link.none,
    link.link,
    mesh.engine,
    janus.engine,
    bigbluebutton.engine,
    jitsi.engine,
    livekit.engine,
    zoom.engine,
    teams.engine,
)


def engines():
    """`{key: engine}` of what the operator has set up, in the order in which to offer them."""
    made = (make() for make in MAKERS)
    return {engine.key: engine for engine in made if engine is not None}


def choices():
    """For forms: `[(key, label)]`."""
    return [(key, engine.label) for key, engine in engines().items()]


def engine_of(meeting):
    """The engine of a meeting. Where the operator has taken an engine away, nothing: the room goes on without sound and picture."""
    found = engines()
    return found.get(meeting.engine) or found["none"]
