"""Whose turn it is, by arithmetic: no rows, no clock."""

import datetime

from sessions import fairness, quarters
from sessions.fairness import Group, Turn


def groups(*names, **countries):
    return [Group(number, name, "2020-Q1", countries=frozenset(countries.get(name, ()))) for number, name in enumerate(names, 1)]


def chosen(quarter, turns, all_groups, but_not=()):
    found = fairness.next_group(quarter, [Turn(*turn) for turn in turns], all_groups, but_not)
    return found.name if found else None


def test_who_never_led_comes_before_who_led_longest_ago():
    assert chosen("2027-Q1", [("2026-Q3", 1), ("2026-Q4", 2)], groups("A", "B", "Z")) == "Z"
    assert chosen("2027-Q1", [("2026-Q2", 2), ("2026-Q3", 1), ("2026-Q4", 3)], groups("A", "B", "C")) == "B"


def test_among_equals_other_countries_than_beside_then_the_name():
    some = groups("A", "B", "C", "D", A=["MX"], B=["MX"], C=["BR"], D=["BR"])
    assert chosen("2027-Q2", [("2027-Q1", 1)], some) == "C"
    assert chosen("2027-Q2", [("2027-Q1", 1), ("2027-Q3", 3)], groups("A", "B", "C", "D")) == "B"


def test_among_equals_of_country_other_languages():
    one = Group(1, "A", "2020-Q1", languages=frozenset({"es"}))
    two = Group(2, "B", "2020-Q1", languages=frozenset({"es"}))
    three = Group(3, "C", "2020-Q1", languages=frozenset({"pt-br"}))
    assert chosen("2027-Q2", [("2027-Q1", 1)], [one, two, three]) == "C"


def test_nobody_leads_twice_before_all_have_led_and_later_turns_count():
    turns = [Turn("2026-Q1", 1), Turn("2026-Q2", 2), Turn("2026-Q3", 1)]
    assert fairness.breaches(turns, groups("A", "B", "C")) == {"2026-Q3"}
    assert fairness.breaches(turns, groups("A", "B")) == set()
    assert fairness.breaches([*turns[:2], Turn("2026-Q3", 1, excused=True)], groups("A", "B", "C")) == set()
    later = [("2027-Q2", 1), ("2027-Q3", 2)]
    assert chosen("2027-Q1", later, groups("A", "B", "C")) == "C"
    assert chosen("2027-Q1", later, groups("A", "B", "C"), but_not={3}) is None


def test_a_group_that_comes_late_joins_the_round_that_goes_on():
    late = [*groups("A", "B"), Group(9, "New", "2026-Q4")]
    assert chosen("2026-Q4", [("2026-Q2", 1), ("2026-Q3", 2)], late) == "New"
    assert chosen("2026-Q3", [("2026-Q2", 1)], late) == "B"


def test_quarters_add_up():
    assert quarters.quarter_of(datetime.date(2027, 3, 31)) == "2027-Q1"
    assert (quarters.last_day("2027-Q4"), quarters.first_day("2027-Q2")) == (
        datetime.date(2027, 12, 31),
        datetime.date(2027, 4, 1),
    )
    assert (quarters.following("2027-Q4"), quarters.preceding("2027-Q1")) == ("2028-Q1", "2026-Q4")
