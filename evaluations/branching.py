"""Which questions a person is asked, given what the person answered. A function of the questions and the answers alone."""

from collections import Counter
from dataclasses import dataclass

from evaluations.words import in_language


def asked(questions, values):
    """The questions that are put, in their order. `values` is `{question id: stored value}`.

    One with `show_if` is asked only where its earlier question is asked and answered with one of the values named. So an answer
    that stands behind a branch no longer taken is kept, and counts for nothing.
    """
    found, earlier = [], {}
    for question in questions:
        condition = _condition(question)
        if not condition or _leads_here(condition, earlier, values):
            found.append(question)
            earlier[question.key] = question
    return found


def _condition(question):
    return question.show_if if isinstance(question.show_if, dict) else {}


def _leads_here(condition, earlier, values):
    before = earlier.get(condition.get("question"))
    value = values.get(before.pk) if before else None
    given = value if isinstance(value, list) else [value]
    wanted = {str(one) for one in condition.get("any_of") or []}
    return any(one is not None and str(one) in wanted for one in given)


def is_asked(question, questions, values):
    return any(other.pk == question.pk for other in asked(questions, values))


@dataclass(frozen=True)
class Place:
    """Where one question stands for this person: the `nth` of `total` that are asked. `numbers` (from 1, among all questions of
    the instrument) are for addresses: they stay the same whatever is answered. `about` while an answer may change the total."""

    nth: int
    total: int
    about: bool
    previous_number: int | None
    next_number: int | None
    case: str
    section: str
    section_intro: str


def place_of(question, questions, values, sections=()):
    """The `Place` of a question; of one that is not asked, the place it would have."""
    here = asked(questions, values)
    numbers = {other.pk: number for number, other in enumerate(questions, start=1)}
    before = [other for other in here if numbers[other.pk] < numbers[question.pk]]
    after = [other for other in here if numbers[other.pk] > numbers[question.pk]]
    open_ends = _open_ends(here, questions, values)
    section = next((section for section in sections if section["key"] == question.section), {}) if question.section else {}
    opens = not any(other.section == question.section for other in before)
    return Place(
        nth=len(before) + 1,
        total=len(before) + 1 + len(after) + open_ends,
        about=bool(open_ends),
        previous_number=numbers[before[-1].pk] if before else None,
        next_number=numbers[after[0].pk] if after else None,
        case=case_of(question, questions),
        section=in_language(section.get("title")),
        section_intro=in_language(section.get("intro")) if opens else "",
    )


def _open_ends(here, questions, values):
    """How many more may be asked: for each question that is not answered yet, what hangs on its widest answer."""
    waiting = {question.key: Counter() for question in here if question.pk not in values}
    for condition in map(_condition, questions):
        if condition.get("question") in waiting:
            waiting[condition["question"]].update({str(one) for one in condition.get("any_of") or []})
    return sum(max(counts.values(), default=0) for counts in waiting.values())


def case_of(question, questions):
    """The story that the question is about: its own, or that of the question it hangs on; "" where there is none."""
    by_key = {other.key: other for other in questions}
    for _step in questions:
        if question.story_here or not question.show_if:
            break
        question = by_key.get(_condition(question).get("question"), question)
    return question.story_here
