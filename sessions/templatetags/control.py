"""Small words of the control room and the screens: clocks in the zone of the meeting, countdowns, widths of bars."""

import datetime

from django import template
from django.utils.translation import get_language

from sessions import wall_clock

register = template.Library()


@register.filter
def hour(instant, zone):
    """ "15:31" in the zone; Brazil writes "15h31"."""
    if isinstance(instant, int | float):
        instant = datetime.datetime.fromtimestamp(instant / 1000, datetime.UTC)
    local = instant.astimezone(wall_clock.zone(str(zone)))
    return f"{local:%H}h{local:%M}" if get_language() == "pt-br" else f"{local:%H:%M}"


@register.filter
def countdown(seconds):
    """75 → "1:15"."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.filter
def width(share):
    """0.305 → "30.5%" for an SVG attribute, never localised."""
    return f"{(share or 0) * 100:.1f}%"
