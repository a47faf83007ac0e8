"""Timed attempts through their doors: the server's clock, what was saved counts, closed is closed, more time for a person."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Completion
from evaluations import answering, attempts, clock, closing
from evaluations.models import Answer, AnswerVersion, Extension, QuizPage, Response, Wave
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, build_world
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


def as_user(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def timed(world):
    QuizPage.objects.update(time_limit_minutes=30)
    return world


@pytest.fixture
def mine(timed):
    return as_user(timed.user)


@pytest.fixture
def trainer(timed):
    return as_user(EnrollmentFactory(cohort=timed.cohort, role="trainer").user)


def opened(world):
    return answering.open_response(world.enrollment, QuizPage.objects.get(pk=world.quiz_page.pk), "es")


def answer(response, number=1, value="b"):
    question = questions_of(response.instrument_id)[number - 1]
    return answering.save_answer(response, question, ["a", "c"] if question.kind == "multiple-choice" else value)


def let_end(response, seconds=60):
    Response.objects.filter(pk=response.pk).update(deadline_at=timezone.now() - timedelta(seconds=seconds))
    response.refresh_from_db()


def send(client, response, number=1, value="b", client_id=None):
    body = {
        "client_id": client_id or str(uuid.uuid4()), "response": response.pk, "value": value,
        "question": questions_of(response.instrument_id)[number - 1].pk, "client_time": timezone.now().isoformat(),
    }  # fmt: skip
    return client.post(url("save_answer"), json.dumps(body), content_type="application/json")


# --- the clock --------------------------------------------------------------------------------------------------------


def test_opening_sets_the_deadline_from_the_server_and_the_pages_say_it(mine, timed):
    assert "30 min" in mine.get(timed.quiz_page.url).content.decode()
    mine.post(url("start", timed.quiz_key))
    response = Response.objects.get()
    assert timedelta(minutes=29) < response.deadline_at - timezone.now() <= timedelta(minutes=30)
    clock_face = timezone.localtime(response.deadline_at, timed.user.zone).strftime("%H:%M")
    for name, args in [("question", (response.pk, 1)), ("check_answers", (response.pk,))]:
        text = mine.get(url(name, *args)).content.decode()
        assert clock_face in text and "data-time-left" in text and 'aria-live="polite"' in text
    assert clock_face in mine.get(timed.quiz_page.url).content.decode()


def test_without_a_limit_nothing_speaks_of_time(signed_in, world):
    signed_in.post(url("start", world.quiz_key))
    response = Response.objects.get()
    assert response.deadline_at is None
    assert "data-time-left" not in signed_in.get(url("question", response.pk, 1)).content.decode()


def test_opening_again_does_not_wind_the_clock_back(timed):
    first = opened(timed)
    assert opened(timed).deadline_at == first.deadline_at


def test_after_the_time_an_answer_is_refused_in_words_and_the_text_is_kept(mine, timed):
    response = opened(timed)
    answer(response)
    let_end(response)
    late = send(mine, response, 2)
    assert late.status_code == 409
    assert late.json()["error"] == "time_ended"
    assert timezone.localtime(response.deadline_at, timed.user.zone).strftime("%H:%M") in late.json()["message"]
    page = mine.post(url("question", response.pk, 2), {"answer": "c"})
    assert page.status_code == 409
    assert 'value="c"' in page.content.decode() and page.content.decode().count("checked") == 1
    assert url("result", response.pk) in page.content.decode()
    assert AnswerVersion.objects.count() == 1


def test_ten_seconds_of_grace_for_what_is_on_its_way(mine, timed):
    response = opened(timed)
    let_end(response, seconds=clock.GRACE.seconds - 5)
    assert send(mine, response).status_code == 200
    let_end(response, seconds=clock.GRACE.seconds + 1)
    assert send(mine, response, 2).status_code == 409


def test_a_resend_of_what_was_saved_in_time_is_acknowledged_after_the_end(mine, timed):
    response, known = opened(timed), str(uuid.uuid4())
    assert send(mine, response, client_id=known).status_code == 200
    let_end(response)
    assert send(mine, response, client_id=known).status_code == 200
    call_command("close_overdue_attempts", verbosity=0)
    assert send(mine, response, client_id=known).status_code == 200
    assert AnswerVersion.objects.count() == 1


# --- the end ----------------------------------------------------------------------------------------------------------


def test_who_never_returns_gets_what_was_saved(timed):
    """The control of MDL-43733: autosaved answers of an attempt that the timer closes count."""
    response = opened(timed)
    for number in (1, 2, 3, 4):
        answer(response, number)
    let_end(response)
    call_command("close_overdue_attempts", verbosity=0)
    response.refresh_from_db()
    assert (response.score, response.max_score, response.passed) == (4, 4, True)
    assert response.scored_with_id == response.instrument_id
    assert Completion.objects.get().evidence == {"response": response.pk, "score": 100.0}


def test_what_is_missing_earns_nothing(timed):
    response = opened(timed)
    answer(response, 1)
    let_end(response)
    call_command("close_overdue_attempts", verbosity=0)
    response.refresh_from_db()
    assert (response.score, response.max_score, response.passed) == (1, 4, False)
    assert not Completion.objects.exists()


@pytest.mark.parametrize("look", ["resume", "question", "check_answers", "submit", "page", "start"])
def test_the_next_look_closes_it_without_the_command(mine, timed, look):
    response = opened(timed)
    for number in (1, 2, 3, 4):
        answer(response, number)
    let_end(response)
    if look == "submit":
        reply = mine.post(url("submit", response.pk))
    elif look == "page":
        reply = mine.get(timed.quiz_page.url)
    elif look == "start":
        reply = mine.post(url("start", timed.quiz_key))
    else:
        reply = mine.get(url(look, response.pk, *([1] if look == "question" else [])))
    assert reply.status_code < 500
    response.refresh_from_db()
    assert response.submitted_at and response.score == 4
    assert Completion.objects.count() == 1
    shown = mine.get(url("result", response.pk)).content.decode()
    assert "data-time-left" not in shown and CANARY in shown


def test_sending_after_the_end_asks_for_nothing_that_is_missing(mine, timed):
    response = opened(timed)
    answer(response)
    let_end(response)
    assert mine.post(url("submit", response.pk)).url == url("result", response.pk)


def test_closed_is_closed_by_every_door(mine, timed, trainer):
    response = opened(timed)
    answer(response)
    let_end(response)
    call_command("close_overdue_attempts", verbosity=0)
    before = Response.objects.filter(pk=response.pk).values().get()
    send(mine, response, 2)
    mine.post(url("question", response.pk, 2), {"answer": "b"})
    mine.post(url("submit", response.pk))
    assert trainer.post(url("attempt_extend", response.pk), {"minutes": 10, "reason": "x"}).status_code == 409
    call_command("close_overdue_attempts", verbosity=0)
    assert Response.objects.filter(pk=response.pk).values().get() == before
    assert Answer.objects.count() == 1


def test_the_wait_for_another_attempt_begins_at_the_deadline(timed):
    response = opened(timed)
    let_end(response, seconds=13 * 3600)
    call_command("close_overdue_attempts", verbosity=0)
    assert opened(timed).attempt == 2


def test_a_paused_place_is_scored_at_the_end_and_completed_when_the_person_is_back(mine, timed):
    response = opened(timed)
    for number in (1, 2, 3, 4):
        answer(response, number)
    timed.enrollment.status = "paused"
    timed.enrollment.save()
    let_end(response)
    call_command("close_overdue_attempts", verbosity=0)
    response.refresh_from_db()
    assert response.passed
    assert not Completion.objects.exists()
    timed.enrollment.status = "enrolled"
    timed.enrollment.save()
    mine.get(url("result", response.pk))
    assert Completion.objects.count() == 1


def test_one_that_fails_holds_up_no_other_and_is_tried_again(timed, monkeypatch):
    other = EnrollmentFactory(cohort=timed.cohort)
    broken = opened(timed)
    fine = answering.open_response(other, QuizPage.objects.get(pk=timed.quiz_page.pk), "es")
    let_end(broken, 120), let_end(fine)
    real = closing.close_ended

    def failing(response):
        if response.pk == broken.pk:
            raise RuntimeError("planted")
        return real(response)

    monkeypatch.setattr("evaluations.closing.close_ended", failing)
    with pytest.raises(CommandError):
        call_command("close_overdue_attempts", verbosity=0)
    fine.refresh_from_db()
    assert fine.submitted_at
    monkeypatch.undo()
    call_command("close_overdue_attempts", verbosity=0)
    broken.refresh_from_db()
    assert broken.submitted_at


def test_a_dry_run_closes_nothing(timed, capsys):
    let_end(opened(timed))
    call_command("close_overdue_attempts", dry_run=True)
    assert "1 waiting" in capsys.readouterr().out
    assert Response.objects.get().submitted_at is None


def test_the_worker_does_it_every_minute_before_waves_are_closed():
    from lms.management.commands.worker import EVERY_MINUTE

    assert "close_overdue_attempts" in EVERY_MINUTE
    if "run_waves" in EVERY_MINUTE:
        assert EVERY_MINUTE.index("close_overdue_attempts") < EVERY_MINUTE.index("run_waves")


def test_what_the_clock_closes_after_its_wave_shut_counts_as_late(timed):
    """Figures of a closed wave must not move by one: late responses move them in steps (evaluations/moore/counted.py)."""
    today = timezone.localdate()
    wave = Wave.objects.create(
        cohort=timed.cohort, instrument=timed.quiz, moment="pre", activity_key=timed.quiz_key, opens_on=today - timedelta(days=3)
    )
    response = opened(timed)
    assert response.wave == wave
    answer(response)
    Wave.objects.update(closed_at=timezone.now() - timedelta(minutes=5))
    let_end(response)
    call_command("close_overdue_attempts", verbosity=0)
    response.refresh_from_db()
    assert response.submitted_at and response.late


# --- the key before its time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", ["never", "after_pair"])
def test_no_door_gives_the_key_of_a_wave_before_its_time(mine, timed, feedback):
    today = timezone.localdate()
    Wave.objects.create(
        cohort=timed.cohort, instrument=timed.quiz, moment="pre", activity_key=timed.quiz_key, opens_on=today - timedelta(days=3),
        closes_on=today + timedelta(days=3), feedback=feedback,
    )  # fmt: skip
    response = opened(timed)
    for number in (1, 2, 3, 4):
        answer(response, number, "a")
    let_end(response)
    doors = [url("result", response.pk), url("resume", response.pk), url("question", response.pk, 1), timed.quiz_page.url,
             url("review"), reverse("today")]  # fmt: skip
    for door in doors:
        reply = mine.get(door, follow=True)
        assert reply.status_code == 200
        assert CANARY not in reply.content.decode(), door
    start = mine.get(timed.quiz_page.url).content.decode()
    assert "0 / 4" not in start and "0 de 4" not in start and "No aprobado" not in start
    late = mine.post(url("question", response.pk, 2), {"answer": "c"}, follow=True)
    assert CANARY not in late.content.decode()
    assert CANARY not in send(mine, response, 2).content.decode()


def test_no_door_of_a_timed_attempt_gives_the_key_before_it_is_closed(mine, timed):
    response = opened(timed)
    seen = [
        mine.get(url("question", response.pk, 1)), mine.get(url("check_answers", response.pk)), mine.get(timed.quiz_page.url),
        mine.get(url("result", response.pk), follow=True), send(mine, response), mine.get(reverse("today")), mine.get(url("review")),
    ]  # fmt: skip
    for reply in seen:
        assert CANARY not in reply.content.decode() + str(dict(reply.headers))


# --- more time --------------------------------------------------------------------------------------------------------


def test_a_trainer_gives_more_time(trainer, timed, mine):
    response = opened(timed)
    cohort_page = trainer.get(reverse("curriculum:cohort", args=[timed.cohort.pk])).content.decode()
    assert reverse("evaluations:attempts", args=[timed.cohort.pk]).split("/", 2)[2] in cohort_page
    listed = trainer.get(url("attempts", timed.cohort.pk)).content.decode()
    assert timed.user.addressed_as in listed
    reply = trainer.post(url("attempt_extend", response.pk), {"minutes": "15", "reason": "Se fue la luz"})
    assert reply.url == url("attempts", timed.cohort.pk)
    extension, before = Extension.objects.get(), response.deadline_at
    response.refresh_from_db()
    assert response.deadline_at == before + timedelta(minutes=15)
    assert (extension.minutes, extension.reason) == (15, "Se fue la luz")
    assert extension.by_id


def test_after_the_deadline_the_minutes_begin_now_as_long_as_nothing_closed_it(trainer, timed, mine):
    response = opened(timed)
    let_end(response)
    trainer.get(url("attempts", timed.cohort.pk))  # a trainer's look closes nothing
    assert trainer.post(url("attempt_extend", response.pk), {"minutes": "5", "reason": "Conexión"}).status_code == 302
    response.refresh_from_db()
    assert timedelta(minutes=4) < response.deadline_at - timezone.now() <= timedelta(minutes=5)
    assert send(mine, response).status_code == 200


BAD = [
    ("0", "x"), ("241", "x"), ("-5", "x"), ("1.5", "x"), ("٣", "x"), ("9" * 400, "x"), ("", "x"), ("diez", "x"), ("\x00", "x"),
    ("10", ""), ("10", "   "), ("10", "a\x00b"), ("10", "x" * 501),
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "reason"), BAD)
def test_bad_minutes_and_reasons_are_refused_with_what_was_typed(trainer, timed, minutes, reason):
    response = opened(timed)
    before = response.deadline_at
    reply = trainer.post(url("attempt_extend", response.pk), {"minutes": minutes, "reason": reason})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode() and 'aria-invalid="true"' in reply.content.decode()
    if reason.strip() and "\x00" not in reason:
        assert f'value="{reason}"' in reply.content.decode()
    response.refresh_from_db()
    assert response.deadline_at == before
    assert not Extension.objects.exists()


def test_an_attempt_without_a_limit_is_neither_listed_nor_extended(world):
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    trainer = as_user(EnrollmentFactory(cohort=world.cohort, role="trainer").user)
    assert world.user.addressed_as not in trainer.get(url("attempts", world.cohort.pk)).content.decode()
    assert trainer.post(url("attempt_extend", response.pk), {"minutes": 5, "reason": "x"}).status_code == 409


def test_who_may_not_sees_nothing_there(timed, mine):
    response = opened(timed)
    people = [
        timed.user,
        EnrollmentFactory(cohort=timed.cohort).user,
        EnrollmentFactory(cohort=timed.cohort, role="evaluator").user,
        EnrollmentFactory(cohort=CohortFactory(), role="lead").user,
    ]
    for person in people:
        client = as_user(person)
        assert client.get(url("attempts", timed.cohort.pk)).status_code == 404
        assert client.post(url("attempt_extend", response.pk), {"minutes": 5, "reason": "x"}).status_code == 404
    assert "login" in Client().get(url("attempts", timed.cohort.pk)).url
    assert "login" in Client().post(url("attempt_extend", response.pk)).url
    assert mine.get(url("attempt_extend", response.pk)).status_code == 405


def test_nobody_extends_their_own(timed):
    response = opened(timed)
    timed.user.is_superuser = True
    timed.user.save()
    client = as_user(timed.user)
    assert client.post(url("attempt_extend", response.pk), {"minutes": 5, "reason": "x"}).status_code == 404


def test_the_list_says_when_nobody_is_there_and_costs_the_same_for_many(trainer, timed):
    door = url("attempts", timed.cohort.pk)
    empty = trainer.get(door)
    assert 'class="empty"' in empty.content.decode()
    page = QuizPage.objects.get(pk=timed.quiz_page.pk)
    answering.open_response(timed.enrollment, page, "es")
    trainer.get(door)
    with CaptureQueriesContext(
        connection,
    ) as one:
        trainer.get(door)
    for _ in range(6):
        answering.open_response(EnrollmentFactory(cohort=timed.cohort), page, "es")
    with CaptureQueriesContext(connection) as many:
        trainer.get(door)
    assert len(many) == len(one)


# --- ten at once ------------------------------------------------------------------------------------------------------

parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@parallel
def test_ten_looks_and_commands_close_it_once(in_parallel):
    world = build_world(time_limit_minutes=30)
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    for number in (1, 2, 3, 4):
        answer(response, number)
    let_end(response)
    clients = [as_user(world.user) for _ in range(10)]

    def act(number):
        if number % 2:
            return attempts.close_overdue()
        return clients[number].get(url("resume", response.pk)).status_code

    results = in_parallel(act)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert Completion.objects.count() == 1
    response.refresh_from_db()
    assert response.score == 4


@parallel
def test_answers_that_meet_the_end_are_kept_or_refused_never_half(in_parallel):
    """Five saves and five closings together: what was acknowledged is in the score, what was refused is not."""
    world = build_world(time_limit_minutes=30)
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    let_end(response, seconds=clock.GRACE.seconds - 1)
    questions = questions_of(response.instrument_id)

    def act(number):
        if number < 5:
            attempts.close_overdue()
            return "closing"
        question = questions[number % 3]
        try:
            answering.save_answer(response, question, "b")
        except answering.Closed:
            return "refused"
        return question.pk

    results = in_parallel(act)
    attempts.close_overdue()
    let_end(response)
    attempts.close_overdue()
    response.refresh_from_db()
    kept = {result for result in results if isinstance(result, int)}
    assert response.score == len(kept)
    assert set(Answer.objects.values_list("question_id", flat=True)) == kept


@parallel
def test_ten_extensions_are_ten_extensions(in_parallel):
    world = build_world(time_limit_minutes=30)
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    before, trainer = response.deadline_at, EnrollmentFactory(cohort=world.cohort, role="trainer").user
    clients = [as_user(trainer) for _ in range(10)]
    door = url("attempt_extend", response.pk)
    results = in_parallel(lambda n: clients[n].post(door, {"minutes": "1", "reason": "x"}).status_code)
    assert results == [302] * 10
    response.refresh_from_db()
    assert response.deadline_at == before + timedelta(minutes=10)
