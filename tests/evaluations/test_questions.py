"""The contract of a question, for every kind."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations.forms import AnswerForm
from evaluations.questions.likert import NOT_APPLICABLE
from evaluations.questions.number import parse_number
from evaluations.questions.reading import KINDS, questions_of
from evaluations.questions.rubric import NOT_OBSERVED
from tests.evaluations.conftest import CANARY, STEPS, make_mixed

pytestmark = pytest.mark.django_db

SOON = (timezone.now() + timedelta(days=30)).date().isoformat()
ONE_CHANGE = {"choice": "a", "text": "", "confidence": 4, "due": SOON}
OWN_CHANGE = {"choice": "", "text": "Dos líneas\nde texto", "confidence": 1, "due": SOON}
GOOD = {
    "likert": [1, "5", "na"],
    "single": ["a"],
    "multiple": [["a"], ["c", "a", "a"]],
    "number": [0, "12,5", 4999.5],
    "short": ["sí"],
    "long": ["uno\ndos"],
    "partial": [["d", "a"]],
    "ordering": [STEPS, STEPS[::-1]],
    "matching": [{key: key for key in STEPS}, dict.fromkeys(STEPS, "extra-tells")],
    "vignette": ["b"],
    "confidence": [1, "5", "na"],
    "commitment": [[ONE_CHANGE], [ONE_CHANGE, OWN_CHANGE]],
    "rubric": [4, "1", "no"],
    "retrospective": [{"before": 1, "now": "5"}],
}
SEVERAL_VALUES = {"multiple", "partial", "commitment"}


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


NEVER = [
    True, False, {}, {"a": 1}, [None], [{}], [["a"]], deep(50), deep(20000), object(), b"a", float("nan"), float("inf"), -(10**400), 10**5000,
    "\x00", "a\x00", "\ud800", "x" * 6000, "x" * 10**6, "9" * 6000, ["a"] * 3 + ["zz"], -1, 1.5j,
    {"before": 1}, {"before": 1, "now": 9}, {"before": [1], "now": {}}, {"before": 1, "now": 1, "later": 1}, {1: 2, None: 3},
    [ONE_CHANGE] * 9, [{**ONE_CHANGE, "due": "2020-01-01"}], [{**ONE_CHANGE, "confidence": True}], [{**ONE_CHANGE, "more": 1}],
    STEPS[:3], [*STEPS, STEPS[0]], [STEPS[0]] * 4, dict.fromkeys(STEPS, "zz"), dict.fromkeys(STEPS[:3], STEPS[0]),
]  # fmt: skip


@pytest.fixture
def questions(db):
    return {question.key: question for question in questions_of(make_mixed().pk)}


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("raw", NEVER, ids=range(len(NEVER)))
def test_what_is_no_answer_raises_a_validation_error_and_nothing_else(questions, key, raw):
    questions[key].required = True
    with pytest.raises(ValidationError) as error:
        questions[key].clean_answer(raw)
    assert all(message and "%(" not in message for message in error.value.messages)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a", "1", SOON, *STEPS]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["before", "now", "choice", "due", "choice-1", *STEPS]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def test_no_json_at_all_breaks_a_kind(questions):
    """It is either refused in words or becomes a value that is JSON, cleans to itself and can be shown and counted."""

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(JSON, st.booleans())
    def check(raw, required):
        for question in questions.values():
            question.required = required
            try:
                value = question.clean_answer(raw)
            except ValidationError:
                continue
            assert question.clean_answer(json.loads(json.dumps(value, allow_nan=False))) == value
            assert isinstance(question.answer_text(value), str)
            assert question.measure(value) is None or isinstance(question.measure(value), float)
            json.dumps(question.summarise([value]))
            question.feedback(value)

    check()


@pytest.mark.parametrize("key", GOOD)
def test_a_cleaned_answer_is_json_and_cleans_to_itself(questions, key):
    question = questions[key]
    for raw in GOOD[key]:
        value = question.clean_answer(raw)
        assert question.clean_answer(json.loads(json.dumps(value))) == value
        assert isinstance(question.answer_text(value), str)
        assert question.answer_text(value)
        summary = question.summarise([value, value])
        assert json.loads(json.dumps(summary))["n"] == (0 if value in (NOT_APPLICABLE, NOT_OBSERVED) else 2)
        assert question.form_field().label == question.text_here


@pytest.mark.parametrize("key", GOOD)
def test_what_the_form_shows_for_a_value_posts_the_same_value(questions, key):
    """Value → form → what a browser posts (and the script sends as JSON) → value."""
    question = questions[key]
    for raw in GOOD[key]:
        value = question.clean_answer(raw)
        posted = as_a_browser_posts(AnswerForm(question, value=value))
        form = AnswerForm(question, QueryDict("&".join(f"{quote(name)}={quote(text)}" for name, text in posted)))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["answer"] == value
        assert form.has_answer
        assert question.clean_answer(as_the_script_sends(posted, key)) == value


def as_a_browser_posts(form):
    """`[(name, text)]` of the successful controls of the form's HTML."""
    posted = []
    for control in BeautifulSoup(draw(form), "html.parser").select("input, select, textarea"):
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            posted.append((control["name"], chosen["value"]))
        elif control.name == "textarea":
            posted.append((control["name"], control.text.removeprefix("\n")))
        elif control["type"] not in ("radio", "checkbox") or control.has_attr("checked"):
            posted.append((control["name"], control.get("value", "")))
    return posted


