"""On which earlier answers a question may hang (`show_if`), and which questions hang on one. See evaluations/branching.py."""

BRANCHING = ("single-choice", "multiple-choice", "partial-choice", "vignette", "likert", "rubric", "confidence")
CHAINED = ("survey", "quiz")  # elsewhere questions do not follow one another


def values_of(question):
    """`[(value, label)]` of the answers to which others can be tied; empty for kinds on which nothing can hang."""
    if question.kind not in BRANCHING:
        return []
    points = {str(point["value"]): point["value"] for point in getattr(question, "scale", ())}
    return [(points.get(value, value), label) for value, label in question.labels()]


def possible(question, questions):
    """The earlier ones of `questions` (in order) on which `question` may hang. A new one comes after all."""
    earlier = []
    for other in questions:
        if other.pk == question.pk:
            break
        earlier.append(other)
    return [other for other in earlier if values_of(other)]


def hanging_on(key, questions):
    return [question for question in questions if question.show_if and question.show_if.get("question") == key]


def out_of_order(questions):
    """The first `(question, earlier)` of which the first hangs on something that does not stand before it, or `None`.

    `earlier` is the key it hangs on.
    """
    seen = set()
    for question in questions:
        key = question.show_if.get("question") if question.show_if else None
        if key and key not in seen:
            return question, key
        seen.add(question.key)
    return None


def left_without(question, old_key, questions):
    """Those of `questions` that hang on an answer which `question`, as it would be saved, no longer has under `old_key`."""
    known = {str(value) for value, _label in values_of(question)} if question.key == old_key else set()
    return [
        other
        for other in hanging_on(old_key, questions)
        if not {str(value) for value in other.show_if.get("any_of") or ()} <= known
    ]


def in_words(question, questions):
    """`(key of the earlier question, labels of the answers)` of what `question` hangs on, or `None`."""
    if not question.show_if:
        return None
    key = question.show_if.get("question", "")
    before = next((other for other in questions if other.key == key), None)
    labels = {str(value): label for value, label in values_of(before)} if before else {}
    return key, [labels.get(str(value), str(value)) for value in question.show_if.get("any_of") or ()]
