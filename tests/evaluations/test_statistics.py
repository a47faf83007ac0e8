"""The arithmetic of the report against hand-computed figures, against scipy on raw data, and where there is nothing to compute."""

import dataclasses
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from evaluations.moore import statistics

PRE, POST = [2, 2, 3, 1, 2, 3, 2, 2], [4, 3, 4, 3, 4, 4, 3, 4]


def table_of(before, after):
    return dict(Counter(zip(before, after, strict=True)))


def numbers_in(thing):
    if isinstance(thing, float):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from numbers_in(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from numbers_in(one)


# --- the fixtures of domain.md §7.4 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("d", "percentile", "non_overlap"), [(0.2, 57.93, 14.76), (0.5, 69.15, 32.97), (0.8, 78.81, 47.43), (1.7, 95.54, 75.36)]
)
def test_percentile_and_non_overlap_of_d(d, percentile, non_overlap):
    assert round(statistics.percentile(d), 2) == percentile
    assert round(statistics.non_overlap(d), 2) == non_overlap
    assert statistics.non_overlap(-d) == statistics.non_overlap(d)


def test_eight_pairs_computed_by_hand():
    change = statistics.paired_change(table_of(PRE, POST))
    assert (change.n, change.improved, change.same, change.worse) == (8, 8, 0, 0)
    assert (change.before.mean, change.after.mean) == (2.125, 3.625)
    assert (change.before.median, change.after.median) == (2, 4)
    assert (round(change.before.sd, 4), round(change.after.sd, 4)) == (0.6409, 0.5175)
    assert round(change.effect.d_av, 4) == 2.5752
    assert round(change.effect.d_z, 4) == 2.8062


def test_small_groups_show_the_corrected_variant_by_name():
    effect = statistics.paired_change(table_of(PRE, POST)).effect
    assert (effect.variant, effect.hedges) == ("g_av", True)
    assert effect.value == pytest.approx(2.5752 * 0.88820, abs=1e-3)  # J(7) = Γ(3.5) / (√3.5 · Γ(3))
    assert effect.ci[0] < effect.value < effect.ci[1]
    twenty = statistics.paired_change({pair: people * 3 for pair, people in table_of(PRE, POST).items()}).effect
    assert (twenty.variant, twenty.hedges, twenty.value) == ("d_av", False, twenty.d_av)


def test_hedges_factor_against_its_well_known_approximation():
    assert statistics.hedges_factor(2) == pytest.approx(math.gamma(1) / (1 * math.gamma(0.5)))
    for degrees in (10, 19, 100):
        assert statistics.hedges_factor(degrees) == pytest.approx(1 - 3 / (4 * degrees - 1), abs=1e-3)


def test_twelve_and_three_of_mcnemar():
    result = statistics.mcnemar(12, 3, 30)
    assert result.odds_ratio == 4.0
    assert round(result.d, 4) == 0.7659
    assert result.p == pytest.approx(stats.binomtest(3, 15).pvalue)
    assert result.p == pytest.approx(2 * sum(math.comb(15, k) for k in range(4)) / 2**15)


def test_interval_against_the_published_example_of_statpsych():
    """`ci.stdmean.ps(.05, 110.4, 102.1, 15.3, 14.6, .75, 25)`: estimate 0.5550319, SE 0.1609934, 0.2394905 to 0.8705732.

    Twenty-five pairs are made with exactly these means, deviations and this correlation.
    """
    base = np.arange(25.0)
    first = (base - base.mean()) / base.std(ddof=1)
    second = np.sin(base * 3)
    second -= second.mean() + first * (second @ first) / (first @ first)
    second /= second.std(ddof=1)
    before = 102.1 + 14.6 * first
    after = 110.4 + 15.3 * (0.75 * first + math.sqrt(1 - 0.75**2) * second)
    effect = statistics.paired_change(table_of(before.tolist(), after.tolist())).effect
    assert effect.variant == "d_av"
    assert effect.value == pytest.approx(0.5550319, abs=1e-6)
    assert effect.ci == pytest.approx((0.2394905, 0.8705732), abs=1e-6)


# --- the count table says what the people say -------------------------------------------------------------------------


points = st.integers(1, 5)
pairs = st.lists(st.tuples(points, points), min_size=1, max_size=60)


@given(pairs)
def test_count_table_equals_raw_pairs(raw):
    before, after = (np.array(side, dtype=float) for side in zip(*raw, strict=True))
    change = statistics.paired_change(dict(Counter(raw)))
    assert change.n == len(raw)
    for spread, values in ((change.before, before), (change.after, after)):
        assert spread.mean == pytest.approx(values.mean())
        assert spread.median == np.median(values)
        assert spread.sd == (pytest.approx(values.std(ddof=1)) if len(raw) > 1 else None)
    assert [change.improved, change.same, change.worse] == [int(f(after, before).sum()) for f in (np.greater, np.equal, np.less)]
    if change.effect:
        average = math.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 2)
        assert change.effect.d_av == pytest.approx((after - before).mean() / average)
        if change.effect.d_z is not None:
            assert change.effect.d_z == pytest.approx(stats.ttest_rel(after, before).statistic / math.sqrt(len(raw)))


@given(st.lists(st.tuples(points, points), min_size=20, max_size=60))
def test_signed_rank_sums_equal_scipys(raw):
    before, after = (np.array(side) for side in zip(*raw, strict=True))
    result = statistics.paired_change(dict(Counter(raw))).wilcoxon
    if (before == after).all():
        assert result is None
        return
    assert result.w == stats.wilcoxon(after, before, zero_method="wilcox", method="asymptotic").statistic
    assert 0 < result.p <= 1


