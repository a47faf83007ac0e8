"""Planning waves and looking after them: what leads may do, what is refused and beside which field."""

import datetime

import pytest

from curriculum.enrollment_states import Refused
from evaluations import anonymous, wave_mail, wave_opening, waves
from evaluations.models import AnonymousResponse, Instrument, Response, Wave
from evaluations.questions.reading import questions_of
from notifications.models import Message
from tests.evaluations.waving import (
    REAL_NOW,
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
from tests.factories import UserFactory

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


# --- planning ---------------------------------------------------------------------------------------------------------


def test_a_lead_plans_a_wave_with_the_form(here):
    instrument, client = make_survey(), signed(here.lead.user)
    assert client.get(url("wave_plan", here.cohort.pk)).status_code == 200
    assert client.post(url("wave_plan", here.cohort.pk), form(instrument, moment="session", number="3")).status_code == 302
    wave = Wave.objects.get()
    assert (wave.moment, wave.number, wave.promise, wave.opens_on) == ("session", 3, "confidential", day(3))
    assert wave.created_by == here.lead.user
    [row] = client.get(url("waves", here.cohort.pk)).context["rows"]
    assert (row.wave, row.state) == (wave, "planned")
    assert "3" in row.moment


REFUSED = [
    ({"opens_on": day(-1).isoformat()}, "opens_on"),
    ({"closes_on": day(2).isoformat()}, "closes_on"),
    ({"opens_on": "9999-12-31", "closes_on": ""}, "opens_on"),
    ({"closes_on": "9999-12-31"}, "closes_on"),
    ({"opens_on": "mañana"}, "opens_on"),
    ({"opens_on": ""}, "opens_on"),
    ({"moment": "session"}, "number"),
    ({"moment": "meeting", "number": "0"}, "number"),
    ({"moment": "session", "number": "9" * 30}, "number"),
    ({"moment": "one day"}, "moment"),
    ({"instrument": "0"}, "instrument"),
    ({"instrument": "\x00"}, "instrument"),
    ({"promise": ""}, "promise"),
    ({"late_days": "-1"}, "late_days"),
    ({"late_days": "91"}, "late_days"),
    ({"closes_on": "", "late_days": "3"}, "late_days"),
    ({"promise": "anonymous", "closes_on": ""}, "closes_on"),
    ({"promise": "anonymous", "late_days": "3"}, "late_days"),
    ({"activity": "6f1f3c1e-5d0b-5a57-9f0e-0b8a6f1d2c37"}, "activity"),
]


@pytest.mark.parametrize(("bad", "field"), REFUSED)
def test_what_makes_no_sense_is_refused_beside_its_field_and_kept(here, bad, field):
    page = signed(here.lead.user).post(url("wave_plan", here.cohort.pk), form(make_survey(), **bad))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert not Wave.objects.exists()


def test_the_same_moment_twice_and_overlaps_are_refused(here):
    instrument = make_survey()
    planned(here.cohort, instrument)
    for field, also in {
        "moment": {"opens_on": day(20), "closes_on": day(30)},
        "opens_on": {"moment": "m3", "opens_on": day(7), "closes_on": day(9)},
    }.items():
        with pytest.raises(Refused) as refusal:
            planned(here.cohort, instrument, **also)
        assert refusal.value.field == field
    planned(here.cohort, instrument, moment="m3", opens_on=day(8), closes_on=None)
    with pytest.raises(Refused, match=r"days|días"):
        planned(here.cohort, instrument, moment="m6", opens_on=day(300), closes_on=day(310))


def test_sessions_are_occasions_of_their_own(here):
    instrument = make_survey()
    for number in (1, 2):
        planned(here.cohort, instrument, moment="session", number=number)
    with pytest.raises(Refused) as refusal:
        planned(here.cohort, instrument, moment="session", number=2, opens_on=day(30), closes_on=day(33))
    assert refusal.value.field == "number"
    assert Wave.objects.count() == 2


def test_only_quizzes_show_right_answers_and_anonymous_ones_never(here):
    assert planned(here.cohort, feedback="at_once").feedback == "never"
    with pytest.raises(Refused) as refusal:
        quiz_wave(here.cohort, promise="anonymous", feedback="at_once")
    assert refusal.value.field == "feedback"


def test_an_instrument_without_questions_or_a_rubric_asks_nobody(here):
    for kind in ("survey", "rubric"):
        instrument = Instrument.objects.create(key=kind, kind=kind, title={"es": "…"})
        with pytest.raises(Refused) as refusal:
            planned(here.cohort, instrument)
        assert refusal.value.field == "instrument"


def test_an_activity_asks_only_its_own_questionnaire_and_never_anonymously(world):
    for also, field in [
        ({"instrument": make_survey()}, "activity"),
        ({"instrument": world.needs, "promise": "anonymous"}, "promise"),
    ]:
        with pytest.raises(Refused) as refusal:
            planned(world.cohort, activity_key=world.survey_key, **also)
        assert refusal.value.field == field
    wave = planned(world.cohort, world.needs, moment="pre", closes_on=None, activity_key=world.survey_key)
    assert wave.activity_key == world.survey_key


@parallel
def test_ten_equal_plans_make_one_wave(in_parallel):
    here = cohort_with_people(trainees=0)
    instrument, clients = make_survey(), [signed(here.lead.user) for _number in range(10)]
    results = in_parallel(lambda n: clients[n].post(url("wave_plan", here.cohort.pk), form(instrument)).status_code)
    assert sorted(results) == [302] + [422] * 9
    assert Wave.objects.count() == 1


# --- looking after it -------------------------------------------------------------------------------------------------


def move(client, wave, **also):
    standing = {"opens_on": wave.opens_on.isoformat(), "closes_on": wave.closes_on.isoformat() if wave.closes_on else ""}
    return client.post(url("wave_manage", wave.pk), {**standing, "late_days": str(wave.late_days), **also})


def test_a_lead_moves_the_days(here):
    wave, client = planned(here.cohort, opens_on=day(2)), signed(here.lead.user)
    assert client.get(url("wave_manage", wave.pk)).status_code == 200
    assert move(client, wave, opens_on=day(1).isoformat(), closes_on=day(20).isoformat(), late_days="4").status_code == 302
    wave.refresh_from_db()
    assert (wave.opens_on, wave.closes_on, wave.late_days) == (day(1), day(20), 4)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opens_on": day(1).isoformat()}, "opens_on"),
        ({"closes_on": ""}, "closes_on"),
        ({"closes_on": day(-1).isoformat()}, "closes_on"),
        ({"late_days": "x"}, "late_days"),
    ],
)
def test_days_that_people_rely_on_stay(here, change, field):
    wave = planned(here.cohort)
    sent(here.enrollment, wave)
    page = move(signed(here.lead.user), wave, **change)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}


