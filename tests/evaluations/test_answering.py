"""The state machine of a response, its constraints under parallel calls, and the order of saves."""

import datetime
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curriculum.models import Completion
from evaluations import answering
from evaluations.models import Answer, AnswerVersion, Instrument, LikertQuestion, QuizPage, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import SCALE, build_world, make_needs, words

pytestmark = pytest.mark.django_db


def answer_everything(response, value="b", last=("a", "c")):
    for question in questions_of(response.instrument_id):
        answering.save_answer(response, question, list(last) if question.kind == "multiple-choice" else value)


def fail(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response, "a", ["b"])
    return answering.submit(response)


def rewind(response, hours):
    Response.objects.filter(pk=response.pk).update(submitted_at=timezone.now() - datetime.timedelta(hours=hours))


# --- attempts ---------------------------------------------------------------------------------------------------------


def test_opening_again_gives_the_open_response(world):
    first = answering.open_response(world.enrollment, world.quiz_page, "es")
    assert answering.open_response(world.enrollment, world.made.page(world.quiz_key, "en"), "en") == first


def test_a_failed_attempt_opens_another_only_after_the_wait(world):
    response = fail(world)
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.quiz_page, "es")
    rewind(response, 13)
    second = answering.open_response(world.enrollment, world.quiz_page, "es")
    assert second.attempt == 2
    assert not Completion.objects.exists()


def test_there_are_no_more_attempts_than_the_page_allows(world):
    QuizPage.objects.update(max_attempts=2, retry_after_hours=0)
    fail(world)
    fail(world)
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.quiz_page, "es")
    assert Response.objects.count() == 2


def test_the_source_page_sets_the_rules_in_every_language(world):
    QuizPage.objects.filter(locale__language_code="en").update(max_attempts=9, retry_after_hours=0, pass_mark=1)
    fail(world)
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.made.page(world.quiz_key, "en"), "en")


def test_after_a_pass_there_is_no_other_attempt(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response)
    assert answering.submit(response).passed
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.quiz_page, "es")
    evidence = Completion.objects.get().evidence
    assert evidence == {"response": response.pk, "score": 100.0}


@pytest.mark.parametrize("status", ["candidate", "selected", "declined", "paused", "withdrawn", "transferred"])
def test_only_those_who_study_may_open(world, status):
    world.enrollment.status = status
    with pytest.raises(answering.NotAllowed):
        answering.open_response(world.enrollment, world.quiz_page, "es")


def test_a_page_without_questions_is_refused(world):
    Instrument.objects.filter(pk=world.quiz.pk).update(archived_at=timezone.now())
    with pytest.raises(answering.Refused):
        answering.open_response(world.enrollment, world.quiz_page, "es")


def test_the_pass_mark_is_reached_exactly(world):
    QuizPage.objects.update(pass_mark=75)
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response, "b", ["b"])
    assert answering.submit(response).passed is True


# --- versions ---------------------------------------------------------------------------------------------------------


def test_a_response_keeps_the_version_with_which_it_was_opened(world):
    old = answering.open_response(world.enrollment, world.survey_page, "es")
    newer = make_needs(["mentoring"], key="other")
    Instrument.objects.filter(pk=newer.pk).update(key=world.needs.key, version=2)
    assert answering.open_response(world.enrollment, world.survey_page, "es").instrument_id == old.instrument_id == world.needs.pk
    assert answering.newest_instrument(world.needs.key) == newer


def test_the_first_answer_locks_the_instrument(world):
    response = answering.open_response(world.enrollment, world.survey_page, "es")
    assert Instrument.objects.get(pk=world.needs.pk).locked_at is None
    answering.save_answer(response, questions_of(world.needs.pk)[0], "3")
    first = Instrument.objects.get(pk=world.needs.pk).locked_at
    answering.save_answer(response, questions_of(world.needs.pk)[1], "3")
    assert first
    assert Instrument.objects.get(pk=world.needs.pk).locked_at == first


# --- saving and sending -----------------------------------------------------------------------------------------------


def test_closed_is_closed_but_an_acknowledged_id_stays_acknowledged(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response)
    question, known = questions_of(world.quiz.pk)[0], uuid.uuid4()
    answering.save_answer(response, question, "b", known)
    sent = answering.submit(response)
    with pytest.raises(answering.Closed):
        answering.save_answer(response, question, "c")
    assert answering.save_answer(response, question, "b", known).value == "b"
    again = answering.submit(response)
    assert (again.score, again.submitted_at) == (sent.score, sent.submitted_at)


