"""The most and the least that one hidden count can be: the solver's part of the audit, for what exchanging answers left open."""

from math import ceil, floor

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from evaluations.moore.answer_tables import View

NODES = 20  # branches of a quick try


class Extremes:
    """The linear programme for one group's count of one class: pools that are partly in the group are cut in two."""

    def __init__(self, reader, group: int, index: int):
        self.reader = reader
        sizes = [(pool, size) for pool, (inside, people) in enumerate(zip(reader.share[group], reader.people, strict=True))
                 for size in (inside, people - inside) if size]  # fmt: skip
        self.pool = np.array([pool for pool, _ in sizes])
        classes, count = reader.classes, len(sizes)
        facts = reader.rows.reshape(-1, len(reader.pools), classes)[len(reader.pools) :, self.pool].reshape(-1, count * classes)
        heads = np.repeat(np.eye(count, dtype=np.int64), classes, axis=1)
        people = np.array([size for _, size in sizes])
        self.rows = np.vstack([heads, facts])
        self.low = np.concatenate([people, reader.low[len(reader.pools) :]])
        self.high = np.concatenate([people, reader.high[len(reader.pools) :]])
        self.owners = [None] * count + reader.owners[len(reader.pools) :]
        self.goal = np.zeros((count, classes))
        first = {pool: number for number, pool in reversed(list(enumerate(self.pool)))}
        for pool in np.flatnonzero(reader.share[group]):  # the part inside the group stands first
            self.goal[first[pool], index] = 1

    def limit(self, direction) -> tuple[int, list[View]]:
        """The most (direction 1) or least (−1) of the goal that fits, and the views whose figures hold it there."""
        even = self.low == self.high
        loose = ~even
        found = linprog(
            -direction * self.goal.ravel(),
            A_eq=self.rows[even],
            b_eq=self.low[even],
            A_ub=np.vstack([self.rows[loose], -self.rows[loose]]) if loose.any() else None,
            b_ub=np.concatenate([self.high[loose], -self.low[loose]]) if loose.any() else None,
        )
        self._take(found.x)
        order = [*np.flatnonzero(even), *np.flatnonzero(loose), *np.flatnonzero(loose)]
        prices = [*found.eqlin.marginals, *found.ineqlin.marginals]
        held_by = [self.owners[row] for row, price in zip(order, prices, strict=True) if abs(price) > 1e-9 and self.owners[row]]
        edge = -direction * found.fun
        return (floor(edge + 1e-6) if direction > 0 else ceil(edge - 1e-6)), held_by

    def reach(self, direction, edge):
        """Any sheet of whole people with the goal at `edge` or beyond: quick where there is one."""
        beyond = (edge, np.inf) if direction == 1 else (-np.inf, edge)
        rows = np.vstack([self.rows, self.goal.ravel()])
        low, high = np.append(self.low.astype(float), beyond[0]), np.append(self.high.astype(float), beyond[1])
        self._solve(np.zeros(self.goal.size), LinearConstraint(rows, low, high), {"node_limit": NODES})

    def whole(self, direction):
        """The same as `limit` with whole people, however long it takes."""
        self._solve(-direction * self.goal.ravel(), LinearConstraint(self.rows, self.low, self.high), {})

    def _solve(self, cost, constraints, options):
        found = milp(cost, constraints=constraints, bounds=Bounds(0, np.inf), integrality=np.ones(cost.size), options=options)
        if found.x is not None:
            self._take(found.x)

    def _take(self, counts):
        sheet = np.zeros_like(self.reader.truth)
        np.add.at(sheet, self.pool, np.rint(counts).astype(np.int64).reshape(self.goal.shape))
        self.reader.take(sheet)
