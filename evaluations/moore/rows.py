"""One row of the report: an item's counts, added up to the view that is read, as far as suppression lets them be shown.

The shapes are those of ARCHITECTURE.md, "The report document". Beyond them a paired row has `items` (rows of single items below a
construct), `effect` has `value` (the figure that its `variant` names) and `non_overlap`.
"""

import math

from django.conf import settings

from evaluations.moore import statistics
from evaluations.moore.answer_tables import ALL, Table, contains, upper_half
from evaluations.moore.guarded import guarded_change, without_mean_before
from evaluations.moore.indicators.base import add_up
from evaluations.moore.levels import in_all_languages
from evaluations.moore.suppression import protect, protect_groups

IDENTIFIED = "identified"
PEOPLE_DRAWN = 60  # pairs of single people are given up to here
DECIMALS, GUARDED_DECIMALS = 4, 2
WORSE, SAME, IMPROVED = range(3)
BOUNDS = {">=80": "≥80", "<=20": "≤20", "": ""}
STATUSES = ("done", "partly", "not_yet", "dropped", "unanswered")


def row_of(item, design, promise, view, exempt=False):
    """The row as JSON, or `None` where it has no place in this view."""
    row = {"key": item.key, "label": words(item.label), "construct": item.construct, "hidden": None}
    own = ROWS[design](item, promise, view, exempt)
    return None if own is None else {**row, **own}


def words(text):
    """`{language: text}` of whatever an indicator gives: such a mapping already, or a lazy translation."""
    return text if isinstance(text, dict) else in_all_languages(text or "")


def hidden(reason, n=None):
    return {"hidden": {"reason": reason, "n": n}}


# --- counts and published figures ------------------------------------------------------------------------------------


def _figures(item, promise, view, exempt):
    figures = item.figures(view)
    if figures is None or exempt:
        return figures
    refusal = _refusal(item, item.sizes, view)
    return refusal if refusal else figures


def _refusal(item, sizes, view):
    """`hidden` of a row about this many people, or `None`."""
    n = sum(people for atom, people in sizes.items() if contains(view, atom))
    if not n:
        return hidden("nothing_yet", 0)
    reason = _once(item, "groups", lambda: protect_groups(sizes, settings.MIN_GROUP_SIZE)).get(view)
    return hidden(reason, n) if reason else None


def _once(item, name, read):
    """Protection looks at all views together: work it out once for all of them."""
    if name not in item.facts:
        item.facts[name] = read()
    return item.facts[name]


# --- distributions ---------------------------------------------------------------------------------------------------


def _distribution(item, promise, view, exempt):
    values = tuple(float(point["value"]) for point in item.scale)
    shown = _once(item, "shown", lambda: _protected(item, values, promise)).get(view)
    base = {"scale": item.scale, "low": item.low, "high": item.high, "not_applicable": _not_applicable(item, promise, view)}
    if shown is None or not shown.n:
        return {**base, "n": 0, **_nothing_to_draw(), **hidden("nothing_yet", 0)}
    if shown.hidden:
        return {**base, "n": shown.n, **_nothing_to_draw(), **hidden(shown.hidden, shown.n)}
    points = [point["value"] for point in item.scale]
    segments = [{"from": points[part.first], "to": points[part.last], "count": part.count} for part in shown.segments]
    return {
        **base, "n": shown.n, "segments": segments, "mean": _rounded(shown.mean, promise), "agree": _agree(shown, len(values)),
        "bound": BOUNDS[shown.bound],
    }  # fmt: skip


def _nothing_to_draw():
    return {"segments": [], "mean": None, "agree": None, "bound": ""}


def _protected(item, values, promise):
    atoms = {atom: tuple(table.get(value, 0) for value in values) for atom, table in item.atoms.items()}
    return protect(Table(atoms, values, protect_classes=promise != IDENTIFIED), settings.MIN_GROUP_SIZE)


def _not_applicable(item, promise, view):
    number = sum(people for atom, people in item.not_applicable.items() if contains(view, atom))
    few = 0 < number < settings.MIN_GROUP_SIZE
    return None if few and promise != IDENTIFIED else number


