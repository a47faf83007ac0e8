"""What the reader of a message reads: in which language, and days and moments written out in it."""

import datetime
import re

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.module_loading import import_string

from notifications import clocks

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
        return f"{written_date(local.date())}, {local:%H:%M} ({import_string(settings.CITY_NAMES)(zone)})"
    return value
