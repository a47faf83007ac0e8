"""The item bank: filters, what is known of a question, reuse with its origin kept."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from scipy import stats
from wagtail.log_actions import registry

from evaluations import bank, usage
from evaluations.models import Answer, ChoiceQuestion, Instrument, Question, Response
from tests.evaluations.conftest import make_mixed, make_needs, make_quiz, words
from tests.evaluations.test_admin import editor, url
from tests.factories import CohortFactory, EnrollmentFactory

__all__ = ["editor"]
pytestmark = pytest.mark.django_db
LIST = "/admin/snippets/evaluations/question/"


def answer(quiz, cohort, *rows, attempt=1, sent=True):
    """`rows` are what each person answered: `{question key: value}`."""
    questions = {question.key: question for question in quiz.questions.all()}
    now = timezone.now()
    for row in rows:
        response = Response.objects.create(
            enrollment=EnrollmentFactory(cohort=cohort), instrument=quiz, activity_key=uuid.uuid4(), attempt=attempt,
            submitted_at=now if sent else None,
        )  # fmt: skip
        for key, value in row.items():
            question = questions[key]
            Answer.objects.create(
                response=response, question=question, value=value, measure=question.score(value), client_time=now
            )


@pytest.fixture
def quiz():
    return make_quiz()


@pytest.fixture
def cohort(db):
    return CohortFactory()


def first(quiz):
    return ChoiceQuestion.objects.get(instrument=quiz, key="q1")


def shown(editor, **filters):
    reply = editor.get(LIST, filters)
    assert reply.status_code == 200
    return reply.content.decode()


def test_filters(editor, quiz, cohort):
    make_needs(["mentoring"])
    Question.objects.non_polymorphic().filter(key="q2").update(moore="3A")
    Question.objects.non_polymorphic().filter(key="q3").update(text={"es": "Solo aquí"})
    answer(quiz, cohort, {"q1": "b"})
    assert "q2:" in shown(editor, construct="kpi")
    assert "q1:" not in shown(editor, construct="kpi")
    assert "q2:" in shown(editor, moore="3A")
    assert "q1:" not in shown(editor, moore="3A")
    assert "ability-mentoring:" in shown(editor, kind="likertquestion")
    assert "q1:" not in shown(editor, kind="likertquestion")
    assert "q3:" in shown(editor, languages="missing")
    assert "q3:" not in shown(editor, languages="complete")
    assert "q1:" in shown(editor, used="answered")
    assert "q2:" not in shown(editor, used="answered")
    assert "q1:" not in shown(editor, used="unused")
    assert "q1:" not in shown(editor, used="lesson")
    assert "q1:" in shown(editor, instrument=quiz.pk)


@pytest.mark.parametrize("bad", [{"construct": "\x00"}, {"kind": "x"}, {"instrument": "9" * 30}, {"moore": "8"}, {"used": "?"}])
def test_filters_that_make_no_sense_are_no_error(editor, quiz, bad):
    assert editor.get(LIST, bad).status_code in (200, 400)


def test_below_the_minimum_nothing_is_told_but_the_number(editor, quiz, cohort):
    answer(quiz, cohort, *[{"q1": "b"}] * 4)
    found = bank.statistics(first(quiz))
    assert (found.times, found.right, found.cells) == (4, None, ())
    page = editor.get(url(first(quiz), "inspect")).content.decode()
    assert "<caption>" not in page


def test_shares_and_counts(quiz, cohort):
    answer(quiz, cohort, *[{"q1": "b"}] * 10, *[{"q1": key} for key in "acd" * 5])
    found = bank.statistics(first(quiz))
    assert (found.times, found.n, found.right) == (25, 25, 0.4)
    assert [(cell.label[-6], cell.count, cell.right) for cell in found.cells] == [
        ("a", 5, False), ("b", 10, True), ("c", 5, False), ("d", 5, False),
    ]  # fmt: skip


def test_each_tick_of_several_is_told_by_itself(quiz, cohort):
    answer(quiz, cohort, *[{"last": ["a", "c"]}] * 10, *[{"last": ["a"]}] * 8, *[{"last": ["c", "d"]}] * 2)
    found = bank.statistics(quiz.questions.get(key="last"))
    assert (found.n, found.right) == (20, 0.5)
    assert [cell.count for cell in found.cells] == [None, None, 12, None]


def test_what_a_handful_answered_is_not_told_nor_given_away(quiz, cohort):
    answer(quiz, cohort, *[{"q1": "b"}] * 18, *[{"q1": "a"}] * 2)
    found = bank.statistics(first(quiz))
    assert found.right is None
    assert found.bound == ">=80"
    assert all(cell.count is None for cell in found.cells)


def test_only_first_attempts_that_were_sent_count_and_in_steps(quiz, cohort):
    answer(quiz, cohort, *[{"q1": "b"}] * 5, *[{"q1": "a"}] * 5)
    before = bank.statistics(first(quiz))
    answer(quiz, cohort, *[{"q1": "a"}] * 4)
    answer(quiz, cohort, *[{"q1": "a"}] * 5, attempt=2)
    answer(quiz, cohort, *[{"q1": "a"}] * 5, sent=False)
    after = bank.statistics(first(quiz))
    assert (after.n, after.right, after.cells) == (before.n, before.right, before.cells)
    assert after.times == 19


def test_discrimination_from_thirty_is_the_corrected_item_total_correlation(quiz, cohort):
    rows = [
        {"q1": "b" if n % 3 else "a", "q2": "b" if n % 4 else "a", "q3": "b" if n % 6 > 1 else "a", "last": ["a", "c"]}
        for n in range(30)
    ]
    answer(quiz, cohort, *rows[:29])
    assert bank.statistics(first(quiz)).discrimination is None
    answer(quiz, cohort, rows[29])
    own = [float(row["q1"] == "b") for row in rows]
    rest = [float(row["q2"] == "b") + float(row["q3"] == "b") + 1 for row in rows]
    assert bank.statistics(first(quiz)).discrimination == pytest.approx(stats.pointbiserialr(own, rest).statistic)


def test_where_all_did_alike_there_is_no_discrimination(editor, quiz, cohort):
    answer(quiz, cohort, *[{"q1": "b", "q2": "b"}] * 30)
    assert bank.statistics(first(quiz)).discrimination is None
    assert editor.get(url(first(quiz), "inspect")).status_code == 200


def test_surveys_tell_only_how_often(cohort):
    mixed = make_mixed()
    answer(mixed, cohort, *[{"single": "a"}] * 6)
    found = bank.statistics(mixed.questions.get(key="single"))
    assert (found.times, found.right, found.cells) == (6, None, ())


def test_use_in_another_instrument_keeps_the_key_and_the_origin(editor, quiz):
    target = Instrument.objects.create(key="other", kind="quiz", title=words("Otro"))
    question = first(quiz)
    assert f'<option value="{target.pk}">' in editor.get(url(question, "inspect")).content.decode()
    reply = editor.post(reverse("evaluations_copy_question", args=[question.pk]), {"instrument": target.pk})
    assert reply.url == reverse("evaluations_instrument", args=[target.pk])
    copy = ChoiceQuestion.objects.get(instrument=target)
    assert (copy.key, copy.choices, copy.text) == (question.key, question.choices, question.text)
    entry = registry.get_logs_for_instance(copy).get()
    assert (entry.action, entry.data["copied_from"]) == (usage.COPIED, question.pk)
    assert str(target) in editor.get(url(question, "inspect")).content.decode()
    assert str(quiz) in editor.get(url(copy, "inspect")).content.decode()
    again = editor.post(reverse("evaluations_copy_question", args=[question.pk]), {"instrument": target.pk})
    assert again.status_code == 409
    assert target.questions.count() == 1


def test_copied_in_from_the_page_of_the_instrument(editor, quiz):
    target = Instrument.objects.create(key="other", kind="quiz", title=words("Otro"))
    page = reverse("evaluations_instrument", args=[target.pk])
    assert f'<option value="{first(quiz).pk}">' in editor.get(page).content.decode()
    assert editor.post(reverse("evaluations_add_question", args=[target.pk]), {"question": first(quiz).pk}).url == page
    assert target.questions.get().key == "q1"


@pytest.mark.parametrize("where", ["", "x", "9" * 30, "\x00"])
def test_copied_nowhere(editor, quiz, where):
    question = first(quiz)
    reply = editor.post(reverse("evaluations_copy_question", args=[question.pk]), {"instrument": where})
    assert reply.url == url(question, "inspect")
    assert Question.objects.count() == 4


def test_a_kind_that_does_not_fit_is_not_copied(editor, quiz):
    survey = make_mixed()
    likert = survey.questions.get(key="likert")
    assert editor.post(reverse("evaluations_copy_question", args=[likert.pk]), {"instrument": quiz.pk}).status_code == 409


def test_queries_do_not_grow(editor, quiz, cohort, django_assert_max_num_queries):
    answer(quiz, cohort, *[{"q1": "b", "q2": "a"}] * 30)
    targets = (url(first(quiz), "inspect"), LIST)
    counts = []
    for more in (0, 40):
        answer(quiz, cohort, *[{"q1": "a", "q2": "b"}] * more)
        if more:
            make_quiz(questions=20, key="more")
        for target in targets:
            editor.get(target)
            with django_assert_max_num_queries(60) as counted:
                editor.get(target)
            counts.append(len(counted))
    assert counts[:2] == counts[2:]


def test_a_check_counts_first_tries_in_lessons(cohort):
    check = make_quiz(key="checks", kind="check")
    answer(check, cohort, *[{"q1": "b"}] * 5, *[{"q1": "a"}] * 5, sent=False)
    found = bank.statistics(first(check))
    assert (found.n, found.right, found.discrimination) == (10, 0.5, None)


def test_polls_of_live_sessions_are_in_no_listing(editor, quiz):
    poll = Instrument.objects.create(key="poll-1", kind="poll", title=words("Cuál de las dos"))
    asked = ChoiceQuestion.objects.create(
        instrument=poll, key="answer", order=1, text={"es": "Cuál de las dos"}, choices=[{"key": "a", "text": words("Uno")}]
    )
    for filters in ({}, {"languages": "missing"}, {"used": "unused"}, {"kind": "choicequestion"}, {"instrument": poll.pk}):
        page = shown(editor, **filters)
        assert url(asked, "inspect") not in page and "poll-1" not in page
    assert url(first(quiz), "inspect") in shown(editor)
    assert url(first(quiz), "inspect") in shown(editor, instrument=quiz.pk)
    page = editor.get("/admin/snippets/evaluations/instrument/").content.decode()
    assert quiz.key in page and "poll-1" not in page and 'value="poll"' not in page
    page = editor.get(reverse(ChoiceQuestion.snippet_viewset.get_url_name("list"))).content.decode()
    assert url(first(quiz), "edit") in page and url(asked, "edit") not in page
    chooser = Question.snippet_viewset.chooser_viewset
    for name in ("choose", "choose_results"):
        page = editor.get(reverse(chooser.get_url_name(name))).content.decode()
        assert "q1:" in page and "answer:" not in page