def _agree(shown, classes):
    """People above the middle of the scale, where the segments are cut there."""
    above = upper_half(classes)
    if not above or not any(part.first == above[0] for part in shown.segments):
        return None
    return {"count": sum(part.count for part in shown.segments if part.first >= above[0]), "of": shown.n}


# --- pairs -----------------------------------------------------------------------------------------------------------


def _pairs(item, promise, view, exempt):
    base = {"low": item.low, "high": item.high, "people": None, **dict.fromkeys(PAIR_FIGURES)}
    shown = _once(item, "shown", lambda: _protected_change(item, promise)).get(view)
    below = [row_of(one, "true_pre_post", promise, view) for one in item.items]
    if shown is None or not shown.n:
        return {**base, "n": 0, "items": below, **hidden("nothing_yet", 0)}
    if shown.hidden:
        return {**base, "n": shown.n, "items": below, **hidden(shown.hidden, shown.n)}
    table = in_view(item.atoms, view)
    return {
        **base,
        "n": shown.n,
        "items": below,
        **_change(item, table, promise, shown),
        **_people(table, promise, view),
        **_mcnemar(item, table, promise),
    }


PAIR_FIGURES = ("before", "after", "improved", "same", "worse", "effect", "wilcoxon", "mcnemar")


def in_view(atoms, view):
    """`{what was counted: people}` of a view."""
    return add_up(counts for atom, counts in atoms.items() if contains(view, atom))


def _protected_change(item, promise):
    atoms = {}
    for atom, table in item.atoms.items():
        moved = [0, 0, 0]
        for (before, after), people in table.items():
            moved[SAME if math.isclose(before, after, abs_tol=1e-9) else IMPROVED if after > before else WORSE] += people
        atoms[atom] = tuple(moved)
    return protect(Table(atoms, None, protect_classes=promise != IDENTIFIED), settings.MIN_GROUP_SIZE)


def _change(item, table, promise, shown):
    change = statistics.paired_change(table)
    moved = {part.classes[0]: part.count for part in shown.segments if len(part.classes) == 1}
    if promise == IDENTIFIED:
        moved = {WORSE: change.worse, SAME: change.same, IMPROVED: change.improved}
    moved = {"improved": moved.get(IMPROVED), "same": moved.get(SAME), "worse": moved.get(WORSE)}
    if promise != IDENTIFIED:
        guarded = guarded_change(change, table, item.low, item.high, settings.MIN_GROUP_SIZE)
        return {**moved, **(without_mean_before(guarded) if item.facts.get("no_mean_before") else guarded)}
    return {
        **moved, "before": _spread(change.before, promise), "after": _spread(change.after, promise),
        "effect": _effect(change.effect), "wilcoxon": _wilcoxon(change.wilcoxon),
    }  # fmt: skip


def _spread(spread, promise):
    return {name: _rounded(getattr(spread, name), promise) for name in ("mean", "median", "sd")}


def _effect(effect):
    if effect is None:
        return None
    figures = {name: _rounded(getattr(effect, name)) for name in ("value", "d_av", "d_z", "percentile", "non_overlap")}
    return {"variant": effect.variant, "hedges": effect.hedges, "ci": [_rounded(end) for end in effect.ci], **figures}


def _wilcoxon(result):
    return None if result is None else {"w": result.w, "p": _p(result.p)}


def _p(p):
    return None if p is None else float(f"{p:.4g}")


def _people(table, promise, view):
    """Each person's change, nameless and sorted: where answers carry names anyway and a group is small enough to draw."""
    if promise != IDENTIFIED or view != ALL or sum(table.values()) > PEOPLE_DRAWN:
        return {}
    return {"people": sorted([_rounded(before), _rounded(after)] for (before, after), n in table.items() for _ in range(n))}


