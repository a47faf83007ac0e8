"""Stretches of time: two tabs are one presence, whatever the order, and no time is made up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.intervals import clipped, merged, seconds

START = datetime(2027, 3, 5, 15, 0, tzinfo=UTC)


def instant(second):
    return START + timedelta(seconds=second)


stretches = st.lists(
    st.tuples(st.integers(-600, 6000), st.integers(0, 3000)).map(lambda one: (instant(one[0]), instant(one[0] + one[1]))),
    max_size=20,
)


@settings(deadline=None)
@given(stretches)
def test_the_union_is_never_longer_than_the_span_nor_than_the_sum(intervals):
    cut = clipped(intervals, START, instant(5400))
    spent = seconds(cut)
    assert 0 <= spent <= 5400
    assert spent <= sum((end - begin).total_seconds() for begin, end in cut)
    if cut:
        assert spent <= (max(end for _b, end in cut) - min(begin for begin, _e in cut)).total_seconds()


@settings(deadline=None)
@given(stretches, st.randoms())
def test_order_and_repetition_change_nothing(intervals, chance):
    shuffled = intervals * 2
    chance.shuffle(shuffled)
    assert merged(shuffled) == merged(intervals)
    assert merged(merged(intervals)) == merged(intervals)


@settings(deadline=None)
@given(stretches)
def test_each_second_of_the_union_is_in_an_interval_and_the_other_way_round(intervals):
    union = merged(intervals)
    for second in range(-600, 9000, 97):
        moment = instant(second) + timedelta(milliseconds=500)
        assert any(b <= moment < e for b, e in union) == any(b <= moment < e for b, e in intervals)


@settings(deadline=None)
@given(stretches, st.integers(0, 120))
def test_filling_gaps_adds_at_most_the_gaps(intervals, gap):
    apart, joined = merged(intervals), merged(intervals, timedelta(seconds=gap))
    added = seconds(joined) - seconds(apart)
    assert 0 <= added <= gap * max(len(apart) - 1, 0)


def test_two_tabs_of_an_hour_are_an_hour():
    hour = (START, instant(3600))
    assert seconds([hour, hour]) == 3600
