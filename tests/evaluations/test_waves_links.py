"""The mailed link: looking opens nothing, the bearer answers one response and reaches nothing else, and it ends with the wave."""

import json
import uuid

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from evaluations import respondents, wave_opening, waves
from evaluations.models import Answer, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import CANARY
from tests.evaluations.waving import (
    answer_all,
    cohort_with_people,
    day,
    make_survey,
    planned,
    quiz_wave,
    sent,
    set_clock,
    signed,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(db):
    return cohort_with_people(trainees=2)


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "es"})


def link(wave, enrollment):
    from django.utils import translation

    with translation.override("es"):
        return respondents.link_path(wave, enrollment)


def save(client, response, value="3"):
    body = {
        "client_id": str(uuid.uuid4()), "response": response.pk, "question": questions_of(response.instrument_id)[0].pk,
        "value": value, "client_time": timezone.now().isoformat(),
    }  # fmt: skip
    return client.post(url("save_answer"), json.dumps(body), content_type="application/json")


# --- the way through --------------------------------------------------------------------------------------------------


def test_looking_opens_nothing_and_starting_leads_to_the_first_question(here, visitor):
    wave = planned(here.cohort)
    address = link(wave, here.enrollment)
    for _look in range(3):
        page = visitor.get(address)
        assert page.status_code == 200
        assert 'id="promise-title"' in page.content.decode()
    assert not Response.objects.exists()
    assert not visitor.session.keys()
    visitor.head(address)
    assert not Response.objects.exists()
    started = visitor.post(address)
    response = Response.objects.get()
    assert (response.enrollment, response.wave) == (here.enrollment, wave)
    assert started.url == url("resume", response.pk)
    assert visitor.get(started.url).url == url("question", response.pk, 1)


def test_the_bearer_answers_checks_sends_and_sees_that_it_was_sent(here, visitor):
    wave = planned(here.cohort)
    visitor.post(link(wave, here.enrollment))
    response = Response.objects.get()
    for number, value in enumerate(["4", "na", "a", ""], start=1):
        assert visitor.get(url("question", response.pk, number)).status_code == 200
        assert visitor.post(url("question", response.pk, number), {"answer": value}).status_code == 302
    assert visitor.get(url("check_answers", response.pk)).status_code == 200
    assert visitor.post(url("submit", response.pk)).url == url("result", response.pk)
    assert visitor.get(url("result", response.pk)).status_code == 200
    response.refresh_from_db()
    assert response.submitted_at
    assert visitor.get(link(wave, here.enrollment)).context["standing"].state == "sent"
    assert visitor.post(link(wave, here.enrollment)).status_code == 409


def test_the_door_for_the_outbox_knows_the_pass(here, visitor):
    wave = planned(here.cohort)
    assert save(visitor, wave_opening.open_wave(here.enrollment, wave, "es")).status_code == 401
    visitor.post(link(wave, here.enrollment))
    assert save(visitor, Response.objects.get()).status_code == 200
    assert Answer.objects.get().value == 3


def test_what_was_begun_signed_in_goes_on_with_the_link(here, visitor):
    wave = planned(here.cohort)
    response = wave_opening.open_wave(here.enrollment, wave, "es")
    save(signed(here.enrollment.user), response)
    assert visitor.get(link(wave, here.enrollment)).context["standing"].answered == 1
    assert visitor.post(link(wave, here.enrollment), follow=True).redirect_chain[-1][0] == url("question", response.pk, 2)


# --- nothing else -----------------------------------------------------------------------------------------------------


def test_the_bearer_reaches_nothing_else(here, visitor):
    wave, other = planned(here.cohort), planned(here.cohort, make_survey("other"))
    mine = wave_opening.open_wave(here.enrollment, other, "es")
    colleagues = wave_opening.open_wave(here.enrollments[1], wave, "es")
    visitor.post(link(wave, here.enrollment))
    for response in (mine, colleagues):
        for name in ("resume", "check_answers", "result"):
            assert visitor.get(url(name, response.pk)).status_code == 404
        assert visitor.get(url("question", response.pk, 1)).status_code == 404
        assert visitor.post(url("submit", response.pk)).status_code == 404
        assert save(visitor, response).status_code == 404
    assert visitor.get(url("wave", other.pk)).status_code == 404
    for address in ("/es/today/", "/es/account/", "/es/profile/", url("my_answers"), url("waves", here.cohort.pk)):
        assert visitor.get(address).status_code == 302, address
    assert "_auth_user_id" not in visitor.session
    assert not Answer.objects.exists()


def test_the_bearer_of_a_test_sees_no_key_and_the_bearer_of_a_survey_no_before_and_after(here, visitor):
    quiz = quiz_wave(here.cohort, feedback="never")
    visitor.post(link(quiz, here.enrollment))
    response = Response.objects.get()
    for number, question in enumerate(questions_of(response.instrument_id), start=1):
        visitor.post(url("question", response.pk, number), {"answer": ["a"] if question.kind == "multiple-choice" else "b"})
    assert CANARY not in visitor.post(url("submit", response.pk), follow=True).content.decode()
    sent(here.enrollment, planned(here.cohort, make_survey("pre"), moment="pre"))
    visitor.post(link(wave := planned(here.cohort, make_survey("post")), here.enrollment))
    after = answer_all(Response.objects.get(wave=wave))
    page = visitor.post(url("submit", after.pk), follow=True)
    assert page.context["arrows"] == []


def test_a_second_link_replaces_the_first_pass(here, visitor):
    first, second = planned(here.cohort), planned(here.cohort, make_survey("second"))
    visitor.post(link(first, here.enrollment))
    visitor.post(link(second, here.enrollment))
    old, new = Response.objects.get(wave=first), Response.objects.get(wave=second)
    assert visitor.get(url("check_answers", old.pk)).status_code == 404
    assert visitor.get(url("check_answers", new.pk)).status_code == 200


