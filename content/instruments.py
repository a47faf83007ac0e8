"""An instrument file → its meaning; what the schema alone cannot see is checked here, also where the schema already complains."""

from content.checking import check
from content.instrument_schema import Instrument
from content.positions import read_yaml

ONE_RIGHT, SEVERAL_RIGHT = ("single-choice", "vignette"), ("multiple-choice", "partial-choice")
CHOICES = (*ONE_RIGHT, *SEVERAL_RIGHT)
ALWAYS_KEYED = ("partial-choice", "ordering", "matching")  # these are scored wherever they stand
FITTING = {
    "quiz": (*CHOICES, "ordering", "matching"),
    "check": ("single-choice", "multiple-choice", "partial-choice"),
    "rubric": ("rubric",),
}
SCALED = ("likert", "retrospective", "rubric")


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
    if kind in ("survey", "rubric") and not document.get("intro"):
        document.add(("intro",), f"a {kind} needs an introduction: who sees the answers and how long it takes.")
    once(document, ("questions",), "question")
    once(document, ("sections",), "section")
    for index, question in document.rows("questions"):
        path = ("questions", index)
        _check_fits(document, path, question.get("kind"), kind)
        _check_parts(document, path, question, kind)
        _check_section(document, path, question.get("section"))
        _check_condition(document, path, question.get("show_if"), kind)
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
        if isinstance(key, str) and key in seen:
            document.add((*path, index, "key"), f"the {what} “{key}” stands here twice.")
        if isinstance(key, str):
            seen.add(key)


def _check_fits(document, path, kind, instrument_kind):
    if not isinstance(kind, str) or not isinstance(instrument_kind, str):
        return
    fitting = FITTING.get(instrument_kind)
    if fitting and kind not in fitting:
        why = "has no right answer" if kind not in FITTING["quiz"] else "does not work"
        why = "does not work" if instrument_kind == "rubric" else why
        document.add((*path, "kind"), f"{why}, so it cannot stand in a {instrument_kind}. Use {' or '.join(fitting)}.")
    elif instrument_kind == "survey" and kind == "rubric":
        document.add((*path, "kind"), "is for instruments of kind rubric, which others fill in about a person. Use likert.")
    elif instrument_kind == "survey" and kind in ALWAYS_KEYED:
        document.add((*path, "kind"), "has right answers, so it cannot stand in a survey: nothing there is right or wrong.")


def _check_parts(document, path, question, instrument_kind):
    kind = question.get("kind")
    if kind in CHOICES:
        _check_choices(document, path, question, instrument_kind)
    if kind in SCALED:
        _check_scale(document, path, question.get("scale"))
    if kind == "ordering":
        once(document, (*path, "items"), "step")
    if kind == "commitment":
        once(document, (*path, "choices"), "choice")
    if kind == "matching":
        once(document, (*path, "pairs"), "pair")
        once(document, (*path, "distractors"), "right side")
        _check_right_sides(document, path)


def _check_right_sides(document, path):
    """Each right side belongs to one pair, so its key and its words stand once."""
    pairs, extras = document.rows(*path, "pairs"), document.rows(*path, "distractors")
    keys = {pair.get("key") for _index, pair in pairs if isinstance(pair.get("key"), str)}
    for index, extra in extras:
        if isinstance(extra.get("key"), str) and extra["key"] in keys:
            document.add((*path, "distractors", index, "key"), f"the key “{extra['key']}” is that of a pair. Give it its own.")
    sides = [((*path, "pairs", index, "right"), pair.get("right")) for index, pair in pairs]
    sides += [((*path, "distractors", index, "text"), extra.get("text")) for index, extra in extras]
    seen = []
    for place, words in sides:
        if isinstance(words, dict) and words in seen:
            document.add(place, "the same words stand on another right side: of two equal answers one would be marked wrong.")
        seen.append(words)


def _check_choices(document, path, question, kind):
    once(document, (*path, "choices"), "choice")
    choices = document.rows(*path, "choices")
    right = [index for index, choice in choices if choice.get("correct") is True]
    if kind == "survey":
        for index, choice in choices if question.get("kind") not in ALWAYS_KEYED else ():
            for name in ("correct", "reason"):
                if choice.get(name):
                    document.add((*path, "choices", index, name), "has no place in a survey: nothing there is right or wrong.")
        return
    if choices and not right:
        document.add((*path, "choices"), "no choice is marked “correct: true”.")
    if question.get("kind") in ONE_RIGHT and len(right) > 1:
        document.add((*path, "choices", right[1], "correct"), "only one choice can be right. For several, use multiple-choice.")
    for index, choice in choices:
        if not choice.get("reason"):
            document.add((*path, "choices", index, "reason"), "is missing: say why this choice is right or wrong.")


def _check_scale(document, path, scale):
    if isinstance(scale, str) and not document.get("scales", scale):
        document.add((*path, "scale"), f"the scale “{scale}” is not in “scales” of this file.")


def _check_section(document, path, section):
    if isinstance(section, str) and section not in [row.get("key") for _index, row in document.rows("sections")]:
        document.add((*path, "section"), f"the section “{section}” is not in “sections” of this file.")


def _check_condition(document, path, condition, instrument_kind):
    if not isinstance(condition, dict):
        return
    if instrument_kind in ("check", "rubric"):
        document.add((*path, "show_if"), f"has no place in a {instrument_kind}: its questions do not follow one another.")
        return
    key = condition.get("question")
    earlier = next((row for index, row in document.rows("questions") if index < path[1] and row.get("key") == key), None)
    if earlier is None:
        if isinstance(key, str):
            document.add((*path, "show_if", "question"), f"there is no earlier question “{key}” in this file.")
        return
    values = _values_of(document, earlier)
    if not values:
        text = f"“{key}” is of kind {earlier.get('kind')}. Only answers of choices, scales and confidence can lead to a question."
        document.add((*path, "show_if", "question"), text)
        return
    for index, value in enumerate(condition["any_of"] if isinstance(condition.get("any_of"), list) else ()):
        if value not in values:
            known = ", ".join(str(one) for one in values)
            document.add((*path, "show_if", "any_of", index), f"“{value}” is no answer of “{key}”. Its answers are {known}.")


def _values_of(document, question):
    """The values that an answer of `question` can have; empty for kinds on which nothing can hang."""
    kind = question.get("kind")
    if kind in CHOICES:
        choices = question.get("choices") if isinstance(question.get("choices"), list) else []
        return [choice.get("key") for choice in choices if isinstance(choice, dict)]
    values = []
    if kind in ("likert", "rubric") and isinstance(question.get("scale"), str):
        values = [point.get("value") for _index, point in document.rows("scales", question["scale"])]
    if kind == "confidence":
        values = [1, 2, 3, 4, 5]
    return [*values, "na"] if values and question.get("allow_not_applicable") is True else values
