"""What somebody might try in order to learn a single answer, a key, or a name: ways that were open once, or nearly so."""

import json
import re
import runpy
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from evaluations import answering, charts, needs, respondents, teachback, wave_opening
from evaluations.models import NumberQuestion, Rating, TeachBack
from evaluations.moore import overview
from evaluations.moore.indicators.base import Item
from evaluations.moore.report import build
from evaluations.moore.rows import row_of
from evaluations.questions.reading import questions_of
from evaluations.takeaway import tokens
from tests.evaluations import answered_waves as asked
from tests.evaluations.conftest import CANARY, build_world, make_needs
from tests.evaluations.test_teachback import build as observed_people
from tests.evaluations.test_teachback import planned as planned_teach_back
from tests.evaluations.test_teachback import rate
from tests.evaluations.waving import answer_all, cohort_with_people, planned, signed, url
from tests.factories import CohortFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


# --- pages of the mailed link ----------------------------------------------------------------------------------------


def started_by_link(wave, enrollment):
    """A visitor who came by the link and holds its pass, and the response."""
    client = Client(headers={"accept-language": "es"})
    with translation.override("es"):
        client.post(respondents.link_path(wave, enrollment))
    return client, wave_opening.response_to(enrollment, wave)


def test_what_the_bearer_of_a_link_sees_is_kept_by_no_cache(db):
    here = cohort_with_people()
    wave = planned(here.cohort)
    client, response = started_by_link(wave, here.enrollment)
    body = {
        "client_id": str(uuid.uuid4()), "response": response.pk, "question": questions_of(response.instrument_id)[0].pk,
        "value": "3", "client_time": timezone.now().isoformat(),
    }  # fmt: skip
    pages = [
        client.get(url("question", response.pk, 1)),
        client.get(url("check_answers", response.pk)),
        client.get(url("wave", wave.pk)),
    ]
    pages.append(client.post(url("save_answer"), json.dumps(body), "application/json"))
    answering.submit(answer_all(response))
    pages.append(client.get(url("result", response.pk)))
    assert [page.status_code for page in pages] == [200] * 5
    assert [page.headers.get("Cache-Control") for page in pages] == ["private, no-store"] * 5


def test_a_pass_for_what_was_begun_before_the_wave_ends_with_the_wave(db):
    world = build_world()
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    wave = planned(world.cohort, world.quiz, moment="pre", promise="identified", activity_key=world.quiz_key)
    client, _response = started_by_link(wave, world.enrollment)
    assert client.get(url("question", response.pk, 1)).status_code in (302, 404)


# --- keys before their time ------------------------------------------------------------------------------------------


def test_who_sent_a_test_before_its_wave_was_planned_does_not_see_the_key(db):
    world = build_world()
    response = answering.open_response(world.enrollment, world.quiz_page, "es")
    for question in questions_of(response.instrument_id):
        answering.save_answer(response, question, ["a"] if question.kind == "multiple-choice" else "a")
    answering.submit(response)
    page = signed(world.user).get(url("result", response.pk))
    assert CANARY in page.content.decode()
    planned(world.cohort, world.quiz, moment="pre", promise="identified", feedback="after_pair", activity_key=world.quiz_key)
    page = signed(world.user).get(url("result", response.pk))
    assert page.status_code == 200 and CANARY not in page.content.decode()
    assert "opción b" not in page.content.decode()


# --- counts that tell who has just answered --------------------------------------------------------------------------


def test_the_list_of_results_counts_an_open_anonymous_wave_in_batches(db):
    here = cohort_with_people(trainees=9)
    wave = planned(here.cohort, promise="anonymous", feedback="never")
    seen = []
    for number in range(1, 8):
        asked.AnonymousResponse.objects.create(wave=wave, day=timezone.localdate(), answers={"single": "a"}, token=str(number))
        (row,) = overview.rows_of([here.cohort])
        seen.append(row.post.n)
    assert seen == [0, 0, 0, 0, 5, 5, 5]


# --- free texts ------------------------------------------------------------------------------------------------------


def written(number, promise="confidential"):
    """Eight people of whom so many wrote three texts each."""
    cohort = CohortFactory()
    form = asked.instrument(
        useful=asked.likert(aspect="satisfaction", moore="2"), one=asked.text(), two=asked.text(), three=asked.text()
    )
    wave = asked.wave(cohort, form, promise=promise)
    said = {key: [f"{key} {place}" if place < number else None for place in range(8)] for key in ("one", "two", "three")}
    if promise == "anonymous":
        asked.answer_anonymously(wave, useful=[4] * 8, **said)
    else:
        asked.answer(wave, asked.people(cohort, number=8), useful=[4] * 8, **said)
    return asked.indicator(build(cohort), "satisfaction")["texts"]


@pytest.mark.parametrize("promise", ["identified", "confidential", "anonymous"])
def test_texts_are_shown_when_five_people_wrote_not_when_two_wrote_six(db, promise):
    assert written(2, promise) == []
    assert written(4, promise) == []
    assert len(written(5, promise)) == 15


# --- the needs page beside the report --------------------------------------------------------------------------------


