"""Dates as people of each language write them: lower-case months in Spanish and Portuguese, 24-hour clock, a named place."""

import datetime

from django.utils import timezone
from django.utils.translation import get_language

from lms import places

# Django's own catalogues capitalise months in es-mx and pt-br; these do not, and they follow CLDR.
DAYS = {
    "es": ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    "pt": ["seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "en": "January February March April May June July August September October November December",
}
MONTHS = {language: tuple(names.split()) for language, names in MONTHS.items()}
SHORT_MONTHS = {
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
    "pt": ["jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


def _language():
    language = (get_language() or "")[:2]
    return language if language in DAYS else "en"


def as_moment(value):
    """A date or datetime; ISO texts (as JSON columns hold them) are read too."""
    if isinstance(value, str):
        kind = datetime.date if len(value) == len("2027-03-05") else datetime.datetime
        value = kind.fromisoformat(value)
    if isinstance(value, datetime.datetime) and timezone.is_naive(value):
        value = value.replace(tzinfo=datetime.UTC)
    return value


def say_when(value, zone, *, with_city=False, now=None):
    """ "vie 5 mar, 15:00", with the year unless it is this year and, when asked, the city of the zone."""
    value = as_moment(value).astimezone(zone)
    language, now = _language(), (now or timezone.now()).astimezone(zone)
    date = f"{DAYS[language][value.weekday()]} {value.day} {SHORT_MONTHS[language][value.month - 1]}"
    if value.year != now.year:
        date += f" {value.year}"
    clock = f"{value:%H}h{value:%M}" if language == "pt" else f"{value:%H:%M}"
    return f"{date}, {clock}" + (f" ({places.city(str(zone))})" if with_city else "")


def say_day(value, zone=None, *, short=False, year=True):
    """ "5 de marzo de 2027"; short: "5 mar 2027"."""
    value = as_moment(value)
    if isinstance(value, datetime.datetime):
        value = value.astimezone(zone).date() if zone else value.date()
    language = _language()
    joint = " de " if language in ("es", "pt") and not short else " "
    month = (SHORT_MONTHS if short else MONTHS)[language][value.month - 1]
    return joint.join([str(value.day), month] + ([str(value.year)] if year else []))