def _mcnemar(item, table, promise):
    """Of single items only: a construct is no right or wrong. It counts to the last person, so answers must carry names."""
    if not item.facts.get("right_or_wrong") or promise != IDENTIFIED:
        return {}
    result = statistics.mcnemar(table.get((0.0, 1.0), 0), table.get((1.0, 0.0), 0), sum(table.values()))
    figures = {"odds_ratio": _rounded(result.odds_ratio), "d": _rounded(result.d), "p": _p(result.p)}
    return {"mcnemar": {"b": result.b, "c": result.c, **figures}}


def _rounded(value, promise=IDENTIFIED):
    return None if value is None else round(value, DECIMALS if promise == IDENTIFIED else GUARDED_DECIMALS)


# --- marks of observers ----------------------------------------------------------------------------------------------


def _rated(item, promise, view, exempt):
    table = in_view(item.atoms, view)
    base = {
        "low": item.low,
        "high": item.high,
        "n": sum(table.values()),
        "mean": None,
        "median": None,
        "before": None,
        "after": None,
    }
    sizes = {atom: sum(counts.values()) for atom, counts in item.atoms.items()}
    refusal = _refusal(item, sizes, view)
    if refusal:
        return {**base, "raters": None, "rated_twice": None, **refusal}
    last = statistics.spread(add_up({mark: people} for (_first, mark, _raters), people in table.items()))
    twice = sum(people for (_first, _last, raters), people in table.items() if raters > 1)
    again = {(first, mark): people for (first, mark, _raters), people in _reassessed(table).items()}
    return {
        **base, "mean": _rounded(last.mean), "median": _rounded(last.median), "raters": item.facts.get("raters"),
        "rated_twice": twice, **_before_and_after(again),
    }  # fmt: skip


def _reassessed(table):
    return {key: people for key, people in table.items() if key[0] is not None}


def _before_and_after(again):
    """Of those who were assessed again, from the minimum on."""
    if sum(again.values()) < settings.MIN_GROUP_SIZE:
        return {}
    change = statistics.paired_change(again)
    return {"before": _spread(change.before, IDENTIFIED), "after": _spread(change.after, IDENTIFIED), "reassessed": change.n}


# --- commitments -----------------------------------------------------------------------------------------------------


def _commitments(item, promise, view, exempt):
    table = in_view(item.atoms, view)
    people = sum(number for atom, number in item.sizes.items() if contains(view, atom))
    base = {"day": item.facts["day"], "made": sum(table.values()), "people": people}
    refusal = _refusal(item, item.sizes, view)
    if refusal:
        return {**base, "statuses": None, "barriers": None, **refusal}
    return {**base, "statuses": _statuses(item, view), "barriers": _barriers(table) if view == ALL else {}}


def _statuses(item, view):
    """Each status with its number, `None` where it is too small to be shown alone. What nobody in the whole cohort said is 0, as long
    as somebody has not answered: of all people together a 0 would say of each one what they did not do."""
    said_of = {said for table in item.atoms.values() for said, _barriers in table}
    occurring = [status for status in STATUSES if status in said_of or "unanswered" not in said_of]
    atoms = {
        atom: tuple(sum(n for (said, _barriers), n in table.items() if said == status) for status in occurring)
        for atom, table in item.atoms.items()
    }
    shown = _once(item, "shown", lambda: protect(Table(atoms, None), settings.MIN_GROUP_SIZE))[view]
    alone = {occurring[part.classes[0]]: part.count for part in shown.segments if len(part.classes) == 1}
    return {status: alone.get(status) if status in occurring else 0 for status in STATUSES}


def _barriers(table):
    """What stood in the way, of commitments with an answer; too few, or all but too few, are `None`."""
    told = sum(number for (status, _barriers), number in table.items() if status != "unanswered")
    counts = add_up({barrier: number} for (_status, barriers), number in table.items() for barrier in barriers)
    least = settings.MIN_GROUP_SIZE
    return {
        barrier: n if least <= n <= told - least else None
        for barrier, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    }


ROWS = {
    "count": _figures, "published": _figures, "distribution": _distribution, "true_pre_post": _pairs, "retro_pre_post": _pairs,
    "rated": _rated, "commitments": _commitments,
}  # fmt: skip
