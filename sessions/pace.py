"""How far a meeting is in its run of show: what is done, how long the present item has left, how late the end will be. Pure.

Times are milliseconds since 1970. The plan counts from the announced start, because that is what people were told: a meeting that
opens three minutes late is three minutes late.
"""

from dataclasses import dataclass

MINUTE = 60_000
DONE, CURRENT, NEXT = "done", "current", "next"


@dataclass(frozen=True)
class Item:
    """A segment as the pace sees it: `began` is when it was really begun, or `None`."""

    id: int
    minutes: int
    began: int | None = None


@dataclass(frozen=True)
class Pace:
    """`lines` is [(id, DONE | CURRENT | NEXT, start)]: the real start where it has begun, else the expected one.

    `left` is the minutes that the present item has left (below zero: over), `None` before the first. `late` is by how many
    minutes the end will be later than planned (below zero: earlier), `ends_at` when that is. `next_id` is the item to go to.
    """

    lines: list
    left: int | None
    late: int
    ends_at: int
    next_id: int | None


def pace_of(items, current, planned_start, now):
    """`items` in their order, `current` the id of the present one or `None`."""
    place = next((number for number, item in enumerate(items) if item.id == current), -1)
    clock, lines, left = planned_start, [], None
    for number, item in enumerate(items):
        state = CURRENT if number == place else DONE if number < place else NEXT
        start = clock if state == NEXT or item.began is None else item.began
        lines.append((item.id, state, start))
        clock = start + item.minutes * MINUTE
        if state == CURRENT:
            left = -(-(clock - now) // MINUTE)
            clock = max(clock, now)
    if place < 0 and items:  # not begun: a start in the past moves everything
        clock += max(0, now - planned_start)
    planned_end = planned_start + sum(item.minutes for item in items) * MINUTE
    following = items[place + 1 : place + 2]
    return Pace(lines, left, (clock - planned_end) // MINUTE, clock, following[0].id if following else None)
