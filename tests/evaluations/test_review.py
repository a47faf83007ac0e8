"""Spaced review through its doors: what comes back and when, one form, the same result again, the weekly goal."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Completion
from evaluations import answering, checks, review
from evaluations.models import ChoiceQuestion, Instrument, QuizPage, Response, ReviewAnswer, ReviewItem, Wave
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, build_world, choices, make_quiz, words
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


def as_user(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def do_quiz(world, right=4):
    """Sends the quiz with the first `right` questions right."""
    response = answering.open_response(world.enrollment, QuizPage.objects.get(pk=world.quiz_page.pk), "es")
    for number, question in enumerate(questions_of(response.instrument_id), start=1):
        good = number <= right
        value = (["a", "c"] if good else ["b"]) if question.kind == "multiple-choice" else ("b" if good else "a")
        answering.save_answer(response, question, value)
    return answering.submit(response)


def make_due(number=None):
    """The first `number` items (or all) are due since yesterday."""
    pks = list(ReviewItem.objects.order_by("pk").values_list("pk", flat=True)[:number])
    ReviewItem.objects.filter(pk__in=pks).update(due_at=timezone.now() - DAY)


def form_of(page):
    text = page.content.decode()
    found = re.search(r'name="client_id" value="([^"]+)"', text)
    return found and found.group(1), re.findall(r'name="item" value="(\d+)"', text)


def filled(client_id, items, value="b"):
    data = {"client_id": client_id, "item": items}
    for pk in items:
        kind = ReviewItem.objects.get(pk=pk).question.kind
        data[f"item-{pk}-answer"] = ["a", "c"] if kind == "multiple-choice" and value == "b" else value
    return data


def in_days(item):
    return round((item.due_at - timezone.now()) / DAY)


# --- what comes back --------------------------------------------------------------------------------------------------


def test_a_quiz_comes_back_after_12_or_24_days(world):
    do_quiz(world, right=3)
    items = list(ReviewItem.objects.order_by("question__order"))
    assert [(in_days(item), item.streak) for item in items] == [(24, 1), (24, 1), (24, 1), (12, 0)]


def test_questions_without_a_key_an_answer_or_a_stand_of_their_own_do_not(world):
    last = questions_of(world.quiz.pk)[-1]
    ChoiceQuestion.objects.create(
        instrument=world.quiz, key="open", order=9, text=words("sin clave"), choices=[{"key": k, "text": words(k)} for k in "ab"]
    )
    ChoiceQuestion.objects.create(
        instrument=world.quiz,
        key="hangs",
        order=10,
        text=words("cuelga"),
        choices=choices(),
        show_if={"question": "q1", "any_of": ["b"]},
    )
    ChoiceQuestion.objects.filter(key="q2").update(required=False)
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    for question in questions_of(world.quiz.pk):
        if question.key != "q2":
            answering.save_answer(response, question, ["a", "c"] if question.pk == last.pk else "b")
    answering.submit(response)
    assert set(ReviewItem.objects.values_list("question__key", flat=True)) == {"q1", "q3", "last"}


def test_surveys_and_wave_tests_do_not_come_back(world):
    Wave.objects.create(cohort=world.cohort, instrument=world.quiz, moment="pre", activity_key=world.quiz_key,
                        opens_on=timezone.localdate() - 3 * DAY)  # fmt: skip
    response = do_quiz(world)
    assert response.wave_id
    assert not ReviewItem.objects.exists()


def test_the_same_test_outside_its_wave_does_not_either(world):
    other = EnrollmentFactory().cohort
    Wave.objects.create(cohort=other, instrument=world.quiz, moment="pre", opens_on=timezone.localdate() - 3 * DAY)
    assert do_quiz(world).wave_id is None
    assert not ReviewItem.objects.exists()


def test_what_becomes_a_wave_test_later_is_not_shown_any_more(signed_in, world):
    do_quiz(world)
    make_due()
    client_id, items = form_of(signed_in.get(url("review")))
    Wave.objects.create(cohort=world.cohort, instrument=world.quiz, moment="pre", opens_on=timezone.localdate())
    assert form_of(signed_in.get(url("review")))[1] == []
    assert signed_in.post(url("review"), filled(client_id, items)).status_code == 404
    assert not ReviewAnswer.objects.exists()


def test_the_first_try_of_a_check_in_a_lesson_comes_back(world):
    instrument = make_quiz(questions=2, key="checks", kind="check")
    question = questions_of(instrument.pk)[0]
    lesson = world.lesson_keys[0][0]
    checks.answer(world.enrollment, lesson, question, "a", 1, "es")
    checks.answer(world.enrollment, lesson, question, "b", 2, "es")
    item = ReviewItem.objects.get()
    assert (in_days(item), item.streak) == (12, 0)


def test_a_right_answer_the_next_day_is_no_spaced_one_and_a_wrong_one_begins_anew(world):
    QuizPage.objects.update(retry_after_hours=0)
    do_quiz(world, right=2)
    do_quiz(world, right=1)  # the second question is wrong now, the third wrong again
    by_key = {item.question.key: item for item in ReviewItem.objects.all()}
    assert [(by_key[key].streak, in_days(by_key[key])) for key in ("q1", "q2", "q3")] == [(1, 24), (0, 12), (0, 12)]
    assert not ReviewItem.objects.filter(retired_at__isnull=False).exists()


def test_a_newer_version_of_the_quiz_replaces_the_question_that_comes_back(world):
    QuizPage.objects.update(retry_after_hours=0)
    do_quiz(world, right=0)
    newer = make_quiz(key="other")
    Instrument.objects.filter(pk=newer.pk).update(key=world.quiz.key, version=2)
    do_quiz(world, right=4)
    assert ReviewItem.objects.count() == 4
    assert set(ReviewItem.objects.values_list("question__instrument", flat=True)) == {newer.pk}


# --- a review ---------------------------------------------------------------------------------------------------------


def test_one_form_four_questions_each_with_its_reasons_after_sending(signed_in, world):
    do_quiz(world, right=3)
    make_due()
    before = Response.objects.values().get(), Completion.objects.count()
    page = signed_in.get(url("review"))
    assert CANARY not in page.content.decode()
    client_id, items = form_of(page)
    assert len(items) == 4
    reply = signed_in.post(url("review"), filled(client_id, items))
    assert reply.url == url("review_result", client_id)
    shown = signed_in.get(reply.url).content.decode()
    assert CANARY in shown and shown.count("<article") == 4
    assert ReviewItem.objects.filter(retired_at__isnull=False).count() == 3  # the second right one in a row
    again = ReviewItem.objects.get(retired_at__isnull=True)
    assert (again.streak, in_days(again)) == (1, 24)
    assert (Response.objects.values().get(), Completion.objects.count()) == before


def test_a_wrong_answer_comes_back_after_12_days(signed_in, world):
    do_quiz(world)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    signed_in.post(url("review"), filled(client_id, items, "c"))
    assert [(item.streak, in_days(item)) for item in ReviewItem.objects.filter(pk__in=items)] == [(0, 12), (0, 12)]


def test_sending_again_is_the_same_result_and_counts_once(signed_in, world):
    do_quiz(world, right=0)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    first = signed_in.post(url("review"), filled(client_id, items))
    state = list(ReviewItem.objects.values())
    again = signed_in.post(url("review"), filled(client_id, items, "c"))
    assert again.url == first.url
    assert list(ReviewItem.objects.values()) == state
    assert ReviewAnswer.objects.count() == 2


def test_the_same_questions_in_a_second_tab_do_not_retire_them(signed_in, world):
    do_quiz(world, right=0)
    make_due(2)
    first, second = (form_of(signed_in.get(url("review"))) for _ in range(2))
    signed_in.post(url("review"), filled(*first))
    signed_in.post(url("review"), filled(*second))
    assert ReviewAnswer.objects.count() == 4
    assert set(ReviewItem.objects.filter(pk__in=first[1]).values_list("streak", "retired_at")) == {(1, None)}


def test_at_most_four_and_a_single_one_takes_company(signed_in, world):
    QuizPage.objects.update(retry_after_hours=0)
    do_quiz(world, right=0)
    make_due(1)
    assert len(form_of(signed_in.get(url("review")))[1]) == 1
    second = ReviewItem.objects.order_by("pk")[1]
    ReviewItem.objects.filter(pk=second.pk).update(due_at=timezone.now() + 2 * DAY)
    assert len(form_of(signed_in.get(url("review")))[1]) == 2
    make_due()
    more = make_quiz(questions=3, key="more")
    for question in questions_of(more.pk):
        ReviewItem.objects.create(enrollment=world.enrollment, question=question, due_at=timezone.now() - DAY)
    assert len(form_of(signed_in.get(url("review")))[1]) == 4


def test_nothing_is_optional_and_what_was_chosen_is_kept(signed_in, world):
    ChoiceQuestion.objects.update(required=False)
    do_quiz(world, right=0)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    data = filled(client_id, items)
    del data[f"item-{items[1]}-answer"]
    page = signed_in.post(url("review"), data)
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count("checked") == 1 and f'href="#id_item-{items[1]}-answer_0"' in text
    assert form_of(page) == (client_id, items)
    assert not ReviewAnswer.objects.exists()


def test_a_question_that_cannot_be_drawn_is_left_out(signed_in, world, caplog):
    do_quiz(world, right=0)
    make_due()
    ChoiceQuestion.objects.filter(key="q1").update(choices=[{"text": {}}])
    page = signed_in.get(url("review"))
    assert page.status_code == 200
    assert len(form_of(page)[1]) == 3
    assert "could not be drawn" in caplog.text


def test_when_nothing_is_due_it_says_until_when(signed_in, world):
    assert 'class="empty"' in signed_in.get(url("review")).content.decode()
    do_quiz(world, right=0)
    text = signed_in.get(url("review")).content.decode()
    local = timezone.localtime(ReviewItem.objects.first().due_at, world.user.zone)
    days = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
    assert 'class="empty"' in text and days[local.weekday()] in text and str(local.day) in text


# --- bad input, and who may not ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [
    {"client_id": ""}, {"client_id": "x"}, {"client_id": "\x00"}, {"item": []}, {"item": ["x"]}, {"item": ["-1"]}, {"item": ["\x00"]},
    {"item": ["9" * 30]}, {"item": ["1", "2", "3", "4", "5"]}, {"item": ["999999999"]}, {"item": ["9" * 18]},
])  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused(signed_in, world, change):
    do_quiz(world)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    reply = signed_in.post(url("review"), filled(client_id, items) | change)
    assert reply.status_code in (400, 404)
    assert not ReviewAnswer.objects.exists()


@pytest.mark.parametrize("value", ["zz", "\x00", "x" * 5000])
def test_a_value_that_is_not_offered_is_refused(signed_in, world, value):
    do_quiz(world)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    assert signed_in.post(url("review"), filled(client_id, items, value)).status_code == 422


def test_another_persons_review_does_not_exist(signed_in, world):
    do_quiz(world)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    stranger = as_user(EnrollmentFactory(cohort=world.cohort).user)
    trainer = as_user(EnrollmentFactory(cohort=world.cohort, role="trainer").user)
    assert stranger.post(url("review"), filled(client_id, items)).status_code == 404
    assert trainer.post(url("review"), filled(client_id, items)).status_code == 403
    assert 'class="empty"' in trainer.get(url("review")).content.decode()
    signed_in.post(url("review"), filled(client_id, items))
    for client in (stranger, trainer):
        assert client.get(url("review_result", client_id)).status_code == 404
    assert signed_in.get(url("review_result", uuid.uuid4())).status_code == 404
    for door, method in [("review", "get"), ("review", "post"), ("review_goal", "post")]:
        assert "login" in getattr(Client(), method)(url(door)).url


def test_a_paused_place_is_told_so(signed_in, world):
    do_quiz(world)
    make_due(2)
    client_id, items = form_of(signed_in.get(url("review")))
    world.enrollment.status = "paused"
    world.enrollment.save()
    page = signed_in.get(url("review"))
    assert page.status_code == 200 and form_of(page)[1] == []
    assert signed_in.post(url("review"), filled(client_id, items)).status_code == 403
    assert not ReviewAnswer.objects.exists()


# --- the weekly goal and Today ----------------------------------------------------------------------------------------


def test_the_goal_is_ones_own_and_counts_days_with_anything_done(signed_in, world):
    for days in ("1", "3", "5", "0", "3"):
        assert signed_in.post(url("review_goal"), {"days": days}).status_code == 302
        world.enrollment.refresh_from_db()
        assert world.enrollment.weekly_goal == int(days)
    assert review.week_of(world.enrollment) == review.Week(0, 3)
    do_quiz(world)
    assert review.week_of(world.enrollment) == review.Week(1, 3)
    today = signed_in.get(reverse("today")).content.decode()
    assert url("review") in today


@pytest.mark.parametrize("days", ["2", "7", "-1", "x", "", "\x00", "99999999999"])
def test_a_goal_that_is_not_offered_is_refused(signed_in, world, days):
    reply = signed_in.post(url("review_goal"), {"days": days})
    assert reply.status_code == 422 and 'role="alert"' in reply.content.decode()
    world.enrollment.refresh_from_db()
    assert world.enrollment.weekly_goal == 0


def test_last_weeks_days_do_not_count(world):
    do_quiz(world)
    world.enrollment.weekly_goal = 3
    from evaluations.models import AnswerVersion

    AnswerVersion.objects.update(received_at=timezone.now() - 8 * DAY)
    Completion.objects.update(at=timezone.now() - 8 * DAY)
    assert review.week_of(world.enrollment).days == 0


def test_today_shows_the_card_only_when_something_is_due(signed_in, world):
    do_quiz(world)
    assert url("review") not in signed_in.get(reverse("today")).content.decode()
    make_due(1)
    assert url("review") in signed_in.get(reverse("today")).content.decode()


def test_sending_a_quiz_of_many_questions_costs_no_more_for_what_comes_back(world):
    counts = []
    for number in (3, 12):
        instrument = make_quiz(questions=number, key=f"quiz-{number}")
        enrollment = EnrollmentFactory(cohort=world.cohort)
        response = Response.objects.create(enrollment=enrollment, instrument=instrument, activity_key=uuid.uuid4())
        questions = questions_of(instrument.pk)
        with CaptureQueriesContext(connection) as queries:
            review.remember_response(response, questions, {question.pk: "b" for question in questions})
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- ten at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_equal_sendings_count_once(in_parallel):
    world = build_world()
    do_quiz(world, right=0)
    make_due(2)
    clients = [as_user(world.user) for _ in range(10)]
    client_id, items = form_of(clients[0].get(url("review")))
    results = in_parallel(lambda n: clients[n].post(url("review"), filled(client_id, items)).status_code)
    assert results == [302] * 10
    assert ReviewAnswer.objects.count() == 2
    assert set(ReviewItem.objects.filter(pk__in=items).values_list("streak", flat=True)) == {1}
