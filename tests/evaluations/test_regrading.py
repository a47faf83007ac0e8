"""Scoring again: a look first, then one logged act; a score is a function of the version that scored it and the answers."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curriculum.models import Completion
from evaluations import answering, regrading, scoring
from evaluations.models import (
    Answer,
    ChoiceQuestion,
    Instrument,
    LikertQuestion,
    MultipleChoiceQuestion,
    QuizPage,
    Regrade,
    Response,
    ReviewItem,
    ScoreChange,
)
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, SCALE, build_world, choices, make_quiz, words
from tests.factories import EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
REASON = "La clave de la pregunta 1 estaba mal."


def door(instrument):
    return reverse("evaluations_regrade", args=[instrument.pk])


def result_url(response):
    with translation.override("es"):
        return reverse("evaluations:result", args=[response.pk])


def as_user(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def editor(world):
    return as_user(UserFactory(is_superuser=True, is_staff=True))


def newer(world, version=2, **right):
    """The next version of the quiz; `right` maps a question's key to what is right there."""
    made = make_quiz(key=f"version-{version}")
    Instrument.objects.filter(pk=made.pk).update(key=world.quiz.key, version=version)
    for key, correct in right.items():
        for kind in (ChoiceQuestion, MultipleChoiceQuestion):
            kind.objects.filter(instrument=made, key=key).update(choices=choices(correct))
    return Instrument.objects.get(pk=made.pk)


def sent(world, *values, enrollment=None):
    """A sent attempt; `values` for the four questions (default: b, b, b and a+c, all right)."""
    enrollment = enrollment or world.enrollment
    page = QuizPage.objects.get(pk=world.quiz_page.pk)
    Instrument.objects.filter(key=world.quiz.key).exclude(pk=world.quiz.pk).update(archived_at=timezone.now())
    response = answering.open_response(enrollment, page, "es")
    for question, value in zip(questions_of(response.instrument_id), values or ("b", "b", "b", ["a", "c"]), strict=True):
        answering.save_answer(response, question, value)
    return answering.submit(response)


def act(client, world, version, reason=REASON):
    return client.post(door(world.quiz), {"with": version.pk, "reason": reason})


# --- the look and the act ---------------------------------------------------------------------------------------------


def test_from_the_instruments_page_to_the_act(editor, world):
    wrong = sent(world, "a", "a", "b", ["a", "c"])  # 2 of 4
    right = sent(world, enrollment=EnrollmentFactory(cohort=world.cohort))
    version = newer(world, q1="ab")
    inspect = reverse(world.quiz.snippet_viewset.get_url_name("inspect"), args=[world.quiz.pk])
    assert door(world.quiz) in editor.get(inspect).content.decode()
    QuizPage.objects.update(pass_mark=75)
    assert str(version.pk) in editor.get(door(world.quiz)).content.decode()
    plan = regrading.plan(world.quiz, version)
    assert (len(plan.changes), plan.changing, plan.newly_passed, plan.below) == (2, 1, 1, 0)
    look = editor.get(door(world.quiz), {"with": version.pk})
    assert look.status_code == 200
    assert not Regrade.objects.exists()
    assert act(editor, world, version).url == door(world.quiz)
    row = Regrade.objects.get()
    assert (row.instrument, row.scored_with, row.reason) == (world.quiz, version, REASON)
    assert row.by.is_superuser
    for response, score in [(wrong, 3), (right, 4)]:
        response.refresh_from_db()
        assert (response.score, response.max_score, response.passed, response.scored_with) == (score, 4, True, version)
    change = ScoreChange.objects.get(response=wrong)
    assert (change.old_score, change.new_score, change.old_passed, change.new_passed) == (2, 3, False, True)
    assert Completion.objects.get(enrollment=wrong.enrollment).evidence == {"response": wrong.pk, "score": 75.0}
    assert REASON in editor.get(door(world.quiz)).content.decode()


def test_the_person_reads_why_and_sees_the_key_that_counts(editor, world):
    response = sent(world, "d", "b", "b", ["a", "c"])
    version = newer(world, q1="d")
    before = as_user(world.user).get(result_url(response)).content.decode()
    assert REASON not in before
    act(editor, world, version)
    after = as_user(world.user).get(result_url(response)).content.decode()
    assert REASON in after and "4 de 4" in after
    assert f"{CANARY}-d" in after


def test_nothing_that_was_passed_or_completed_is_taken_away(editor, world):
    response = sent(world)
    version = newer(world, q1="a", q2="a", q3="a")
    assert regrading.plan(world.quiz, version).below == 1
    assert act(editor, world, version).status_code == 302
    response.refresh_from_db()
    assert (response.score, response.passed) == (1, True)
    assert Completion.objects.count() == 1
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.quiz_page, "es")


