"""Stretches of time, merged. Pure: no database, no clock.

An interval is `(begin, end)` of aware datetimes. Two tabs at once are one presence: time is the length of the union, never a sum.
"""

from datetime import timedelta


def clipped(intervals, begin, end):
    """What of the intervals lies between `begin` and `end`; empty ones and those that run backwards are left out."""
    cut = [(max(one, begin), min(other, end)) for one, other in intervals]
    return [(one, other) for one, other in cut if one < other]


def merged(intervals, gap=timedelta(0)):
    """The union as disjoint intervals in order of time; those at most `gap` apart become one."""
    union = []
    for begin, end in sorted(intervals):
        if union and begin <= union[-1][1] + gap:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((begin, end))
    return union


def seconds(intervals):
    """The length of the union in whole seconds, rounded down."""
    return int(sum((end - begin for begin, end in merged(intervals)), timedelta(0)).total_seconds())
