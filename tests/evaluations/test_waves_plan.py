"""The usual plan: the shipped file, its preview in a cohort, planning it once, and files that are broken."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import waves as shipped
from content.keys import activity_key, curriculum_key
from content.library import ROOT, Broken
from evaluations import wave_plan
from evaluations.models import SurveyPage, Wave
from tests.evaluations.conftest import add_activity, make_needs, make_quiz
from tests.evaluations.waving import cohort_with_people, day, make_survey, signed, url
from tests.factories import CohortFactory, make_curriculum

pytestmark = pytest.mark.django_db
KEY = curriculum_key("train-the-trainer")

PLAN = [
    wave_plan.PlannedWave("needs", "needs-assessment", "pre", 0, "confidential", "never", ("start", -28), None, 0, None),
    wave_plan.PlannedWave("a", "knowledge-a", "pre", 0, "identified", "after_pair", ("start", -14), ("start", 0), 3),
    wave_plan.PlannedWave("s1", "session-feedback", "session", 1, "anonymous", "never", ("start", 0), ("start", 6), 0),
    wave_plan.PlannedWave("s2", "session-feedback", "session", 2, "anonymous", "never", ("start", 7), ("start", 13), 0),
    wave_plan.PlannedWave("post", "post-evaluation", "post", 0, "confidential", "never", ("end", 0), ("end", 21), 14),
    wave_plan.PlannedWave("none", "not-there", "m3", 0, "confidential", "never", ("end", 91), ("end", 121), 14),
]


def a_plan(curriculum):
    return PLAN


def no_plan(curriculum):
    return ()


@pytest.fixture
def here(db, settings):
    settings.WAVE_PLANS = "tests.evaluations.test_waves_plan.a_plan"
    make_needs()
    make_quiz(key="knowledge-a")
    for key in ("session-feedback", "post-evaluation"):
        make_survey(key)
    return cohort_with_people(starts_on=day(10), ends_on=day(60))


# --- in a cohort ------------------------------------------------------------------------------------------------------


def test_the_preview_shows_the_days_and_writes_nothing(here):
    page = signed(here.lead.user).get(url("waves_usual", here.cohort.pk))
    assert page.status_code == 200
    days = [(line.opens_on, line.closes_on, line.new) for line in page.context["lines"]]
    assert days == [
        (day(0), None, True), (day(0), day(10), True), (day(10), day(16), True), (day(17), day(23), True),
        (day(60), day(81), True), (day(151), day(181), False),
    ]  # fmt: skip
    assert page.context["lines"][-1].problem
    assert not Wave.objects.exists()


def test_planning_it_twice_plans_it_once(here):
    client = signed(here.lead.user)
    for _press in range(2):
        assert client.post(url("waves_usual", here.cohort.pk)).status_code == 302
    waves = list(Wave.objects.filter(cohort=here.cohort))
    assert len(waves) == 5
    assert {wave.created_by for wave in waves} == {here.lead.user}
    again = client.get(url("waves_usual", here.cohort.pk))
    assert again.context["new"] == 0
    assert "<form method" not in again.content.decode().split("<main")[1].split("</main")[0]


def test_what_a_lead_has_changed_stays(here):
    [first, *_others] = wave_plan.plan_usual(here.cohort, here.lead.user)
    Wave.objects.filter(pk=first.pk).update(opens_on=day(5))
    Wave.objects.exclude(pk=first.pk).delete()
    wave_plan.plan_usual(here.cohort, here.lead.user)
    first.refresh_from_db()
    assert first.opens_on == day(5)
    assert Wave.objects.count() == 5


def test_a_running_cohort_gets_what_is_still_ahead(here):
    here.cohort.starts_on = day(-10)
    here.cohort.save()
    lines = wave_plan.preview(here.cohort)
    assert [line.new for line in lines] == [True, False, False, True, True, False]
    assert lines[3].opens_on == day(0)
    assert len(wave_plan.plan_usual(here.cohort, here.lead.user)) == 3


def test_the_activity_of_the_programme_asks(here, monkeypatch):
    made = make_curriculum(modules=1, lessons=1)
    key = add_activity(made, SurveyPage, slug="inicial", instrument_key="needs-assessment")
    cohort = CohortFactory(curriculum_key=made.key, starts_on=day(10), ends_on=day(60))
    asked = wave_plan.PlannedWave("n", "needs-assessment", "pre", 0, "confidential", "never", ("start", -28), None, 0, key)
    elsewhere = wave_plan.PlannedWave(
        "x", "post-evaluation", "post", 0, "confidential", "never", ("end", 0), None, 0, uuid.uuid4()
    )
    monkeypatch.setattr("tests.evaluations.test_waves_plan.PLAN", [asked, elsewhere])
    [wave] = wave_plan.plan_usual(cohort, here.lead.user)
    assert wave.activity_key == key
    assert wave_plan.preview(cohort)[1].problem


def test_one_that_cannot_be_planned_is_named_and_nothing_is_planned(here, monkeypatch):
    bad = wave_plan.PlannedWave("bad", "post-evaluation", "m3", 0, "anonymous", "never", ("end", 0), ("end", 9), 14)
    monkeypatch.setattr("tests.evaluations.test_waves_plan.PLAN", [PLAN[0], bad])
    page = signed(here.lead.user).post(url("waves_usual", here.cohort.pk))
    assert page.status_code == 409
    assert "Opinión" in page.context["refusal"]
    assert not Wave.objects.exists()


def test_without_a_usual_plan_the_page_says_so(here, settings):
    settings.WAVE_PLANS = "tests.evaluations.test_waves_plan.no_plan"
    page = signed(here.lead.user).get(url("waves_usual", here.cohort.pk))
    assert 'class="empty"' in page.content.decode()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_presses_at_once_plan_it_once(in_parallel, settings):
    settings.WAVE_PLANS = "tests.evaluations.test_waves_plan.a_plan"
    make_quiz(key="knowledge-a")
    make_survey("session-feedback")
    here = cohort_with_people(trainees=0, starts_on=day(10), ends_on=day(60))
    clients = [signed(here.lead.user) for _number in range(10)]
    results = in_parallel(lambda n: clients[n].post(url("waves_usual", here.cohort.pk)).status_code)
    assert results == [302] * 10
    assert Wave.objects.count() == 3


def test_the_preview_does_not_ask_more_when_waves_stand(here):
    client = signed(here.lead.user)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(url("waves_usual", here.cohort.pk))
        return len(captured)

    queries()
    before = queries()
    wave_plan.plan_usual(here.cohort, here.lead.user)
    assert queries() == before


# --- the shipped file -------------------------------------------------------------------------------------------------


def test_the_shipped_plan_asks_shipped_questionnaires():
    plan = shipped.plan_for(KEY)
    assert len(plan) >= 10
    files = {path.stem for path in (ROOT / "instruments").glob("*.yaml")}
    assert {wave.instrument for wave in plan} <= files
    assert plan[0].activity_key == activity_key("train-the-trainer", "needs-assessment")
    assert {wave.promise for wave in plan} == {"identified", "confidential", "anonymous"}
    assert shipped.plan_for(uuid.uuid4()) == ()


GOOD = """
- key: one
  instrument: session-feedback
  moment: session
  session_number: 1
  promise: anonymous
  opens: {from: start, days: 0}
  closes: {from: start, days: 6}
  late_days: 0
  feedback: never
