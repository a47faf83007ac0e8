"""Paired change of answers that nobody may open: what `moments` lets be told, and what follows from that alone.

The effect size is computed from the rounded figures that are shown, so that it adds nothing to them; its interval is rounded; of the
signed-rank test only the usual bounds of p are said, because W and p are functions of each single change.
"""

import math

from evaluations.moore.moments import tellable

P_BOUNDS = (0.001, 0.01, 0.05)


def guarded_change(change, table, low, high, minimum):
    """`before`, `after`, `effect` and `wilcoxon` of a row as JSON. `change` is `statistics.paired_change(table)`."""
    points = _points(low, high)
    before, after = (tellable(_margin(table, side), points, minimum) for side in (0, 1))
    return {
        "before": before, "after": after, "effect": _effect(change.effect, before, after), "wilcoxon": _bounded(change.wilcoxon),
    }  # fmt: skip


def without_mean_before(figures):
    """The same without what would give the mean before the training (evaluations/moore/indicators/competence.py says when)."""
    return {**figures, "before": {**figures["before"], "mean": None, "sd": None}, "effect": None}


def _points(low, high):
    """The points of a scale of whole numbers; none for anything else, of which nothing is told."""
    whole = low is not None and high is not None and float(low).is_integer() and float(high).is_integer()
    return tuple(float(point) for point in range(int(low), int(high) + 1)) if whole else ()


def _margin(table, side):
    margin = {}
    for pair, people in table.items():
        margin[float(pair[side])] = margin.get(float(pair[side]), 0) + people
    return margin


def _effect(effect, before, after):
    figures = (before["mean"], before["sd"], after["mean"], after["sd"])
    if effect is None or None in figures or not (before["sd"] or after["sd"]):
        return None
    d_av = (after["mean"] - before["mean"]) / math.sqrt((before["sd"] ** 2 + after["sd"] ** 2) / 2)
    correction = effect.value / effect.d_av if effect.d_av else 1.0
    interval = [round(end, 1) for end in effect.ci]
    return {
        "variant": effect.variant, "hedges": effect.hedges, "ci": interval, "value": round(d_av * correction, 1),
        "d_av": round(d_av, 1), "d_z": None, "percentile": None, "non_overlap": None,
    }  # fmt: skip


def _bounded(result):
    """`p_below` is the smallest usual bound that p is under, `None` where it is under none or there are too few pairs."""
    if result is None:
        return None
    below = next((bound for bound in P_BOUNDS if result.p is not None and result.p < bound), None)
    return {"w": None, "p": None, "p_below": below, "tested": result.p is not None}
