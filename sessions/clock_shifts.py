"""Whose clock shows another hour at one meeting than at the meeting before it, because zones do not change theirs on the same day."""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True)
class Shift:
    """From `on` (their calendar) people in `zones` meet at `now` instead of `was`. `people` counts them, 0 where nobody is enrolled yet."""

    on: date
    was: time
    now: time
    zones: tuple[str, ...]
    people: int
    instant: datetime


def shifts_between(clocks):
    """`[Shift]` in the order of time. `clocks` are `{place: naive local time}` of one meeting after the other (with their instants):
    `[(instant, {Place: datetime})]`."""
    found = []
    for (_earlier, before), (instant, after) in itertools.pairwise(clocks):
        groups = defaultdict(list)
        for place, local in after.items():
            was = before.get(place)
            if was is not None and was.time() != local.time():
                groups[local, was.time()].append(place)
        found += [_shift(instant, local, was, places) for (local, was), places in groups.items()]
    return found


def _shift(instant, local, was, places):
    most_first = sorted(places, key=lambda place: (-place.people, place.zone))
    zones = tuple(dict.fromkeys(place.zone for place in most_first))
    return Shift(local.date(), was, local.time(), zones, sum(place.people for place in places), instant)
