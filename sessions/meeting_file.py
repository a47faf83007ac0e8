"""One meeting as a calendar file to download: the entry that mail and feed have, under the same UID."""

from notifications import calendar
from sessions import entries


def calendar_file(meeting, user):
    """Bytes. The `UID` stays the same for ever, so that a second download, or a mail about it, replaces the first."""
    return calendar.published(entries.entry_of(meeting, user)).encode()