def test_points_in_figures_and_what_comes_back_follow_the_key(editor, world):
    response = sent(world, "d", "b", "b", ["a", "c"])
    version = newer(world, q1="d")
    act(editor, world, version)
    measures = dict(Answer.objects.filter(response=response).values_list("question__key", "measure"))
    assert measures == {"q1": 1, "q2": 1, "q3": 1, "last": 1}
    assert set(ReviewItem.objects.values_list("question__instrument", flat=True)) == {version.pk}


def test_what_only_one_version_asks_counts_for_nothing(editor, world):
    response = sent(world, "a", "b", "b", ["a", "c"])
    version = newer(world)
    ChoiceQuestion.objects.filter(instrument=version, key="q1").update(key="q9")
    plan = regrading.plan(world.quiz, version)
    assert [question.key for question in plan.dropped] == ["q1"] and [question.key for question in plan.added] == ["q9"]
    act(editor, world, version)
    response.refresh_from_db()
    assert (response.score, response.max_score) == (3, 3)
    assert as_user(world.user).get(result_url(response)).status_code == 200


def test_open_attempts_and_later_ones_are_not_touched(editor, world):
    sent(world)
    other = EnrollmentFactory(cohort=world.cohort)
    version = newer(world, q1="d")
    Instrument.objects.filter(pk=version.pk).update(archived_at=timezone.now())
    running = answering.open_response(other, world.quiz_page, "es")
    act(editor, world, version)
    for question in questions_of(running.instrument_id):
        answering.save_answer(running, question, ["a", "c"] if question.kind == "multiple-choice" else "b")
    done = answering.submit(running)
    assert (done.score, done.scored_with_id) == (4, world.quiz.pk)
    assert regrading.plan(world.quiz, version).has_work  # the look says so


def test_the_act_can_be_undone_with_its_own_key(editor, world):
    response = sent(world)
    version = newer(world, q1="d")
    assert list(regrading.versions_for(world.quiz)) == [version]
    act(editor, world, version)
    assert set(regrading.versions_for(world.quiz)) == {world.quiz, version}
    act(editor, world, world.quiz)
    response.refresh_from_db()
    assert (response.score, response.scored_with) == (4, world.quiz)
    assert [row.reason for row in Regrade.objects.all()] == [REASON, REASON]


def test_a_person_who_is_paused_is_completed_when_back(editor, world):
    response = sent(world, "d", "a", "b", ["a", "c"])
    version = newer(world, q1="d", q2="a")
    world.enrollment.status = "paused"
    world.enrollment.save()
    act(editor, world, version)
    response.refresh_from_db()
    assert response.passed and not Completion.objects.exists()
    world.enrollment.status = "enrolled"
    world.enrollment.save()
    as_user(world.user).get(result_url(response))
    assert Completion.objects.count() == 1


# --- what is refused --------------------------------------------------------------------------------------------------


def test_versions_that_do_not_fit_are_refused_by_the_name_of_the_question(editor, world):
    response = sent(world)
    version = newer(world)
    question = ChoiceQuestion.objects.get(instrument=version, key="q2")
    question.choices = choices(keys="abcde")
    question.save()
    for reply in (editor.get(door(world.quiz), {"with": version.pk}), act(editor, world, version)):
        assert reply.status_code == 409 and "q2" in reply.content.decode()
    question.delete()
    LikertQuestion.objects.create(instrument=version, key="q2", order=2, text=words("otra"), scale=SCALE)
    assert act(editor, world, version).status_code == 409
    LikertQuestion.objects.all().delete()
    ChoiceQuestion.objects.filter(instrument=version, key="q3").update(show_if={"question": "q1", "any_of": ["b"]})
    assert "q3" in act(editor, world, version).content.decode()
    response.refresh_from_db()
    assert (response.score, response.scored_with_id) == (4, world.quiz.pk)
    assert not Regrade.objects.exists()


def test_other_instruments_and_older_versions_are_no_choice(editor, world):
    sent(world)
    stranger, version = make_quiz(key="stranger"), newer(world)
    for instrument, key in [(world.quiz, stranger), (version, world.quiz)]:
        assert editor.post(door(instrument), {"with": key.pk, "reason": REASON}).status_code == 422
        with pytest.raises(answering.Refused):
            regrading.regrade(instrument, key, None, REASON)
    assert not Regrade.objects.exists()


@pytest.mark.parametrize(("chosen", "reason"), [
    (None, ""), (None, "   "), (None, "a\x00b"), (None, "x" * 501), ("x", REASON), ("", REASON), ("\x00", REASON), ("9" * 40, REASON),
    ("9" * 18, REASON),
])  # fmt: skip
def test_bad_input_is_refused_and_kept(editor, world, chosen, reason):
    sent(world)
    version = newer(world, q1="d")
    reply = editor.post(door(world.quiz), {"with": version.pk if chosen is None else chosen, "reason": reason})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode()
    if chosen is None and reason.strip() and "\x00" not in reason:
        assert reason in reply.content.decode()
    assert not Regrade.objects.exists()


