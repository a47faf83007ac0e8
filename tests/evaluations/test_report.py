"""The document, its views, its snapshots, and what happens when an indicator fails or the numbers are small."""

import json
import logging

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from evaluations.models import ReportSnapshot
from evaluations.moore import levels, report, rows, snapshots
from evaluations.moore.indicators.base import Gathered, Indicator, Item
from tests.evaluations import answered_waves as asked
from tests.evaluations.answered_waves import answer, answer_anonymously, indicator, likert, people
from tests.factories import CohortFactory

pytestmark = pytest.mark.django_db
CODES = ["1", "2", "3A", "3B", "4", "5", "6", "7"]


@pytest.fixture
def cohort(db):
    return CohortFactory(countries=["MX", "BR"])


def survey():
    return asked.instrument(useful=likert(aspect="satisfaction", moore="2"))


def satisfied(cohort, *countries, state="closed", promise="confidential"):
    """A wave and one answer for each of `countries`, in turn 5, 4, 3."""
    group = people(cohort, countries=countries)
    wave = asked.wave(cohort, survey(), state=state, promise=promise)
    answer(wave, group, useful=[5 - n % 3 for n in range(len(group))])
    return wave


# --- levels -----------------------------------------------------------------------------------------------------------


@given(st.permutations(CODES))
def test_codes_sort_as_moore_has_them(codes):
    assert levels.in_order(codes) == CODES
    assert list(levels.CODES) == CODES


def test_an_unknown_level_is_an_error():
    with pytest.raises(KeyError):
        levels.level_of("8")


def test_every_level_has_a_name_and_a_question_in_all_languages():
    for level in levels.LEVELS:
        assert all(levels.in_all_languages(level.name).values()) and set(levels.in_all_languages(level.question)) == {
            "es",
            "pt-br",
            "en",
        }


# --- the document -----------------------------------------------------------------------------------------------------


def test_an_empty_cohort_has_all_levels_and_nothing_in_them(cohort):
    document = report.build(cohort)
    assert [level["code"] for level in document["levels"]] == CODES
    assert [level["indicators"] for level in document["levels"]] == [[]] * 8
    assert document["schema"] == 1 and document["minimum"] == 5
    assert document["cohort"] == {"id": cohort.pk, "name": cohort.name, "people": 0, "countries": ["BR", "MX"]}
    assert document["view"] == {"kind": "all", "value": ""}


def test_the_document_is_plain_json_without_names(cohort):
    satisfied(cohort, *["MX"] * 7, "BR")
    document = report.build(cohort)
    text = json.dumps(document)
    assert json.loads(text) == document
    assert "Persona" not in text and "@example.org" not in text


def test_every_line_and_row_has_the_agreed_keys(cohort):
    satisfied(cohort, *["MX"] * 7)
    line = indicator(report.build(cohort), "satisfaction")
    assert {
        "key", "level", "name", "question", "evidence", "source", "unit", "design", "promise", "exempt", "asked", "n", "response_rate",
        "low_response", "as_of", "waves", "hidden", "rows", "texts",
    } <= line.keys()  # fmt: skip
    row = line["rows"][0]
    assert {"key", "label", "hidden", "scale", "n", "not_applicable", "segments", "mean", "agree", "bound"} <= row.keys()
    assert set(row["label"]) == {"es", "pt-br", "en"}
    assert all(len(key) <= 60 for key in (line["key"], row["key"]))


def test_views_are_all_each_country_and_each_profession(cohort):
    satisfied(cohort, "MX", "BR")
    assert report.Report(cohort).views() == [("all", ""), ("country", "BR"), ("country", "MX"), ("profession", "nursing")]


