"""National holidays by name, for each country, and the countries that zones lie in.

Holidays come from the `holidays` library, which computes them from each country's law; it knows some of our languages for some of our
countries. Regional holidays are not asked for: a cohort knows countries, not states.
"""

import functools
from importlib import resources

import holidays
from django.utils.translation import get_language

LANGUAGES = {"es": ("es",), "pt": ("pt_BR", "pt"), "en": ("en_US", "en_GB", "en")}


def name_of(country, day):
    """ "Día de la Independencia" in the reader's language where the library has it, else in the country's own; "" on other days."""
    return _year(country, day.year, (get_language() or "en")[:2]).get(day, "")


@functools.lru_cache(maxsize=1024)
def _year(country, year, language):
    """`{day: name}`; empty for a country that the library does not know."""
    try:
        found = holidays.country_holidays(country, years=year, language=_spoken(country, language))
    except NotImplementedError:
        return {}
    return dict(found.items())


@functools.lru_cache(maxsize=512)
def _spoken(country, language):
    own = holidays.country_holidays(country)  # without a language the library follows the locale of the machine
    return next((one for one in LANGUAGES.get(language, ()) if one in own.supported_languages), own.default_language)


@functools.cache
def _zone_table():
    """zone.tab of the tz database: `{zone: country}`."""
    text = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[2].strip(): row[0] for row in rows}


def country_of(zone):
    """The ISO code of the country a zone lies in, "" for UTC and the like."""
    return _zone_table().get(zone, "")


@functools.lru_cache(maxsize=512)
def zones_in(country, usual):
    """The zones of a country: those among `usual` if there are any, else its first one in the tz database."""
    mine = [zone for zone, code in _zone_table().items() if code == country]
    return tuple(zone for zone in usual if zone in mine) or tuple(mine[:1])
