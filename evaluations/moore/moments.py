"""What of a mean, a median and a standard deviation may be told of a small group whose single answers are confidential.

Of five people on a five-point scale, mean, median and deviation together fix nearly every answer. So before they are told, all ways
in which the group could have answered are gone through: the figures as rounded must leave, for each point of the scale that one to
`minimum` − 1 people chose, a range of at least `WIDTH` people. If they do not, the deviation is left out, then the mean.
The reader of this model knows the scale, n, and these figures of this one item; the counts of who improved are judged elsewhere
(suppression.py), and no figure here is put together with them.
"""

from functools import lru_cache

import numpy as np

WIDTH = 3
LARGEST = 60  # above it no way is gone through: that many people hide behind rounded figures
MOST_POINTS = 7
OFFERS = (("mean", "median", "sd"), ("mean", "median"), ("median",))
DECIMALS = {"mean": 1, "median": 1, "sd": 1}


def tellable(counts, points, minimum):
    """`{"mean", "median", "sd"}`, `None` for what would tell too much. `counts` maps a point to people, `points` is the whole scale.

    Figures are rounded to one decimal. Raises nothing: a group that no offer protects gets three times `None`.
    """
    nothing = dict.fromkeys(("mean", "median", "sd"))
    row = np.array([counts.get(point, 0) for point in points])
    n = int(row.sum())
    if n < minimum or row.sum() != sum(counts.values()):
        return nothing
    told = {name: float(value[0]) for name, value in _figures(row[None, :], points).items()}
    for names in OFFERS:
        if _protects(row, n, tuple(points), names, told, minimum):
            return {**nothing, **{name: told[name] for name in names}}
    return nothing


def _protects(row, n, points, names, told, minimum):
    if n > LARGEST:
        return row.max() < n  # that everybody chose the same point is told of no group
    if len(points) > MOST_POINTS:
        return False
    ways, figures = _all_ways(n, points)
    fits = np.ones(len(ways), dtype=bool)
    for name in names:
        fits &= figures[name] == told[name]
    width = ways[fits].max(axis=0) - ways[fits].min(axis=0)
    small = ((row > 0) & (row < minimum)) | (row == n)  # what everybody chose is as telling as what one did
    return bool((width[small] >= WIDTH).all())


@lru_cache(maxsize=16)
def _all_ways(n, points):
    """Every table of counts that adds up to `n`, and its figures."""
    ways = _compositions(n, len(points))
    return ways, _figures(ways, points)


def _compositions(n, parts):
    if parts == 1:
        return np.array([[n]], dtype=np.int16)
    below = [_compositions(n - first, parts - 1) for first in range(n + 1)]
    firsts = np.repeat(np.arange(n + 1, dtype=np.int16), [len(one) for one in below])
    return np.column_stack([firsts, np.concatenate(below)])


def _figures(ways, points):
    """Rounded mean, median and sample standard deviation of each row of counts."""
    values, ways = np.array(points, dtype=float), ways.astype(float)
    n = ways.sum(axis=1)
    mean = ways @ values / n
    variance = np.maximum(ways @ values**2 - n * mean**2, 0) / np.maximum(n - 1, 1)
    heaped = ways.cumsum(axis=1)
    low = values[(heaped >= np.ceil(n / 2)[:, None]).argmax(axis=1)]
    high = values[(heaped >= (np.floor(n / 2) + 1)[:, None]).argmax(axis=1)]
    found = {"mean": mean, "median": (low + high) / 2, "sd": np.sqrt(variance)}
    return {name: np.round(value + 1e-9, DECIMALS[name]) for name, value in found.items()}
