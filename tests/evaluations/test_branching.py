"""Questions that hang on the answer to another: what is asked, what counts, what is refused."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations import answering, branching, scoring
from evaluations.models import (
    Answer,
    AnswerVersion,
    ChoiceQuestion,
    Instrument,
    LikertQuestion,
    MultipleChoiceQuestion,
    QuizPage,
    Response,
    ShortTextQuestion,
    SurveyPage,
    VignetteQuestion,
)
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, SCALE, add_activity, choices, words

pytestmark = pytest.mark.django_db
STORY = "Un hospital ficticio"


def make_branching(kind="quiz", key="branching"):
    """case (b is right) → deeper (asked after a or b) → deepest (after b); apart (after c or d); last, always asked."""
    sections = [
        {"key": "cases", "title": words("Casos"), "intro": words("Lea con calma")},
        {"key": "end", "title": words("Final")},
    ]
    instrument = Instrument.objects.create(key=key, kind=kind, title=words("Con ramas"), sections=sections)
    common = {"instrument": instrument, "section": "cases"}
    VignetteQuestion.objects.create(**common, key="case", order=1, text=words("caso"), story=words(STORY), choices=choices())
    ChoiceQuestion.objects.create(
        **common,
        key="deeper",
        order=2,
        text=words("sigue"),
        choices=choices(),
        show_if={"question": "case", "any_of": ["a", "b"]},
    )
    ChoiceQuestion.objects.create(
        **common, key="deepest", order=3, text=words("más"), choices=choices(), show_if={"question": "deeper", "any_of": ["b"]}
    )
    ChoiceQuestion.objects.create(
        **common,
        key="apart",
        order=4,
        text=words("aparte"),
        choices=choices(),
        show_if={"question": "case", "any_of": ["c", "d"]},
    )
    ChoiceQuestion.objects.create(
        instrument=instrument, section="end", key="last", order=5, text=words("última"), choices=choices()
    )
    return instrument


@pytest.fixture
def questions(db):
    return questions_of(make_branching().pk)


def keys_of(questions):
    return [question.key for question in questions]


def by_pk(questions, **answers):
    return {question.pk: answers[question.key] for question in questions if question.key in answers}


# --- the function ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["case", "last"]),
        ({"case": "a"}, ["case", "deeper", "last"]),
        ({"case": "b", "deeper": "b"}, ["case", "deeper", "deepest", "last"]),
        ({"case": "b", "deeper": "a"}, ["case", "deeper", "last"]),
        ({"case": "c", "deeper": "b", "deepest": "b"}, ["case", "apart", "last"]),
        ({"case": None}, ["case", "last"]),
    ],
)
def test_a_question_is_asked_only_behind_the_answers_that_lead_to_it(questions, answers, asked):
    assert keys_of(branching.asked(questions, by_pk(questions, **answers))) == asked


def test_of_several_answers_one_is_enough_and_points_of_a_scale_lead_on(db):
    instrument = Instrument.objects.create(key="several", kind="survey", title=words("Varias"))
    common = {"instrument": instrument, "text": words("x")}
    ticks = MultipleChoiceQuestion.objects.create(**common, key="ticks", order=1, choices=choices(()))
    point = LikertQuestion.objects.create(**common, key="point", order=2, scale=SCALE, allow_not_applicable=True)
    for order, (key, condition) in enumerate(
        {
            "after-ticks": {"question": "ticks", "any_of": ["a", "b"]}, "after-point": {"question": "point", "any_of": [1, 2]},
            "after-na": {"question": "point", "any_of": ["na"]}, "after-nothing": {"question": "gone", "any_of": ["a"]},
            "before": {"question": "too-late", "any_of": ["a"]}, "too-late": {}, "broken": ["x"],
        }.items(), start=3,
    ):  # fmt: skip
        ShortTextQuestion.objects.create(**common, key=key, order=order, show_if=condition)
    found = questions_of(instrument.pk)
    always = ["ticks", "point", "too-late", "broken"]
    for values, extra in [
        ({ticks.pk: ["b", "d"], point.pk: 3}, {"after-ticks"}), ({ticks.pk: ["d"], point.pk: 2}, {"after-point"}),
        ({ticks.pk: [], point.pk: "na"}, {"after-na"}),
    ]:  # fmt: skip
        asked = keys_of(branching.asked(found, values))
        assert set(asked) == {*always, *extra}


KEYS = st.sampled_from(["a", "b", "c", "d", None])


def test_what_is_not_asked_never_counts(questions):
    """Score and its maximum are a function of the version and of the answers that count: an answer behind a branch that is not
    taken changes neither; and each question that is asked stands behind one that is."""

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({question.key: KEYS for question in questions}), st.randoms(use_true_random=False))
    def check(answers, random):
        values = by_pk(questions, **answers)
        asked = branching.asked(questions, values)
        counted = {question.pk: values[question.pk] for question in asked}
        assert branching.asked(questions, counted) == asked
        assert scoring.score(questions, values) == scoring.score(questions, counted) == scoring.score(asked, values)
        assert scoring.score(questions, values).max_score == len(asked)
        hidden = [question for question in questions if question not in asked]
        for question in hidden:
            values[question.pk] = random.choice(["a", "b", "c", "d"])
        assert scoring.score(questions, values) == scoring.score(questions, counted)
        for question in asked:
            assert not question.show_if or question.show_if["question"] in keys_of(asked)
            assert branching.place_of(question, questions, values).nth == asked.index(question) + 1

    check()


def test_the_place_says_how_many_there_are_and_when_that_may_change(questions):
    case, deeper, _deepest, _apart, last = questions
    start = branching.place_of(case, questions, {})
    assert (start.nth, start.total, start.about, start.previous_number, start.next_number) == (1, 3, True, None, 5)
    values = by_pk(questions, case="b")
    second = branching.place_of(deeper, questions, values)
    assert (second.nth, second.total, second.about, second.previous_number, second.next_number) == (2, 4, True, 1, 5)
    values = by_pk(questions, case="c", apart="a")
    end = branching.place_of(last, questions, values)
    assert (end.nth, end.total, end.about, end.previous_number, end.next_number) == (3, 3, False, 4, None)


def test_the_case_goes_with_all_that_hangs_on_it(questions):
    with translation.override("es"):
        stories = {question.key: branching.case_of(question, questions) for question in questions}
    assert {key for key, story in stories.items() if story == f"{STORY} (es)"} == {"case", "deeper", "deepest", "apart"}
    assert stories["last"] == ""


# --- answering -----------------------------------------------------------------------------------------------------------


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


@pytest.fixture
def quiz(signed_in, world):
    """`.response`, `.go(number)`, `.answer(number, value)` → where it leads, `.send_json(number, value)`."""
    instrument = make_branching()
    key = add_activity(world.made, QuizPage, slug="ramas", instrument_key=instrument.key, pass_mark=70)
    return Seat(signed_in, answering.open_response(world.enrollment, world.made.page(key), "es"))


class Seat:
    def __init__(self, client, response):
        self.client, self.response = client, response
        self.questions = questions_of(response.instrument_id)

    def go(self, number, query=""):
        return self.client.get(url("question", self.response.pk, number) + query)

    def answer(self, number, value, **more):
        return self.client.post(url("question", self.response.pk, number), {"answer": value, **more})

    def check(self):
        return self.client.get(url("check_answers", self.response.pk)).content.decode()

    def submit(self):
        return self.client.post(url("submit", self.response.pk))

    def send_json(self, number, value, client_id=None):
        body = {
            "client_id": client_id or str(uuid.uuid4()), "response": self.response.pk, "question": self.questions[number - 1].pk,
            "value": value, "client_time": timezone.now().isoformat(),
        }  # fmt: skip
        return self.client.post(url("save_answer"), json.dumps(body), content_type="application/json")

    def stored(self):
        return dict(Answer.objects.filter(response=self.response).values_list("question__key", "value"))


def test_the_next_question_is_the_next_that_is_asked(quiz):
    pk = quiz.response.pk
    assert quiz.answer(1, "c").url == url("question", pk, 4)
    assert quiz.answer(4, "a").url == url("question", pk, 5)
    assert quiz.answer(5, "a").url == url("check_answers", pk)
    assert url("question", pk, 4) in quiz.go(5).content.decode()  # back
    assert quiz.go(2).url == url("resume", pk)
    assert quiz.client.get(url("resume", pk)).url == url("check_answers", pk)


def test_the_page_says_place_section_and_case(quiz):
    first = quiz.go(1).content.decode()
    assert "pregunta 1" in first.lower() or "question 1" in first
    assert "Casos" in first
    assert "Lea con calma" in first
    assert first.count(STORY) == 1
    quiz.answer(1, "b")
    follow_up = quiz.go(2).content.decode()
    assert STORY in follow_up
    assert "Lea con calma" not in follow_up
    last = quiz.go(5).content.decode()
    assert STORY not in last
    assert "Final" in last
    assert CANARY not in first + follow_up + last


def test_only_what_is_asked_is_listed_and_needed(quiz):
    quiz.answer(1, "c")
    text = quiz.check()
    assert text.count("?check=1") == 3
    assert url("question", quiz.response.pk, 2) not in text
    refused = quiz.submit()
    assert refused.status_code == 422
    assert url("question", quiz.response.pk, 4) in refused.content.decode()
    quiz.answer(4, "b")
    quiz.answer(5, "b")
    assert quiz.submit().status_code == 302
    response = Response.objects.get(pk=quiz.response.pk)
    assert (response.score, response.max_score, response.passed) == (2, 3, False)


def test_answers_behind_a_branch_that_was_left_stay_and_do_not_count(quiz):
    for number, value in [(1, "b"), (2, "b"), (3, "b"), (5, "b")]:
        assert quiz.answer(number, value).status_code == 302
    assert quiz.answer(1, "d", check="1").url == url("check_answers", quiz.response.pk)
    assert quiz.stored() == {"case": "d", "deeper": "b", "deepest": "b", "last": "b"}
    assert "?check=1" in quiz.check()
    assert quiz.submit().status_code == 422  # the new branch wants its answer
    quiz.answer(1, "b")  # and back: what was there is there again
    assert url("question", quiz.response.pk, 3) in quiz.check()
    quiz.answer(1, "d")
    quiz.answer(4, "b")
    assert quiz.submit().status_code == 302
    response = Response.objects.get(pk=quiz.response.pk)
    assert (response.score, response.max_score) == (2, 3)
    assert quiz.stored() == {"case": "d", "apart": "b", "last": "b"}  # figures read these
    kept = AnswerVersion.objects.filter(response=response, question__key="deepest")
    assert [version.value for version in kept] == ["b"]
    result = quiz.client.get(url("result", response.pk)).content.decode()
    assert "sigue (es)" not in result
    assert "aparte (es)" in result


def test_an_answer_to_a_question_that_is_not_asked_is_refused_at_both_doors(quiz):
    quiz.answer(1, "c")
    page = quiz.answer(2, "b")
    assert page.status_code == 409
    assert 'role="alert"' in page.content.decode()
    reply = quiz.send_json(2, "b")
    assert (reply.status_code, reply.json()["error"]) == (409, "not_asked")
    assert reply.json()["message"]
    assert quiz.send_json(4, "b").status_code == 200
    assert quiz.stored() == {"case": "c", "apart": "b"}
    assert not AnswerVersion.objects.filter(question__key="deeper").exists()


def test_what_was_acknowledged_is_acknowledged_again_after_the_branch_was_left(quiz):
    known = str(uuid.uuid4())
    quiz.answer(1, "b")
    assert quiz.send_json(2, "b", known).status_code == 200
    quiz.answer(1, "c")
    assert quiz.send_json(2, "b", known).status_code == 200
    quiz.answer(4, "b")
    quiz.answer(5, "b")
    assert quiz.submit().status_code == 302
    assert quiz.send_json(2, "b", known).status_code == 200
    assert quiz.send_json(2, "a", known).status_code == 409
    assert quiz.send_json(2, "b").json()["error"] == "closed"
    assert "deeper" not in quiz.stored()


def test_an_answer_that_opens_a_branch_after_the_check_makes_its_questions_missing(signed_in, world):
    instrument = make_branching(kind="survey")
    key = add_activity(world.made, SurveyPage, slug="ramas", instrument_key=instrument.key)
    seat = Seat(signed_in, answering.open_response(world.enrollment, world.made.page(key), "es"))
    seat.answer(1, "a")
    seat.answer(2, "a")
    seat.answer(5, "a")
    seat.answer(2, "b", check="1")
    assert signed_in.get(url("resume", seat.response.pk)).url == url("question", seat.response.pk, 3)
    assert seat.submit().status_code == 422


def test_branches_cost_no_more_queries(quiz, django_assert_max_num_queries):
    quiz.answer(1, "b")
    quiz.go(2)
    with django_assert_max_num_queries(6):
        quiz.go(2)
    with django_assert_max_num_queries(8):
        quiz.check()
