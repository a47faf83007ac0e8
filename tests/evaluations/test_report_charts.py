"""Charts and sentences from the report's document: places never localised, hidden stays hidden, scales shared, files that stand alone."""

import copy
import re
import xml.etree.ElementTree as ElementTree

import pytest
from django.utils import translation

from evaluations.moore.bands import bands_of, panel_of
from evaluations.moore.charts import chart_of, indicator_in, svg_of
from evaluations.moore.charts_opinions import may_diverge, tone_of
from evaluations.moore.findings import finding, in_every_language
from evaluations.moore.method import method_lines
from tests.evaluations import report_document as made

LANGUAGES = ("es", "pt-br", "en")
KEYS = [one["key"] for level in made.document()["levels"] for one in level["indicators"]]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def rows(chart):
    return {row.key: row for row in chart.rows}


# --- opinions ------------------------------------------------------------------------------------------------------
def test_rows_are_sorted_by_the_share_that_agrees_and_hidden_ones_come_last():
    chart = chart_of(made.satisfaction())
    assert [row.key for row in chart.rows] == ["clear", "live", "useful", "pace", "food", "venue"]
    assert [row.reading for row in chart.rows] == ["at least 80%", "17 of 22", "16 of 22", "10 of 22", "", ""]
    assert rows(chart)["food"].hidden == "fewer than 5: not shown"
    assert not rows(chart)["food"].shapes
    assert not rows(chart)["venue"].shapes


def test_segments_fill_the_whole_width_with_their_counts_inside():
    row = rows(chart_of(made.satisfaction()))["pace"]
    bars = [shape for shape in row.shapes if shape.kind == "rect"]
    assert [shape.tone for shape in bars] == ["seg l2", "seg l3", "seg l4"]
    assert [(shape.left, shape.right) for shape in bars] == [("0%", "31.8%"), ("31.8%", "22.7%"), ("54.5%", "45.5%")]
    assert [shape.text for shape in row.shapes if shape.kind == "words"] == ["1–2: 7", "5", "4–5: 10"]


def test_classes_put_together_across_the_middle_take_no_side():
    row = rows(chart_of(made.satisfaction()))["useful"]
    assert [shape.tone for shape in row.shapes if shape.kind == "rect"] == ["seg mix", "seg l4", "seg l5"]


def test_answers_that_cannot_be_told_apart_are_no_bar():
    indicator = made.satisfaction()
    indicator["rows"] = [made.opinion("x", "X", [(1, 5, 7)], None, mean=None, n=7)]
    assert chart_of(indicator).rows[0].hidden == "7 answers: too few to show how they spread"
    assert not chart_of(indicator).rows[0].shapes
    assert finding(indicator, "2") == "7 answers: too few to show how they spread."


def test_only_opinions_of_the_training_are_called_agreement():
    assert finding(made.performance(), "5").startswith("Above the middle of the scale in “En el último mes")
    assert chart_of(made.performance()).head[-1] == "Above the middle"


def test_what_everybody_said_is_only_bounded():
    row = rows(chart_of(made.satisfaction()))["clear"]
    assert "≥ 80%" in {shape.text for shape in row.shapes}
    assert "22 of 22" not in row.reading


@pytest.mark.parametrize(
    ("points", "tones"), [(2, "l1 l5"), (4, "l1 l2 l4 l5"), (5, "l1 l2 l3 l4 l5"), (7, "l1 l1 l2 l3 l4 l5 l5")]
)
def test_tones_are_even_on_both_sides_of_the_middle(points, tones):
    scale = [{"value": value} for value in range(1, points + 1)]
    assert [tone_of(point["value"], scale) for point in scale] == tones.split()


def test_diverging_rows_share_one_middle_and_set_neutral_answers_apart():
    indicator = made.satisfaction()
    assert may_diverge(indicator)
    chart = chart_of(indicator, diverging=True)
    middles = {shape.left for row in chart.rows for shape in row.shapes if shape.tone == "mid"}
    assert len(middles) == 1
    pace = [shape for shape in rows(chart)["pace"].shapes if shape.kind == "rect"]
    assert [shape.tone for shape in pace] == ["seg l2", "seg l4", "seg l3"]
    assert max(shape.x + shape.x2 for row in chart.rows for shape in row.shapes if shape.kind == "rect") <= 100.01


def test_fewer_than_twenty_are_never_drawn_on_both_sides():
    assert not may_diverge(made.performance())
    assert panel_of(made.performance(), "5", (), None, True).chart.form == "stacked"


# --- before and after ----------------------------------------------------------------------------------------------
def test_arrows_go_from_hollow_to_filled_at_the_medians():
    row = rows(chart_of(made.knowledge()))["service-models"]
    hollow, filled = (next(shape for shape in row.shapes if shape.tone == tone) for tone in ("dotpre", "dot"))
    assert (hollow.left, filled.left) == ("38.2%", "85.2%")
    assert (row.reading, row.note) == ("38% → 88%", "18 improved, 2 the same, 0 worse")


