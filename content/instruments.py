"""An instrument file → its meaning; what the schema alone cannot see is checked here, also where the schema already complains."""

from content.checking import check
from content.positions import read_yaml
from content.schema import Instrument

CHOICES = ("single-choice", "multiple-choice")


def read_instrument(text, file, stem):
    document = read_yaml(text, file)
    meaning = check(document, Instrument)
    if isinstance(document.data, dict):
        _check_instrument(document, stem)
    return document, meaning


def _check_instrument(document, stem):
    kind = document.get("kind")
    if document.get("key") not in (None, stem):
        document.add(("key",), f"must be “{stem}”, as the file is named.")
    if kind == "survey" and not document.get("intro"):
        document.add(("intro",), "a survey needs an introduction: who sees the answers and how long it takes.")
    once(document, ("questions",), "question")
    for index, question in document.rows("questions"):
        path = ("questions", index)
        if question.get("kind") in CHOICES:
            _check_choices(document, path, question, kind)
        elif question.get("kind") and kind in ("quiz", "check"):
            document.add((*path, "kind"), f"has no right answer, so it cannot stand in a {kind}. Use {' or '.join(CHOICES)}.")
        if question.get("kind") == "likert":
            _check_scale(document, path, question.get("scale"))
        low, high = question.get("minimum"), question.get("maximum")
        if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
            document.add((*path, "maximum"), "must be more than the minimum.")
    for name in document.get("scales") if isinstance(document.get("scales"), dict) else ():
        values = [point.get("value") for _index, point in document.rows("scales", name)]
        numbers = [value for value in values if isinstance(value, int)]
        if numbers != sorted(set(numbers)):
            document.add(("scales", name), "the values must rise from point to point.")


def once(document, path, what):
    """Reports keys that stand twice in the list at `path`."""
    seen = set()
    for index, row in document.rows(*path):
        key = row.get("key")
        if key in seen:
            document.add((*path, index, "key"), f"the {what} “{key}” stands here twice.")
        seen.add(key)


def _check_choices(document, path, question, kind):
    once(document, (*path, "choices"), "choice")
    choices = document.rows(*path, "choices")
    right = [index for index, choice in choices if choice.get("correct") is True]
    if kind == "survey":
        for index, choice in choices:
            for name in ("correct", "reason"):
                if choice.get(name):
                    document.add((*path, "choices", index, name), "has no place in a survey: nothing there is right or wrong.")
        return
    if choices and not right:
        document.add((*path, "choices"), "no choice is marked “correct: true”.")
    if question.get("kind") == "single-choice" and len(right) > 1:
        document.add((*path, "choices", right[1], "correct"), "only one choice can be right. For several, use multiple-choice.")
    for index, choice in choices:
        if not choice.get("reason"):
            document.add((*path, "choices", index, "reason"), "is missing: say why this choice is right or wrong.")


def _check_scale(document, path, scale):
    if isinstance(scale, str) and not document.get("scales", scale):
        document.add((*path, "scale"), f"the scale “{scale}” is not in “scales” of this file.")
