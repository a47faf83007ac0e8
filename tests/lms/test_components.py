"""Dates, numbers and bars as people of each country write them."""

import datetime
import zoneinfo

import pytest
from django.template import Context, Template
from django.utils.translation import override

from lms import dates
from lms.templatetags import components

MEXICO = zoneinfo.ZoneInfo("America/Mexico_City")
MOMENT = datetime.datetime(2027, 3, 5, 21, 0, tzinfo=datetime.UTC)
THAT_YEAR = datetime.datetime(2027, 1, 15, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "vie 5 mar, 15:00"), ("pt-br", "sex. 5 mar., 15h00"), ("en", "Fri 5 Mar, 15:00"), ("es-mx", "vie 5 mar, 15:00")],
)
def test_moments(language, said):
    with override(language):
        assert dates.say_when(MOMENT, MEXICO, now=THAT_YEAR) == said


def test_another_year_is_named_and_the_city_on_request():
    with override("en"):
        later = datetime.datetime(2028, 1, 15, tzinfo=datetime.UTC)
        assert dates.say_when(MOMENT, MEXICO, now=later) == "Fri 5 Mar 2027, 15:00"
        assert dates.say_when(MOMENT, MEXICO, with_city=True, now=THAT_YEAR) == "Fri 5 Mar, 15:00 (Mexico City)"


@pytest.mark.parametrize(
    ("language", "said"), [("es", "5 de marzo de 2027"), ("pt-br", "5 de março de 2027"), ("en", "5 March 2027")]
)
def test_days(language, said):
    with override(language):
        assert dates.say_day(datetime.date(2027, 3, 5)) == said
        assert dates.say_day("2027-03-05") == said


@pytest.mark.parametrize(("language", "said"), [("es", "80\u00a0%"), ("pt-br", "80%"), ("en", "80%"), ("es-mx", "80\u00a0%")])
def test_the_percent_sign_stands_as_the_language_writes_it(language, said):
    with override(language):
        assert Template("{{ 80|percent }}{{ nothing|percent }}").render(Context()) == said
        assert components.percent(80.46, 1) == said.replace("80", components.number(80.46, 1))


def test_a_day_is_the_readers_day(rf):
    class Reader:
        time_zone = "America/Mexico_City"

    request = rf.get("/")
    request.user = Reader()
    late = datetime.datetime(2027, 3, 6, 3, 0, tzinfo=datetime.UTC)
    with override("es"):
        said = Template("{% day moment %} {% when moment city=True %}").render(Context({"request": request, "moment": late}))
    assert ">5 de marzo de 2027<" in said
    assert "vie 5 mar 2027, 21:00 (" in said


@pytest.mark.parametrize(
    ("country", "language", "said"),
    [
        ("MX", "es", "17,205.5"),
        ("PE", "es", "17,205.5"),
        ("CO", "es", "17.205,5"),
        ("AR", "es", "17.205,5"),
        ("CR", "es", "17\u00a0205,5"),
        ("BR", "pt-br", "17.205,5"),
        ("MX", "pt-br", "17,205.5"),
        ("", "es", "17,205.5"),
        ("", "pt-br", "17.205,5"),
        ("", "en", "17,205.5"),
    ],
)
def test_numbers_follow_the_country_then_the_language(country, language, said):
    token = components.reader_country.set(country)
    try:
        with override(language):
            assert components.number(17205.5) == said
    finally:
        components.reader_country.reset(token)


def test_numbers_of_odd_kinds():
    with override("en"):
        assert components.number(None) == ""
        assert components.number(0) == "0"
        assert components.number(1 / 3) == "0.33"
        assert components.number(2.5, 0) == "2"
        assert components.number("many") == "many"
        assert components.minutes(130) == "2 h 10 min"
        assert components.file_size(3_100_000) == "3.1 MB"


@pytest.mark.parametrize(("done", "total", "width"), [(11, 18, "61.11%"), (0, 0, "0.00%"), (9, 8, "100.00%"), (-1, 8, "0.00%")])
def test_bars_never_leave_their_track_and_never_speak_spanish(done, total, width):
    with override("es"):
        assert f'width="{width}"' in components.progress_bar(done, total)


def test_labels_are_escaped():
    assert "<b>" not in components.progress_bar(1, 2, label="<b>")
    assert "<b>" not in components.empty_line("<b>")
