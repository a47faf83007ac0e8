"""What those who run a cohort see of its waves: numbers, who has not answered, and never what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations import anonymous, wave_opening, wave_people, waves
from evaluations.models import Asked, Response, SurveyPage, Wave
from evaluations.questions.reading import questions_of
from notifications.models import Message
from tests.evaluations.conftest import add_activity, build_world
from tests.evaluations.waving import (
    cohort_with_people,
    day,
    make_survey,
    member,
    planned,
    sent,
    signed,
    url,
)
from tests.factories import make_curriculum

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def here(db):
    return cohort_with_people(trainees=2)


def form(asked, **also):
    usual = {
        "instrument": asked.pk, "moment": "post", "audience": "trainees", "promise": "confidential", "feedback": "never",
        "opens_on": day(3).isoformat(), "closes_on": day(8).isoformat(), "late_days": "0", "number": "", "activity": "",
    }  # fmt: skip
    return {**usual, **also}


# --- what the lists say -----------------------------------------------------------------------------------------------


def row_of(cohort):
    [row] = wave_people.rows_of(cohort)
    return row


def test_the_list_counts_who_is_asked_and_who_has_sent(here):
    wave = planned(here.cohort)
    member(here.cohort, status="withdrawn")
    member(here.cohort, status="paused")
    sent(here.enrollment, wave)
    wave_opening.open_wave(here.enrollments[1], wave, "es")
    row = row_of(here.cohort)
    assert (row.asked, row.answered, row.low) == (3, 1, False)
    waves.close(wave)
    assert row_of(here.cohort).low is True
    assert "60" in signed(here.trainer.user).get(url("waves", here.cohort.pk)).content.decode()


def test_who_left_after_sending_still_counts_and_who_came_after_closing_does_not(here):
    wave = planned(here.cohort)
    sent(here.enrollment, wave)
    here.enrollment.status = "withdrawn"
    here.enrollment.save()
    waves.close(wave)
    member(here.cohort)
    row = row_of(here.cohort)
    assert (row.asked, row.answered) == (2, 1)


def test_mentors_are_asked_only_once_certified(here):
    member(here.cohort, status="certified")
    planned(here.cohort, audience="mentors", moment="m3")
    assert row_of(here.cohort).asked == 1


def test_an_open_anonymous_wave_is_counted_in_batches_only(here):
    wave = planned(here.cohort, promise="anonymous")
    question = questions_of(wave.instrument_id)[0]
    for enrollment in here.enrollments:
        anonymous.open_form(wave, enrollment)
        anonymous.submit(wave, enrollment, {question.key: 3}, "es")
    anonymous.mark_answered(wave)
    assert row_of(here.cohort).answered == 0
    waves.close(wave)
    assert (row_of(here.cohort).asked, row_of(here.cohort).answered) == (2, 2)
    assert not Asked.objects.filter(answered=True).exists()


def test_the_list_asks_the_same_number_of_queries_for_one_wave_and_many(here):
    client = signed(here.lead.user)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url("waves", here.cohort.pk)).status_code == 200
        return len(captured)

    planned(here.cohort, promise="anonymous")
    sent(here.enrollment, planned(here.cohort, make_survey("first")))
    queries()
    few = queries()
    for number in range(4):
        planned(here.cohort, make_survey(f"anonymous-{number}"), promise="anonymous")
        sent(member(here.cohort), planned(here.cohort, make_survey(f"more-{number}")))
    assert queries() == few


def test_an_empty_list_says_what_will_be_there(here):
    page = signed(here.trainer.user).get(url("waves", here.cohort.pk))
    assert 'class="empty"' in page.content.decode()


# --- who has not answered ---------------------------------------------------------------------------------------------


def test_names_of_those_who_have_not_answered_and_never_what(here):
    wave = planned(here.cohort)
    sent(here.enrollment, wave)
    text = signed(here.trainer.user).get(url("wave_unanswered", wave.pk)).content.decode()
    assert here.enrollments[1].user.full_name in text
    assert here.enrollment.user.full_name not in text
    assert "secreto-canario" not in text
    assert signed(here.evaluator.user).get(url("wave_unanswered", wave.pk)).status_code == 403
    assert signed(here.enrollment.user).get(url("wave_unanswered", wave.pk)).status_code == 404


def test_an_anonymous_wave_names_nobody(here):
    wave = planned(here.cohort, promise="anonymous")
    client = signed(here.lead.user)
    text = client.get(url("wave_unanswered", wave.pk)).content.decode()
    assert here.enrollment.user.full_name not in text
    assert client.post(url("wave_unanswered", wave.pk), {"enrollment": here.enrollment.pk}).status_code == 409
    assert not Message.objects.exists()


def test_the_reminder_goes_to_the_chosen_who_have_not_answered_once_a_week(here):
    wave = planned(here.cohort)
    sent(here.enrollment, wave)
    foreign = cohort_with_people().enrollment
    chosen = [here.enrollment.pk, here.enrollments[1].pk, foreign.pk, "x", "9" * 40, "-1", "²"]
    for _press in range(2):
        assert signed(here.trainer.user).post(url("wave_unanswered", wave.pk), {"enrollment": chosen}).status_code == 302
    assert [message.user for message in Message.objects.filter(what="wave_nudge")] == [here.enrollments[1].user]
    [waiting] = signed(here.trainer.user).get(url("wave_unanswered", wave.pk)).context["people"]
    assert waiting.reminded_at


def test_nobody_is_reminded_of_a_closed_wave(here):
    wave = planned(here.cohort)
    waves.close(wave)
    page = signed(here.trainer.user).post(url("wave_unanswered", wave.pk), {"enrollment": [here.enrollment.pk]})
    assert page.status_code == 409
    assert not Message.objects.exists()


def test_who_has_not_answered_takes_the_same_queries_for_one_and_many(here):
    wave, client = planned(here.cohort), signed(here.lead.user)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(url("wave_unanswered", wave.pk))
        return len(captured)

    queries()
    few = queries()
    for _number in range(5):
        member(here.cohort)
    assert queries() == few


# --- what an activity took before -------------------------------------------------------------------------------------


def test_answers_from_before_the_wave_join_its_figures_when_it_is_confidential(world):
    world.user.country, world.user.profession = "CO", "nursing"
    world.user.save()
    early = sent_page(world)
    Response.objects.update(country="", profession="")
    wave = planned(world.cohort, world.needs, moment="pre", closes_on=None, activity_key=world.survey_key)
    early.refresh_from_db()
    assert (early.wave, early.country.code, early.profession) == (wave, "CO", "nursing")


def test_answers_from_before_an_identified_wave_stay_outside(world):
    early = sent_page(world)
    planned(world.cohort, world.needs, moment="pre", promise="identified", closes_on=None, activity_key=world.survey_key)
    early.refresh_from_db()
    assert early.wave is None


def sent_page(world):
    from evaluations import answering
    from tests.evaluations.waving import answer_all

    return answering.submit(answer_all(answering.open_response(world.enrollment, world.survey_page, "es")))


def test_a_survey_of_another_cohort_with_the_same_activity_is_left_alone():
    world = build_world()
    other = cohort_with_people(curriculum_key=world.made.key)
    early = sent_page(world)
    planned(other.cohort, world.needs, moment="pre", closes_on=None, activity_key=world.survey_key)
    early.refresh_from_db()
    assert early.wave is None
    assert row_of(other.cohort).answered == 0


def test_the_plan_form_offers_the_activities_of_the_programme(here):
    made = make_curriculum(modules=1, lessons=1)
    instrument = make_survey()
    key = add_activity(made, SurveyPage, slug="final", instrument_key=instrument.key)
    there = cohort_with_people(trainees=0, curriculum_key=made.key)
    page = signed(there.lead.user).post(url("wave_plan", there.cohort.pk), form(instrument, activity=str(key)))
    assert page.status_code == 302
    assert Wave.objects.get(cohort=there.cohort).activity_key == key
