"""Seeded random cohorts for the suppression tests: sizes 5 to 200, skewed professions, countries and professions that do not meet."""

import numpy as np

from evaluations.moore.answer_tables import Segment, Shown, Table, contains, exact, mean_decimals, reachable_views
from evaluations.moore.merging import finest

SHAPES = [(0.2, 0.2, 0.2, 0.2, 0.2), (0.05, 0.1, 0.2, 0.4, 0.25), (0.01, 0.02, 0.07, 0.4, 0.5), (0.3, 0.15, 0.1, 0.15, 0.3)]
SKEWED = np.array([0.3, 0.22, 0.16, 0.13, 0.1, 0.09])


def cohort(seed, people=None, shape=None, values=True):
    """4 countries × 6 professions × 5 classes (every fourth seed 2 classes, every seventh unordered ones)."""
    chance = np.random.default_rng(seed)
    people = people or int(chance.integers(5, 201))
    shares = np.outer(chance.dirichlet((8, 8, 8, 8)), chance.permutation(SKEWED)) * (chance.random((4, 6)) > 0.3 * (seed % 2))
    if seed % 5 == 4:
        shares[:, 2] = 0
        shares[1, 2] = 0.2  # everybody of a profession in one country: nested groups
    shares = shares / shares.sum() if shares.sum() else np.full((4, 6), 1 / 24)
    sizes = chance.multinomial(people, shares.ravel()).reshape(4, 6)
    shape = np.array(shape or (SHAPES[seed % 4] if seed % 4 != 3 else (0.2, 0.8)))
    atoms = {}
    for country, profession in np.ndindex(4, 6):
        tilt = chance.dirichlet(20 * shape + 0.01)
        counts = chance.multinomial(sizes[country, profession], tilt)
        atoms[f"C{country}", f"P{profession}"] = tuple(int(count) for count in counts)
    numbers = None if not values or seed % 7 == 6 else tuple(float(number) for number in range(1, len(shape) + 1))
    return Table(atoms, numbers)


def primary_only(table, minimum=5):
    """The control: every view judged by itself, small groups hidden and small classes merged, nothing complementary; means rounded."""
    shown = {}
    for view in reachable_views(table.atoms):
        counts = table.counts(view)
        n = sum(counts)
        blocks = finest(counts, minimum, table.values is not None)
        parts = tuple(Segment(min(block), max(block), sum(counts[i] for i in block), block) for block in blocks)
        mean = None
        if table.values is not None and n >= minimum:
            total = sum(value * count for value, count in zip(exact(table.values), counts, strict=True))
            mean = float(round(total / n, mean_decimals(table.values)))
        shown[view] = Shown(n, None, parts, mean) if n >= minimum else Shown(n, "small_group")
    return shown


def shares_shown(table, shown):
    """Of all cells (view × class): those counted in a part of a view that is shown in parts; counts printed; classes shown alone."""
    cells = len(shown) * table.classes
    split = [it for it in shown.values() if it.hidden is None and len(it.segments) > 1]
    alone = sum(len(part.classes) == 1 for it in split for part in it.segments)
    return len(split) * table.classes / cells, sum(len(it.segments) for it in split) / cells, alone / cells


def people_in(view, table):
    return [atom for atom in table.atoms if contains(view, atom)]
