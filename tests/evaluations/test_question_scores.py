"""What the kinds of question measure, earn and say, by hand."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from evaluations import scoring
from evaluations.questions.likert import NOT_APPLICABLE
from evaluations.questions.reading import questions_of
from evaluations.questions.rubric import NOT_OBSERVED
from tests.evaluations.conftest import CANARY, STEPS, make_mixed, make_quiz
from tests.evaluations.test_questions import GOOD, ONE_CHANGE, OWN_CHANGE, SOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(db):
    return {question.key: question for question in questions_of(make_mixed().pk)}


# --- measures and scores, by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", GOOD)
def test_a_measure_lies_in_its_range(questions, key):
    question = questions[key]
    for raw in GOOD[key]:
        value = question.clean_answer(raw)
        measured = [number for number in (question.measure(value), question.measure_before(value)) if number is not None]
        if question.measure_range and value not in (NOT_APPLICABLE, NOT_OBSERVED):
            low, high = question.measure_range
            assert measured
            assert all(low <= number <= high for number in measured)
    assert question.measure_before(value) is None or key == "retrospective"


def test_measures_of_a_pair_and_of_a_point(questions):
    pair = questions["retrospective"]
    assert (pair.measure_before({"before": 2, "now": 5}), pair.measure({"before": 2, "now": 5})) == (2.0, 5.0)
    assert (pair.measure_before(None), pair.measure(None)) == (None, None)
    assert questions["rubric"].measure("no") is None
    assert questions["rubric"].measure(3) == 3.0
    assert questions["confidence"].measure_range == (1.0, 5.0)


@pytest.mark.parametrize(
    ("ticked", "points"),
    [
        (["a", "b", "c"], 1),
        (["a"], 1 / 3),
        (["a", "b", "d"], 1 / 3),
        (["a", "b", "c", "d"], 2 / 3),
        (["d"], 0),
        (["a", "d"], 0),
        ([], 0),
    ],
)
def test_partial_credit(questions, ticked, points):
    """Three are right, a wrong tick takes one back, and nobody falls below nothing."""
    assert questions["partial"].score(ticked) == pytest.approx(points)


@pytest.mark.parametrize(
    ("order", "points"), [("1234", 1), ("4321", 0), ("1243", 5 / 6), ("2143", 4 / 6), ("4123", 3 / 6), ("2341", 3 / 6)]
)
def test_an_order_earns_the_share_of_pairs_that_stand_right(questions, order, points):
    """Six pairs of four steps."""
    question = questions["ordering"]
    assert question.score([STEPS[int(place) - 1] for place in order]) == pytest.approx(points)
    assert question.score(None) == 0


def test_matching_earns_the_share_of_pairs(questions):
    question = questions["matching"]
    value = {key: key for key in STEPS}
    assert question.score(value) == 1
    assert question.score(value | {STEPS[0]: "extra-tells"}) == 0.75
    assert question.score({STEPS[0]: STEPS[1], STEPS[1]: STEPS[0], STEPS[2]: STEPS[2], STEPS[3]: STEPS[2]}) == 0.25
    assert question.score(None) == 0


def test_feedback_says_for_each_part_whether_it_was_right_and_what_it_should_be(questions):
    with translation.override("en"):
        steps = questions["ordering"].feedback([STEPS[1], STEPS[0], STEPS[2], STEPS[3]])
        assert [(step["correct"], step["yours"]) for step in steps] == [
            (False, "You put it in place 2."), (False, "You put it in place 1."), (True, ""), (True, ""),
        ]  # fmt: skip
        assert steps[0]["text"] == "1. text A (en)"
        assert CANARY in steps[0]["reason"]
        pairs = questions["matching"].feedback({**{key: key for key in STEPS}, STEPS[0]: "extra-tells"})
        assert pairs[0]["text"] == "left A (en) → right A (en)"
        assert pairs[0]["yours"] == "You chose: texto de más (en)"
        assert [pair["correct"] for pair in pairs] == [False, True, True, True]
    for key in ("likert", "confidence", "commitment", "rubric", "retrospective", "single"):
        assert questions[key].feedback(questions[key].clean_answer(GOOD[key][0])) == []


# --- commitments -------------------------------------------------------------------------------------------------------


def test_due_dates_lie_in_the_future_and_within_three_years(questions):
    question, today = questions["commitment"], timezone.now().date()
    for days in (2, 3 * 365 - 1):
        assert question.clean_answer([{**ONE_CHANGE, "due": (today + timedelta(days=days)).isoformat()}])
    for due in (
        *((today + timedelta(days=days)).isoformat() for days in (-1, 3 * 365 + 2)),
        "2027-02-30",
        "soon",
        None,
        20270301,
        "0000-00-00",
    ):
        with pytest.raises(ValidationError, match=r"Change 1|Cambio 1|Mudança 1"):
            question.clean_answer([{**ONE_CHANGE, "due": due}])


def test_each_change_says_what_it_lacks_and_empty_ones_are_left_out(questions):
    question = questions["commitment"]
    posted = {"choice-1": "", "text-1": "", "confidence-1": "", "due-1": "", "choice-2": "b", "confidence-2": "2", "due-2": SOON}
    assert question.clean_answer(posted) == [{"choice": "b", "text": "", "confidence": 2, "due": SOON}]
    with translation.override("en"), pytest.raises(ValidationError) as error:
        question.clean_answer([{"due": SOON, "confidence": 3}, {"text": "x", "due": SOON}])
    assert error.value.messages == ["Change 1: say what you will change.", "Change 2: choose how confident you are."]
    assert "<b>" in question.answer_text([{**OWN_CHANGE, "text": "<b>no</b>"}])  # escaped where it is shown, as every text


@pytest.mark.parametrize(
    ("language", "day"), [("es", "1 de marzo de 2099"), ("pt-br", "1 de março de 2099"), ("en", "1 March 2099")]
)
def test_a_commitment_is_told_with_its_date_in_words(questions, language, day):
    with translation.override(language):
        assert day in questions["commitment"].answer_text([{**OWN_CHANGE, "due": "2099-03-01"}])


def test_words_of_confidence_are_in_every_language(questions):
    scale = questions["confidence"].scale
    assert [point["value"] for point in scale] == [1, 2, 3, 4, 5]
    assert all(set(point["text"]) == {"es", "pt-br", "en"} for point in scale)
    assert scale[0]["text"]["en"] == "Not at all confident"


# --- scoring -----------------------------------------------------------------------------------------------------------


def test_a_score_is_a_function_of_version_and_answers():
    questions = questions_of(make_quiz().pk)
    values = {question.pk: ["a", "c"] if question.kind == "multiple-choice" else "b" for question in questions}
    full = scoring.score(questions, values)
    assert (full.score, full.max_score, full.percent) == (4, 4, 100)
    assert scoring.score(list(reversed(questions)), dict(reversed(values.items()))).score == 4
    assert scoring.score(questions, {}).score == 0
    assert sorted((line.construct, line.right, line.total) for line in full.lines) == [("epidemiology", 2, 2), ("kpi", 2, 2)]
    partly = scoring.score(questions, values | {questions[3].pk: ["a"]})
    assert partly.score == 3


def test_an_instrument_without_a_key_has_no_score(questions):
    result = scoring.score([question for question in questions.values() if question.max_score is None], {})
    assert (result.score, result.max_score, result.percent) == (None, None, None)
    assert scoring.passes(result, 70) is None
