"""Countries, their zones, the names of cities, and how each country writes numbers."""

import zoneinfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

LATIN_AMERICA = (
    "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "SV", "GT", "HN", "MX", "NI", "PA", "PY", "PE", "PR", "UY", "VE",
)  # fmt: skip

# The zone most people of the country live in; the profile offers it and the person confirms or changes it.
ZONE_OF_COUNTRY = {
    "AR": "America/Argentina/Buenos_Aires", "BO": "America/La_Paz", "BR": "America/Sao_Paulo", "CL": "America/Santiago",
    "CO": "America/Bogota", "CR": "America/Costa_Rica", "CU": "America/Havana", "DO": "America/Santo_Domingo",
    "EC": "America/Guayaquil", "SV": "America/El_Salvador", "GT": "America/Guatemala", "HN": "America/Tegucigalpa",
    "MX": "America/Mexico_City", "NI": "America/Managua", "PA": "America/Panama", "PY": "America/Asuncion",
    "PE": "America/Lima", "PR": "America/Puerto_Rico", "UY": "America/Montevideo", "VE": "America/Caracas",
    "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "GB": "Europe/London", "CH": "Europe/Zurich", "US": "America/New_York",
}  # fmt: skip

CITIES = {
    "UTC": _("UTC"),
    "America/Mexico_City": _("Mexico City"),
    "America/Tijuana": _("Tijuana"),
    "America/Cancun": _("Cancún"),
    "America/Hermosillo": _("Hermosillo"),
    "America/Bogota": _("Bogotá"),
    "America/Sao_Paulo": _("São Paulo"),
    "America/Manaus": _("Manaus"),
    "America/Argentina/Buenos_Aires": _("Buenos Aires"),
    "America/Argentina/Cordoba": _("Córdoba"),
    "America/Santiago": _("Santiago de Chile"),
    "America/Lima": _("Lima"),
    "America/Guayaquil": _("Guayaquil"),
    "America/Caracas": _("Caracas"),
    "America/La_Paz": _("La Paz"),
    "America/Asuncion": _("Asunción"),
    "America/Montevideo": _("Montevideo"),
    "America/Panama": _("Panama City"),
    "America/Costa_Rica": _("San José, Costa Rica"),
    "America/Guatemala": _("Guatemala City"),
    "America/Havana": _("Havana"),
    "America/Santo_Domingo": _("Santo Domingo"),
    "America/El_Salvador": _("San Salvador"),
    "America/Tegucigalpa": _("Tegucigalpa"),
    "America/Managua": _("Managua"),
    "America/Puerto_Rico": _("San Juan, Puerto Rico"),
    "America/New_York": _("New York"),
    "Europe/London": _("London"),
    "Europe/Lisbon": _("Lisbon"),
    "Europe/Madrid": _("Madrid"),
    "Europe/Zurich": _("Zurich"),
}

# Thousands separator, decimal separator (CLDR). A no-break space groups Costa Rica's numbers.
POINT_GROUPS, COMMA_GROUPS, SPACE_GROUPS = (".", ","), (",", "."), ("\u00a0", ",")
NUMBER_STYLES = {
    **dict.fromkeys(("MX", "GT", "SV", "HN", "NI", "PA", "DO", "PE", "CU", "PR", "US", "GB"), COMMA_GROUPS),
    **dict.fromkeys(("BR", "CO", "VE", "PY", "AR", "CL", "UY", "BO", "EC"), POINT_GROUPS),
    **dict.fromkeys(("CR", "ES", "PT"), SPACE_GROUPS),
}
NUMBER_STYLE_OF_LANGUAGE = {"es": COMMA_GROUPS, "pt": POINT_GROUPS, "en": COMMA_GROUPS}


def city(zone_name):
    """The city a zone is named after, in the active language: "America/Bogota" → "Bogotá"."""
    return str(CITIES.get(zone_name) or zone_name.rsplit("/", 1)[-1].replace("_", " "))


def zone_of(user):
    """The zone in which a person reads times: their own, else the programme's."""
    return zone_named(getattr(user, "time_zone", "") or "", settings.PROGRAMME_TIME_ZONE)


def zone_named(name, otherwise="UTC"):
    """The zone, or `otherwise` for a name that this machine's tzdata does not have: a row from another machine must still be shown."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return zoneinfo.ZoneInfo(otherwise)


def zone_names():
    """The zones a profile offers: those of the settings and of the countries above."""
    return list(dict.fromkeys([*settings.WAGTAIL_USER_TIME_ZONES, *CITIES]))


def number_style(country, language):
    return NUMBER_STYLES.get(country) or NUMBER_STYLE_OF_LANGUAGE.get((language or "")[:2], COMMA_GROUPS)
