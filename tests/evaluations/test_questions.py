"""The contract of a question, for every kind."""

import pytest
from django.core.exceptions import ValidationError

from evaluations import scoring
from evaluations.questions.number import parse_number
from evaluations.questions.reading import KINDS, questions_of
from tests.evaluations.conftest import make_mixed, make_quiz

pytestmark = pytest.mark.django_db

GOOD = {
    "likert": [1, "5", "na"],
    "single": ["a"],
    "multiple": [["a"], ["c", "a", "a"]],
    "number": [0, "12,5", 4999.5],
    "short": ["sí"],
    "long": ["uno\ndos"],
}


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


NEVER = [
    True, False, {}, {"a": 1}, [None], [{}], [["a"]], deep(50), deep(20000), object(), b"a", float("nan"), float("inf"), -(10**400), 10**5000,
    "\x00", "a\x00", "\ud800", "x" * 6000, "x" * 10**6, "9" * 6000, ["a"] * 3 + ["zz"], -1, 1.5j,
]  # fmt: skip


@pytest.fixture
def questions(db):
    return {question.key: question for question in questions_of(make_mixed().pk)}


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("raw", NEVER, ids=range(len(NEVER)))
def test_what_is_no_answer_raises_a_validation_error_and_nothing_else(questions, key, raw):
    with pytest.raises(ValidationError) as error:
        questions[key].clean_answer(raw)
    assert all(message and "%(" not in message for message in error.value.messages)


@pytest.mark.parametrize("key", GOOD)
def test_a_cleaned_answer_is_json_and_cleans_to_itself(questions, key):
    import json

    question = questions[key]
    for raw in GOOD[key]:
        value = question.clean_answer(raw)
        assert question.clean_answer(json.loads(json.dumps(value))) == value
        assert isinstance(question.answer_text(value), str)
        assert question.answer_text(value)
        summary = question.summarise([value, value])
        assert json.loads(json.dumps(summary))["n"] == (0 if value == "na" else 2)
        assert question.form_field().label == question.text_here


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("raw", [None, "", []])
def test_no_answer_is_refused_where_one_is_required_and_kept_where_not(questions, key, raw):
    question = questions[key]
    question.required = True
    with pytest.raises(ValidationError):
        question.clean_answer(raw)
    question.required = False
    if raw != [] or key == "multiple":
        assert question.clean_answer(raw) in (None, "", [])


def test_every_kind_is_covered(questions):
    assert {type(question) for question in questions.values()} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120", 120),
        ("1.204", 1204),
        ("1,204", 1204),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1.204,5", 1204.5),
        ("1,204.5", 1204.5),
        ("1 204", 1204),
        ("-3", -3),
    ],
)
def test_numbers_as_people_write_them(text, value):
    assert parse_number(text) == value


def test_all_kinds_come_in_one_query(django_assert_num_queries):
    pk = make_mixed().pk
    questions_of(pk)
    with django_assert_num_queries(1):
        assert len(questions_of(pk)) == 6


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
    result = scoring.score(list(questions.values()), {})
    assert (result.score, result.max_score, result.percent) == (None, None, None)
    assert scoring.passes(result, 70) is None