def test_the_web_session_gets_a_new_key_with_the_pass(here, visitor):
    session = visitor.session
    session["planted"] = True
    session.save()
    visitor.cookies["sessionid"] = before = session.session_key
    visitor.post(link(planned(here.cohort), here.enrollment))
    assert visitor.session.session_key != before


def test_a_pass_ends_after_twelve_hours(here, visitor, monkeypatch):
    visitor.post(link(planned(here.cohort), here.enrollment))
    response = Response.objects.get()
    later = respondents.time.time() + respondents.PASS_LASTS + 1
    monkeypatch.setattr(respondents.time, "time", lambda: later)
    assert visitor.get(url("check_answers", response.pk)).status_code == 302
    assert save(visitor, response).status_code == 401


# --- when it ends -----------------------------------------------------------------------------------------------------


def test_a_closed_wave_ends_link_and_pass(here, visitor):
    wave = planned(here.cohort)
    visitor.post(link(wave, here.enrollment))
    response = Response.objects.get()
    waves.close(wave)
    page = visitor.get(link(wave, here.enrollment))
    assert page.status_code == 410
    assert page.context["closed_words"] in page.content.decode()
    assert visitor.post(link(wave, here.enrollment)).status_code == 410
    assert visitor.get(url("check_answers", response.pk)).status_code == 302
    assert save(visitor, response).status_code == 401


def test_days_that_are_over_end_the_link(here, visitor, monkeypatch):
    wave = planned(here.cohort)
    set_clock(monkeypatch, wave.over_at)
    assert visitor.get(link(wave, here.enrollment)).status_code == 410


@pytest.mark.parametrize("status", ["withdrawn", "paused", "transferred", "selected"])
def test_a_person_whose_place_is_not_active_has_no_link_and_no_pass(here, visitor, status):
    wave = planned(here.cohort)
    visitor.post(link(wave, here.enrollment))
    response = Response.objects.get()
    here.enrollment.status = status
    here.enrollment.save()
    assert visitor.get(link(wave, here.enrollment)).status_code == 410
    assert visitor.post(link(wave, here.enrollment)).status_code == 410
    assert visitor.get(url("check_answers", response.pk)).status_code == 302


def test_a_closed_account_has_no_link(here, visitor):
    wave = planned(here.cohort)
    visitor.post(link(wave, here.enrollment))
    here.enrollment.user.is_active = False
    here.enrollment.user.save()
    assert visitor.get(link(wave, here.enrollment)).status_code == 404
    assert visitor.get(url("check_answers", Response.objects.get().pk)).status_code == 302


def test_a_link_before_the_first_day_says_when_and_starts_nothing(here, visitor):
    address = link(planned(here.cohort, opens_on=day(3)), here.enrollment)
    assert visitor.get(address).context["standing"].state == "early"
    assert visitor.post(address).status_code == 409
    assert not Response.objects.exists()


# --- abuse ------------------------------------------------------------------------------------------------------------


def test_what_we_have_not_signed_leads_nowhere(here, visitor):
    wave = planned(here.cohort)
    good = link(wave, here.enrollment).rstrip("/").rsplit("/", 1)[1]
    other_salt = signing.dumps([wave.pk, here.enrollment.pk])
    odd = [signing.dumps(value, salt=respondents.SALT) for value in ([wave.pk], "x", [wave.pk, 0], [0, here.enrollment.pk], {})]
    for token in (good[:-1], good + "x", good[::-1], other_salt, "x", "%00", "a" * 3000, *odd):
        for method in (visitor.get, visitor.post):
            assert method(f"/es/w/{token}/").status_code in (400, 404), token[:40]
    assert not Response.objects.exists()


def test_a_token_for_another_cohorts_wave_or_an_anonymous_one_leads_nowhere(here, visitor):
    foreign = planned(cohort_with_people().cohort)
    hidden = planned(here.cohort, make_survey("hidden"), promise="anonymous")
    crossed = signing.dumps([foreign.pk, here.enrollment.pk], salt=respondents.SALT)
    forged = signing.dumps([hidden.pk, here.enrollment.pk], salt=respondents.SALT)
    assert visitor.post(url("wave_link", crossed)).status_code == 410
    assert visitor.post(url("wave_link", forged)).status_code == 404
    assert link(hidden, here.enrollment) == url("anonymous", hidden.pk)
    assert not Response.objects.exists()


def test_somebody_else_who_is_signed_in_opens_nothing(here):
    wave = planned(here.cohort)
    client = signed(here.enrollments[1].user)
    for method in (client.get, client.post):
        assert method(link(wave, here.enrollment)).status_code == 403
    assert not Response.objects.exists()


def test_a_pass_is_worth_nothing_to_somebody_who_signs_in(here, visitor):
    visitor.post(link(planned(here.cohort), here.enrollment))
    response = Response.objects.get()
    visitor.force_login(here.enrollments[1].user, backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.get(url("check_answers", response.pk)).status_code == 404


def test_the_person_who_is_signed_in_goes_to_the_usual_page(here):
    wave = planned(here.cohort)
    assert signed(here.enrollment.user).get(link(wave, here.enrollment)).url == url("wave", wave.pk)


def test_the_address_stays_here_and_in_no_cache(here, visitor):
    address = link(planned(here.cohort), here.enrollment)
    for answer in (visitor.get(address), visitor.post(address), visitor.get(url("wave_link", "unknown"))):
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_starting_needs_the_protection_of_forms(here):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(planned(here.cohort), here.enrollment)).status_code == 403
    assert not Response.objects.exists()
