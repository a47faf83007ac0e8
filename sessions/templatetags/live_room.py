"""What the templates of a room need: buttons that are acts, clocks in the reader's zone, words held in all languages."""

import datetime
import json
import uuid

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language

from evaluations.words import in_language
from sessions import wall_clock

register = template.Library()
register.filter("said", in_language)


@register.simple_tag
def act(kind, /, **body):
    """The value of a button `name="act"`: the same for the form door and for the scripts."""
    return json.dumps({"k": kind, "b": body}, separators=(",", ":"))


@register.simple_tag
def new_cid():
    """So that a form sent twice is done once."""
    return str(uuid.uuid4())


@register.filter
def zone_name(user):
    """The reader's zone by its IANA name."""
    return getattr(user, "time_zone", "") or settings.PROGRAMME_TIME_ZONE


@register.simple_tag(takes_context=True)
def clock(context, milliseconds):
    """15:04 (15h04 in Portuguese) in the reader's zone, of milliseconds since 1970. The scripts write the same (bind.js)."""
    if not milliseconds:
        return ""
    zone = wall_clock.zone(zone_name(context["request"].user))
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, zone)
    text = f"{moment:%H}h{moment:%M}" if (get_language() or "").startswith("pt") else f"{moment:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', moment.astimezone(datetime.UTC).isoformat(timespec="minutes"), text)


@register.filter
def of_hundred(share):
    """0.4375 → 44, a whole number for widths and words; halves go up, as in the browser (stage.js)."""
    return int((share or 0) * 100 + 0.5)


@register.simple_tag
def module_path(name):
    """How modules call each other; an import map leads from there to the names under which files are served."""
    return f"{settings.STATIC_URL}live/js/{name}.js"