def test_what_has_ended_everywhere_is_not_opened_again(here, monkeypatch):
    wave = planned(here.cohort, late_days=30)
    set_clock(monkeypatch, REAL_NOW() + datetime.timedelta(days=12))
    page = move(signed(here.lead.user), wave, closes_on=day(40).isoformat())
    assert page.status_code == 422
    wave.refresh_from_db()
    assert wave.closes_on != day(40)


def test_closing_is_for_everybody_and_once(here):
    wave, client = planned(here.cohort), signed(here.lead.user)
    assert client.post(url("wave_close", wave.pk)).status_code == 302
    closed_at = Wave.objects.get().closed_at
    assert closed_at
    client.post(url("wave_close", wave.pk))
    assert Wave.objects.get().closed_at == closed_at
    assert move(client, wave, closes_on=day(30).isoformat()).status_code == 422


def test_closing_an_anonymous_wave_destroys_the_links(here):
    wave = planned(here.cohort, promise="anonymous")
    question = questions_of(wave.instrument_id)[0]
    anonymous.open_form(wave, here.enrollment)
    anonymous.submit(wave, here.enrollment, {question.key: 3}, "es")
    signed(here.lead.user).post(url("wave_close", wave.pk))
    wave.refresh_from_db()
    assert wave.closed_at
    assert AnonymousResponse.objects.get().token is None
    assert wave.secret in ("", anonymous.SWEEPING)


