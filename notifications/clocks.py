"""Zones by name, as rows hold them. A row may be older or newer than the tzdata of this machine: showing it must not fail for that."""

import zoneinfo


def known(name):
    """The zone, or `None` for a name that the installed tzdata does not have (RFC 6557)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):  # not found; a path; a folder; no text
        return None


def zone(name):
    """The zone, or UTC for one that this machine does not know: a page about it must still be shown."""
    return known(name) or zoneinfo.ZoneInfo("UTC")
