"""A person answers a survey and a quiz with plain forms, as without JavaScript."""

import pytest
from django.urls import reverse
from django.utils import translation

from curriculum.models import Completion
from evaluations.models import Answer, AnswerVersion, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, SurveyPage, add_activity, make_mixed
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


def start(client, key):
    response = client.post(url("start", key), follow=True)
    assert response.status_code == 200
    return response


def answer_all(client, world, values):
    """Answers question by question; `values` maps an order number to what is sent."""
    response = Response.objects.get(enrollment=world.enrollment, submitted_at=None)
    for number, question in enumerate(questions_of(response.instrument_id), start=1):
        page = client.get(url("question", response.pk, number))
        assert question.text_here in page.content.decode()
        sent = client.post(url("question", response.pk, number), {"answer": values(number, question)})
        assert sent.status_code == 302, sent.content.decode()
    return response


def test_a_survey_from_the_start_page_to_the_suggested_order(signed_in, world):
    page = signed_in.get(world.survey_page.url)
    text = page.content.decode()
    assert page.status_code == 200
    assert "18" in text
    assert "8 min" in text
    start(signed_in, world.survey_key)
    response = answer_all(
        signed_in, world, lambda number, q: "2" if q.aspect == "ability" else "5" if q.construct == "mentoring" else "3"
    )
    check = signed_in.get(url("check_answers", response.pk))
    assert check.content.decode().count("?check=1") == 18
    sent = signed_in.post(url("submit", response.pk), follow=True)
    assert sent.redirect_chain[-1][0] == url("result", response.pk)
    assert Completion.objects.get(enrollment=world.enrollment, activity_key=world.survey_key).evidence["response"] == response.pk
    done = signed_in.get(world.survey_page.url).content.decode()
    assert url("result", response.pk) in done
    again = signed_in.post(url("start", world.survey_key))
    assert again.status_code == 409
    assert Response.objects.count() == 1


def test_a_quiz_passed_shows_result_and_reasons_only_afterwards(signed_in, world):
    start(signed_in, world.quiz_key)
    response = answer_all(signed_in, world, lambda number, q: ["a", "c"] if number == 4 else "b")
    result = signed_in.post(url("submit", response.pk), follow=True)
    text = result.content.decode()
    assert "4" in text
    assert CANARY in text
    response.refresh_from_db()
    assert (response.score, response.max_score, response.passed) == (4, 4, True)
    assert Completion.objects.filter(enrollment=world.enrollment, activity_key=world.quiz_key).count() == 1


def test_a_quiz_not_passed_names_lessons_to_read_and_does_not_complete(signed_in, world):
    start(signed_in, world.quiz_key)
    response = answer_all(signed_in, world, lambda number, q: ["a"] if number == 4 else "a")
    text = signed_in.post(url("submit", response.pk), follow=True).content.decode()
    assert world.made.page(world.lesson_keys[0][0]).title in text
    response.refresh_from_db()
    assert (response.score, response.passed) == (0, False)
    assert not Completion.objects.exists()
    waiting = signed_in.get(world.quiz_page.url).content.decode()
    assert url("start", world.quiz_key) not in waiting
    assert signed_in.post(url("start", world.quiz_key)).status_code == 409


