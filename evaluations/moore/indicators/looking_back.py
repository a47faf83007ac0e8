"""Retrospective pairs: "before, thinking back" and "now", asked in one questionnaire. One line for each wave that asks them."""

from evaluations.moore.indicators.answered import RETROSPECTIVE, asked_in, said
from evaluations.moore.indicators.base import Gathered, Item
from evaluations.moore.indicators.opinions import wave_words
from evaluations.moore.indicators.pairs import construct_words


def looking_back(scope, wants):
    """Anonymous waves are left out: their pairs stand in a form of their own, which nobody has asked for so far."""
    lines = []
    for counted in scope.waves:
        asked = asked_in(scope, counted, lambda question: question.kind == RETROSPECTIVE and wants(question))
        if asked and not counted.wave.anonymous:
            lines.append(_line(scope, counted, asked))
    return lines


def _line(scope, counted, asked):
    return Gathered(
        items=[_item(question, said(scope).get((counted.wave.pk, question.pk), {})) for question in asked] if counted.counts else [],
        suffix=f"w{counted.wave.pk}", about=wave_words(counted.wave), source=counted.wave.instrument.title,
        promise=counted.wave.promise, waves=(counted,), people=counted.people, asked=scope.asked(counted.wave), as_of=counted.as_of,
        open_n=counted.answered if not counted.counts and counted.answered else None,
    )  # fmt: skip


def _item(question, counts):
    pairs = {
        atom: {(before, now): people for (before, now), people in table.items() if before is not None and now is not None}
        for atom, table in counts.items()
    }
    low, high = (float(question.scale[end]["value"]) for end in (0, -1))
    label = construct_words(question) if question.construct else question.text
    return Item(key=question.key, label=label, construct=question.construct, atoms=pairs, low=min(low, high), high=max(low, high))