"""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("moment: session", "moment: sometime", "[1].moment"),
        ("  session_number: 1\n", "", "[1].session_number"),
        ("from: start, days: 6", "from: start, days: -1", "[1].closes"),
        ("from: start, days: 6", "from: middle, days: 6", "[1].closes.from"),
        ("late_days: 0", "late_days: 3", "[1].promise"),
        ("late_days: 0", 'late_days: "0"', "[1].late_days"),
        ("feedback: never", "feedback: never\n  colour: red", "[1].colour"),
        (GOOD, GOOD + GOOD, "[2].key"),
        ("- key: one", "- key: [", ""),
    ],
)
def test_a_broken_plan_names_file_line_and_key(old, new, where):
    document, waves = shipped.read_plan(GOOD.replace(old, new), "content/waves/x.yaml")
    assert waves == []
    assert where in {problem.key for problem in document.problems}
    assert all(problem.line > 0 for problem in document.problems)


def test_all_broken_plans_are_told_of_at_once(tmp_path):
    (tmp_path / "waves").mkdir()
    for name in ("a", "b"):
        (tmp_path / "waves" / f"{name}.yaml").write_text(GOOD.replace("anonymous", "secret"))
    with pytest.raises(Broken) as broken:
        shipped.plans(tmp_path)
    assert len(broken.value.problems) == 2
