"""What the reader of a message reads: in which language, and days and moments written out in it."""

import datetime
import re

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.module_loading import import_string

from notifications import clocks

NOON = 12
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


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


def words_of(context):
    """A context as templates read it: days and moments written out in the active language."""
    return {name: _written(name, value) for name, value in context.items()}


def _written(name, value):
    """Context is JSON: names that end in `_on` hold a date, in `_at` an instant with its zone (`[instant, zone]`)."""
    if name.endswith("_on") and isinstance(value, str) and DATE.fullmatch(value):
        return written_date(datetime.date.fromisoformat(value))
    if name.endswith("_at") and isinstance(value, list):
        instant, zone = value
        local = datetime.datetime.fromisoformat(instant).astimezone(clocks.zone(zone))
        return f"{_weekday(local)} {written_date(local.date())}, {_clock(local, import_string(settings.CITY_NAMES)(zone))}"
    return value


def _weekday(day):
    """ "viernes", "sexta-feira,", "Friday": as it stands before a date."""
    language, name = (translation.get_language() or "")[:2], str(WEEKDAYS[day.weekday()])
    return {"es": name.lower(), "pt": f"{name.lower()},"}.get(language, name)


def _clock(local, city):
    """ "15:00 (Bogotá)", in Portuguese "15h00 (Bogotá)"; in Spanish "15:00 (3:00 p. m.), Bogotá": its countries use both clocks."""
    language = (translation.get_language() or "")[:2]
    if language != "es":
        return f"{local:%H}{'h' if language == 'pt' else ':'}{local:%M} ({city})"
    half = "a.\u00a0m." if local.hour < NOON else "p.\u00a0m."
    return f"{local:%H:%M} ({local.hour % NOON or NOON}:{local:%M}\u00a0{half}), {city}"
