"""Levels 3A and 3B: the same person's share of right points per construct, before and after the training.

Parallel forms meet in the construct, not in the item. Where both forms ask the very same item, the line of the construct has that
item below it, with McNemar's test on right (all points) and wrong.
"""

from django.utils.translation import gettext_lazy as _

from evaluations.moore.indicators.answered import pair_items, paired, pairing
from evaluations.moore.indicators.base import Indicator
from evaluations.moore.indicators.pairs import construct_labels, gathered_pairs

LEVELS = ("3A", "3B")


def indicators():
    common = {
        "evidence": "objective",
        "source": _("Knowledge tests before and after"),
        "unit": "share",
        "design": "true_pre_post",
    }
    return [
        Indicator(
            key="knowledge-3a", level="3A", name=_("Knowledge: what"), question=_("Do they know more than before?"),
            gather=lambda scope: gather(scope, "3A"), **common,
        ),
        Indicator(
            key="knowledge-3b", level="3B", name=_("Knowledge: how"), question=_("Do they know better how to do it?"),
            gather=lambda scope: gather(scope, "3B"), **common,
        ),
    ]  # fmt: skip


def gather(scope, level):
    """The queries are shared by both levels."""
    pair = pairing(scope, _is_scored, "knowledge")
    if pair is None or not any(question.moore == level for asked in pair.questions.values() for question in asked):
        return []
    tables = scope.once("knowledge pairs", lambda: paired(pair))
    items = pair_items(_of(level, tables), construct_labels(pair, level), 0.0, 1.0)
    for item in items:
        item.items = _same_items(scope, pair, level, item.construct)
    return gathered_pairs(scope, pair, items)


def _is_scored(question):
    return question.max_score is not None and question.moore in LEVELS


def _of(level, tables):
    return {name: atoms for (moore, name), atoms in tables.items() if moore == level}


def _same_items(scope, pair, level, construct):
    """Items that both forms ask, right (1) or wrong (0) before and after."""
    same = scope.once("same items", lambda: _asked_twice(pair))
    if not same:
        return []
    tables = scope.once("knowledge items", lambda: paired(pair.only(same), field="key"))
    asked = [question for question in same.values() if (question.moore, question.construct) == (level, construct)]
    right = {question.key: _right_or_wrong(tables.get((level, question.key), {})) for question in asked}
    items = pair_items({key: atoms for key, atoms in right.items() if atoms}, {q.key: q.text for q in asked}, 0.0, 1.0)
    for item in items:
        item.construct, item.facts["right_or_wrong"] = construct, True
    return items


def _asked_twice(pair):
    """`{key: question}` of items with the same key, words and choices on both sides. The key alone is not enough: parallel forms may
    number their different items alike."""
    before, after = (
        {question.key: question for counted in side for question in pair.questions[counted.wave.pk]}
        for side in (pair.before, pair.after)
    )
    return {key: question for key, question in before.items() if key in after and _wording(question) == _wording(after[key])}


def _wording(question):
    return question.kind, question.moore, question.construct, question.text, getattr(question, "choices", None)


def _right_or_wrong(atoms):
    found = {}
    for atom, table in atoms.items():
        counts = found.setdefault(atom, {})
        for (before, after), people in table.items():
            right = float(before >= 1), float(after >= 1)
            counts[right] = counts.get(right, 0) + people
    return found
