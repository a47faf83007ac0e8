import re

import pytest
from django.template import Context, Template
from django.utils import translation

from curriculum import charts

ROWS = [("Sin tratamiento", [80.5]), ("Con <b>", [19.5])]


def drawn(form, rows, **more):
    with translation.override("es"):
        return charts.draw(form, rows, **more)


def numbers_in(svg):
    """Every coordinate of the drawing; words are taken out first."""
    bare = re.sub(r'aria-label="[^"]*"|>[^<]*<', "", svg)
    return re.findall(r'"([^"]*\d[^"]*)"', bare)


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize(
    ("form", "rows", "series"),
    [
        ("bars", ROWS, ()),
        ("stacked", [("Todos", [12.5, 87.5])], ["Sí", "No"]),
        ("arrows", [("Densitometría", [23.5, 48.25])], ()),
        ("steps", [("2021", [1.5]), ("2022", [17.25]), ("2023", [64])], ()),
    ],
)
def test_coordinates_are_never_localised_and_every_drawing_is_an_image_with_a_sentence(language, form, rows, series):
    with translation.override(language):
        chart = charts.draw(form, rows, "%", series)
    for row in chart.rows:
        assert 'role="img"' in row.drawing
        assert re.search(r'aria-label="[^"]{5,}"', row.drawing)
        assert "style=" not in row.drawing
        for value in numbers_in(row.drawing):
            assert "," not in value, value


def test_bars_are_shares_of_a_hundred_for_percentages_and_of_the_largest_otherwise():
    assert 'width="80.50%"' in drawn("bars", ROWS, unit="%").rows[0].drawing
    assert 'width="50.00%"' in drawn("bars", [("a", [10]), ("b", [20])]).rows[0].drawing


def test_numbers_for_people_follow_the_language():
    assert drawn("bars", ROWS, unit="%").rows[0].reading == "80,5\u00a0%"
    with translation.override("en"):
        assert charts.reading(80.5, "%") == "80.5%"
        assert charts.reading(17.0) == "17"


def test_words_are_escaped():
    chart = drawn("bars", [('"><script>alert(1)</script>', [1])])
    assert "<script" not in chart.rows[0].drawing
    chart = drawn("stacked", [("a", [1])], series=['"><script>'])
    assert "<script" not in chart.rows[0].drawing


def test_parts_fill_the_row_and_small_ones_carry_no_label():
    chart = drawn("stacked", [("a", [95, 5])], series=["Sí", "No"])
    widths = [float(width) for width in re.findall(r'rect class="seg l\d" x="[\d.]+%" width="([\d.]+)%"', chart.rows[0].drawing)]
    assert sum(widths) == pytest.approx(100)
    assert chart.rows[0].drawing.count("<text") == 1
    assert [tone for tone, _words in chart.legend] == ["l5", "l3"]
    assert "Sí 95, No 5" in chart.rows[0].drawing


def test_before_is_hollow_and_after_is_filled():
    row = drawn("arrows", [("Densitometría", [23.5, 48])], unit="%").rows[0]
    assert row.reading == "23,5 → 48\u00a0%"
    assert row.drawing.index("dotpre") < row.drawing.index('"dot"')


def test_a_rising_line_goes_up_from_left_to_right():
    path = re.search(r' d="([^"]+)"', drawn("steps", [("a", [1]), ("b", [2]), ("c", [3])]).rows[0].drawing).group(1)
    heights = [float(value) for value in re.findall(r"(?:^M0.00 |V)([\d.]+)", path)]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3
    assert path.endswith("H100")


@pytest.mark.parametrize("value", [0, -5, 1e12])
def test_odd_values_stay_inside_the_drawing(value):
    for form in ("bars", "steps"):
        for number in re.findall(r'width="(-?[\d.]+)%"', drawn(form, [("a", [value])]).rows[0].drawing):
            assert 0 <= float(number) <= 100
    assert drawn("stacked", [("a", [0, 0])], series=["x", "y"]).rows


def test_the_table_stands_behind_the_figure():
    value = {
        "title": "Hallazgo", "form": "arrows", "unit": "%", "series": [], "caption": "C", "source": "",
        "rows": [{"label": "Adherencia", "values": [34.1, 57.0]}],
    }  # fmt: skip
    with translation.override("es"):
        html = Template('{% include "curriculum/blocks/data_figure.html" %}').render(Context({"value": value}))
    assert "<details" in html
    assert '<th scope="row">Adherencia</th><td class="r">34,1\u00a0%</td><td class="r">57\u00a0%</td>' in html
