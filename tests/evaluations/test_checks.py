"""Questions in a lesson: two tries, the first counts, the reasons afterwards."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from curriculum import roles
from evaluations import checks
from evaluations.models import Answer, AnswerVersion, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY, build_world, make_quiz, words
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db


def put_checks(world, count=3):
    """The first lesson puts `count` questions, in every language."""
    instrument = make_quiz(count + 1, key="checks", kind="check")
    asked = questions_of(instrument.pk)[:count]
    key = world.lesson_keys[0][0]
    for pages in world.made.pages.values():
        page = pages[key]
        page.body = [*page.body.raw_data, *[{"type": "check", "value": {"question": question.pk}} for question in asked]]
        page.save()
    world.lesson_key, world.lesson = key, world.made.page(key)
    return asked


@pytest.fixture
def asked(world):
    return put_checks(world)


def url(question):
    with translation.override("es"):
        return reverse("evaluations:check", args=[question.pk])


def send(client, world, question, value, number=1, **more):
    name = f"check-{question.pk}-answer"
    return client.post(url(question), {"lesson": world.lesson_key, "try": number, name: value, **more})


def test_the_lesson_shows_forms_without_any_key(signed_in, world, asked):
    text = signed_in.get(world.lesson.url).content.decode()
    for question in asked:
        assert f'id="check-{question.pk}"' in text
        assert url(question) in text
    assert CANARY not in text


def test_right_at_once_shows_the_reasons_and_closes(signed_in, world, asked):
    reply = send(signed_in, world, asked[0], "b")
    assert reply.status_code == 302
    assert reply.url.endswith(f"{world.lesson.url}#check-{asked[0].pk}")
    text = signed_in.get(world.lesson.url).content.decode()
    assert f"{CANARY}-a" in text
    assert url(asked[0]) not in text
    assert url(asked[1]) in text
    send(signed_in, world, asked[0], "a", 2)
    assert AnswerVersion.objects.count() == 1


def test_two_tries_then_the_reasons_and_the_first_counts(signed_in, world, asked):
    send(signed_in, world, asked[0], "a")
    text = signed_in.get(world.lesson.url).content.decode()
    assert CANARY not in text
    assert 'name="try" value="2"' in text
    send(signed_in, world, asked[0], "c", 2)
    text = signed_in.get(world.lesson.url).content.decode()
    assert CANARY in text
    assert url(asked[0]) not in text
    assert Answer.objects.get().value == "a"
    send(signed_in, world, asked[0], "b", 3)
    send(signed_in, world, asked[0], "b", 1)
    assert list(AnswerVersion.objects.values_list("value", flat=True)) == ["a", "c"]


def test_the_answers_count_in_every_language(signed_in, world, asked):
    send(signed_in, world, asked[0], "b")
    text = signed_in.get(world.made.page(world.lesson_key, "en").url).content.decode()
    assert f"{CANARY}-a (en)" in text


def test_no_choice_keeps_everything_on_a_page_with_the_fix(signed_in, world, asked):
    reply = signed_in.post(url(asked[0]), {"lesson": world.lesson_key, "try": 1})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode()
    assert CANARY not in reply.content.decode()
    assert send(signed_in, world, asked[0], "zz").status_code == 422


@pytest.mark.parametrize("lesson", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_the_lesson_must_be_one_that_asks_this(signed_in, world, asked, lesson):
    assert send(signed_in, world, asked[0], "b", lesson=lesson).status_code == 404
    assert send(signed_in, world, asked[0], "b", lesson=world.lesson_keys[0][1]).status_code == 404
    assert not Response.objects.exists()


def test_a_quiz_question_cannot_be_tried_here(signed_in, world, asked):
    question = questions_of(world.quiz.pk)[0]
    assert send(signed_in, world, question, "b").status_code == 404


def test_a_check_has_no_other_doors(signed_in, world, asked):
    send(signed_in, world, asked[0], "a")
    response = Response.objects.get()
    with translation.override("es"):
        for name, args in [("resume", []), ("question", [1]), ("check_answers", []), ("result", [])]:
            assert signed_in.get(reverse(f"evaluations:{name}", args=[response.pk, *args])).status_code == 404


def test_locked_paused_and_strangers_are_refused(signed_in, client, world, asked):
    world.cohort.releases = {str(world.made.module_keys[0]): "2099-06-01T12:00:00+00:00"}
    world.cohort.save()
    assert send(signed_in, world, asked[0], "b").status_code == 403
    world.cohort.releases = {}
    world.cohort.save()
    world.enrollment.status = "paused"
    world.enrollment.save()
    assert send(signed_in, world, asked[0], "b").status_code == 403
    client.force_login(EnrollmentFactory().user, backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, world, asked[0], "b").status_code == 403
    client.logout()
    assert "login" in send(client, world, asked[0], "b").url
    assert not AnswerVersion.objects.exists()


def test_visitors_and_previews_get_a_form_that_cannot_be_sent(rf, world, asked):
    from django.contrib.auth.models import AnonymousUser

    request = rf.get(world.lesson.url)
    request.user = AnonymousUser()
    drawn = checks.render(request, None, [question.pk for question in asked])
    assert set(drawn) == {question.pk for question in asked}
    assert all("<form" not in html and "fieldset disabled" in html and CANARY not in html for html in drawn.values())


def test_unknown_questions_are_left_out(rf, world, asked):
    request = rf.get("/es/")
    assert set(checks.render(request, None, [asked[0].pk, 999999])) == {asked[0].pk}


def test_one_query_for_the_tries_however_many_checks(rf, world, django_assert_num_queries):
    asked = put_checks(world, 9)
    request = rf.get(world.lesson.url)
    request.user = world.user
    enrollment = roles.enrollment_for(world.user, world.made.key)
    ids = [question.pk for question in asked]
    checks.render(request, enrollment, ids[:1])
    checks.render(request, enrollment, ids)
    for some in (ids[:1], ids):
        with django_assert_num_queries(1):
            checks.render(request, enrollment, some)


def test_two_instruments_in_one_lesson_do_not_meet(world):
    one, two = make_quiz(2, key="c1", kind="check"), make_quiz(2, key="c2", kind="check")
    assert checks.key_of(world.lesson_keys[0][0], one.pk) != checks.key_of(world.lesson_keys[0][0], two.pk)
    assert words("x")["es"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_equal_tries_are_one(in_parallel):
    world = build_world()
    question = put_checks(world, 1)[0]
    clients = []
    for _ in range(10):
        client = Client()
        client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
        clients.append(client)
    results = in_parallel(lambda n: send(clients[n], world, question, "a").status_code)
    assert results == [302] * 10
    assert Response.objects.count() == AnswerVersion.objects.count() == Answer.objects.count() == 1


# --- what is remembered between requests -----------------------------------------------------------------------------


@pytest.fixture
def neighbour(world):
    client = Client()
    other = EnrollmentFactory(cohort=world.cohort)
    client.force_login(other.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tokens(text):
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', text)


def test_nothing_of_one_person_reaches_another(signed_in, neighbour, world, asked):
    signed_in.get(world.lesson.url)
    send(signed_in, world, asked[0], "b")
    send(signed_in, world, asked[1], "a")
    mine = signed_in.get(world.lesson.url).content.decode()
    theirs = neighbour.get(world.lesson.url).content.decode()
    assert CANARY in mine
    assert url(asked[0]) not in mine
    assert CANARY not in theirs
    assert url(asked[0]) in theirs
    assert 'name="try" value="2"' in mine
    assert 'name="try" value="2"' not in theirs
    send(neighbour, world, asked[0], "a")
    send(neighbour, world, asked[0], "c", 2)
    assert send(neighbour, world, asked[1], "b").status_code == 302
    assert neighbour.get(world.lesson.url).content.decode() != mine
    assert signed_in.get(world.lesson.url).content.decode().count(f"{CANARY}-a") == mine.count(f"{CANARY}-a")


def test_each_reader_gets_a_token_of_their_own_that_the_server_takes(world, asked):
    seen = []
    for enrollment in (world.enrollment, EnrollmentFactory(cohort=world.cohort)):
        client = Client(enforce_csrf_checks=True)
        client.force_login(enrollment.user, backend="django.contrib.auth.backends.ModelBackend")
        text = client.get(world.lesson.url).content.decode()
        assert checks.TOKEN_GAP not in text
        form = text[text.index(f'id="check-{asked[0].pk}"') :]
        token = tokens(form)[0]
        seen.append((client, token))
        assert send(client, world, asked[0], "a", csrfmiddlewaretoken=token).status_code == 302
    (one, _mine), (_two, theirs) = seen
    assert send(one, world, asked[1], "a", csrfmiddlewaretoken=theirs).status_code == 403


def test_the_second_time_nothing_is_drawn(rf, world, asked, monkeypatch):
    request = rf.get(world.lesson.url)
    request.user = world.user
    enrollment = roles.enrollment_for(world.user, world.made.key)
    ids = [question.pk for question in asked]
    first = checks.render(request, enrollment, ids)
    monkeypatch.setattr(checks, "render_to_string", lambda *args: pytest.fail("drawn again"))
    assert set(checks.render(request, enrollment, ids)) == set(first)


@pytest.mark.parametrize("answered", [False, True])
def test_a_new_wording_is_seen_at_once(signed_in, world, asked, answered):
    if answered:
        send(signed_in, world, asked[0], "b")
    signed_in.get(world.lesson.url)
    asked[0].text = words("Otra redacción")
    asked[0].save()
    assert "Otra redacción" in signed_in.get(world.lesson.url).content.decode()


def test_one_s_own_words_are_drawn_and_not_remembered(signed_in, neighbour, world, asked):
    from curriculum import generation
    from evaluations.models import LongTextQuestion

    question = LongTextQuestion.objects.create(instrument=asked[0].instrument, key="free", order=99, text=words("¿Qué haría?"))
    for pages in world.made.pages.values():
        page = pages[world.lesson_key]
        page.body = [*page.body.raw_data, {"type": "check", "value": {"question": question.pk}}]
        page.save()
    send(signed_in, world, question, "Palabras mías")
    assert "Palabras mías" in signed_in.get(world.lesson.url).content.decode()
    assert "Palabras mías" not in neighbour.get(world.lesson.url).content.decode()
    assert "Palabras mías" not in repr(generation._memory)