def test_save_and_return_opens_at_the_first_question_without_an_answer(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    for number in (1, 2):
        signed_in.post(url("question", response.pk, number), {"answer": "3"})
    left = signed_in.post(url("question", response.pk, 3), {"answer": "4", "leave": "1"})
    assert left.url == world.survey_page.url
    text = signed_in.get(world.survey_page.url).content.decode()
    assert url("resume", response.pk) in text
    assert signed_in.get(url("resume", response.pk)).url == url("question", response.pk, 4)
    empty = signed_in.post(url("question", response.pk, 4), {"leave": "1"})
    assert empty.status_code == 302
    assert Answer.objects.count() == 3


def test_nothing_is_chosen_beforehand_and_a_given_answer_comes_back(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    assert "checked" not in signed_in.get(url("question", response.pk, 1)).content.decode()
    signed_in.post(url("question", response.pk, 1), {"answer": "na"})
    assert signed_in.get(url("question", response.pk, 1)).content.decode().count("checked") == 1


def test_no_answer_is_an_error_that_names_the_fix(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    page = signed_in.post(url("question", response.pk, 1), {})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'role="alert"' in text
    assert 'href="#id_answer_0"' in text
    assert "msg-err" in text
    assert not AnswerVersion.objects.exists()


def test_a_change_from_the_check_page_returns_to_it(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    back = signed_in.post(url("question", response.pk, 1), {"answer": "3", "check": "1"})
    assert back.url == url("check_answers", response.pk)


def test_sending_with_gaps_lists_them(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    signed_in.post(url("question", response.pk, 1), {"answer": "3"})
    page = signed_in.post(url("submit", response.pk))
    assert page.status_code == 422
    text = page.content.decode()
    assert url("question", response.pk, 2) in text
    assert "errsum" in text
    response.refresh_from_db()
    assert response.submitted_at is None


def test_every_kind_of_question_by_plain_form(signed_in, world):
    instrument = make_mixed()
    key = add_activity(world.made, SurveyPage, slug="mixto", instrument_key=instrument.key)
    start(signed_in, key)
    response = Response.objects.get()
    values = ["3", "a", ["a", "c"], "1.204", "", "Línea uno\r\nLínea dos <b>no</b>"]
    for number, value in enumerate(values, start=1):
        sent = signed_in.post(url("question", response.pk, number), {"answer": value})
        assert sent.status_code == 302, (number, sent.content.decode())
    stored = dict(Answer.objects.values_list("question__key", "value"))
    assert stored == {
        "likert": 3,
        "single": "a",
        "multiple": ["a", "c"],
        "number": 1204,
        "short": "",
        "long": "Línea uno\nLínea dos <b>no</b>",
    }
    check = signed_in.get(url("check_answers", response.pk)).content.decode()
    assert "<b>no</b>" not in check
    assert "&lt;b&gt;no" in check
    assert signed_in.post(url("submit", response.pk)).status_code == 302
    wrong = signed_in.post(url("question", response.pk, 1), {"answer": "2"})
    assert wrong.url == url("result", response.pk)
    assert Answer.objects.get(question__key="likert").value == 3


@pytest.mark.parametrize(("number", "value"), [(4, "mucho"), (4, "6000"), (5, "x" * 300), (1, "9"), (2, "zz"), (3, ["zz"])])
def test_a_refused_value_is_kept_in_the_form(signed_in, world, number, value):
    instrument = make_mixed()
    key = add_activity(world.made, SurveyPage, slug="mixto", instrument_key=instrument.key)
    start(signed_in, key)
    page = signed_in.post(url("question", Response.objects.get().pk, number), {"answer": value})
    assert page.status_code == 422
    if number in (4, 5):
        assert value in page.content.decode()


# --- who may not ------------------------------------------------------------------------------------------------------


def test_another_persons_response_does_not_exist(client, signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    other = EnrollmentFactory(cohort=world.cohort)
    trainer = EnrollmentFactory(cohort=world.cohort, role="trainer")
    for person in (other.user, trainer.user):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name, args in [("resume", ()), ("question", (1,)), ("check_answers", ()), ("result", ())]:
            assert client.get(url(name, response.pk, *args)).status_code == 404
        assert client.post(url("submit", response.pk)).status_code == 404
        assert client.post(url("question", response.pk, 1), {"answer": "3"}).status_code == 404
    assert not Answer.objects.exists()


def test_visitors_are_sent_to_sign_in(client, world):
    assert "login" in client.post(url("start", world.survey_key)).url
    page = client.get(world.survey_page.url)
    assert page.status_code == 200
    assert url("start", world.survey_key) not in page.content.decode()


def test_people_outside_the_cohort_may_read_but_not_start(client, world):
    stranger = EnrollmentFactory()
    client.force_login(stranger.user, backend="django.contrib.auth.backends.ModelBackend")
    assert url("start", world.survey_key) not in client.get(world.survey_page.url).content.decode()
    assert client.post(url("start", world.survey_key)).status_code == 403
    assert not Response.objects.exists()


def test_a_paused_place_is_refused_with_words(signed_in, world):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    world.enrollment.status = "paused"
    world.enrollment.save()
    assert signed_in.post(url("start", world.survey_key)).status_code == 403
    page = signed_in.post(url("question", response.pk, 1), {"answer": "3"})
    assert page.status_code == 403
    assert 'role="alert"' in page.content.decode()
    assert "checked" in page.content.decode()
    assert not Answer.objects.exists()


def test_a_locked_module_says_what_comes_first(signed_in, world):
    world.cohort.releases = {str(world.made.module_keys[0]): "2099-06-01T12:00:00+00:00"}
    world.cohort.save()
    text = signed_in.get(world.quiz_page.url).content.decode()
    assert "2099" in text
    assert url("start", world.quiz_key) not in text
    assert signed_in.post(url("start", world.quiz_key)).status_code == 403
    assert not Response.objects.exists()


def test_unknown_numbers_are_not_found(signed_in, world):
    start(signed_in, world.survey_key)
    pk = Response.objects.get().pk
    assert signed_in.get(url("question", pk, 0)).status_code == 404
    assert signed_in.get(url("question", pk, 19)).status_code == 404
    assert signed_in.get(url("start", world.survey_key)).status_code == 405


def test_the_start_page_speaks_the_page_s_language(client, world):
    page = client.get(world.made.page(world.survey_key, "en").url)
    assert page.status_code == 200
    assert 'lang="en"' in page.content.decode()


def test_the_question_page_costs_the_same_for_few_and_many_questions(signed_in, world, django_assert_max_num_queries):
    start(signed_in, world.survey_key)
    response = Response.objects.get()
    signed_in.get(url("question", response.pk, 1))
    with django_assert_max_num_queries(6):
        signed_in.get(url("question", response.pk, 9))