def test_what_moved_is_told_as_far_as_it_may_be():
    indicator = made.knowledge()
    indicator["rows"][0].update(same=None, worse=None)
    assert rows(chart_of(indicator))["epidemiology"].note == "15 improved, the rest not told apart"
    indicator["rows"][0].update(improved=None)
    assert rows(chart_of(indicator))["epidemiology"].note == ""


def test_all_rows_of_a_level_stand_on_one_scale():
    short, long = made.asked_at_the_time(), copy.deepcopy(made.asked_at_the_time())
    for row in long["rows"]:
        row["high"] = 10
    assert chart_of(short).ticks[-1][1] == "5"
    assert chart_of(short, [long]).ticks[-1][1] == chart_of(long, [short]).ticks[-1][1] == "10"


def test_observed_and_self_reported_never_share_a_panel_or_a_scale():
    level = [made.rubric(), made.looking_back(), made.asked_at_the_time()]
    assert chart_of(level[0], level).ticks[0][1] == "0"
    assert chart_of(level[1], level).ticks[0][1] == "1"
    bands = {band.level.code: band for band in bands_of(made.document())}
    assert [panel.indicator["evidence"] for panel in bands["4"].panels] == ["observed", "self-report", "self-report"]


def test_self_ratings_have_three_marks_and_no_common_figure():
    level = [made.rubric(), made.looking_back(), made.asked_at_the_time()]
    chart = chart_of(level[1], level)
    marks = {row.key: [shape.tone for shape in row.shapes if shape.tone in ("dotpre", "asked", "dot")] for row in chart.rows}
    assert marks == {
        "mentoring": ["asked", "dotpre", "dot"],
        "improving-fls": ["asked", "dotpre", "dot"],
        "teaching-adults": ["dotpre", "dot"],
    }
    assert rows(chart)["mentoring"].reading == "2 → 4"
    assert panel_of(level[2], "4", level).drawn_above
    level[1]["hidden"] = made.hidden("small_group", 3)
    assert not panel_of(level[2], "4", level).drawn_above


def test_ratings_say_who_rated_and_who_is_missing():
    assert chart_of(made.rubric()).notes == ("3 raters; 12 of 18 people were rated by two.", "6 people are not rated yet.")


# --- counts, commitments, published --------------------------------------------------------------------------------
def test_one_dot_stands_for_each_person_and_the_grid_for_everything():
    chart = chart_of(made.completion())
    dots = [shape.tone for shape in rows(chart)["all"].shapes]
    assert (dots.count("dot"), dots.count("dotpre")) == (18, 6)
    assert sum(shape.kind == "dot" and shape.r == 5 for shape in rows(chart)["people"].shapes) > 280
    assert sum(shape.kind == "cross" for shape in rows(chart)["people"].shapes) == 1
    assert chart.body[2] == ("3. Actividad 3: tema del módulo (en)", ["23", "0", "1", "0"])
    assert [row.key for row in chart_of(made.completion(), brief=True).rows] == ["all", "people"]


def test_large_cohorts_leave_the_grid_to_the_table():
    chart = chart_of(made.completion(people=100))
    assert "people" not in rows(chart)
    assert chart.notes
    assert len(chart.body) == 14


def test_commitments_that_may_not_be_told_apart_are_one_part():
    indicator = made.commitments()
    indicator["rows"][0]["statuses"].update(dropped=None, unanswered=None)
    row = chart_of(indicator).rows[0]
    parts = [(shape.tone, round(shape.x2 * 61 / 100)) for shape in row.shapes if shape.kind == "rect"]
    assert parts == [("seg l5", 24), ("seg l4", 14), ("seg l2", 9), ("seg mix", 14)]


def test_both_published_values_stand_with_their_source():
    chart = chart_of(made.published("6"))
    assert [row.reading for row in chart.rows] == ["17,205 patients", "17,025 patients"]
    assert chart.rows[-1].url.startswith("https://link.springer.com/")
    hostile = made.published("6")
    hostile["rows"][1]["source"]["url"] = "javascript:alert(1)"
    assert chart_of(hostile).rows[1].url == ""


def test_steps_of_all_countries_stand_on_one_scale():
    chart = chart_of(made.steps())
    tops = [min(shape.y for shape in row.shapes if shape.tone == "diff") for row in chart.rows]
    assert tops[0] < tops[1]
    assert [row.reading for row in chart.rows] == ["30", "22"]


