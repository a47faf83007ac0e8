"""What of the answers to one item may be read: the one place that decides, for screen, chart, XLSX, CSV, API and PDF alike.

`protect` decides, `audit` judges; the judge knows nothing of how the decision was made. `protect` begins with as much as the plain rules
allow, asks the judge, and says less where it finds something, until it finds nothing.

1. A group of fewer than `minimum` people is hidden ("small_group").
2. Where shown groups differ by fewer than `minimum` people, the smallest of them is hidden too ("complementary"). This looks at sizes only,
   which are no secret, so which groups are hidden tells nothing about answers.
3. In a shown group adjacent classes are merged until each count is `minimum` or more (unordered classes: into "other"). A count of 0 is
   never shown by itself: it would say of each person what they did not answer, and 100 % what they did. Where no cut shows how many are in
   the upper half and it is at least 80 % (at most 20 %), that bound is given, from 15 people.
4. A mean is given for all, and for groups of `MEAN_FROM` or more, where it does not narrow a small count down. In smaller groups a tenth
   of a point is less than two answers' worth: such means tie single answers together and would seldom pass.

What a reader is taken to know, and what lies outside this model, stands at the top of `evaluations.moore.audit`.
Identified items (`protect_classes=False`): rules 1 and 2 only, everything else is given whole.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice

from evaluations.moore.answer_tables import (
    ALL,
    BOUND_SHARE,
    Leak,
    Segment,
    Shown,
    Table,
    View,
    contains,
    exact,
    mean_decimals,
    reachable_views,
    upper_half,
)
from evaluations.moore.audit import Reader, audit
from evaluations.moore.isolation import isolated
from evaluations.moore.merging import Blocks, coarser, finest

__all__ = ["ALL", "Leak", "Segment", "Shown", "Table", "View", "audit", "protect", "protect_groups", "upper_half"]

WIDTH = 3
MEAN_FROM = 20
PATIENCE = 40  # counts per table that the solver is asked about; what is not proved safe is not shown
MANY_UNKNOWNS = 150  # atoms × classes: above, each question to the solver is dear and fewer are asked
LEAKS_AT_ONCE = 3  # answered before the audit is asked again: one merge often closes many


def protect_groups(sizes: Mapping[tuple[str, str], int], minimum: int = 5) -> dict[View, str | None]:
    """Which groups may be shown at all: None, or the reason why not. `sizes`: people per (country, profession)."""
    people = {view: sum(size for atom, size in sizes.items() if contains(view, atom)) for view in reachable_views(sizes)}
    reasons = {view: "small_group" if n < minimum else None for view, n in people.items()}
    while found := isolated(sizes, [view for view, reason in reasons.items() if reason is None], minimum):
        groups = [view for view in found[0].because if view != ALL]
        reasons[min(groups, key=lambda view: (people[view], view))] = "complementary"
    return reasons


def protect(table: Table, minimum: int = 5) -> dict[View, Shown]:
    """What may be read in every view a reader can reach: all, each country, each profession."""
    atoms = tuple(sorted((atom, tuple(counts)) for atom, counts in table.atoms.items()))
    values = None if table.values is None else tuple(table.values)
    return dict(_protect(atoms, values, table.protect_classes, minimum))


@lru_cache(maxsize=4096)
def _protect(atoms, values, protect_classes, minimum):
    table = Table(dict(atoms), values, protect_classes)
    reasons = protect_groups(table.sizes(), minimum)
    shown = {view: Shown(sum(table.counts(view)), reason) for view, reason in reasons.items()}
    open_views = [view for view, reason in reasons.items() if reason is None]
    if not protect_classes:
        return shown | {view: _whole(table, shown[view], view) for view in open_views}
    shown |= {
        view: _merged(table, shown[view], view, finest(table.counts(view), minimum, values is not None)) for view in open_views
    }
    safe, reader = _until_safe(table, shown, minimum)
    if values is None:
        return safe
    safe |= {view: _with_mean(table, safe[view], view) for view in open_views if len(safe[view].segments) == table.classes}
    return _until_safe(table, safe | _means(table, safe, open_views, minimum), minimum, reader, safe)[0]


def _whole(table: Table, it: Shown, view: View) -> Shown:
    counts = table.counts(view)
    mean = None if table.values is None else float(_mean(table, view))
    return replace(it, segments=tuple(Segment(index, index, count) for index, count in enumerate(counts)), mean=mean)


def _mean(table, view) -> Fraction:
    counts = table.counts(view)
    return sum(value * count for value, count in zip(exact(table.values), counts, strict=True)) / sum(counts)


def _merged(table: Table, it: Shown, view: View, blocks: Blocks) -> Shown:
    counts = table.counts(view)
    parts = tuple(Segment(min(block), max(block), sum(counts[index] for index in block), block) for block in blocks)
    bound = _bound(table, it.n, counts, parts)
    return replace(it, segments=parts, bound=bound, bound_classes=upper_half(table.classes) if bound else ())


def _bound(table, n, counts, parts):
    """In words what no cut shows, if it leaves open how many the exceptions are."""
    upper = upper_half(table.classes)
    if table.values is None or not upper or n * (1 - BOUND_SHARE) < WIDTH or any(part.first == upper[0] for part in parts):
        return ""
    share = Fraction(sum(counts[index] for index in upper), n)
    return ">=80" if share >= BOUND_SHARE else "<=20" if share <= 1 - BOUND_SHARE else ""


def _with_mean(table, it, view):
    return replace(it, mean=float(round(_mean(table, view), mean_decimals(table.values))))


def _means(table: Table, shown: dict[View, Shown], views: list[View], minimum: int) -> dict[View, Shown]:
    """The views with those means that are worth trying, besides those that follow from the counts."""
    tried = {view: _with_mean(table, shown[view], view) for view in views if view == ALL or shown[view].n >= MEAN_FROM}
    return {view: it for view, it in tried.items() if _leaves_room(table, it, table.counts(view), minimum)}


def _leaves_room(table, it, counts, minimum):
    """A quick look at one view alone: could each small class still have `WIDTH` + 1 sizes? The audit looks at all views together."""
    values, half = exact(table.values), Fraction(1, 2 * 10 ** mean_decimals(table.values))
    low, high = ((Fraction(str(it.mean)) + sign * half) * it.n for sign in (-1, 1))
    least = sum(part.count * values[part.first] for part in it.segments)
    most = sum(part.count * values[part.last] for part in it.segments)
    for part in it.segments:
        for index in part.classes if len(part.classes) > 1 else ():
            others = [values[other] for other in part.classes if other != index]
            sums = [
                (least + _swing(part, values[index], min(others), size, values[part.first]),
                 most + _swing(part, values[index], max(others), size, values[part.last]))
                for size in range(part.count + 1)
            ]  # fmt: skip
            possible = [size for size, (lowest, highest) in enumerate(sums) if lowest <= high and highest >= low]
            if counts[index] < minimum and possible[-1] - possible[0] < WIDTH:
                return False
    return True


def _swing(part, value, other, size, extreme):
    """What the part adds to the sum of values, beyond all its people at `extreme`, if `size` of them are at `value` and the rest at `other`."""
    return size * value + (part.count - size) * other - part.count * extreme


def _until_safe(table, shown, minimum, earlier: Reader | None = None, safe=None) -> tuple[dict[View, Shown], Reader | None]:
    """Ends at the latest when every view says no more than how many answered: then every count can be anything.

    `earlier`: the judge of a report that said more or the same. `safe`: a report that is known to be so and says less.
    """
    patience = int(PATIENCE * min(1, (MANY_UNKNOWNS / max(1, len(table.atoms) * table.classes)) ** 2))
    while shown != safe:
        reader = Reader(table, shown, minimum, WIDTH, patience=patience)
        if earlier:
            reader.remember(earlier)
        leaks = list(islice(reader.leaks(), LEAKS_AT_ONCE))
        if not leaks:
            return shown, reader
        shown, earlier, patience = _say_less(table, shown, leaks), reader, reader.patience
    return shown, earlier


def _say_less(table, shown, leaks):
    """One step back for each leak; a leak whose views were touched for another waits for the next look."""
    changed = {}
    for leak in leaks:
        views = _talking(table, shown, leak.because) or _talking(table, shown, shown)
        if not any(view in changed for view in views):
            view = min(views, key=lambda view: (_last_resort(table, shown[view]), shown[view].n, view))
            changed[view] = _step_back(table, shown[view], view, leak.class_index)
    return shown | changed


def _talking(table, shown, views):
    return [view for view in views if _mean_tells(table, shown[view]) or shown[view].bound or len(shown[view].segments) > 1]


def _mean_tells(table, it):
    return it.mean is not None and len(it.segments) < table.classes


def _last_resort(table, it):
    """Means go first, then bounds, then classes merge."""
    return 0 if _mean_tells(table, it) else 1 if it.bound else 2


def _step_back(table, it, view, index):
    if _mean_tells(table, it):
        return replace(it, mean=None)
    if it.bound:
        return replace(it, bound="", bound_classes=())
    blocks = coarser(tuple(part.classes for part in it.segments), index, table.counts(view), table.values is not None)
    return replace(_merged(table, it, view, blocks), bound="", bound_classes=(), mean=None)