def test_a_small_country_is_hidden_and_another_with_it(cohort):
    satisfied(cohort, *["MX"] * 9, *["AR"] * 8, *["BR"] * 3)
    made = report.Report(cohort)
    lines = {country: indicator(made.document(("country", country)), "satisfaction") for country in ("MX", "AR", "BR")}
    assert lines["BR"]["hidden"] == {"reason": "small_group", "n": 3}
    assert [lines["MX"]["hidden"], lines["AR"]["hidden"]].count(None) == 1  # or Brazil would be what is left
    assert indicator(made.document(), "satisfaction")["hidden"] is None
    assert all(not lines[country]["rows"] for country in lines if lines[country]["hidden"])


def test_a_view_in_which_nobody_is_knows_nothing(cohort):
    satisfied(cohort, *["MX"] * 7)
    line = indicator(report.build(cohort, ("country", "CL")), "satisfaction")
    assert line["hidden"]["reason"] == "nothing_yet" and line["rows"] == []


def test_group_is_that_of_the_answer_not_of_today(cohort):
    wave = satisfied(cohort, *["MX"] * 7)
    for response in wave.responses.all():
        response.enrollment.user.country = "BR"
        response.enrollment.user.save()
    made = report.Report(cohort)
    assert indicator(made.document(("country", "MX")), "satisfaction")["n"] == 7
    assert indicator(made.document(("country", "BR")), "satisfaction")["n"] == 0


def test_low_response_is_marked(cohort):
    people(cohort, number=8)
    satisfied(cohort, *["MX"] * 7)
    line = indicator(report.build(cohort), "satisfaction")
    assert (line["n"], line["asked"], line["response_rate"], line["low_response"]) == (7, 15, 0.4667, True)


def test_somebody_who_left_is_still_among_those_who_were_asked(cohort):
    wave = satisfied(cohort, *["MX"] * 7)
    wave.responses.first().enrollment.__class__.objects.filter(cohort=cohort).update(status="withdrawn")
    line = indicator(report.build(cohort), "satisfaction")
    assert (line["n"], line["asked"], line["response_rate"]) == (7, 7, 1.0)


def test_the_minimum_is_a_setting(cohort, settings):
    satisfied(cohort, *["MX"] * 7)
    settings.MIN_GROUP_SIZE = 10
    assert indicator(report.build(cohort), "satisfaction")["hidden"] == {"reason": "small_group", "n": 7}


def test_another_cohorts_answers_stay_there(cohort):
    satisfied(cohort, *["MX"] * 7)
    other = CohortFactory()
    satisfied(other, *["MX"] * 5)
    assert indicator(report.build(other), "satisfaction")["n"] == 5


# --- a provider from another floor, and one that fails ----------------------------------------------------------------


def attendance():
    return [
        Indicator(
            "attendance", "1", {"en": "Attendance"}, {"en": "Who came?"}, "objective", {"en": "Room"}, "people", "count",
            gather=lambda scope: [Gathered(items=[Item("all", {"en": "All"}, figures=lambda view: {"value": 3, "of": 4})])], exempt=True,
        )
    ]  # fmt: skip


def failing():
    def gather(scope):
        raise ZeroDivisionError("of the indicator")

    return [Indicator("broken", "4", {"en": "Broken"}, {"en": "?"}, "observed", {"en": "x"}, "points", "rated", gather)]


def unwritable():
    def gather(scope):
        return [Gathered(items=[Item("x", {"en": "X"})], people={("MX", "nursing"): 9}, asked={("MX", "nursing"): 9})]

    return [
        Indicator(
            "unwritable", "5", {"en": "Unwritable"}, {"en": "?"}, "observed", {"en": "x"}, "points", "unknown design", gather
        )
    ]


def database_fault():
    def gather(scope):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    return [Indicator("fault", "6", {"en": "Fault"}, {"en": "?"}, "objective", {"en": "x"}, "points", "count", gather)]


def test_another_floor_adds_its_indicators_by_dotted_path(cohort, settings):
    settings.MOORE_INDICATORS = [*settings.MOORE_INDICATORS, f"{__name__}.attendance"]
    line = indicator(report.build(cohort), "attendance")
    assert (line["level"], line["rows"][0]["value"], line["rows"][0]["of"]) == ("1", 3, 4)


