"""Answers that invented people might give: `able` (0 to 1) is how much the person knows, or how content they are, at that time."""

import datetime

from django.utils import timezone

REMARKS = {
    "es": [
        "Más tiempo para los casos de cada país.",
        "La parte de indicadores fue la más útil; faltó practicar con datos propios.",
        "El sonido se cortó dos veces, pero se pudo seguir.",
        "Me gustaría ver una reunión real con la dirección de un hospital.",
        "Menos diapositivas y más discusión.",
    ],
    "pt-br": [
        "Mais tempo para discutir os casos de cada país.",
        "A parte dos indicadores foi a mais útil; faltou praticar com dados próprios.",
        "Gostaria de ver uma reunião de verdade com a direção de um hospital.",
        "Os materiais em português ajudaram muito.",
    ],
}
CONTENT = ("satisfaction", "intention")
POSITIVE = 0.42  # where contentment starts


def answer(question, chance, able, language="es"):
    """A value that the question accepts."""
    return KINDS[question.kind](question, chance, able, language)


def _point(values, chance, able, spread=0.16):
    """A point of a scale around `able`."""
    place = min(max(chance.gauss(able, spread), 0), 0.999)
    return values[int(place * len(values))]


def _likert(question, chance, able, language):
    values = [point["value"] for point in question.scale]
    if question.aspect in CONTENT:
        return _point(values, chance, POSITIVE + 0.4 * able, spread=0.24)
    if question.aspect == "importance":
        able = 0.75
    return _point(values, chance, able)


def _retrospective(question, chance, able, language):
    values = [point["value"] for point in question.scale]
    return {"before": _point(values, chance, able - 0.45), "now": _point(values, chance, able)}


def _single(question, chance, able, language):
    keys = [choice["key"] for choice in question.choices]
    right = sorted(question.correct_keys())
    if not right:
        return chance.choice(keys)
    if chance.random() < able:
        return right[0]
    return chance.choice([key for key in keys if key not in right])


def _several(question, chance, able, language):
    right = question.correct_keys()
    if not right:
        return sorted(chance.sample([choice["key"] for choice in question.choices], chance.randint(1, 2)))
    return [choice["key"] for choice in question.choices if (choice["key"] in right) == (chance.random() < 0.4 + 0.6 * able)] or [
        question.choices[0]["key"]
    ]


def _ordering(question, chance, able, language):
    keys = [item["key"] for item in question.items]
    if chance.random() > able:
        place = chance.randrange(len(keys) - 1)
        keys[place], keys[place + 1] = keys[place + 1], keys[place]
    return keys


def _matching(question, chance, able, language):
    keys = [pair["key"] for pair in question.pairs]
    chosen = dict(zip(keys, keys, strict=True))
    if chance.random() > able:
        first, second = chance.sample(keys, 2)
        chosen[first], chosen[second] = second, first
    return chosen


def _number(question, chance, able, language):
    low, high = question.minimum or 0, question.maximum or 1000
    return int(min(max(low, round(chance.gauss(2, 1.2) if high <= 500 else chance.choice([120, 180, 240, 400]))), high))


def _text(question, chance, able, language):
    return chance.choice(REMARKS.get(language, REMARKS["es"])) if question.required or chance.random() < 0.4 else ""


def _commitments(question, chance, able, language):
    chosen = chance.sample([choice["key"] for choice in question.choices], chance.randint(1, min(3, question.most)))
    today = timezone.localdate()
    return [
        {
            "choice": key, "text": "", "confidence": _point([1, 2, 3, 4, 5], chance, able),
            "due": (today + datetime.timedelta(days=chance.choice([60, 90, 120, 180]))).isoformat(),
        }
        for key in chosen
    ]  # fmt: skip


KINDS = {
    "likert": _likert,
    "confidence": lambda question, chance, able, language: _point([1, 2, 3, 4, 5], chance, able),
    "retrospective": _retrospective,
    "rubric": lambda question, chance, able, language: _point([point["value"] for point in question.scale], chance, able),
    "single-choice": _single,
    "vignette": _single,
    "multiple-choice": _several,
    "partial-choice": _several,
    "ordering": _ordering,
    "matching": _matching,
    "number": _number,
    "short-text": _text,
    "long-text": _text,
    "commitment": _commitments,
}
