"""What each family of indicators finds, against figures worked out by hand."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum import outline, progress
from evaluations.models import (
    Commitment,
    CommitmentFollowUp,
    Mark,
    NumberQuestion,
    Rating,
    ReportedFigure,
    RubricQuestion,
    TeachBack,
)
from evaluations.moore import report
from evaluations.moore.counted import counted_waves
from evaluations.moore.indicators.base import Scope
from tests.evaluations import answered_waves as asked
from tests.evaluations.answered_waves import answer, answer_anonymously, indicator, likert, people, retrospective, row
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db
PRE, POST = [2, 2, 3, 1, 2, 3, 2, 2], [4, 3, 4, 3, 4, 4, 3, 4]


@pytest.fixture
def cohort(db):
    return CohortFactory()


# --- which responses count --------------------------------------------------------------------------------------------


def counted(cohort):
    return [(one.state, one.answered, one.n) for one in counted_waves(cohort)]


def survey(**more):
    return asked.instrument(useful=likert(aspect="satisfaction", moore="2"), **more)


def test_a_closed_wave_counts_all_in_time_and_late_ones_in_steps(cohort):
    group = people(cohort, number=20)
    closed = asked.wave(cohort, survey())
    answer(closed, group[:7], useful=[4] * 7)
    assert counted(cohort) == [("closed", 7, 7)]
    answer(closed, group[7:11], late=True, useful=[4] * 4)
    assert counted(cohort) == [("closed", 11, 7)]
    answer(closed, group[11:14], late=True, useful=[4] * 3)
    assert counted(cohort) == [("closed", 14, 12)]


def test_a_rolling_wave_counts_in_steps_in_the_order_of_sending(cohort):
    group = people(cohort, number=12)
    rolling = asked.wave(cohort, survey(), state="rolling")
    answer(rolling, group[:4], useful=[1] * 4)
    assert counted(cohort) == [("rolling", 4, 0)]
    answer(rolling, group[4:7], useful=[5] * 3)
    assert counted(cohort) == [("rolling", 7, 5)]
    shown = row(indicator(report.build(cohort), "satisfaction"), "useful")
    assert shown["n"] == 5  # four of 1 and the first of 5, not the later two


def test_an_open_wave_does_not_count_and_says_how_many_answered(cohort):
    still_open = asked.wave(cohort, survey(), state="open")
    answer(still_open, people(cohort, number=9), useful=[4] * 9)
    assert counted(cohort) == [("open", 9, 0)]
    line = indicator(report.build(cohort), "satisfaction")
    assert line["hidden"] == {"reason": "open_wave", "n": 9}
    assert line["rows"] == []


def test_the_first_attempt_counts(cohort):
    group = people(cohort, number=6)
    closed = asked.wave(cohort, survey())
    answer(closed, group, useful=[2] * 6)
    answer(closed, group, attempt=2, useful=[5] * 6)
    assert counted(cohort) == [("closed", 6, 6)]


def test_unsent_responses_do_not_count(cohort):
    closed = asked.wave(cohort, survey())
    for response in answer(closed, people(cohort, number=6), useful=[2] * 6):
        response.submitted_at = None
        response.save()
    assert counted(cohort) == [("closed", 0, 0)]


def test_an_anonymous_wave_counts_once_it_is_closed(cohort):
    people(cohort, number=8)
    anonymous = asked.wave(cohort, survey(), promise="anonymous", state="open")
    answer_anonymously(anonymous, useful=[4] * 6)
    assert counted(cohort) == [("open", 5, 0)]  # the sixth is not seen to have just sent
    anonymous.closed_at = timezone.now()
    anonymous.save()
    assert counted(cohort) == [("closed", 6, 6)]


# --- level 1 ----------------------------------------------------------------------------------------------------------


def test_completion_counts_people_and_shows_even_one():
    made = make_curriculum(modules=2, lessons=2)
    cohort = CohortFactory(curriculum_key=made.key)
    outline.freeze(cohort)
    group = people(cohort, countries=("MX", "MX", "BR"))
    for key in made.keys:
        progress.complete(group[0], key)
    for key in made.lesson_keys[0]:
        progress.complete(group[2], key)
    EnrollmentFactory(cohort=cohort, status="withdrawn")
    line = indicator(report.build(cohort), "completion")
    assert line["exempt"] is True and line["evidence"] == "objective"
    assert [(one["value"], one["of"]) for one in line["rows"]] == [(1, 3), (2, 3), (1, 3)]
    assert line["rows"][0]["marks"] == [["done"] * 4, ["done", "done", "open", "open"], ["open"] * 4]
    assert [column["label"]["es"] for column in line["columns"]] == ["Lección 1.1", "Lección 1.2", "Lección 2.1", "Lección 2.2"]
    brazil = indicator(report.build(cohort, ("country", "BR")), "completion")
    assert [(one["value"], one["of"]) for one in brazil["rows"]] == [(0, 1), (1, 1), (0, 1)]


# --- level 2 ----------------------------------------------------------------------------------------------------------


def test_satisfaction_of_a_linked_wave(cohort):
    closed = asked.wave(cohort, survey(comment=asked.text(moore="2")), promise="identified")
    comments = ["uno", "dos", "", "tres", None, "cuatro", "cinco", "", None, "", ""]
    answer(closed, people(cohort, number=11), useful=[5, 5, 4, 4, 4, 4, 3, 2, "na", 5, 4], comment=comments)
    line = indicator(report.build(cohort), "satisfaction")
    assert (line["n"], line["asked"], line["response_rate"], line["low_response"]) == (11, 11, 1.0, False)
    shown = line["rows"][0]
    assert shown["n"] == 10 and shown["not_applicable"] == 1
    assert shown["segments"] == [{"from": v, "to": v, "count": c} for v, c in zip(range(1, 6), (0, 1, 1, 5, 3), strict=True)]
    assert shown["mean"] == 4.0
    assert shown["agree"] == {"count": 8, "of": 10}
    assert sorted(line["texts"]) == ["cinco", "cuatro", "dos", "tres", "uno"]


def test_satisfaction_of_an_anonymous_wave(cohort):
    people(cohort, number=40)
    anonymous = asked.wave(cohort, survey(comment=asked.text()), moment="session", promise="anonymous", number=3)
    answer_anonymously(anonymous, useful=[5] * 8 + [4] * 6 + [3] * 5 + ["na"], comment=["bien"] * 4 + ["mal"] + [""] * 15)
    document = report.build(cohort)
    line = indicator(document, "satisfaction")
    assert (line["promise"], line["n"], line["asked"], line["low_response"]) == ("anonymous", 20, 40, True)
    assert line["name"]["en"] == "Satisfaction (after session 3)"
    shown = line["rows"][0]
    assert shown["n"] == 19 and shown["not_applicable"] is None  # one person: too few to say
    assert sum(part["count"] for part in shown["segments"]) == 19
    assert sorted(line["texts"]) == ["bien"] * 4 + ["mal"]
    mexico = indicator(report.build(cohort, ("country", "MX")), "satisfaction")
    assert mexico["hidden"]["reason"] == "anonymous" and mexico["rows"] == []


def test_fewer_than_five_texts_are_not_shown(cohort):
    closed = asked.wave(cohort, survey(comment=asked.text()))
    answer(closed, people(cohort, number=8), useful=[4] * 8, comment=["a", "b", "c", "d", "", "", "", ""])
    assert indicator(report.build(cohort), "satisfaction")["texts"] == []


def test_four_answers_are_hidden(cohort):
    closed = asked.wave(cohort, survey())
    answer(closed, people(cohort, number=4), useful=[4] * 4)
    line = indicator(report.build(cohort), "satisfaction")
    assert line["hidden"] == {"reason": "small_group", "n": 4} and line["rows"] == []


# --- levels 3A and 3B -------------------------------------------------------------------------------------------------


def knowledge_forms(shared=False):
    """Parallel forms: two items of 3A and one of 3B on one construct."""
    a = asked.instrument(
        "quiz", first=asked.choice(construct="bpf", moore="3A"), second=asked.choice(construct="bpf", moore="3A"),
        how=asked.choice(construct="bpf", moore="3B"),
    )  # fmt: skip
    keys = ("first", "second", "how") if shared else ("third", "fourth", "how_b")
    levels = ("3A", "3A", "3B")
    b = asked.instrument(
        "quiz", **{key: asked.choice(construct="bpf", moore=level) for key, level in zip(keys, levels, strict=True)}
    )
    return a, b


def test_knowledge_pairs_by_construct_over_parallel_forms(cohort):
    a, b = knowledge_forms()
    group = people(cohort, number=6)
    before, after = asked.wave(cohort, a, "pre", "identified"), asked.wave(cohort, b, "post", "identified")
    answer(before, group, first=list("aaaabb"), second=list("aaabbb"), how=list("aaaaaa"))  # 0 0 0 ½ 1 1
    answer(after, group[:5], third=list("abbbb"), fourth=list("aabbb"), how_b=list("bbbbb"))  # 0 ½ 1 1 1
    document = report.build(cohort)
    what, how = indicator(document, "knowledge-3a"), indicator(document, "knowledge-3b")
    assert (what["level"], how["level"], what["design"], what["evidence"]) == ("3A", "3B", "true_pre_post", "objective")
    shown = row(what, "bpf")
    assert (shown["n"], what["n"], what["asked"], what["low_response"]) == (5, 5, 6, False)
    assert shown["people"] == [[0, 0], [0, 0.5], [0, 1], [0.5, 1], [1, 1]]
    assert (shown["before"]["mean"], shown["after"]["mean"]) == (0.3, 0.7)
    assert (shown["before"]["median"], shown["after"]["median"]) == (0, 1)
    assert (shown["improved"], shown["same"], shown["worse"]) == (3, 2, 0)
    assert shown["items"] == [] and shown["mcnemar"] is None
    assert row(how, "bpf")["people"] == [[0, 1]] * 5
    assert shown["label"]["en"] == "Best Practice Framework"


def test_an_unanswered_question_earns_nothing_and_a_missing_side_makes_no_pair(cohort):
    a, b = knowledge_forms()
    group = people(cohort, number=6)
    before, after = asked.wave(cohort, a, "pre", "identified"), asked.wave(cohort, b, "post", "identified")
    answer(before, group, first=list("bbbbbb"), second=[None] * 6, how=[*list("bbbbb"), None])
    answer(after, group, third=list("bbbbbb"), fourth=list("bbbbbb"), how_b=list("bbbbbb"))
    document = report.build(cohort)
    assert row(indicator(document, "knowledge-3a"), "bpf")["people"] == [[0.5, 1]] * 6
    assert row(indicator(document, "knowledge-3b"), "bpf")["n"] == 5


def test_a_question_that_a_branch_hid_counts_for_nothing(cohort):
    a = asked.instrument("quiz", first=asked.choice(construct="bpf", moore="3A"), deeper=asked.choice(construct="bpf", moore="3A", show_if={"question": "first", "any_of": ["b"]}))  # fmt: skip
    b = asked.instrument("quiz", other=asked.choice(construct="bpf", moore="3A"))
    group = people(cohort, number=5)
    answer(asked.wave(cohort, a, "pre", "identified"), group, first=list("abbbb"), deeper=[None, "b", "b", "a", "a"])
    answer(asked.wave(cohort, b, "post", "identified"), group, other=list("bbbbb"))
    shown = row(indicator(report.build(cohort), "knowledge-3a"), "bpf")
    assert shown["people"] == [[0, 1], [0.5, 1], [0.5, 1], [1, 1], [1, 1]]


def test_a_side_may_have_several_waves(cohort):
    """Half answered one form before, half another with fewer questions; two took both."""
    a, b = knowledge_forms()
    short = asked.instrument("quiz", only=asked.choice(construct="bpf", moore="3A"))
    group = people(cohort, number=8)
    answer(asked.wave(cohort, a, "pre", "identified"), group[:5], first=list("bbbab"), second=list("baaab"), how=["a"] * 5)
    answer(asked.wave(cohort, short, "pre", "identified"), group[3:], only=list("bbaab"))
    answer(asked.wave(cohort, b, "post", "identified"), group, third=["b"] * 8, fourth=["b"] * 8, how_b=["b"] * 8)
    shown = row(indicator(report.build(cohort), "knowledge-3a"), "bpf")
    # 2 of 2, 1 of 2, 1 of 2; in both 1 of 3 and 3 of 3; then 0, 0 and 1 of 1
    assert [before for before, _after in shown["people"]] == [0, 0, 0.3333, 0.5, 0.5, 1, 1, 1]
    assert row(indicator(report.build(cohort), "knowledge-3b"), "bpf")["n"] == 5


def test_items_that_both_forms_ask_have_mcnemar(cohort):
    a, b = knowledge_forms(shared=True)
    group = people(cohort, number=25)
    right, wrong = "b", "a"
    answer(
        asked.wave(cohort, a, "pre", "identified"),
        group,
        first=[wrong] * 12 + [right] * 13,
        second=[right] * 25,
        how=[right] * 25,
    )
    after = [right] * 12 + [wrong] * 3 + [right] * 10
    answer(asked.wave(cohort, b, "post", "identified"), group, first=after, second=[right] * 25, how=[right] * 25)
    item = next(one for one in row(indicator(report.build(cohort), "knowledge-3a"), "bpf")["items"] if one["key"] == "first")
    assert item["mcnemar"] == {"b": 12, "c": 3, "odds_ratio": 4.0, "d": 0.7659, "p": 0.03516}


def test_items_that_only_share_their_key_are_not_the_same_item(cohort):
    a, b = knowledge_forms(shared=True)
    for question in b.questions.all():
        question.text = asked.words(f"another {question.key}")
        question.save()
    group = people(cohort, number=6)
    for form, moment in ((a, "pre"), (b, "post")):
        answer(asked.wave(cohort, form, moment, "identified"), group, first=["b"] * 6, second=["b"] * 6, how=["b"] * 6)
    shown = row(indicator(report.build(cohort), "knowledge-3a"), "bpf")
    assert (shown["n"], shown["items"]) == (6, [])


def test_late_pairs_come_in_steps(cohort):
    a, b = knowledge_forms()
    group = people(cohort, number=20)
    before, after = asked.wave(cohort, a, "pre", "identified"), asked.wave(cohort, b, "post", "identified")
    answer(before, group, first=["a"] * 20, second=["a"] * 20, how=["a"] * 20)
    answer(after, group[:6], third=["b"] * 6, fourth=["b"] * 6, how_b=["b"] * 6)
    known = set(group[:6])

    def late(some):
        answer(after, some, late=True, third=["b"] * len(some), fourth=["b"] * len(some), how_b=["b"] * len(some))
        known.update(some)
        return row(indicator(report.build(cohort), "knowledge-3a"), "bpf")["n"]

    assert late(group[6:10]) == 6
    assert late(group[10:12]) == 11
    stranger = people(cohort, number=4)  # without a test before: responses that count, but no pairs
    assert late(stranger) == 11
    assert late(group[12:14]) == 11
    assert late(group[14:17]) == 16  # fifteen late responses count, eleven of them pairs


# --- level 4 ----------------------------------------------------------------------------------------------------------


def test_ability_true_pairs_and_looking_back_are_never_merged(cohort):
    needs = asked.instrument(ability_bpf=likert(construct="bpf", aspect="ability"), importance_bpf=likert(construct="bpf", aspect="importance"))  # fmt: skip
    post = asked.instrument(
        ability=likert(construct="bpf", aspect="ability", moore="4"),
        then=retrospective(construct="bpf", aspect="competence", moore="4"),
    )
    group = people(cohort, number=8)
    answer(asked.wave(cohort, needs, "pre"), group, ability_bpf=PRE, importance_bpf=[5] * 8)
    answer(asked.wave(cohort, post, "post"), group, ability=POST, then=[{"before": 1, "now": now} for now in POST])
    document = report.build(cohort)
    true, retro = indicator(document, "ability"), indicator(document, "ability-looking-back")
    assert (true["design"], retro["design"]) == ("true_pre_post", "retro_pre_post")
    shown, back = true["rows"][0], retro["rows"][0]
    assert (shown["n"], shown["low"], shown["high"]) == (8, 1, 5)
    # Of eight confidential answers the deviation would tell too much (evaluations/moore/moments.py), and so would an effect size.
    # The page of needs counts five of these eight: a mean of all eight beside it would tell what the other three said together.
    assert shown["before"] == {"mean": None, "median": 2.0, "sd": None} and shown["after"]["median"] == 4.0
    assert (shown["improved"], shown["same"], shown["worse"]) == (None, None, None)  # “all improved” would say it of each
    assert shown["effect"] is None and shown["people"] is None
    assert shown["wilcoxon"] == {"w": None, "p": None, "p_below": None, "tested": False}
    assert back["before"]["mean"] is None  # that everybody says the same is not told


def test_does_not_apply_makes_no_pair(cohort):
    needs = asked.instrument(ability=likert(construct="bpf", aspect="ability"))
    group = people(cohort, number=8)
    answer(asked.wave(cohort, needs, "pre"), group, ability=["na", *PRE[1:]])
    post = asked.instrument(ability=likert(construct="bpf", aspect="ability"))
    answer(asked.wave(cohort, post, "post"), group, ability=POST)
    assert indicator(report.build(cohort), "ability")["rows"][0]["n"] == 7


def test_confidence_and_intention_stand_apart(cohort):
    post = asked.instrument(sure=likert(aspect="confidence", moore="4"), will=likert(aspect="intention", moore="4"))
    answer(asked.wave(cohort, post, promise="identified"), people(cohort, number=6), sure=[3] * 6, will=[5] * 6)
    document = report.build(cohort)
    assert indicator(document, "confidence")["rows"][0]["mean"] == 3.0
    assert indicator(document, "intention")["rows"][0]["mean"] == 5.0


def rate(enrollment, rubric, raters, marks, attempt=1, outcome="passed"):
    teach_back = TeachBack.objects.create(
        enrollment=enrollment,
        activity_key=rate.key,
        instrument=rubric,
        attempt=attempt,
        outcome=outcome,
        settled_at=timezone.now(),
    )
    for rater, mark in zip(raters, marks, strict=True):
        rating = Rating.objects.create(teach_back=teach_back, rater=rater, submitted_at=timezone.now())
        value = "no" if mark is None else mark
        Mark.objects.create(rating=rating, question=rubric.questions.get(), value=value, measure=mark)


rate.key = "6b0f6d6e-5b0a-4f7e-9a51-0d5b8c6c2f11"


def test_observed_marks_are_means_of_raters_and_say_who_was_assessed_again(cohort):
    rubric = asked.instrument("rubric", listens=(RubricQuestion, {"scale": asked.SCALE, "construct": "mentoring", "moore": "4"}))
    group, raters = people(cohort, number=7), UserFactory.create_batch(2)
    for enrollment in group[:5]:
        rate(enrollment, rubric, raters, (2, 3), outcome="again")
        rate(enrollment, rubric, raters, (4, 5), attempt=2)
    rate(group[5], rubric, raters[:1], (3,))
    rate(group[6], rubric, raters, (5, 5), outcome="open")  # not settled yet
    line = indicator(report.build(cohort), "teach-back")
    assert (line["evidence"], line["design"], line["n"], line["asked"]) == ("observed", "rated", 6, 7)
    shown = line["rows"][0]
    assert (shown["n"], shown["mean"], shown["median"]) == (6, 4.25, 4.5)
    assert (shown["raters"], shown["rated_twice"], shown["low"], shown["high"]) == (2, 5, 1, 5)
    assert (shown["before"]["mean"], shown["after"]["mean"], shown["reassessed"]) == (2.5, 4.5, 5)


def test_fewer_than_five_observed_people_are_hidden(cohort):
    rubric = asked.instrument("rubric", listens=(RubricQuestion, {"scale": asked.SCALE}))
    raters = UserFactory.create_batch(2)
    for enrollment in people(cohort, number=4):
        rate(enrollment, rubric, raters, (2, 3))
    assert indicator(report.build(cohort), "teach-back")["hidden"] == {"reason": "small_group", "n": 4}


# --- level 5 ----------------------------------------------------------------------------------------------------------


def test_numbers_that_mentors_count_are_summed(cohort):
    follow_up = asked.instrument(
        started=(NumberQuestion, {"aspect": "performance", "moore": "5", "unit": asked.words("FLS")}), used=likert(aspect="performance", moore="5")
    )  # fmt: skip
    answer(asked.wave(cohort, follow_up, "m3"), people(cohort, number=6), started=[1, 0, 2, 3, 0, None], used=[4] * 6)
    document = report.build(cohort)
    shown = indicator(document, "performance-numbers")["rows"][0]
    assert (shown["value"], shown["of"], shown["n"], shown["unit"]["es"]) == (6, None, 5, "FLS (es)")
    assert indicator(document, "performance")["rows"][0]["n"] == 6


def commit(responses, question, each=2):
    due = timezone.localdate() + datetime.timedelta(days=60)
    return [
        Commitment.objects.create(response=response, question=question, number=number, text="…", confidence=4, due_on=due)
        for response in responses
        for number in range(each)
    ]


def test_commitments_made_and_kept(cohort):
    post = asked.wave(cohort, survey(), "post")
    responses = answer(post, people(cohort, number=12), useful=[4] * 12)
    made = commit(responses, post.instrument.questions.get())
    fate = ["done"] * 7 + ["partly"] * 6 + ["not_yet"] * 5 + ["dropped"] * 2  # of ten people; two say nothing
    for commitment, status in zip(made, fate, strict=False):
        barriers = ["time", "staff"] if status == "not_yet" else ["time"] if status == "partly" else []
        CommitmentFollowUp.objects.create(commitment=commitment, day=90, status=status, barriers=barriers)
    line = indicator(report.build(cohort), "commitments")
    assert (line["design"], line["n"], len(line["rows"])) == ("commitments", 12, 1)
    shown = line["rows"][0]
    assert (shown["day"], shown["made"], shown["people"]) == (90, 24, 12)
    assert {name: shown["statuses"][name] for name in ("done", "partly", "not_yet")} == {"done": 7, "partly": 6, "not_yet": 5}
    assert shown["statuses"]["dropped"] is None  # two: too few to be shown alone
    assert shown["barriers"] == {"time": 11, "staff": 5}


def test_follow_ups_come_in_steps_of_people(cohort):
    post = asked.wave(cohort, survey(), "post")
    made = commit(answer(post, people(cohort, number=20), useful=[4] * 20), post.instrument.questions.get(), each=1)

    def told(number):
        for commitment in made[told.so_far : told.so_far + number]:
            CommitmentFollowUp.objects.create(commitment=commitment, day=90, status="done")
        told.so_far += number
        return indicator(report.build(cohort), "commitments")["rows"][0]["statuses"]

    told.so_far = 0
    assert told(4) == {"done": 0, "partly": 0, "not_yet": 0, "dropped": 0, "unanswered": 20}
    assert told(2) == {"done": 5, "partly": 0, "not_yet": 0, "dropped": 0, "unanswered": 15}
    assert told(3)["done"] == 5
    assert told(1)["done"] == 10


# --- published --------------------------------------------------------------------------------------------------------


def test_the_published_table_and_both_numbers_of_patients():
    call_command("load_content", verbosity=0)
    key = ReportedFigure.objects.values_list("curriculum_key", flat=True)[0]
    cohort = CohortFactory(curriculum_key=key)
    document = report.build(cohort)
    lines = [line for level in document["levels"] for line in level["indicators"] if line["design"] == "published"]
    rows = [one for line in lines for one in line["rows"]]
    started = {one["country"]: one["value"] for one in rows if one["indicator"] == "fls-started" and one["country"]}
    assert started == {"MX": 22, "BR": 30, "CO": 3, "AR": 9}
    assert sum(started.values()) == 64
    assert {17205, 17025} <= {one["value"] for one in rows}
    assert all(one["source"]["url"].startswith("https://") and one["definition"]["es"] for one in rows)
    assert all(line["exempt"] and line["evidence"] == "estimate" for line in lines)


def test_published_figures_stand_alone_and_follow_the_country():
    cohort = CohortFactory()
    common = {
        "curriculum_key": cohort.curriculum_key,
        "indicator": "fls-started",
        "level": "5",
        "unit": "FLS",
        "source": {"text": "x"},
    }
    for country, value in {"MX": 22, "BR": 30, "CO": 3, "AR": 9, "": 64}.items():
        ReportedFigure.objects.create(
            key=f"f-{country or 'all'}", country=country, value=value, definition=asked.words("FLS"), **common
        )
    group = people(cohort, number=6)
    follow_up = asked.instrument(used=likert(aspect="performance", moore="5"))
    answer(asked.wave(cohort, follow_up, "m3"), group, used=[4] * 6)
    document = report.build(cohort)
    line = indicator(document, "published-5")
    assert sorted(one["value"] for one in line["rows"]) == [3, 9, 22, 30, 64]
    assert (line["design"], line["n"], line["asked"]) == ("published", None, None)
    assert indicator(document, "performance")["rows"][0]["n"] == 6
    mexico = indicator(report.build(cohort, ("country", "MX")), "published-5")
    assert [(one["label"]["en"], one["value"]) for one in mexico["rows"]] == [("Mexico", 22)]


# --- queries ----------------------------------------------------------------------------------------------------------


def fill(cohort, number):
    needs = asked.instrument(ability=likert(construct="bpf", aspect="ability"))
    a, b = knowledge_forms()
    post = asked.instrument(
        ability=likert(construct="bpf", aspect="ability"), then=retrospective(construct="bpf"), useful=likert(aspect="satisfaction"),
        comment=asked.text(),
    )  # fmt: skip
    group = people(cohort, countries=("MX", "BR"), professions=("nursing", "geriatrics", "other"), number=number)
    answer(asked.wave(cohort, needs, "pre", state="rolling"), group, ability=[2] * number)
    answer(asked.wave(cohort, a, "pre", "identified"), group, first=["a"] * number, second=["a"] * number, how=["a"] * number)
    answer(asked.wave(cohort, b, "post", "identified"), group, third=["b"] * number, fourth=["a"] * number, how_b=["b"] * number)
    last = asked.wave(cohort, post, "post")
    then = [{"before": 1, "now": 3}] * number
    sent = answer(last, group, ability=[4] * number, then=then, useful=[4] * number, comment=["bien"] * number)
    commit(sent, last.instrument.questions.first(), each=1)
    anonymous = asked.wave(cohort, survey(), "session", "anonymous")
    answer_anonymously(anonymous, useful=[4] * number)


def test_queries_do_not_grow_with_people():
    counts = []
    for number in (6, 46):
        made = make_curriculum(modules=2, lessons=1, slug=f"programa-{number}")
        cohort = CohortFactory(curriculum_key=made.key)
        outline.freeze(cohort)
        fill(cohort, number)
        report.build(cohort)
        with CaptureQueriesContext(connection) as queries:
            report.build(cohort)
        counts.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    assert counts[0] == counts[1] <= 40


def test_what_several_indicators_need_is_asked_once(cohort):
    read = []
    scope = Scope(cohort)
    assert scope.once("x", lambda: read.append(1) or "y") == scope.once("x", lambda: read.append(2)) == "y"
    assert read == [1]