def test_a_failing_indicator_hides_itself_and_is_logged(cohort, settings, caplog):
    satisfied(cohort, *["MX"] * 7)
    settings.MOORE_INDICATORS = [
        f"{__name__}.{name}" for name in ("failing", "unwritable", "database_fault")
    ] + settings.MOORE_INDICATORS
    with caplog.at_level(logging.ERROR):
        document = report.build(cohort)
    for key in ("broken", "unwritable", "fault"):
        assert indicator(document, key)["hidden"] == {"reason": "error", "n": None}
        assert indicator(document, key)["rows"] == []
    assert indicator(document, "satisfaction")["hidden"] is None
    assert len([record for record in caplog.records if record.name == report.logger.name]) == 3


# --- rows -------------------------------------------------------------------------------------------------------------


def item(counts):
    return Item(
        "x", {"en": "x"}, atoms={("MX", "nursing"): counts}, scale=[{"value": v, "text": {}} for v in range(1, 6)], low=1, high=5
    )


def test_top_disclosure_is_a_bound():
    """Nineteen of twenty agree: the one who does not must not be found out."""
    row = rows.row_of(item({5: 12, 4: 7, 2: 1}), "distribution", "confidential", ("all", ""))
    assert all(part["count"] >= 5 for part in row["segments"])
    assert row["bound"] in ("≥80", "") and row["agree"] is None


def test_identified_items_are_shown_whole():
    row = rows.row_of(item({5: 4, 2: 1}), "distribution", "identified", ("all", ""))
    assert [part["count"] for part in row["segments"]] == [0, 1, 0, 0, 4]
    assert row["mean"] == 4.4 and row["agree"] == {"count": 4, "of": 5}


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 12)))
def test_no_small_count_of_a_protected_item_is_written(counts):
    row = rows.row_of(item(counts), "distribution", "confidential", ("all", ""))
    assert all(part["count"] >= 5 for part in row["segments"])
    assert sum(part["count"] for part in row["segments"]) in (0, row["n"])
    assert row["n"] >= 5 or (not row["segments"] and row["mean"] is None and row["hidden"])


@given(st.dictionaries(st.tuples(st.integers(1, 5), st.integers(1, 5)), st.integers(0, 6), max_size=8))
def test_pairs_of_fewer_than_five_people_say_nothing(table):
    row = rows.row_of(item(table), "true_pre_post", "confidential", ("all", ""))
    json.dumps(row, allow_nan=False)
    if sum(table.values()) < 5:
        assert row["hidden"] and all(row[name] is None for name in rows.PAIR_FIGURES)
    assert row["people"] is None


# --- snapshots --------------------------------------------------------------------------------------------------------


def test_the_first_look_builds_and_the_next_reads_one_row(cohort):
    satisfied(cohort, *["MX"] * 7)
    first = snapshots.current(cohort)
    with CaptureQueriesContext(connection) as queries:
        again = snapshots.current(cohort)
    assert len(queries) == 1
    assert again.pk == first.pk and again.document == report.build(cohort) | {"made_at": first.document["made_at"]}
    assert set(ReportSnapshot.objects.values_list("view", flat=True)) == {"all", "country:MX", "profession:nursing"}


def test_a_view_in_which_nobody_is_is_not_kept(cohort):
    made = snapshots.current(cohort, ("country", "CL"))
    assert made.pk is None and made.document["view"] == {"kind": "country", "value": "CL"}


def test_the_basis_says_what_counted(cohort):
    wave = satisfied(cohort, *["MX"] * 7)
    satisfied(cohort, *["MX"] * 7, state="open")
    assert snapshots.current(cohort).basis == {str(wave.pk): 7}


