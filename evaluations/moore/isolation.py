"""Which few people do the differences between shown groups single out? Exact, in fractions.

A reader who has the figures of several groups can add and subtract them. What that yields for a set of people is known whenever the set's
0/1 indicator over the atoms lies in the row space of the shown groups' indicators: all − MX − BR, nursing − MX where every Mexican is a
nurse, and so on. Atoms without people are left out, which is what makes nested groups differ by few.
"""

from dataclasses import dataclass
from fractions import Fraction

from evaluations.moore.answer_tables import Atom, View, contains


@dataclass(frozen=True)
class Isolated:
    """`people` (atoms, fewer than the minimum together) = a sum of multiples of the groups in `because`."""

    people: tuple[Atom, ...]
    because: tuple[View, ...]


def isolated(sizes: dict[Atom, int], open_views: list[View], minimum: int) -> list[Isolated]:
    """Every set of 1 to minimum − 1 people that is a sum of multiples of open views, smallest first.

    In reduced row echelon form a member of the row space is fixed by its entries in the pivot columns, so trying 0 and 1 there finds all.
    """
    pools = _pools(sizes, open_views)
    heads = [sum(sizes[atom] for atom in atoms) for atoms in pools.values()]
    if not any(count < minimum for count in heads):
        return []
    rows, recipes, pivots = _reduced([[int(view in signature) for signature in pools] for view in open_views])
    found = []
    for chosen in _small_sets([(heads[column], number) for number, column in enumerate(pivots)], minimum):
        indicator = _total(rows, chosen)
        count = sum(head for head, entry in zip(heads, indicator, strict=True) if entry)
        if set(indicator) <= {0, 1} and count < minimum:
            people = [atom for atoms, entry in zip(pools.values(), indicator, strict=True) if entry for atom in atoms]
            recipe = _total(recipes, chosen)
            found.append((count, Isolated(tuple(people), tuple(v for v, share in zip(open_views, recipe, strict=True) if share))))
    return [result for _, result in sorted(found, key=lambda pair: pair[0])]


def _pools(sizes, open_views):
    """Atoms by the open views they are in: what no open view tells apart is one column."""
    pools = {}
    for atom, size in sizes.items():
        if size:
            pools.setdefault(tuple(view for view in open_views if contains(view, atom)), []).append(atom)
    return {signature: atoms for signature, atoms in pools.items() if signature}


def _small_sets(heads, minimum, start=0, left=None):
    """Every non-empty choice of row numbers whose pivot columns hold fewer than `minimum` people."""
    left = minimum - 1 if left is None else left
    for position in range(start, len(heads)):
        head, number = heads[position]
        if head <= left:
            yield (number,)
            for more in _small_sets(heads, minimum, position + 1, left - head):
                yield (number, *more)


def _total(rows, chosen):
    return [sum(column) for column in zip(*(rows[number] for number in chosen), strict=True)]


def _reduced(matrix):
    """Reduced row echelon form: its non-zero rows, what each is made of (multiples of the given rows), its pivot columns."""
    rows = [[Fraction(entry) for entry in row] for row in matrix]
    recipes = [[Fraction(int(i == j)) for j in range(len(matrix))] for i in range(len(matrix))]
    pivots = []
    for column in range(len(rows[0]) if rows else 0):
        lead = next((i for i in range(len(pivots), len(rows)) if rows[i][column]), None)
        if lead is None:
            continue
        top = len(pivots)
        for table in (rows, recipes):
            table[top], table[lead] = table[lead], table[top]
        _clear(rows, recipes, top, column)
        pivots.append(column)
    return rows[: len(pivots)], recipes[: len(pivots)], pivots


def _clear(rows, recipes, top, column):
    """Make the pivot 1 and every other entry of its column 0."""
    factor = rows[top][column]
    for table in (rows, recipes):
        table[top] = [entry / factor if entry else entry for entry in table[top]]
    for i, row in enumerate(rows):
        if i != top and row[column]:
            share = row[column]
            for table in (rows, recipes):
                table[i] = [a - share * b if b else a for a, b in zip(table[i], table[top], strict=True)]