def test_needs_and_ability_before_do_not_differ_by_one_person(db):
    """Eleven answered, ten count on the page of needs, eleven made a pair: the eleventh must not follow from both."""
    cohort = CohortFactory()
    people = asked.people(cohort, ["MX"] * 11)
    form = make_needs(areas=["kpi"])
    before = asked.wave(cohort, form, "pre")
    form_after = asked.instrument(ability=asked.likert(aspect="ability", construct="kpi"))
    after = asked.wave(cohort, form_after, "post")
    abilities = [2, 3, 2, 3, 4, 3, 2, 1, 2, 3, 5]
    asked.answer(before, people, ability_kpi=abilities, importance_kpi=[5] * 11)
    asked.answer(after, people, ability=[4, 4, 3, 4, 5, 4, 3, 3, 4, 4, 5])
    row = asked.row(asked.indicator(build(cohort), "ability"), "kpi")
    assert row["n"] == 11 and row["before"]["median"] == 3
    assert needs.cohort_needs(cohort).areas[0].n == 10
    assert row["before"]["mean"] is None and row["before"]["sd"] is None


def test_the_drawing_of_needs_says_no_more_than_its_words(db):
    area = needs.AreaNeed("kpi", 10, 0, importance=41 / 9, ability=2.5400001)
    (row,) = charts.gap_rows([area])
    assert row["ability_at"] == charts.position(2.5) and row["importance_at"] == charts.position(4.6)


# --- what a mean of pairs would tell ---------------------------------------------------------------------------------


def test_right_and_wrong_of_a_confidential_test_are_not_counted_to_the_last_person(db):
    cohort = CohortFactory()
    people = asked.people(cohort, ["MX"] * 8)
    form = asked.instrument("quiz", q1=asked.choice(construct="kpi", moore="3A"))
    for moment, answers in (("pre", "aaaaaaab"), ("post", "bbbbbbab")):
        asked.answer(asked.wave(cohort, form, moment, "confidential"), people, q1=list(answers))
    row = asked.row(asked.indicator(build(cohort), "knowledge-3a"), "kpi")
    assert [one["mcnemar"] for one in row["items"]] == [None]


def test_no_status_of_commitments_is_said_of_nobody(db):
    """Zero "dropped" would say of each person that they did not drop anything; before anybody was asked it says nothing."""

    def statuses(table, answered):
        item = Item(
            key="day-90",
            label="",
            atoms={("MX", "nursing"): table},
            sizes={("MX", "nursing"): 8},
            facts={"day": 90, "answered": answered},
        )
        return row_of(item, "commitments", "confidential", ("all", ""))["statuses"]

    assert statuses({("unanswered", ()): 16}, 0) == {"done": 0, "partly": 0, "not_yet": 0, "dropped": 0, "unanswered": 16}
    assert statuses({("done", ()): 16}, 8) == dict.fromkeys(("done", "partly", "not_yet", "dropped", "unanswered"))


# --- closed is closed ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_rating_is_not_opened_again_while_the_teach_back_is_settled(in_parallel):
    here = observed_people()
    one = planned_teach_back(here)
    for rater in (0, 1):
        rate(here, one, rater, (4, 4, 4), close="1")
    rating = Rating.objects.get(teach_back=one, rater=here.trainers[1])

    def act(number):
        if number % 2:
            return teachback.settle(one, here.trainers[0])
        return teachback.reopen(rating, "todavía una pregunta")

    in_parallel(act, 6)
    settled = TeachBack.objects.get(pk=one.pk).outcome != "open"
    closed = Rating.objects.get(pk=rating.pk).submitted_at is not None
    assert settled == closed


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_number_of_any_length_in_the_address_of_a_chart_is_not_found(db):
    here = cohort_with_people()
    client = signed(here.lead.user)
    for number in ("9" * 30, "9" * 5000, "0" * 5000):
        page = client.get(f"/es/cohorts/{number}/charts/ability.svg")
        assert page.status_code == 404, len(number)


def test_a_number_beyond_all_measure_is_no_answer(db):
    question = NumberQuestion(key="n", text={"es": "cuántas"})
    for raw in (1e308, -1e308, 10**400, "9" * 30, 1e16):
        with pytest.raises(ValidationError):
            question.clean_answer(raw)
    assert question.clean_answer("1.000.000") == 1_000_000


# --- headers of the API ----------------------------------------------------------------------------------------------


def test_no_answer_of_the_api_is_kept_by_a_cache(db):
    here = cohort_with_people()
    _row, token = tokens.give(here.lead.user, "BI", 30)
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer pte_x"}):
        for path in ("cohorts", f"cohorts/{here.cohort.pk}/report", "cohorts/0/report", "nothing"):
            answer = Client(headers=headers).get(f"/api/v1/{path}")
            assert answer.headers.get("Cache-Control") == "private, no-store", (path, answer.status_code)


# --- logs ------------------------------------------------------------------------------------------------------------


def test_a_link_of_somebody_else_is_not_written_to_the_log(db, caplog):
    here = cohort_with_people(trainees=2)
    wave = planned(here.cohort)
    with translation.override("es"):
        path = respondents.link_path(wave, here.enrollments[1])
    page = signed(here.enrollment.user).get(path)
    assert page.status_code == 403
    token = path.rstrip("/").rpartition("/")[2]
    assert token not in caplog.text


def test_servers_write_no_line_with_a_link_that_is_a_key(db):
    """gunicorn.conf.py and deploy/nginx.conf.template know these addresses by a part of their path."""
    here = cohort_with_people()
    wave = planned(here.cohort)
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    for language in ("es", "pt-br", "en"):
        with translation.override(language):
            paths = (respondents.link_path(wave, here.enrollment), reverse("curriculum:invitation", args=["token"]))
        for path in paths:
            assert any(part in path for part in settings["UNLOGGED"]), path
            assert re.search(r"^/[a-z-]+/(w|invitation)/", path), path
    assert "location ~ ^/([a-z-]+/(w|invitation|" in (ROOT / "deploy" / "nginx.conf.template").read_text()
