"""What previews of plans need: clocks of local times, names of countries, zones that are always shown."""

from django import template
from django.utils.translation import gettext as _
from django_countries import countries

from sessions import local_times, wall_clock

register = template.Library()
MOST = 3


@register.filter
def clock(local):
    """A naive local time or datetime: "15:00", in Portuguese "15h00"."""
    return local_times.clock(local)


@register.filter
def country_names(codes):
    """ "Brazil, Colombia", in the reader's language."""
    return ", ".join(str(countries.name(code)) for code in codes)


@register.filter
def first_zones(zones):
    return zones[:MOST]


@register.filter
def known_zone(name):
    """The zone's name, or UTC for one that this machine does not know."""
    return str(wall_clock.zone(name))


@register.filter
def sooner(moment):
    """ "UTC-5": the offset of the first of two equal hours."""
    return _("UTC%(hours)s") % {"hours": f"{moment.utcoffset().total_seconds() / 3600:+g}"}