def test_a_wave_that_has_not_opened_is_not_closed(here):
    wave = planned(here.cohort, opens_on=day(3))
    assert signed(here.lead.user).post(url("wave_close", wave.pk)).status_code == 409
    assert Wave.objects.get().closed_at is None


def test_a_wave_is_deleted_only_while_nobody_was_asked(here):
    wave, client = planned(here.cohort), signed(here.lead.user)
    wave_mail.tell(wave)
    assert client.post(url("wave_delete", wave.pk)).status_code == 409
    Message.objects.all().delete()
    assert client.post(url("wave_delete", wave.pk)).status_code == 302
    assert not Wave.objects.exists()


def test_a_begun_or_anonymous_asking_is_not_deleted(here):
    begun, form_given = planned(here.cohort), planned(here.cohort, make_survey("other"), promise="anonymous")
    wave_opening.open_wave(here.enrollment, begun, "es")
    anonymous.open_form(form_given, here.enrollment)
    for wave in (begun, form_given):
        with pytest.raises(Refused):
            waves.delete(wave)


def test_the_version_stays_unless_nobody_has_begun_and_a_lead_says_so(here):
    wave, client = planned(here.cohort), signed(here.lead.user)
    newer = make_survey(version=2)
    wave.refresh_from_db()
    assert wave.instrument.version == 1
    assert url("wave_newest", wave.pk) in client.get(url("wave_manage", wave.pk)).content.decode()
    client.post(url("wave_newest", wave.pk))
    assert Wave.objects.get().instrument == newer
    wave_opening.open_wave(here.enrollment, Wave.objects.get(), "es")
    make_survey(version=3)
    assert client.post(url("wave_newest", wave.pk)).status_code == 409
    assert Wave.objects.get().instrument == newer
    assert Response.objects.get().instrument == newer


# --- who may ----------------------------------------------------------------------------------------------------------

LEADS_ONLY = ["wave_manage", "wave_close", "wave_newest", "wave_delete"]


@pytest.mark.parametrize("name", LEADS_ONLY)
def test_only_leads_decide(here, name):
    wave = planned(here.cohort)
    for role, status in {"trainer": 403, "evaluator": 403, "enrollment": 404}.items():
        assert signed(getattr(here, role).user).post(url(name, wave.pk)).status_code == status, role
    assert signed(UserFactory()).post(url(name, wave.pk)).status_code == 404
    assert Wave.objects.get().closed_at is None


@pytest.mark.parametrize("name", ["wave_plan", "waves_usual"])
def test_only_leads_plan(here, name):
    for role, status in {"lead": 200, "trainer": 403, "evaluator": 403, "enrollment": 404}.items():
        assert signed(getattr(here, role).user).get(url(name, here.cohort.pk)).status_code == status, role
    other = cohort_with_people(trainees=0)
    assert signed(other.lead.user).post(url(name, here.cohort.pk)).status_code == 404


def test_those_who_run_the_cohort_see_its_waves_and_nobody_else(here):
    planned(here.cohort)
    for role, status in {"lead": 200, "trainer": 200, "evaluator": 200, "enrollment": 404}.items():
        page = signed(getattr(here, role).user).get(url("waves", here.cohort.pk))
        assert page.status_code == status, role
        if status == 200:
            assert (url("wave_plan", here.cohort.pk) in page.content.decode()) is (role == "lead")
