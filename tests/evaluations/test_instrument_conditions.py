"""What an editor hangs on an earlier answer, and what that keeps in its place."""

import pytest

from evaluations.models import ChoiceQuestion, Question
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import make_mixed, make_quiz
from tests.evaluations.test_admin import editor, form_of, url
from tests.evaluations.test_instrument_page import act, keys, page

__all__ = ["editor"]
pytestmark = pytest.mark.django_db


def hang(later, earlier, *values):
    later.show_if = {"question": earlier.key, "any_of": list(values)}
    later.save()


def test_moving_before_what_it_hangs_on_is_refused_with_names(editor):
    quiz = make_quiz()
    first, second = quiz.questions.get(key="q1"), quiz.questions.get(key="q2")
    hang(second, first, "a")
    for question, to in ((second, "up"), (first, "down")):
        reply = editor.post(act("move_question", question), {"to": to})
        assert reply.status_code == 409
        assert "“q1”" in reply.content.decode()
    assert keys(quiz) == ["q1", "q2", "q3", "last"]


def test_removing_what_others_hang_on_is_refused_with_names(editor):
    quiz = make_quiz()
    first, second = quiz.questions.get(key="q1"), quiz.questions.get(key="q2")
    hang(second, first, "a")
    for ask in (editor.get, editor.post):
        reply = ask(url(first, "delete"), follow=True)
        assert reply.redirect_chain[0][0] == page(quiz)
        assert "“q1”: q2" in reply.content.decode()
    assert Question.objects.filter(pk=first.pk).exists()
    for question in (second, first):
        assert editor.get(url(question, "delete")).status_code == 200
        assert editor.post(url(question, "delete")).url == page(quiz)
    assert keys(quiz) == ["q3", "last"]
    assert [question.order for question in questions_of(quiz.pk)] == [1, 2]


def test_a_condition_is_chosen_and_ticked(editor):
    quiz = make_quiz()
    second = quiz.questions.get(key="q2")
    data = form_of(editor, second)
    reply = editor.post(url(second, "edit"), {**data, "show_if": "q1", "show_if-q1": ["a", "c"]})
    assert reply.url == page(quiz)
    second.refresh_from_db()
    assert second.show_if == {"question": "q1", "any_of": ["a", "c"]}
    data = form_of(editor, second)
    assert data["show_if"] == "q1"
    editor.post(url(second, "edit"), {**data, "show_if": ""})
    second.refresh_from_db()
    assert second.show_if == {}


def test_points_of_a_scale_lead_on_as_numbers(editor):
    instrument = make_mixed()
    single = instrument.questions.get(key="single")
    editor.post(url(single, "edit"), {**form_of(editor, single), "show_if": "likert", "show_if-likert": ["1", "na"]})
    single.refresh_from_db()
    assert single.show_if == {"question": "likert", "any_of": [1, "na"]}


@pytest.mark.parametrize(
    "change", [{"show_if": "q3", "show_if-q3": ["a"]}, {"show_if": "q1"}, {"show_if": "q1", "show_if-q1": ["z"]}, {"key": "q1"}]
)
def test_what_leads_nowhere_is_refused(editor, change):
    second = make_quiz().questions.get(key="q2")
    assert editor.post(url(second, "edit"), {**form_of(editor, second), **change}).status_code == 200
    second.refresh_from_db()
    assert (second.key, second.show_if) == ("q2", {})


@pytest.mark.parametrize("change", [{"key": "other"}, {"choices-0-id": "z"}])
def test_an_answer_that_others_hang_on_stays(editor, change):
    quiz = make_quiz()
    first, second = quiz.questions.get(key="q1"), quiz.questions.get(key="q2")
    hang(second, first, "a")
    reply = editor.post(url(first, "edit"), {**form_of(editor, first), **change})
    assert reply.status_code == 200
    assert "q2" in reply.content.decode()
    assert ChoiceQuestion.objects.get(pk=first.pk).choices == first.choices


def test_what_others_hang_on_is_still_reworded(editor):
    quiz = make_quiz()
    first, second = quiz.questions.get(key="q1"), quiz.questions.get(key="q2")
    hang(second, first, "a")
    assert editor.post(
        url(first, "edit"), {**form_of(editor, first), "choices-0-text-es": "Otra", "choices-3-id": "z"}
    ).url == page(quiz)
    first.refresh_from_db()
    assert (first.choices[0]["text"]["es"], first.choices[3]["key"]) == ("Otra", "z")
