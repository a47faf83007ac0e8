"""Wall time and instants. What an organiser writes ("18:00 in Mexico City") is the promise; the instant follows from the rules of the zone.

Adding seven times twenty-four hours to an instant is not "a week later": across a change of the clocks it is an hour off.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notifications import clocks

WRITTEN = "%Y-%m-%dT%H:%M"
known, zone = clocks.known, clocks.zone
LONGEST_GAP = 24 * 60 + 1  # minutes; Samoa left out a whole day in 2011


@dataclass(frozen=True)
class Moment:
    """`wall` as it was written (naive) and its `instant` in UTC.

    `twist` is "skipped" where clocks go forward over `wall` (then `instant` is the first minute that exists, `fix` what clocks show
    there), "twice" where they go back over it (then `instant` is the first of the two), else "".
    """

    wall: datetime
    instant: datetime
    twist: str = ""
    fix: datetime | None = None


def moment_of(wall, zone):
    """The `Moment` of a naive wall time in a zone. Raises `OverflowError` at the ends of the calendar."""
    if not _exists(wall, zone):
        fix = next(later for minutes in range(1, LONGEST_GAP) if _exists(later := wall + timedelta(minutes=minutes), zone))
        return Moment(wall, _first(fix, zone), "skipped", fix)
    again = wall.replace(tzinfo=zone, fold=1)
    twice = again.utcoffset() != wall.replace(tzinfo=zone).utcoffset()
    return Moment(wall, _first(wall, zone), "twice" if twice else "")


def written(instant, zone):
    """What the clocks of the zone show, as rows keep it: "2027-03-05T18:00"."""
    return instant.astimezone(zone).strftime(WRITTEN)


def read(text):
    """The naive wall time of a row. Raises `ValueError`."""
    return datetime.strptime(text, WRITTEN)


def wall_of(meeting):
    """The naive wall time at which a meeting begins, as its organiser wrote it; rows from before that was kept are read off the clock."""
    return read(meeting.wall_start or written(meeting.starts_at, zone(meeting.time_zone)))


def _exists(wall, zone):
    return _first(wall, zone).astimezone(zone).replace(tzinfo=None) == wall


def _first(wall, zone):
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
