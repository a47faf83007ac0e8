"""Telling every process that the log of a room has grown. A hint may be lost, doubled or late; hubs look at the log anyway."""


def send(meeting_id, grown, tallies=()):
    """After a commit: `grown` is {stream name: [event frames]}, `tallies` [(kind, id)]. Never raises, never waits for a network."""


def kick(user_id, meeting_id=None, why="login"):
    """Closes the sockets of a person everywhere (in one room, or in all) after sign-out, removal, deactivation, a new password."""
