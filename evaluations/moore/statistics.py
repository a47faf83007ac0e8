"""The arithmetic of the report. No database here: counts go in, numbers come out, and `None` where a number would mean nothing.

The sufficient statistic of a paired item is its count table `{(before, after): people}`; everything below works on it, so the
cost does not grow with the people. Never NaN, never infinity.

Effect size. `d_av` is the mean change divided by the root of the average variance, √((s²before + s²after) / 2) (some authors divide
by the average of the two SDs and call that d_av too); `d_z` is the mean change divided by the standard deviation of the changes
(Lakens D. Front Psychol 2013;4:863). Below 20 pairs the variant shown is `g_av`: d_av times Hedges' exact factor with n − 1 degrees
of freedom, J = Γ(df/2) / (√(df/2) · Γ((df − 1)/2)) (Hedges LV. J Educ Stat 1981;6:107). Two pairs give no factor, so no effect.

Interval. 95 %, large-sample, of d_av for paired samples with unequal variances (Bonett DG. Psychol Methods 2008;13:99, as in the
R package statpsych, `ci.stdmean.ps`); where the variant is g_av both ends are multiplied by J (Borenstein M et al., Introduction
to Meta-Analysis, 2009, ch. 4: V_g = J² · V_d).

Wilcoxon signed-rank, two-sided: people without change are left out (Wilcoxon's own way, `zero_method="wilcox"`), ties share
their mean rank. Up to EXACT_PAIRS changed pairs the distribution is exact, ties included, by convolution over the groups of tied
ranks (scipy's `exact` assumes no ties, and its permutations are exhaustive only for a dozen pairs); beyond, the normal
approximation with the correction for ties. `w` is the smaller rank sum.

McNemar: exact, binomial on the pairs that changed. Odds ratio = b / c, d = ln(OR) / 1.81. An empty cell gives no odds ratio and no
d (we do not add a half). p is given only from 20 pairs on, for both tests.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

PAIRS_FOR_P = 20
PAIRS_WITHOUT_HEDGES = 20
EXACT_PAIRS = 400
LOW_RESPONSE = 0.6
LN_ODDS_PER_D = 1.81
CONFIDENCE = 0.95
DIGITS = 9  # values are points or shares of points: what differs by less than this is the same


@dataclass(frozen=True)
class Spread:
    """`sd` is the sample standard deviation (n − 1), `None` for one person."""

    mean: float
    median: float
    sd: float | None


@dataclass(frozen=True)
class Effect:
    """`value` is what `variant` names: d_av, or g_av = J · d_av below 20 pairs. `percentile` (0 to 100) is where the average
    person of before would stand afterwards, `non_overlap` (0 to 100) is Cohen's U1; both are of `value`."""

    variant: str
    value: float
    d_av: float
    d_z: float | None
    hedges: bool
    ci: tuple[float, float]
    percentile: float
    non_overlap: float


@dataclass(frozen=True)
class Wilcoxon:
    w: float
    p: float | None


@dataclass(frozen=True)
class McNemar:
    """`b` went from wrong to right, `c` from right to wrong."""

    b: int
    c: int
    odds_ratio: float | None
    d: float | None
    p: float | None


@dataclass(frozen=True)
class Change:
    n: int
    before: Spread
    after: Spread
    improved: int
    same: int
    worse: int
    effect: Effect | None
    wilcoxon: Wilcoxon | None


def paired_change(table):
    """What changed, from `{(before, after): people}`; `None` without people."""
    table = {pair: people for pair, people in table.items() if people > 0}
    n = sum(table.values())
    if not n:
        return None
    changes = _changes(table)
    return Change(
        n=n,
        before=spread(_margin(table, 0)),
        after=spread(_margin(table, 1)),
        improved=sum(people for change, people in changes.items() if change > 0),
        same=changes.get(0, 0),
        worse=sum(people for change, people in changes.items() if change < 0),
        effect=effect(table),
        wilcoxon=wilcoxon(changes),
    )


def spread(counts):
    """Mean, median and SD from `{value: people}`; `None` without people."""
    counts = {value: people for value, people in counts.items() if people > 0}
    n = sum(counts.values())
    if not n:
        return None
    variance = _variance(counts)
    return Spread(_mean(counts), median(counts), None if variance is None else math.sqrt(variance))


