"""Whose turn it is, by arithmetic alone: no rows, no clock, the same answer to the same question.

Turns come in rounds. A round is over when every group that can lead has led in it; only then may a group lead again. A group that never
led comes before one that did, then the one whose last turn is longest ago; among equals the one with the fewest countries in common
with the neighbouring quarters, then the fewest languages, then the first by name.
"""

from dataclasses import dataclass

from sessions import quarters


@dataclass(frozen=True)
class Group:
    """`since` is the quarter from which on the group counts; `able` whether it stands and has enough mentors with a certificate."""

    id: int
    name: str
    since: str
    able: bool = True
    countries: frozenset = frozenset()
    languages: frozenset = frozenset()


@dataclass(frozen=True)
class Turn:
    """`excused` where a person gave a reason for breaking the rule."""

    quarter: str
    group: int
    excused: bool = False


def breaches(turns, groups):
    """The quarters in which a group leads again although another that can lead has not led in this round."""
    led, round_, found = set(), set(), set()
    for turn in sorted(turns, key=lambda one: one.quarter):
        led.add(turn.group)
        if {one.id for one in groups if one.able and (one.since <= turn.quarter or one.id in led)} <= round_:
            round_ = set()
        if turn.group in round_ and not turn.excused:
            found.add(turn.quarter)
        round_.add(turn.group)
    return found


def new_breaches(before, after, groups):
    """What a change of turns would break that is not broken already."""
    return breaches(after, groups) - breaches(before, groups)


def next_group(quarter, turns, groups, but_not=()):
    """The group whose turn `quarter` is, or `None` where none can lead without breaking the rule. `but_not`: ids of those that declined."""
    turns = [turn for turn in turns if turn.quarter != quarter]
    fair = [
        group
        for group in groups
        if group.able and group.id not in but_not and not new_breaches(turns, [*turns, Turn(quarter, group.id)], groups)
    ]
    beside = neighbours(quarter, turns, groups)
    return min(fair, key=lambda group: _rank(group, quarter, turns, beside), default=None)


def _rank(group, quarter, turns, beside):
    countries = sum(len(group.countries & other.countries) for other in beside)
    languages = sum(len(group.languages & other.languages) for other in beside)
    return (last_led(group.id, quarter, turns), countries, languages, group.name.casefold(), group.id)


def last_led(group_id, quarter, turns):
    """The quarter of the group's last turn before `quarter`, "" for none."""
    return max((turn.quarter for turn in turns if turn.group == group_id and turn.quarter < quarter), default="")


def neighbours(quarter, turns, groups):
    """The groups that lead in the quarters before and after."""
    known, beside = {group.id: group for group in groups}, (quarters.preceding(quarter), quarters.following(quarter))
    return [known[turn.group] for turn in turns if turn.quarter in beside and turn.group in known]


def why(group, quarter, turns, groups):
    """How the group came to the quarter, as data for `QuarterSlot.why`."""
    turns = [turn for turn in turns if turn.quarter != quarter]
    since, beside = last_led(group.id, quarter, turns), neighbours(quarter, turns, groups)
    return {
        "rule": "longest_since" if since else "never_led", "since": since, "countries": sorted(group.countries), "reason": "", "former": "",
        "other_country": bool(beside and group.countries) and not any(group.countries & other.countries for other in beside),
    }  # fmt: skip
