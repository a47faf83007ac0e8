"""The exact audit: what a reader can work out from everything shown of one item.

It knows nothing of how suppression decides. It takes what is shown and asks, for every count that is not shown and is below the minimum,
what a reader could still think it is. A count passes when two whole answer sheets exist, in whole numbers of people, that would both have
produced exactly the same report and that differ in this count by `width` or more. Both sheets are checked in integer arithmetic against
every published figure, so a "safe" never rests on a solver's rounding; the solver only looks for them. Such a pair also proves that the
count is not in the row space of the published figures: what is in it has the same value in every sheet that fits.

The reader's model
- knows how many people of each country and profession answered (they know who is in the cohort), including in the hidden groups;
- sees every view: all, each country, each profession; each one's segments, mean (rounded, so within half a step) and bound;
- puts it all together as one system: every count is a whole number, none is negative.

Limits, on purpose and otherwise
- A group of fewer than `width` people cannot have a wide interval: there the whole 0..n must stay possible.
- Not modelled: readers who know single answers (their own, a friend's); what can be guessed from likelihood; what the choice of merges
  itself tells to one who knows this code (that a merged class was small, or that it would have betrayed one); two items, two dates or two
  cohorts put together (against dates: figures are frozen until five more have answered); free text; the effect of a person who changes
  country, which is why country and profession are copied at submission.
- Identified items are judged by groups only: their readers may open each answer.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

import numpy as np

from evaluations.moore.answer_tables import (
    ALL,
    BOUND_SHARE,
    Leak,
    Shown,
    Table,
    View,
    contains,
    exact,
    mean_decimals,
    reachable_views,
)
from evaluations.moore.exchanges import Search, exchanges
from evaluations.moore.extremes import Extremes
from evaluations.moore.isolation import isolated

TRIES = 3  # walks per count and direction before the solver is asked, which is dearer
MEMORY = 200  # sheets taken over from an earlier judgement
NOT_SEEN = 10**9  # the "least" of a count before any sheet was looked at


def audit(table: Table, shown: dict[View, Shown], minimum: int = 5, width: int = 3) -> list[Leak]:
    """Everything a reader can work out; [] means safe. ValueError if `shown` does not describe `table`."""
    return [*group_leaks(table, shown, minimum), *Reader(table, shown, minimum, width).leaks()]


def group_leaks(table: Table, shown: dict[View, Shown], minimum: int) -> list[Leak]:
    """Small groups shown, small counts shown, few people isolated by subtracting shown groups."""
    views = [view for view in reachable_views(table.atoms) if shown[view].hidden is None]
    leaks = [Leak("shown", view, None, shown[view].n, shown[view].n) for view in views if shown[view].n < minimum]
    if table.protect_classes:
        for view in views:
            small = [part for part in shown[view].segments if part.count < minimum]
            leaks += [Leak("shown", view, part.first, part.count, part.count) for part in small]
    for found in isolated(table.sizes(), views, minimum):
        leaks.append(Leak("isolated", (), None, 0, 0, found.because, found.people))
    return leaks


class Reader:
    """All that is published about one item, as whole-number rows over the unknown counts, and what still fits it.

    The unknowns are pools × classes: atoms that the same telling views look at are one pool, since nothing published tells them apart.
    `patience`: how many counts may be put to the solver, and then with a quick try only; the others are taken for leaks. None: no limit.
    """

    def __init__(self, table: Table, shown: dict[View, Shown], minimum: int = 5, width: int = 3, *, patience: int | None = None):
        self.table, self.classes, self.patience = table, table.classes, patience
        self.atoms = [atom for atom, counts in table.atoms.items() if any(counts)]
        self.shown = {view: it for view, it in shown.items() if it.hidden is None and tells(it, self.classes)}
        self._pool()
        self._write_down()
        self._choose_what_to_judge(minimum, width)
        self.sheets = []
        if any(it.n != sum(table.counts(view)) for view, it in shown.items()) or not self.take(self.truth):
            raise ValueError("What is shown does not describe this table.")

    def _pool(self):
        views = [tuple(view for view in self.shown if contains(view, atom)) for atom in self.atoms]
        self.pools = list(dict.fromkeys(views))
        self.pool_of = np.array([self.pools.index(own) for own in views], dtype=np.int64)
        answers = np.array([self.table.atoms[atom] for atom in self.atoms], dtype=np.int64).reshape(len(self.atoms), self.classes)
        self.truth = np.zeros((len(self.pools), self.classes), dtype=np.int64)
        np.add.at(self.truth, self.pool_of, answers)
        self.people = self.truth.sum(axis=1)

    # What is published, as rows: low ≤ row · counts ≤ high.

    def _write_down(self):
        facts = [(self._row([pool], range(self.classes)), size, size, None) for pool, size in enumerate(self.people)]
        facts += [(*fact, view) for view, it in self.shown.items() for fact in self._counts(view, it)]
        firm = len(facts)
        facts += [(*fact, view) for view, it in self.shown.items() for fact in self._limits(view, it)]
        self.rows = np.array([row for row, *_ in facts], dtype=np.int64).reshape(len(facts), self.truth.size)
        self.low = np.array([low for _, low, _, _ in facts], dtype=np.int64)
        self.high = np.array([high for _, _, high, _ in facts], dtype=np.int64)
        self.owners = [view for *_, view in facts]
        self.loose = slice(firm, None)

    def _inside(self, view):
        return [number for number, pool in enumerate(self.pools) if view in pool]

    def _counts(self, view, it):
        for part in it.segments:
            if len(part.classes) < self.classes:
                yield self._row(self._inside(view), part.classes), part.count, part.count

    def _limits(self, view, it):
        inside = self._inside(view)
        if it.bound:
            row = self._row(inside, it.bound_classes)
            yield (row, ceil(BOUND_SHARE * it.n), it.n) if it.bound == ">=80" else (row, 0, floor((1 - BOUND_SHARE) * it.n))
        if it.mean is not None and len(it.segments) < self.classes:
            yield self._mean(inside, it)

    def _row(self, inside, classes):
        row = np.zeros(self.truth.shape, dtype=np.int64)
        row[np.ix_(list(inside), list(classes))] = 1
        return row.ravel()

    def _mean(self, inside, it):
        """(mean ± half a step) · n · common denominator of the values: whole coefficients, limits rounded inwards to whole numbers."""
        values = exact(self.table.values)
        half, scale = Fraction(1, 2 * 10 ** mean_decimals(self.table.values)), int(np.lcm.reduce([v.denominator for v in values]))
        row = np.zeros(self.truth.shape, dtype=np.int64)
        row[inside] = [int(value * scale) for value in values]
        middle = Fraction(str(it.mean))
        return row.ravel(), ceil((middle - half) * it.n * scale), floor((middle + half) * it.n * scale)

    # What must stay uncertain: every small count of every view and every atom, unless it is shown (then it is not small).

    def _choose_what_to_judge(self, minimum, width):
        self.groups = [*(reachable_views(self.atoms) if self.atoms else []), *self.atoms]
        inside = [[contains(group, atom) for atom in self.atoms] for group in self.groups[: -len(self.atoms) or None]]
        inside = np.array([*inside, *np.eye(len(self.atoms), dtype=bool)], dtype=np.int64).reshape(
            len(self.groups), len(self.atoms)
        )
        answers = np.array([self.table.atoms[atom] for atom in self.atoms], dtype=np.int64).reshape(len(self.atoms), self.classes)
        self.share = np.zeros((len(self.groups), len(self.pools)), dtype=np.int64)
        np.add.at(self.share.T, self.pool_of, (inside * answers.sum(axis=1)).T)
        self.need = np.minimum(width, self.share.sum(axis=1))[:, None]
        self.judged = (inside @ answers < minimum) & self.table.protect_classes
        self.least = np.full(self.judged.shape, NOT_SEEN)
        self.most = np.full(self.judged.shape, -NOT_SEEN)
        self.block = np.array([self._blocks(pool) for pool in self.pools]).reshape(-1, self.classes, self.classes)
        self.alone = self.block.sum(axis=2) == 1

    def _blocks(self, pool):
        """Which classes (rows) have the same part in every figure of the pool's views as which (columns)."""
        parts = [[part_in(self.shown[view], index) for view in pool] for index in range(self.classes)]
        return [[int(own == other) for other in parts] for own in parts]

    # Sheets that fit.

    def take(self, sheet) -> bool:
        """Does this sheet (pools × classes) produce the same report? If so, note for every count what it allows.

        Within a pool anybody may hold anybody's answer, and within a block any class may stand for another, without a published figure
        changing: from one sheet that fits follows a range for every group, not only a number.
        """
        figures = self.rows @ sheet.ravel()
        if (sheet < 0).any() or (figures < self.low).any() or (figures > self.high).any():
            return False
        blocks = np.einsum("pjk,pk->pj", self.block, sheet)
        share = self.share[:, :, None]
        most = np.minimum(share, blocks).sum(axis=1)
        least = np.where(self.alone, np.maximum(0, share + sheet - self.people[:, None]), 0).sum(axis=1)
        self.most, self.least = np.maximum(self.most, most), np.minimum(self.least, least)
        self.sheets.append(sheet)
        return True

    def remember(self, earlier: "Reader"):
        """Take over what was found when more was shown: pools then were parts of the pools now."""
        into = dict(zip(earlier.pool_of, self.pool_of, strict=True))
        if all(into[old] == new for old, new in zip(earlier.pool_of, self.pool_of, strict=True)):
            for sheet in earlier.sheets[-MEMORY:]:
                merged = np.zeros_like(self.truth)
                np.add.at(merged, [into[old] for old in range(len(earlier.pools))], sheet)
                self.take(merged)

    def _is_open(self, group, index):
        return self.most[group, index] - self.least[group, index] < self.need[group, 0]

    def _open(self):
        return np.argwhere(self.judged & (self.most - self.least < self.need))

    def leaks(self) -> Iterator[Leak]:
        """Every count that a reader can pin down: those that exchanging answers does not clear are judged one by one."""
        search = None
        for group, index in self._open():
            search = search or self._exchanges()
            for _ in range(TRIES):
                self._push(search, group, index, 1)
                self._push(search, group, index, -1)
            leak = self._judge(group, index) if self._is_open(group, index) else None
            if leak:
                yield leak

    def _exchanges(self):
        views = [
            tuple(next((view for view in pool if view[0] == kind), None) for kind in ("country", "profession"))
            for pool in self.pools
        ]
        everyone = [segment_of(self.shown[ALL], index) if ALL in self.shown else None for index in range(self.classes)]
        labels = [
            [{view: segment_of(self.shown[view], index) for view in pool} for index in range(self.classes)] for pool in self.pools
        ]
        found = exchanges(labels, views, everyone, self.classes)
        return Search(found, self.rows[self.loose], self.low[self.loose], self.high[self.loose])

    def _push(self, search, group, index, direction):
        """From the sheet that is furthest already, exchange until the count's range is wide enough, if that can be."""
        if self._is_open(group, index):
            goal = np.zeros_like(self.truth)
            goal[self.share[group] > 0, index] = direction
            far = np.tensordot(self.sheets, goal, 2)
            edge = self.least[group, index] if direction == 1 else -self.most[group, index]
            wanted = edge + self.need[group, 0] - far.max()
            if wanted > 0:
                self.take(search.push(self.sheets[np.argmax(far)], goal, wanted))

    # One count, to the end.

    def _judge(self, group, index) -> Leak | None:
        """The count's interval with fractions of people allowed, rounded inwards; if that is wide enough, the one of whole people."""
        least, most, because = int(self.least[group, index]), int(self.most[group, index]), self._seen_by(group)
        if self.patience != 0:
            extremes, need = Extremes(self, group, index), self.need[group, 0]
            (top, above), (bottom, below) = extremes.limit(1), extremes.limit(-1)
            because = above + below
            if top - bottom >= need:
                self._find_whole(extremes, group, index)
                if not self._is_open(group, index):
                    return None
                bottom, top = int(self.least[group, index]), int(self.most[group, index])
            least, most = bottom, top
        kind = "recoverable" if most == least else "narrow"
        return Leak(kind, self.groups[group], int(index), least, most, tuple(dict.fromkeys(because)))

    def _seen_by(self, group):
        """The telling views that look at the group, or at a part of it."""
        pools = [self.pools[number] for number in np.flatnonzero(self.share[group])]
        return [view for view in self.shown if any(view in pool for pool in pools)]

    def _find_whole(self, extremes, group, index):
        need = self.need[group, 0]
        tries = [
            lambda: extremes.reach(1, self.least[group, index] + need),
            lambda: extremes.reach(-1, self.most[group, index] - need),
        ]
        if self.patience is None:
            tries += [lambda: extremes.whole(1), lambda: extremes.whole(-1)]
        else:
            self.patience -= 1
        for attempt in tries:
            if self._is_open(group, index):
                attempt()


def tells(it: Shown, classes: int) -> bool:
    """Does what is shown of a view say more than how many answered?"""
    return it.mean is not None or bool(it.bound) or any(len(part.classes) < classes for part in it.segments)


def segment_of(it: Shown, index: int) -> int:
    """The segment that a class is counted in; −1 if in none."""
    return next((number for number, part in enumerate(it.segments) if index in part.classes), -1)


def part_in(it: Shown, index: int) -> tuple:
    return segment_of(it, index), bool(it.bound) and index in it.bound_classes, index if it.mean is not None else None
