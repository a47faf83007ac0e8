"""Mean, median and deviation of confidential answers: nobody can work out how few people chose a point."""

import random
import statistics
from itertools import combinations_with_replacement

import pytest

from evaluations.moore.moments import WIDTH, tellable

POINTS = (1, 2, 3, 4, 5)


def told_of(answers):
    counts = {point: answers.count(point) for point in POINTS}
    return tellable(counts, POINTS, 5)


def figures(answers):
    return {
        "mean": round(statistics.fmean(answers) + 1e-9, 1),
        "median": round(statistics.median(answers) + 1e-9, 1),
        "sd": round(statistics.stdev(answers) + 1e-9, 1),
    }


def leaks(answers, told):
    """Points that one to four people chose and whose number a reader can narrow to a range under three: by going through all groups."""
    known = {name: value for name, value in told.items() if value is not None}
    ways = [one for one in combinations_with_replacement(POINTS, len(answers)) if known.items() <= figures(one).items()]
    found = []
    for point in POINTS:
        if 0 < answers.count(point) < 5:
            numbers = [way.count(point) for way in ways]
            if max(numbers) - min(numbers) < WIDTH:
                found.append(point)
    return found


def groups(sizes, times, seed=5):
    chance = random.Random(seed)
    for n in sizes:
        for _ in range(times):
            centre = chance.choice((1.5, 2.5, 3.5, 4.5))
            yield sorted(min(max(round(chance.gauss(centre, 0.9)), 1), 5) for _person in range(n))


def test_what_is_told_never_narrows_a_small_count():
    for answers in groups(range(5, 15), 6):
        assert not leaks(answers, told_of(answers)), answers


def test_the_plain_figures_would():
    """The control: mean, median and deviation as they are."""
    told = [bool(leaks(answers, figures(answers))) for answers in groups(range(5, 11), 6)]
    assert sum(told) > 0.6 * len(told)


def test_larger_groups_get_all_three():
    answers = [2] * 8 + [3] * 14 + [4] * 12 + [5] * 9 + [1] * 7
    assert told_of(answers) == figures(answers)


@pytest.mark.parametrize("n", [5, 12, 30, 200])
def test_that_everybody_chose_the_same_is_not_told(n):
    assert told_of([1] * n)["mean"] is None and told_of([5] * n)["sd"] is None


@pytest.mark.parametrize("answers", [[], [3, 3], [1, 2, 3, 4]])
def test_fewer_than_five_get_nothing(answers):
    assert told_of(answers) == {"mean": None, "median": None, "sd": None}


def test_a_value_outside_the_scale_gets_nothing():
    assert tellable({2.5: 9, 3: 9}, POINTS, 5) == {"mean": None, "median": None, "sd": None}


def test_hundreds_of_people_are_quick_and_whole():
    assert tellable({1: 10, 2: 40, 3: 200, 4: 90, 5: 60}, POINTS, 5)["sd"] == pytest.approx(0.9, abs=0.11)
