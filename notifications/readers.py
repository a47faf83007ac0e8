"""What the reader of a message reads: in which language, and days and moments written out in it."""

import datetime
import re

from django.conf import settings
from django.utils import timezone, translation
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from notifications import clocks

NOON = 12
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
QUARTER = re.compile(r"(\d{4})-Q([1-4])")


def language_for(user, language=None):
    """The asked language, else the person's own, else the site's; always one that the site speaks."""
    spoken = dict(settings.LANGUAGES)
    return next((code for code in (language, getattr(user, "language", "")) if code in spoken), settings.LANGUAGE_CODE)


def written_date(day):
    """A day in words in the active language: "5 de marzo de 2027", "5 de março de 2027", "5 March 2027"."""
    month = str(MONTHS[day.month])
    if (translation.get_language() or "").startswith(("es", "pt")):
        return f"{day.day} de {month.lower()} de {day.year}"
    return f"{day.day} {month} {day.year}"


def written_quarter(quarter):
    """ "2027-Q2" in words: "2.º trimestre de 2027", "2º trimestre de 2027", "Q2 2027". Any other text stays as it is."""
    found = QUARTER.fullmatch(quarter)
    return _("Q%(number)s %(year)s") % {"number": found[2], "year": found[1]} if found else quarter


def percent(figure):
    """A written number with its sign, kept on one line: "80\u00a0%" in Spanish, "80%" in Portuguese and English (CLDR)."""
    return f"{figure}\u00a0%" if _language() == "es" else f"{figure}%"


def words_of(context):
    """A context as templates read it: days, moments and quarters written out in the active language.

    Beside `starts_at` or `due_on` stands `starts_short` or `due_short` for subjects, of which a telephone shows some forty characters.
    """
    return {name: _written(name, value) for name, value in context.items()} | dict(_short(context))


def _written(name, value):
    """Context is JSON: names that end in `_on` hold a date, in `_at` an instant with its zone (`[instant, zone]`).

    `quarter` holds a quarter such as "2027-Q2".
    """
    if _is_day(name, value):
        return written_date(datetime.date.fromisoformat(value))
    if _is_moment(name, value):
        local, city = _local(value)
        return f"{_weekday(local)} {written_date(local.date())}, {_clock(local, city)}"
    if name == "quarter" and isinstance(value, str):
        return written_quarter(value)
    return value


def _short(context):
    for name, value in context.items():
        if _is_day(name, value):
            yield f"{name.removesuffix('_on')}_short", short_date(datetime.date.fromisoformat(value))
        elif _is_moment(name, value):
            local, city = _local(value)
            hour = f"{local:%H}{'h' if _language() == 'pt' else ':'}{local:%M}"
            yield f"{name.removesuffix('_at')}_short", f"{short_date(local.date())}, {hour} ({city})"


def short_date(day):
    """ "vie 5 mar", "sex 5 mar", "Fri 5 Mar"; with the year where it is not this one."""
    weekday, month = str(WEEKDAYS_ABBR[day.weekday()]), str(MONTHS_3[day.month])
    pair = (weekday.lower(), month.lower()) if _language() in ("es", "pt") else (weekday, month.capitalize())
    year = "" if day.year == timezone.localdate().year else f" {day.year}"
    return f"{pair[0]} {day.day} {pair[1]}{year}"


def _is_day(name, value):
    return name.endswith("_on") and isinstance(value, str) and bool(DATE.fullmatch(value))


def _is_moment(name, value):
    return name.endswith("_at") and isinstance(value, list)


def _local(moment):
    instant, zone = moment
    return datetime.datetime.fromisoformat(instant).astimezone(clocks.zone(zone)), import_string(settings.CITY_NAMES)(zone)


def _language():
    return (translation.get_language() or "")[:2]


def _weekday(day):
    """ "viernes", "sexta-feira,", "Friday": as it stands before a date."""
    language, name = _language(), str(WEEKDAYS[day.weekday()])
    return {"es": name.lower(), "pt": f"{name.lower()},"}.get(language, name)


def _clock(local, city):
    """ "15:00 (Bogotá)", in Portuguese "15h00 (Bogotá)"; in Spanish "15:00 (3:00 p. m.), Bogotá": its countries use both clocks."""
    language = _language()
    if language != "es":
        return f"{local:%H}{'h' if language == 'pt' else ':'}{local:%M} ({city})"
    half = "a.\u00a0m." if local.hour < NOON else "p.\u00a0m."
    return f"{local:%H:%M} ({local.hour % NOON or NOON}:{local:%M}\u00a0{half}), {city}"