def test_figures_stay_until_five_more_have_answered(cohort):
    rolling = satisfied(cohort, *["MX"] * 5, state="rolling")
    group = people(cohort, number=5)
    before = snapshots.current(cohort)
    for number, enrollment in enumerate(group, start=1):
        answer(rolling, [enrollment], useful=[1])
        now = snapshots.refresh(cohort)["all", ""]
        moved = indicator(now.document, "satisfaction")["rows"] != indicator(before.document, "satisfaction")["rows"]
        assert moved is (number == 5)
    assert now.basis == {str(rolling.pk): 10}


def test_refreshing_keeps_what_changed_and_the_former_stay(cohort):
    rolling = satisfied(cohort, *["MX"] * 5, state="rolling")
    snapshots.refresh(cohort)
    snapshots.refresh(cohort)
    assert ReportSnapshot.objects.filter(view="all").count() == 1
    answer(rolling, people(cohort, number=5), useful=[1] * 5)
    newest = snapshots.refresh(cohort)["all", ""]
    kept = ReportSnapshot.objects.filter(view="all")
    assert kept.count() == 2 and kept.first().pk == newest.pk
    assert kept.last().basis == {str(rolling.pk): 5} and kept.last().made_at < newest.made_at


def test_a_submit_refreshes_at_most_once_a_minute(cohort, django_capture_on_commit_callbacks, monkeypatch):
    satisfied(cohort, *["MX"] * 7)
    built = []
    monkeypatch.setattr(snapshots, "refresh", built.append)
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            snapshots.refresh_soon(cohort.pk)
    assert built == [cohort]


def test_a_submit_that_is_taken_back_refreshes_nothing(cohort, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(snapshots, "refresh", pytest.fail)
    with django_capture_on_commit_callbacks(execute=False):
        snapshots.refresh_soon(cohort.pk)


def test_refreshing_a_cohort_that_is_gone_is_no_fault():
    snapshots.refresh_cohort.func(987654)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_refreshes_at_once_keep_one_snapshot_per_view(in_parallel):
    cohort = CohortFactory()
    satisfied(cohort, *["MX"] * 7)
    results = in_parallel(lambda number: snapshots.refresh(cohort), 10)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert sorted(ReportSnapshot.objects.values_list("view", flat=True)) == ["all", "country:MX", "profession:nursing"]


# --- every night ------------------------------------------------------------------------------------------------------


def test_the_command_builds_all_but_planned_cohorts(cohort, capsys):
    planned, closed = CohortFactory(status="planned"), CohortFactory(status="closed")
    call_command("refresh_reports")
    assert set(ReportSnapshot.objects.values_list("cohort", flat=True)) == {cohort.pk, closed.pk}
    assert planned.report_snapshots.count() == 0
    assert "2" in capsys.readouterr().out


def test_the_command_builds_one_cohort(cohort):
    CohortFactory()
    call_command("refresh_reports", cohort=cohort.pk)
    assert set(ReportSnapshot.objects.values_list("cohort", flat=True)) == {cohort.pk}


def test_the_command_refuses_an_unknown_cohort():
    with pytest.raises(CommandError):
        call_command("refresh_reports", cohort=987654)


def test_one_cohorts_fault_does_not_keep_the_others_from_their_report(cohort, monkeypatch):
    other = CohortFactory()
    build = snapshots.refresh

    def fails_for_one(one):
        if one == cohort:
            raise RuntimeError
        return build(one)

    monkeypatch.setattr(snapshots, "refresh", fails_for_one)
    with pytest.raises(CommandError):
        call_command("refresh_reports")
    assert set(ReportSnapshot.objects.values_list("cohort", flat=True)) == {other.pk}


# --- anonymous --------------------------------------------------------------------------------------------------------


def test_anonymous_answers_of_any_form_are_counted_or_left_out(cohort):
    people(cohort, number=14)
    wave = asked.wave(cohort, survey(), promise="anonymous")
    answer_anonymously(wave, useful=[5] * 6 + [4] * 5 + ["na", "x", None], unknown=[3] * 14)
    line = indicator(report.build(cohort), "satisfaction")
    assert line["n"] == 14
    assert line["rows"][0]["n"] == 11
