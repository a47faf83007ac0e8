"""What the page of a transcript needs: clocks of ISO instants, words of states."""

from datetime import datetime

from django import template
from django_countries import countries

from sessions import transcript_words, wall_clock
from sessions.local_times import clock

register = template.Library()


@register.filter
def at(instant, zone):
    """An ISO instant as the clock of a zone shows it; "" for `None`."""
    return clock(datetime.fromisoformat(instant).astimezone(wall_clock.zone(zone))) if instant else ""


@register.filter
def what(value):
    return transcript_words.what_words(value)


@register.filter
def state(value):
    return transcript_words.state_words(value)


@register.filter
def country(code):
    return str(countries.name(code)) if code else ""


@register.filter
def of_hundred(share):
    return int(share * 100 + 0.5)
