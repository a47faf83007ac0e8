"""Single answers open only as far as the promise goes; each reading is noted first, and the person sees it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations import answering, reading, wave_opening
from evaluations.models import Reading, Response
from tests.evaluations.waving import answer_all, cohort_with_people, make_survey, member, planned, sent, signed, url
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
SECRET, REASON = "secreto-canario", "El comité pidió comprobar esta respuesta."


@pytest.fixture
def here(db):
    return cohort_with_people(trainees=2)


def operator():
    return UserFactory(is_staff=True, is_superuser=True)


def opened(user, response, **said):
    return signed(user).post(url("read_answers", response.pk), said)


# --- identified -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lead", "trainer"])
def test_trainers_and_leads_open_identified_answers_and_it_is_noted(here, role):
    wave = planned(here.cohort, promise="identified")
    response, reader = sent(here.enrollment, wave), getattr(here, role).user
    client = signed(reader)
    assert here.enrollment.user.full_name in client.get(url("wave_answers", wave.pk)).content.decode()
    looked = client.get(url("read_answers", response.pk)).content.decode()
    assert SECRET not in looked
    assert not Reading.objects.exists()
    assert SECRET in client.post(url("read_answers", response.pk)).content.decode()
    noted = Reading.objects.get()
    assert (noted.what, noted.reader, noted.response, noted.cohort) == ("answers", reader, response, here.cohort)
    assert noted.reason == "identified wave"


def test_an_evaluator_does_not_open_identified_answers(here):
    response = sent(here.enrollment, planned(here.cohort, promise="identified"))
    page = opened(here.evaluator.user, response, reason=REASON)
    assert page.status_code == 403
    assert not Reading.objects.exists()


# --- confidential -----------------------------------------------------------------------------------------------------


def test_an_evaluator_opens_confidential_answers_with_a_reason(here):
    response = sent(here.enrollment, planned(here.cohort))
    page = opened(here.evaluator.user, response, reason=f"  {REASON} ")
    assert page.status_code == 200
    assert SECRET in page.content.decode()
    assert Reading.objects.get().reason == REASON


@pytest.mark.parametrize("reason", [None, "", "nueve car", "         x          ", "x" * 501, "\x00" * 20])
def test_without_a_real_reason_nothing_opens(here, reason):
    response = sent(here.enrollment, planned(here.cohort))
    page = opened(here.evaluator.user, response, **({} if reason is None else {"reason": reason}))
    assert page.status_code == 422
    assert "reason" in page.context["form"].errors
    assert SECRET not in page.content.decode()
    assert not Reading.objects.exists()


@pytest.mark.parametrize("role", ["lead", "trainer"])
def test_trainers_and_leads_never_open_confidential_answers(here, role):
    wave = planned(here.cohort)
    response, user = sent(here.enrollment, wave), getattr(here, role).user
    assert signed(user).get(url("wave_answers", wave.pk)).status_code == 403
    assert signed(user).get(url("read_answers", response.pk)).status_code == 403
    assert opened(user, response, reason=REASON).status_code == 403
    assert not Reading.objects.exists()


def test_an_operator_is_no_evaluator(here):
    response = sent(here.enrollment, planned(here.cohort))
    assert opened(operator(), response, reason=REASON).status_code == 403
    with pytest.raises(reading.Refused):
        reading.open_answers(response, operator(), REASON)
    assert not Reading.objects.exists()


def test_an_evaluator_of_another_cohort_finds_nothing(here):
    wave = planned(here.cohort)
    response, other = sent(here.enrollment, wave), cohort_with_people()
    for user in (other.evaluator.user, other.lead.user, here.enrollments[1].user, here.enrollment.user, UserFactory()):
        assert signed(user).get(url("wave_answers", wave.pk)).status_code == 404
        assert opened(user, response, reason=REASON).status_code == 404
    assert not Reading.objects.exists()


def test_an_evaluator_who_has_left_opens_nothing(here):
    response = sent(here.enrollment, planned(here.cohort))
    here.evaluator.status = "withdrawn"
    here.evaluator.save()
    assert opened(here.evaluator.user, response, reason=REASON).status_code == 404


def test_what_is_begun_and_not_sent_stays_the_persons_own(here):
    response = answer_all(wave_opening.open_wave(here.enrollment, planned(here.cohort, promise="identified"), "es"))
    assert opened(here.lead.user, response).status_code == 404


def test_if_it_cannot_be_noted_it_does_not_open(here, monkeypatch):
    response = sent(here.enrollment, planned(here.cohort))
    monkeypatch.setattr(Reading.objects, "create", lambda **fields: 1 / 0)
    client = signed(here.evaluator.user)
    client.raise_request_exception = False
    page = client.post(url("read_answers", response.pk), {"reason": REASON})
    assert page.status_code == 500
    assert SECRET not in page.content.decode()


def test_an_anonymous_wave_has_no_such_page(here):
    wave = planned(here.cohort, promise="anonymous")
    for user in (here.lead.user, here.evaluator.user, operator()):
        assert signed(user).get(url("wave_answers", wave.pk)).status_code == 404


def test_answers_from_before_the_wave_stay_closed(world):
    early = answering.submit(answer_all(answering.open_response(world.enrollment, world.survey_page, "es")))
    evaluator = member(world.cohort, "evaluator").user
    wave = planned(world.cohort, world.needs, moment="pre", closes_on=None, activity_key=world.survey_key)
    early.refresh_from_db()
    assert early.wave == wave
    assert signed(evaluator).get(url("wave_answers", wave.pk)).status_code == 200
    page = opened(evaluator, early, reason=REASON)
    assert page.status_code == 422
    assert "lines" not in page.context
    assert not Reading.objects.exists()


@pytest.mark.parametrize("pk", [0, 999999, 2**62])
def test_numbers_that_are_none_of_ours(here, pk):
    for name in ("read_answers", "wave_answers", "wave_manage", "wave_unanswered", "wave"):
        assert signed(here.lead.user).get(url(name, pk)).status_code == 404


# --- what the person sees ---------------------------------------------------------------------------------------------


def test_the_person_sees_who_read_when_and_why(here):
    response = sent(here.enrollment, planned(here.cohort))
    client = signed(here.enrollment.user)
    assert here.evaluator.user.full_name not in client.get(url("my_answers")).content.decode()
    opened(here.evaluator.user, response, reason=REASON)
    text = client.get(url("my_answers")).content.decode()
    assert here.evaluator.user.full_name in text
    assert REASON in text
    assert url("result", response.pk) in text
    assert REASON not in signed(here.enrollments[1].user).get(url("my_answers")).content.decode()


def test_exports_with_names_are_told_too(here):
    Reading.objects.create(what="names", reader=here.lead.user, cohort=here.cohort, reason="Para el informe anual")
    assert "Para el informe anual" in signed(here.enrollment.user).get(url("my_answers")).content.decode()
    assert "Para el informe anual" not in signed(cohort_with_people().enrollment.user).get(url("my_answers")).content.decode()


def test_the_page_lists_waves_activities_and_what_is_begun_and_says_so_when_empty(world):
    client = signed(world.user)
    assert 'class="empty"' in client.get(url("my_answers")).content.decode()
    answering.submit(answer_all(answering.open_response(world.enrollment, world.survey_page, "es")))
    begun = wave_opening.open_wave(world.enrollment, planned(world.cohort), "es")
    page = client.get(url("my_answers"))
    assert len(page.context["rows"]) == 2
    assert url("resume", begun.pk) in page.content.decode()


def test_visitors_have_no_answers(client):
    assert client.get(url("my_answers")).status_code == 302


def test_the_pages_ask_the_same_number_of_queries_for_one_row_and_many(here):
    wave = planned(here.cohort, promise="identified")
    own, lead = signed(here.enrollment.user), signed(here.lead.user)

    def queries(client, address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    opened(here.lead.user, sent(here.enrollment, wave))
    pages = [(own, url("my_answers")), (lead, url("wave_answers", wave.pk))]
    [queries(*page) for page in pages]
    few = [queries(*page) for page in pages]
    for number in range(4):
        sent(member(here.cohort), wave)
        response = sent(here.enrollment, planned(here.cohort, make_survey(f"more-{number}"), promise="identified"))
        opened(here.lead.user, response)
    assert [queries(*page) for page in pages] == few
    assert Response.objects.count() == 9
