"""Ways to exchange answers that no published count notices: how the audit gets from one answer sheet that fits to many.

One exchange moves a person from class k to class j in some pools of people and from j to k in as many others, so that every view that tells
j from k keeps its counts: inside one pool if no view of it does; between two pools that the same views look at; around a rectangle of
pools (country 1 and 2 × profession 1 and 2). The list need not be complete and need not be right: the audit checks every sheet it gets.
"""

from itertools import combinations, pairwise, product

import numpy as np
from scipy.sparse import csr_array, hstack

MANY_POOLS = 12  # from here on not every pair is tried
MOST_RECTANGLES = 300  # per pair of classes
MOST_PER_RECTANGLE = 4  # where several pools may stand in a corner
STEPS = 20  # exchanges in a row towards one count


def exchanges(labels: list[list[tuple]], views: list[tuple], everyone: tuple, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """(cells, signs), one row per exchange, padded to eight cells with the index pools × classes and sign 0.

    `views[s]` is pool s as (country view or None, profession view or None), None where the view tells nothing; `labels[s][k]` maps each of
    the pool's views to the part of it that class k falls into; `everyone` does the same for the view "all".
    """
    found = []
    for j, k in combinations(range(classes), 2):
        spots = {}
        for pool, pair in enumerate(views):
            key = tuple(view if view and labels[pool][j][view] != labels[pool][k][view] else None for view in pair)
            spots.setdefault(key, []).append(pool)
        free = everyone[j] == everyone[k]
        for pools in _circuits(spots, free):
            found.append([(pool * classes + index, sign * way) for pool, sign in pools for index, way in ((j, 1), (k, -1))])
    cells = np.full((len(found), 8), len(views) * classes)
    signs = np.zeros((len(found), 8), dtype=np.int64)
    for row, exchange in enumerate(found):
        cells[row, : len(exchange)] = [cell for cell, _ in exchange]
        signs[row, : len(exchange)] = [sign for _, sign in exchange]
    return cells, signs


def _circuits(spots, free):
    """Sets of pools with +1 and −1 that add up to nothing for every view that tells the two classes apart."""
    if free:
        yield from ([(pool, 1)] for pool in spots.get((None, None), ()))
    for pools in spots.values():
        pairs = combinations(pools, 2) if len(pools) <= MANY_POOLS else pairwise(pools)
        yield from ([(a, 1), (b, -1)] for a, b in pairs)
    countries, professions = (list(dict.fromkeys(values)) for values in zip(*spots, strict=True)) if spots else ((), ())
    rectangles = list(product(combinations(countries, 2), combinations(professions, 2)))
    for (c, d), (p, q) in rectangles[:: 1 + len(rectangles) // MOST_RECTANGLES]:
        corners = [((c, p), 1), ((c, q), -1), ((d, p), -1), ((d, q), 1)]
        corners = [(spot, sign) for spot, sign in corners if not (free and spot == (None, None))]
        if all(spot in spots for spot, _ in corners):
            depth = max(len(spots[spot]) for spot, _ in corners)
            for turn in range(min(depth, MOST_PER_RECTANGLE)):
                yield [(spots[spot][turn % len(spots[spot])], sign) for spot, sign in corners]


class Search:
    """Exchanges towards more of one count, then others that mend what the first broke: counts below 0, means and bounds out of limits.

    `rows`, `low`, `high`: the figures that exchanges may move (means, bounds), over the cells. A step is worth what it mends; that is looked
    up, for all exchanges at once, as one sparse product with a list of prices: of a person less in a cell, of one more, of a figure's change.
    """

    def __init__(self, found, rows, low, high):
        cells, signs = np.concatenate([found[0], found[0]]), np.concatenate([found[1], -found[1]])
        self.rows, self.low, self.high = rows, low[:, None], high[:, None]
        self.size = rows.shape[1]
        used, ends = signs != 0, np.arange(len(signs) + 1)
        ends = np.concatenate([[0], np.cumsum(used.sum(axis=1))])
        self.effect = csr_array((signs[used], cells[used], ends), shape=(len(signs), self.size))
        self.drift = self.effect @ rows.T
        self.reach = int(np.abs(self.drift).max(initial=0))
        self.price = hstack([self._person_prices(), self._figure_prices()], format="csr")
        self.noise, self.turn = 0.9 * np.random.default_rng(0).random(3 * len(signs) + 1), 0

    def _person_prices(self):
        less, more = self.effect.copy(), self.effect.copy()
        less.data, more.data = (less.data < 0) * 1.0, (more.data > 0) * 1.0
        return hstack([less, more])

    def _figure_prices(self):
        exchange, figure = np.nonzero(self.drift)
        change = self.drift[exchange, figure] + self.reach
        shape = len(self.drift), len(self.rows) * (2 * self.reach + 1)
        return csr_array((np.ones(len(change)), (exchange, figure * (2 * self.reach + 1) + change)), shape=shape)

    def push(self, sheet, goal, wanted):
        """A sheet with `wanted` more of `goal` that keeps every figure, or the last that did on the way there."""
        counts, last = sheet.ravel().copy(), sheet
        gain = self.effect @ goal.ravel()
        onwards, sideways = np.flatnonzero(gain > 0), np.flatnonzero(gain >= 0)
        figures = (self.rows @ counts)[:, None]
        changes = np.arange(-self.reach, self.reach + 1)
        for _ in range(STEPS):
            fits = (counts >= 0).all() and not self._miss(figures).any()
            if fits:
                last = counts.copy().reshape(sheet.shape)
            options = onwards if fits else sideways
            if (fits and wanted <= 0) or not len(options):
                break
            prices = [1.0 * (counts <= 0), -1.0 * (counts < 0), (self._miss(figures + changes) - self._miss(figures)).ravel()]
            self.turn = (self.turn + 7919) % (2 * len(gain))
            cost = self.price @ np.concatenate(prices) + self.noise[self.turn : self.turn + len(gain)]
            best = options[np.argmin(cost[options])]
            start, end = self.effect.indptr[best : best + 2]
            counts[self.effect.indices[start:end]] += self.effect.data[start:end]
            figures, wanted = figures + self.drift[best][:, None], wanted - gain[best]
        return last

    def _miss(self, figures):
        return np.maximum(0, figures - self.high) + np.maximum(0, self.low - figures)