def median(counts):
    """The middle of `{value: people}`, between the two middle ones where the number is even."""
    values = sorted(value for value, people in counts.items() if people > 0)
    reached = np.cumsum([counts[value] for value in values])
    n = int(reached[-1])
    low, high = (values[int(np.searchsorted(reached, place, side="right"))] for place in ((n - 1) // 2, n // 2))
    return (low + high) / 2


# --- effect size -----------------------------------------------------------------------------------------------------


def effect(table):
    """The `Effect` of `{(before, after): people}`; `None` below three pairs or where nobody differs from anybody."""
    n = sum(table.values())
    before, after, changes = _margin(table, 0), _margin(table, 1), _changes(table)
    if n < 3 or not (variance := (_variance(before) + _variance(after)) / 2):
        return None
    change = _mean(changes)
    d_av = change / math.sqrt(variance)
    change_variance = _variance(changes)
    d_z = change / math.sqrt(change_variance) if change_variance else None
    hedges = n < PAIRS_WITHOUT_HEDGES
    factor = hedges_factor(n - 1) if hedges else 1.0
    value, margin = factor * d_av, factor * _half_width(d_av, table, n)
    if not all(map(math.isfinite, (value, margin, d_z or 0.0))):
        return None
    return Effect(
        variant="g_av" if hedges else "d_av", value=value, d_av=d_av, d_z=d_z, hedges=hedges,
        ci=(value - margin, value + margin), percentile=percentile(value), non_overlap=non_overlap(value),
    )  # fmt: skip


def hedges_factor(degrees):
    """J for `degrees` of freedom (2 or more): what takes the upward bias of small samples out of d."""
    return math.exp(special.gammaln(degrees / 2) - special.gammaln((degrees - 1) / 2)) / math.sqrt(degrees / 2)


def _half_width(d_av, table, n):
    """Half the 95 % interval of d_av (Bonett 2008, paired samples)."""
    v1, v2 = _variance(_margin(table, 0)), _variance(_margin(table, 1))
    average = (v1 + v2) / 2
    covariance = (v1 + v2 - _variance(_changes(table))) / 2
    of_d = d_av**2 * (v1**2 + v2**2 + 2 * covariance**2) / (8 * (n - 1) * average**2)
    of_change = _variance(_changes(table)) / ((n - 1) * average)
    return float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * math.sqrt(of_d + of_change)


def percentile(d):
    """Where the average person of the first group stands in the other one: 100 · Φ(d)."""
    return 100 * float(stats.norm.cdf(d))


def non_overlap(d):
    """Cohen's U1, the share (0 to 100) of the two distributions that does not overlap."""
    half = float(stats.norm.cdf(abs(d) / 2))
    return 100 * (2 * half - 1) / half


# --- tests -----------------------------------------------------------------------------------------------------------


def wilcoxon(changes):
    """The signed-rank test on `{change: people}`; `None` where nobody changed."""
    sizes = {}
    for change, people in changes.items():
        if change and people > 0:
            sizes[abs(change)] = sizes.get(abs(change), 0) + people
    changed = sum(sizes.values())
    if not changed:
        return None
    ranks = _doubled_ranks(sizes)
    upward = sum(ranks[change] * people for change, people in changes.items() if change > 0)
    smaller = min(upward, changed * (changed + 1) - upward)
    enough = sum(changes.values()) >= PAIRS_FOR_P
    return Wilcoxon(smaller / 2, _wilcoxon_p(smaller, sizes, ranks) if enough else None)


def _doubled_ranks(sizes):
    """`{size of change: twice its mean rank}`, which is a whole number."""
    ranks, below = {}, 0
    for size in sorted(sizes):
        ranks[size] = 2 * below + sizes[size] + 1
        below += sizes[size]
    return ranks


def _wilcoxon_p(smaller, sizes, ranks):
    changed = sum(sizes.values())
    if changed <= EXACT_PAIRS:
        return min(1.0, 2 * float(_signed_rank_distribution(sizes, ranks)[: smaller + 1].sum()))
    ties = sum(people**3 - people for people in sizes.values())
    variance = changed * (changed + 1) * (2 * changed + 1) / 24 - ties / 48
    distance = changed * (changed + 1) / 4 - smaller / 2
    return min(1.0, 2 * float(stats.norm.sf(distance / math.sqrt(variance))))


def _signed_rank_distribution(sizes, ranks):
    """Chances of each doubled rank sum when every sign is a fair coin: one binomial per group of ties, convolved."""
    chances = np.ones(1)
    for size, people in sizes.items():
        step, heads = ranks[size], stats.binom.pmf(np.arange(people + 1), people, 0.5)
        wider = np.zeros(len(chances) + step * people)
        for count, chance in enumerate(heads):
            wider[count * step : count * step + len(chances)] += chance * chances
        chances = wider
    return chances


def mcnemar(b, c, pairs):
    """Right and wrong, before and after: `b` wrong→right, `c` right→wrong, of `pairs` people. `None` without pairs."""
    if not pairs:
        return None
    odds_ratio = b / c if b and c else None
    p = float(stats.binomtest(b, b + c, 0.5).pvalue) if pairs >= PAIRS_FOR_P and b + c else None
    return McNemar(b, c, odds_ratio, math.log(odds_ratio) / LN_ODDS_PER_D if odds_ratio else None, p)


# --- who answered ----------------------------------------------------------------------------------------------------


def response_rate(n, asked):
    """From 0 to 1; `None` where nobody was asked or it is not known."""
    return min(1.0, n / asked) if asked and n is not None else None


def low_response(rate):
    """Whether a warning stands beside the figure."""
    return rate is not None and rate < LOW_RESPONSE


# --- sums over counts ------------------------------------------------------------------------------------------------


def _margin(table, side):
    counts = {}
    for pair, people in table.items():
        counts[pair[side]] = counts.get(pair[side], 0) + people
    return counts


def _changes(table):
    counts = {}
    for (before, after), people in table.items():
        change = round(after - before, DIGITS) or 0
        counts[change] = counts.get(change, 0) + people
    return counts


def _mean(counts):
    return math.fsum(value * people for value, people in counts.items()) / sum(counts.values())


def _variance(counts):
    """With n − 1; exactly 0 where all are equal, `None` for one person."""
    n = sum(counts.values())
    if n < 2:
        return None
    if max(counts) - min(counts) <= 10**-DIGITS:
        return 0.0
    mean = _mean(counts)
    return math.fsum(people * (value - mean) ** 2 for value, people in counts.items()) / (n - 1)