def test_pressing_again_is_refused_in_words(editor, world):
    sent(world)
    version = newer(world, q1="d")
    act(editor, world, version)
    assert act(editor, world, version).status_code == 409
    assert Regrade.objects.count() == 1


def test_without_a_newer_version_the_page_says_so(editor, world):
    sent(world)
    assert editor.get(door(world.quiz)).status_code == 200
    inspect = reverse(world.quiz.snippet_viewset.get_url_name("inspect"), args=[world.quiz.pk])
    assert door(world.quiz) not in editor.get(inspect).content.decode()


def test_only_those_who_may_change_instruments(world):
    sent(world)
    version, user = newer(world, q1="d"), UserFactory()
    client = as_user(user)
    assert act(client, world, version).status_code in (302, 403)
    user.user_permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    client.get(door(world.quiz)), act(client, world, version)
    lead = EnrollmentFactory(cohort=world.cohort, role="lead").user
    act(as_user(lead), world, version)
    act(Client(), world, version)
    assert not Regrade.objects.exists()
    user.user_permissions.add(Permission.objects.get(codename="change_instrument", content_type__app_label="evaluations"))
    assert act(as_user(user), world, version).status_code == 302
    assert Regrade.objects.count() == 1


# --- the property -----------------------------------------------------------------------------------------------------

RIGHT = st.sampled_from("abcd")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.tuples(RIGHT, RIGHT)),
        st.tuples(st.just("edit"), st.tuples(st.integers(2, 3), RIGHT, RIGHT)),
        st.tuples(st.just("regrade"), st.integers(1, 3)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_a_score_is_a_function_of_the_version_that_scored_it_and_the_answers(steps, world):
    """Versions are edited as long as they are free; without the act no stored score and no shown result ever moves."""
    name, keys, versions = uuid.uuid4().hex, dict.fromkeys((1, 2, 3), ("a", "b")), {}
    for number in keys:
        versions[number] = Instrument.objects.create(key=name, version=number, kind="quiz", title=words("v"))
        for order, right in enumerate(keys[number]):
            ChoiceQuestion.objects.create(
                instrument=versions[number], key=f"k{order}", order=order, text=words("p"), choices=choices(right), required=False
            )
    expected = {}
    for what, detail in steps:
        if what == "send":
            response = Response.objects.create(
                enrollment=world.enrollment, instrument=versions[1], activity_key=uuid.uuid4(), opened_at=timezone.now() - timedelta(hours=1)
            )  # fmt: skip
            for question, value in zip(questions_of(versions[1].pk), detail, strict=True):
                answering.save_answer(response, question, value)
            answering.submit(response)
            expected[response.pk] = (detail, 1)
        elif what == "edit":
            number, *right = detail
            if Instrument.objects.get(pk=versions[number].pk).locked_at is None:
                keys[number] = tuple(right)
                for order, correct in enumerate(right):
                    ChoiceQuestion.objects.filter(instrument=versions[number], key=f"k{order}").update(choices=choices(correct))
        elif any(scored_with != detail for _values, scored_with in expected.values()):
            regrading.regrade(versions[1], versions[detail], None, REASON)
            expected = {pk: (values, detail) for pk, (values, _old) in expected.items()}
        for response in Response.objects.filter(pk__in=expected):
            values, scored_with = expected[response.pk]
            points = sum(value == right for value, right in zip(values, keys[scored_with], strict=True))
            assert (response.score, response.scored_with) == (points, versions[scored_with])
            shown = regrading.result_of(response, questions_of(response.instrument_id), answering.values_of(response))
            assert (shown.score, shown.max_score) == (response.score, response.max_score)


def test_the_score_at_submit_is_that_of_its_own_version(world):
    response = sent(world, "a", "b", "b", ["a", "c"])
    questions, values = questions_of(world.quiz.pk), answering.values_of(response)
    assert scoring.score(questions, values).score == response.score == 3
    assert response.scored_with == world.quiz


# --- ten at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_presses_are_one_act(in_parallel):
    world = build_world()
    sent(world, "d", "d", "b", ["a", "c"])
    version = newer(world, q1="d", q2="d")
    user = UserFactory(is_superuser=True, is_staff=True)
    clients = [as_user(user) for _ in range(10)]
    results = in_parallel(lambda n: act(clients[n], world, version).status_code)
    assert sorted(results) == [302] + [409] * 9
    assert Regrade.objects.count() == ScoreChange.objects.count() == Completion.objects.count() == 1
