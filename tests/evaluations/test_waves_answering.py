"""Answering a wave: once whatever happens in parallel, through activities, what is shown afterwards, and on Today."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Completion
from evaluations import answering, wave_opening, waves
from evaluations.models import QuizPage, Response, Wave
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY
from tests.evaluations.waving import (
    MEXICO,
    answer_all,
    cohort_with_people,
    day,
    make_survey,
    midnight,
    planned,
    quiz_wave,
    sent,
    set_clock,
    signed,
    url,
)

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SECOND, DAY = datetime.timedelta(seconds=1), datetime.timedelta(days=1)


@pytest.fixture
def here(db):
    return cohort_with_people()


def body(response, question, value="3"):
    return {
        "client_id": str(uuid.uuid4()), "response": response.pk, "question": question.pk, "value": value,
        "client_time": timezone.now().isoformat(),
    }  # fmt: skip


def save(client, response, value="3", **also):
    sent_body = {**body(response, questions_of(response.instrument_id)[0], value), **also}
    return client.post(url("save_answer"), json.dumps(sent_body), content_type="application/json")


# --- once -------------------------------------------------------------------------------------------------------------


@parallel
def test_ten_starts_open_one_response(in_parallel):
    here = cohort_with_people()
    wave = planned(here.cohort)
    clients = [signed(here.enrollment.user) for _number in range(10)]
    assert in_parallel(lambda n: clients[n].post(url("wave", wave.pk)).status_code) == [302] * 10
    response = Response.objects.get()
    assert (response.wave, response.activity_key, response.instrument) == (wave, wave.activity_key, wave.instrument)


@parallel
def test_what_is_sent_is_sent_before_the_closing_or_not_at_all(in_parallel):
    here = cohort_with_people(trainees=9)
    wave = planned(here.cohort)
    responses = [answer_all(wave_opening.open_wave(person, wave, "es")) for person in here.enrollments]
    acts = [*[lambda response=response: answering.submit(response) for response in responses], lambda: waves.close(wave)]
    results = in_parallel(lambda n: acts[n]())
    closed_at = Wave.objects.get().closed_at
    sent_rows = Response.objects.filter(submitted_at__isnull=False)
    refused = [result for result in results if isinstance(result, answering.Closed)]
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, answering.Closed)]
    assert sent_rows.count() + len(refused) == 9
    assert all(row.submitted_at <= closed_at for row in sent_rows)


def test_save_leave_and_come_back(here):
    wave, client = planned(here.cohort), signed(here.enrollment.user)
    client.post(url("wave", wave.pk))
    response = Response.objects.get()
    left = client.post(url("question", response.pk, 1), {"answer": "4", "leave": "1"})
    assert left.url == url("wave", wave.pk)
    standing = client.get(left.url).context["standing"]
    assert (standing.state, standing.answered, standing.count) == ("begun", 1, 4)
    assert client.post(url("wave", wave.pk), follow=True).redirect_chain[-1][0] == url("question", response.pk, 2)
    assert Response.objects.count() == 1


def test_sent_is_sent(here):
    wave, client = planned(here.cohort), signed(here.enrollment.user)
    sent(here.enrollment, wave)
    assert client.get(url("wave", wave.pk)).context["standing"].state == "sent"
    assert client.post(url("wave", wave.pk)).status_code == 409
    assert Response.objects.count() == 1


def test_country_and_profession_are_those_of_the_moment(here):
    person = here.enrollment.user
    person.country, person.profession = "BR", "nursing"
    person.save()
    response = sent(here.enrollment, planned(here.cohort))
    person.country = "MX"
    person.save()
    response.refresh_from_db()
    assert (response.country.code, response.profession) == ("BR", "nursing")


# --- through an activity of the programme -----------------------------------------------------------------------------


def activity_wave(world, **also):
    usual = {"moment": "pre", "closes_on": None, "activity_key": world.survey_key}
    return planned(world.cohort, world.needs, **{**usual, **also})


def test_what_an_activity_takes_belongs_to_its_wave_and_completes_it(world):
    wave, client = activity_wave(world), signed(world.user)
    text = client.get(world.survey_page.url).content.decode()
    assert 'id="promise-title"' in text
    client.post(url("start", world.survey_key))
    response = answering.submit(answer_all(Response.objects.get()))
    assert (response.wave, response.instrument) == (wave, world.needs)
    assert Completion.objects.filter(activity_key=world.survey_key).exists()
    assert client.get(url("wave", wave.pk)).context["standing"].state == "sent"


def test_an_activity_keeps_to_the_hours_of_its_wave(world):
    waves.close(activity_wave(world, closes_on=day(7)))
    client = signed(world.user)
    page = client.get(world.survey_page.url)
    assert page.context["state"] == "shut"
    assert client.post(url("start", world.survey_key)).status_code == 409
    assert not Response.objects.exists()


def test_a_wave_of_another_cohort_says_nothing_about_this_one(world):
    other = cohort_with_people(curriculum_key=world.made.key)
    waves.close(planned(other.cohort, world.needs, moment="pre", activity_key=world.survey_key))
    response = answering.open_response(world.enrollment, world.survey_page, "es")
    assert response.wave is None


# --- what is shown afterwards -----------------------------------------------------------------------------------------


def result(enrollment, response):
    return signed(enrollment.user).get(url("result", response.pk)).content.decode()


def answer_quiz(enrollment, wave):
    response = wave_opening.open_wave(enrollment, wave, "es")
    for question in questions_of(response.instrument_id):
        answering.save_answer(response, question, ["a"] if question.kind == "multiple-choice" else "b")
    return answering.submit(response)


def test_a_knowledge_test_has_no_pass_mark_and_shows_its_key_only_when_the_closing_test_is_over(here, monkeypatch):
    before, after = quiz_wave(here.cohort), quiz_wave(here.cohort, "post", "knowledge-b", opens_on=day(20), closes_on=day(22))
    first = answer_quiz(here.enrollment, before)
    assert (first.passed, first.score, first.max_score) == (None, 3, 4)
    assert CANARY not in result(here.enrollment, first)
    set_clock(monkeypatch, midnight(day(20), MEXICO))
    second = answer_quiz(here.enrollment, after)
    for response in (first, second):
        assert CANARY not in result(here.enrollment, response)
    waves.close(after)
    for response in (first, second):
        assert CANARY in result(here.enrollment, response)


def test_the_key_opens_by_the_clock_when_the_last_zone_has_ended(here, monkeypatch):
    before = quiz_wave(here.cohort, opens_on=day(0), closes_on=day(1))
    after = quiz_wave(here.cohort, "post", "knowledge-b", opens_on=day(2), closes_on=day(3), late_days=2)
    first = answer_quiz(here.enrollment, before)
    set_clock(monkeypatch, after.over_at - SECOND)
    assert CANARY not in result(here.enrollment, first)
    set_clock(monkeypatch, after.over_at + SECOND)
    assert CANARY in result(here.enrollment, first)


@pytest.mark.parametrize(("feedback", "shown"), [("at_once", True), ("never", False), ("after_pair", False)])
def test_right_answers_come_when_the_wave_says_so(here, feedback, shown):
    """Without a closing test "after the pair" never comes."""
    response = answer_quiz(here.enrollment, quiz_wave(here.cohort, feedback=feedback))
    assert (CANARY in result(here.enrollment, response)) is shown


def test_no_key_while_a_quiz_of_the_programme_has_a_wave_without_feedback(world):
    QuizPage.objects.update(pass_mark=1)
    wave = planned(world.cohort, world.quiz, moment="pre", promise="identified", activity_key=world.quiz_key)
    response = answer_quiz(world.enrollment, wave)
    assert response.passed is True
    assert CANARY not in result(world.enrollment, response)


def test_before_and_after_are_shown_to_the_person_alone(here):
    before = planned(here.cohort, make_survey("before"), moment="pre", opens_on=day(0), closes_on=day(1))
    after = planned(here.cohort, make_survey("after"), moment="post")
    first = wave_opening.open_wave(here.enrollment, before, "es")
    for question, value in zip(questions_of(first.instrument_id), ["2", "na", "a", ""], strict=True):
        answering.save_answer(first, question, value)
    answering.submit(first)
    second = sent(here.enrollment, after)
    page = signed(here.enrollment.user).get(url("result", second.pk))
    [arrow] = page.context["arrows"]
    assert (arrow.area, arrow.before, arrow.after, arrow.before_at, arrow.after_at) == ("mentoring", 2, 3, "26.00%", "50.00%")
    assert 'x1="26.00%"' in page.content.decode()
    for person in (here.lead.user, here.trainer.user, here.evaluator.user):
        assert signed(person).get(url("result", second.pk)).status_code == 404


def test_without_a_before_there_are_no_arrows(here):
    response = sent(here.enrollment, planned(here.cohort))
    assert signed(here.enrollment.user).get(url("result", response.pk)).context["arrows"] == []


# --- Today ------------------------------------------------------------------------------------------------------------


def test_today_shows_what_is_open_and_not_sent(here, monkeypatch):
    wave = planned(here.cohort)
    planned(here.cohort, make_survey("later"), opens_on=day(5))
    client = signed(here.enrollment.user)
    assert [one.wave for one in wave_opening.open_waves(here.enrollment)] == [wave]
    assert url("wave", wave.pk) in client.get("/es/today/").content.decode()
    response = wave_opening.open_wave(here.enrollment, wave, "es")
    assert url("resume", response.pk) in client.get("/es/today/").content.decode()
    answering.submit(answer_all(response))
    assert wave_opening.open_waves(here.enrollment) == []


def test_today_asks_the_same_for_one_wave_and_many(here):
    client = signed(here.enrollment.user)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/es/today/").status_code == 200
        return len(captured)

    planned(here.cohort)
    queries()
    few = queries()
    for number in range(5):
        planned(here.cohort, make_survey(f"more-{number}"), promise="anonymous" if number % 2 else "identified")
    queries()  # new questions make the remembered outline stale
    assert queries() == few