def test_the_same_id_with_another_value_or_question_is_a_conflict(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    one, two, *_ = questions_of(world.quiz.pk)
    known = uuid.uuid4()
    answering.save_answer(response, one, "a", known)
    with pytest.raises(answering.Conflict):
        answering.save_answer(response, one, "b", known)
    with pytest.raises(answering.Conflict):
        answering.save_answer(response, two, "a", known)
    assert AnswerVersion.objects.count() == 1


def test_sending_refuses_what_is_not_complete(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    with pytest.raises(answering.Incomplete) as refusal:
        answering.submit(response)
    assert len(refusal.value.questions) == 4


def test_a_module_locked_meanwhile_closes_nothing(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response)
    world.cohort.releases = {str(world.made.module_keys[0]): "2099-06-01T12:00:00+00:00"}
    world.cohort.save()
    with pytest.raises(answering.NotAllowed):
        answering.submit(response)
    response.refresh_from_db()
    assert response.submitted_at is None
    assert not Completion.objects.exists()


def test_a_client_clock_far_ahead_does_not_win_for_ever(world):
    response = answering.open_response(world.enrollment, world.survey_page, "es")
    question = questions_of(world.needs.pk)[0]
    answering.save_answer(response, question, "1", uuid.uuid4(), timezone.now() + datetime.timedelta(days=400))
    assert Answer.objects.get().client_time <= timezone.now() + answering.CLOCK_TOLERANCE
    answering.save_answer(response, question, "2")
    assert Answer.objects.get().value == 2


# --- ten at once ------------------------------------------------------------------------------------------------------

parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def signed(world):
    client = Client()
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


@parallel
def test_ten_starts_make_one_response(in_parallel):
    world = build_world()
    clients = [signed(world) for _ in range(10)]
    results = in_parallel(lambda n: clients[n].post(url("start", world.quiz_key)).status_code)
    assert results == [302] * 10
    assert Response.objects.count() == 1


@parallel
def test_ten_equal_saves_make_one_version(in_parallel):
    world = build_world()
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    question = questions_of(world.quiz.pk)[0]
    clients = [signed(world) for _ in range(10)]
    body = {
        "client_id": str(uuid.uuid4()), "response": response.pk, "question": question.pk, "value": "b",
        "client_time": timezone.now().isoformat(),
    }  # fmt: skip
    results = in_parallel(lambda n: clients[n].post(url("save_answer"), body, content_type="application/json").status_code)
    assert results == [200] * 10
    assert AnswerVersion.objects.count() == Answer.objects.count() == 1


@parallel
def test_ten_submits_complete_once(in_parallel):
    world = build_world()
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    answer_everything(response)
    clients = [signed(world) for _ in range(10)]
    results = in_parallel(lambda n: clients[n].post(url("submit", response.pk)).status_code)
    assert results == [302] * 10
    assert Completion.objects.count() == 1
    response.refresh_from_db()
    assert response.score == 4


# --- any order of saves -----------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["save", "replay", "submit"]),
        st.integers(0, 1),
        st.integers(1, 5),
        st.integers(-600, 600),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_the_order_the_newest_stands_and_each_id_is_there_once(steps, world):
    """Saves with any client times, replays of any earlier id, submits in between."""
    instrument = Instrument.objects.create(key=uuid.uuid4().hex, kind="survey", title=words("p"))
    questions = [
        LikertQuestion.objects.create(instrument=instrument, key=f"q{n}", order=n, text=words("q"), scale=SCALE, required=False)
        for n in range(2)
    ]
    start = timezone.now() - datetime.timedelta(hours=1)
    response = Response.objects.create(
        enrollment=world.enrollment, instrument=instrument, activity_key=uuid.uuid4(), opened_at=start
    )
    accepted, closed = [], False
    for act, which, value, offset, index in steps:
        if act == "submit":
            answering.submit(response)
            closed = True
        elif act == "replay" and accepted:
            known = accepted[index % len(accepted)]
            answering.save_answer(response, *known[:3], known[3])
        elif act == "save":
            sent = (questions[which], value, uuid.uuid4(), start + datetime.timedelta(seconds=1200 + offset))
            if closed:
                with pytest.raises(answering.Closed):
                    answering.save_answer(response, *sent)
            else:
                answering.save_answer(response, *sent)
                accepted.append(sent)
    assert AnswerVersion.objects.filter(response=response).count() == len(accepted)
    for question in questions:
        mine = [(sent[3], place, sent[1]) for place, sent in enumerate(accepted) if sent[0] == question]
        standing = Answer.objects.filter(response=response, question=question).first()
        assert (standing.value if standing else None) == (max(mine)[2] if mine else None)