def test_signed_rank_p_is_exact_without_ties():
    changes = np.array([k * (-1) ** (k % 3 == 0) for k in range(1, 26)], dtype=float)
    ours = statistics.wilcoxon(dict(Counter(changes.tolist())))
    theirs = stats.wilcoxon(changes, method="exact")
    assert (ours.w, ours.p) == (theirs.statistic, pytest.approx(theirs.pvalue, rel=1e-12))


@given(st.lists(st.integers(-4, 4).filter(bool), min_size=1, max_size=9), st.integers(20, 25))
def test_signed_rank_p_is_exact_with_ties_and_people_without_change(changed, people):
    """Against every one of the 2ⁿ signings; those without change make up the twenty pairs and are left out of the ranks."""
    ranks = stats.rankdata(np.abs(changed))
    signs = (np.arange(2 ** len(changed))[:, None] >> np.arange(len(changed))) & 1
    sums = signs @ ranks
    upward = ranks[np.array(changed) > 0].sum()
    exact = min(1.0, 2 * min((sums <= upward + 1e-9).mean(), (sums >= upward - 1e-9).mean()))
    ours = statistics.wilcoxon({**Counter(changed), 0: people - len(changed)})
    assert ours.p == pytest.approx(exact)


def test_signed_rank_of_a_large_group_is_scipys_approximation():
    random = np.random.default_rng(7)
    changes = random.integers(-3, 5, 2000)
    ours = statistics.wilcoxon({int(change): int((changes == change).sum()) for change in np.unique(changes)})
    theirs = stats.wilcoxon(changes, method="asymptotic")
    assert (ours.w, ours.p) == (theirs.statistic, pytest.approx(theirs.pvalue, rel=1e-9))


def test_exact_and_approximate_agree_where_they_meet():
    changes = {1: 120, 2: 60, -1: 100, -2: 40, 3: 20, -3: 30}
    exact = statistics.wilcoxon(changes)
    approximate = stats.wilcoxon(np.repeat(list(changes), list(changes.values())), method="asymptotic")
    assert exact.p == pytest.approx(approximate.pvalue, abs=2e-3)


def test_shares_that_differ_by_rounding_only_are_the_same():
    change = statistics.paired_change({(0.1, 0.3): 3, (0.4, 0.6): 3})
    assert change.wilcoxon.w == 0
    assert change.effect.d_z is None
    assert statistics.paired_change({(0.1 + 0.2, 0.3): 6}).same == 6


# --- p only from twenty pairs -----------------------------------------------------------------------------------------


def test_no_p_below_twenty_pairs():
    few, enough = {(1, 2): 10, (2, 1): 9}, {(1, 2): 11, (2, 1): 9}
    assert statistics.paired_change(few).wilcoxon.p is None
    assert statistics.paired_change(enough).wilcoxon.p is not None
    assert statistics.mcnemar(5, 2, 19).p is None
    assert statistics.mcnemar(5, 2, 20).p is not None


# --- where there is nothing to compute --------------------------------------------------------------------------------


def test_nobody():
    assert statistics.paired_change({}) is None
    assert statistics.paired_change({(1, 2): 0}) is None
    assert statistics.spread({}) is None
    assert statistics.wilcoxon({}) is None
    assert statistics.mcnemar(0, 0, 0) is None


def test_one_person_has_a_mean_and_nothing_else():
    change = statistics.paired_change({(1, 2): 1})
    assert (change.before.mean, change.before.median, change.before.sd) == (1, 1, None)
    assert change.effect is None
    assert change.wilcoxon == statistics.Wilcoxon(0, None)


@pytest.mark.parametrize("table", [{(2, 4): 12}, {(3, 3): 30}, {(1, 2): 2}, {(0.1, 0.7): 25}])
def test_all_equal_or_too_few_have_no_effect(table):
    assert statistics.paired_change(table).effect is None


def test_all_changed_alike_has_no_d_z():
    effect = statistics.paired_change({(1, 2): 4, (2, 3): 4}).effect
    assert effect.d_z is None
    assert effect.value > 0


def test_nobody_changed():
    change = statistics.paired_change({(1, 1): 10, (2, 2): 12})
    assert change.wilcoxon is None
    assert (change.effect.value, change.effect.percentile, change.effect.non_overlap) == (0, 50, 0)


@pytest.mark.parametrize(("b", "c"), [(5, 0), (0, 5), (0, 0)])
def test_an_empty_cell_gives_no_odds_ratio(b, c):
    result = statistics.mcnemar(b, c, 25)
    assert (result.odds_ratio, result.d) == (None, None)
    assert (result.p is None) == (b + c == 0)


wide = st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False))


@given(st.dictionaries(st.tuples(wide, wide), st.integers(0, 40), max_size=12))
@example({(0.0, 1e-12): 3, (1e-12, 0.0): 3})
@example({(0.0, 5e-324): 30, (1e-300, 0.0): 3})
@example({(0, 0): 19, (0, 2e-9): 1})
def test_never_nan_and_never_infinite(table):
    change = statistics.paired_change(table)
    assert change is None or all(math.isfinite(number) for number in numbers_in(change))


# --- who answered -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "asked", "rate", "low"),
    [(9, 11, 9 / 11, False), (6, 10, 0.6, False), (5, 10, 0.5, True), (0, 10, 0.0, True), (3, 0, None, False), (3, None, None, False),
     (None, 10, None, False), (12, 10, 1.0, False)],
)  # fmt: skip
def test_response_rate_and_its_warning(n, asked, rate, low):
    assert statistics.response_rate(n, asked) == rate
    assert statistics.low_response(rate) is low