def as_the_script_sends(posted, key):
    if any(name != "answer" for name, _text in posted):
        return {name.removeprefix("answer_"): text for name, text in posted}
    texts = [text for _name, text in posted]
    return texts if key in SEVERAL_VALUES else texts[0]


def draw(form, language="es"):
    with translation.override(language):
        return render_to_string("evaluations/question_field.html", {"form": form, "question": form.question, "heading": "h1"})


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("raw", [None, "", []])
def test_no_answer_is_refused_where_one_is_required_and_kept_where_not(questions, key, raw):
    question = questions[key]
    question.required = True
    with pytest.raises(ValidationError):
        question.clean_answer(raw)
    question.required = False
    if raw != [] or key in SEVERAL_VALUES:
        assert question.clean_answer(raw) in (None, "", [])


@pytest.mark.parametrize("key", GOOD)
def test_an_untouched_form_is_no_answer(questions, key):
    """Nothing is chosen beforehand."""
    question = questions[key]
    posted = as_a_browser_posts(AnswerForm(question))
    data = QueryDict("&".join(f"{quote(name)}={quote(text)}" for name, text in posted))
    for required in (True, False):
        question.required = required
        form = AnswerForm(question, data)
        assert form.is_valid() is not required
        assert not form.has_answer
    assert form.cleaned_data["answer"] in (None, "", [])


def test_every_kind_is_covered(questions):
    assert {type(question) for question in questions.values()} == set(KINDS)
    assert set(GOOD) == set(questions)


# --- keys stay secret --------------------------------------------------------------------------------------------------


def test_no_form_holds_a_reason_or_a_key_that_tells(questions):
    for question in questions.values():
        for language in ("es", "pt-br", "en"):
            text = draw(AnswerForm(question), language)
            assert CANARY not in text
            assert "tells" not in text
            assert "correct" not in text


def test_the_order_in_a_form_is_always_the_same_and_never_the_right_one(questions):
    question = questions["ordering"]
    shown = list(question.names().values())
    assert shown != STEPS
    assert sorted(shown) == sorted(STEPS)
    assert all(list(question.names().values()) == shown for _again in range(3))
    for number in range(300):
        question.key = f"order-{number}"
        question.items = question.items[:3]
        assert list(question.names().values()) != STEPS[:3]


def test_the_sides_of_a_pair_have_names_of_their_own(questions):
    question = questions["matching"]
    assert not set(question.lefts()) & set(question.rights())
    assert list(question.rights().values()) != [*STEPS, "extra-tells"]
    page = BeautifulSoup(draw(AnswerForm(question)), "html.parser")
    orders = {tuple(option["value"] for option in select.select("option")) for select in page.select("select")}
    assert len(orders) == 1


# --- numbers -----------------------------------------------------------------------------------------------------------


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
        assert len(questions_of(pk)) == len(KINDS)