def test_of_several_waves_the_newest_is_drawn_and_the_others_are_a_sentence_each():
    document = made.document()
    waves = [{**made.satisfaction(), "key": f"satisfaction-w{pk}"} for pk in (3, 5, 9)]
    waves[2]["hidden"] = made.hidden("open_wave", 4)
    document["levels"][1]["indicators"] = waves
    band = bands_of(document)[1]
    assert [panel.key for panel in band.panels] == ["satisfaction-w5"]
    assert [(panel.key, panel.chart) for panel in band.earlier] == [("satisfaction-w3", None), ("satisfaction-w9", None)]
    assert all(panel.sentence.words for panel in band.earlier)


# --- hidden --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("reason", ["nothing_yet", "small_group", "complementary", "open_wave", "error"])
@pytest.mark.parametrize("key", KEYS)
def test_what_is_hidden_has_no_chart_and_says_why_in_every_language(key, reason):
    document = made.document()
    code, indicator, level = indicator_in(document, key)
    indicator["hidden"] = made.hidden(reason, 4)
    for language in LANGUAGES:
        with translation.override(language):
            assert chart_of(indicator, level) is None
            assert finding(indicator, code)
            assert "17205" not in svg_of(document, key, language).replace(",", "")


def test_words_for_a_small_group_name_the_number_as_asked():
    small = made.indicator("x", "2", "X", hidden=made.hidden("small_group", 4))
    assert finding(small, "2") == "4 answers: not shown, to protect people."
    assert finding(made.indicator("x", "2", "X", hidden=made.hidden("open_wave", 9)), "2").startswith(
        "9 people have answered so far."
    )
    anonymous = made.indicator("x", "2", "X", hidden=made.hidden("complementary"), promise="anonymous")
    assert "neither country nor profession" in finding(anonymous, "2")


# --- sentences -----------------------------------------------------------------------------------------------------
def test_sentences_by_rule():
    level = {"1": made.completion(), "3A": made.knowledge(), "4": made.rubric(), "5": made.commitments()}
    assert (
        finding(level["1"], "1")
        == "18 of 24 people completed everything asked of them (14 activities). 2 of them saw recordings."
    )
    assert finding(level["3A"], "3A").startswith("The median rose in 2 of 3 topics; most in “Modelos de servicio")
    assert "(from 38% to 88% of the points)" in finding(level["3A"], "3A")
    assert finding(level["4"], "4").startswith("18 people were rated: strongest in “Conducir una visita")
    assert finding(level["5"], "5") == "22 people set out to change 61 things; after 90 days they say 24 are done and 14 partly."
    assert finding(made.looking_back(), "4").startswith("Looking back, people rate themselves higher in 3 of 3 areas")


def test_nothing_gained_is_said_plainly():
    indicator = made.knowledge()
    indicator["rows"] = [indicator["rows"][2], {**indicator["rows"][2], "key": "other"}]
    assert finding(indicator, "3A") == "The median rose in none of 2 topics."


@pytest.mark.parametrize("code", ["6", "7"])
def test_the_highest_levels_only_coincide(code):
    assert "coincides with the programme" in finding(made.published("6"), code)
    assert "coincides" not in finding(made.published("6"), "5")


def test_the_rule_speaks_every_language_of_the_site():
    assert set(in_every_language(made.knowledge(), "3A")) == set(LANGUAGES)


# --- method --------------------------------------------------------------------------------------------------------
def test_no_p_below_twenty_pairs():
    indicator = made.knowledge()
    indicator["rows"] = [made.change("x", "X", made.side(2, 2), made.side(3, 3), (6, 2, 1), n=9)]
    indicator["rows"][0]["effect"].update(variant="g_av", value=1.08, hedges=True)
    ((_label, told),) = method_lines(indicator)
    assert told[0].startswith("Effect size g_av (Hedges) = 1.08 (9 pairs)")
    assert told[1] == "Wilcoxon signed-rank, exact, two-sided: W = 12.5, no p-value below 20 pairs."


# --- files ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_a_file_stands_alone(key, language):
    text = svg_of(made.document(), key, language)
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert not re.search(r"class=|style=|href=|url\(|var\(|<script|NaN|None", text)
    numbers = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name in {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"}
    ]
    assert numbers
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", value) for value in numbers)
    assert all(0 <= float(value) <= 3000 for value in numbers)
    assert "Cohorte LATAM" in text


def test_a_file_escapes_what_people_named():
    document = made.document()
    document["cohort"]["name"] = 'A <b>&"cohort'
    document["levels"][1]["indicators"][0]["rows"][0]["label"] = made.say("<script>alert(1)</script>")
    text = svg_of(document, "satisfaction", "es")
    ElementTree.fromstring(text)
    assert "<script" not in text


def test_an_unknown_indicator_has_no_file():
    with pytest.raises(KeyError):
        svg_of(made.document(), "nothing", "es")


def test_every_chart_of_the_page_has_a_table_and_sentences():
    for band in bands_of(made.document()):
        for panel in [*band.panels, *band.published]:
            if panel.chart:
                assert panel.chart.body
                assert all(row.sentence for row in panel.chart.rows if row.shapes)
