"""The small parts that templates of every app share: icons, progress, dates and numbers for people. A builtin: never loaded."""

import datetime
import decimal
from contextvars import ContextVar

from django import forms, template
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, ngettext

from lms import places

register = template.Library()

# The country whose number format the current request reads; set by lms.shell for each request, empty elsewhere.
reader_country = ContextVar("reader_country", default="")

# --- icons ---------------------------------------------------------------------------------------------------------
ICONS = {
    "home": '<path d="M4 11l8-7 8 7v9H4z"/><path d="M10 20v-6h4v6"/>',
    "book": '<path d="M5 4h10a4 4 0 0 1 4 4v12H9a4 4 0 0 1-4-4z"/><path d="M5 16a4 4 0 0 1 4-4h10"/>',
    "calendar": '<rect x="4" y="5" width="16" height="15" rx="1"/><path d="M4 10h16M9 3v4M15 3v4"/>',
    "network": '<circle cx="6" cy="7" r="2.5"/><circle cx="18" cy="7" r="2.5"/><circle cx="12" cy="18" r="2.5"/>'
    '<path d="M8 8.5l3 7M16 8.5l-3 7M8.5 7h7"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8"/>',
    "check": '<path d="M4 12l5 5L20 6"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
    "offline": '<path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.5M19 12a10 10 0 0 0-5-2.8M12 19h.01"/>',
    "video": '<rect x="3" y="6" width="12" height="12" rx="1"/><path d="M15 11l6-4v10l-6-4"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="1"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="1"/><path d="M3.5 6.5L12 13l8.5-6.5"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "flag": '<path d="M5 21V4h12l-2 4 2 4H5"/>',
    "file": '<path d="M6 3h8l5 5v13H6z"/><path d="M14 3v5h5"/>',
    "quiz": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5h.01"/>',
    "survey": '<path d="M5 4h14v17H5z"/><path d="M9 9h6M9 13h6M9 17h3"/>',
    "lesson": '<path d="M4 5h6a2 2 0 0 1 2 2v13a2 2 0 0 0-2-2H4zM20 5h-6a2 2 0 0 0-2 2v13a2 2 0 0 1 2-2h6z"/>',
    "live": '<circle cx="12" cy="12" r="2.5"/><path d="M7.8 7.8a6 6 0 0 0 0 8.4M16.2 7.8a6 6 0 0 1 0 8.4M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14"/>',
    "warning": '<path d="M12 4l9 16H3z"/><path d="M12 10v4M12 17h.01"/>',
    "external": '<path d="M13 5h6v6M19 5l-9 9M10 6H5v13h13v-5"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "globe": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 2.6 3.6 5.6 3.6 8.5s-.6 5.9-3.6 8.500c-3-2.6-3.6-5.6-3.6-8.500s.6-5.9 3.6-8.500z"/>',
    "certificate": '<circle cx="12" cy="9" r="5.5"/><path d="M9 14l-1.5 7 4.5-2.5 4.5 2.500L15 14"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="M11 12l8.5-8.500M16 7l3 3"/>',
    "chevron": '<path d="M6 9l6 6 6-6"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "leave": '<path d="M14 4H5v16h9M10 12h11M17 8l4 4-4 4"/>',
    "edit": '<path d="M4 20l1-4L16 5l3 3L8 19z"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.500a2.5 2.5 0 1 1 3.5 2.300c-.7.3-1 .8-1 1.700M12 16.500h.01"/>',
}  # fmt: skip
NODES = {
    "done": '<circle class="node-done" cx="12" cy="12" r="11"/><path class="node-tick" d="M6.5 12.500l3.5 3.5 7-8"/>',
    "started": '<circle class="node-ring" cx="12" cy="12" r="10"/><path class="node-done" d="M12 2a10 10 0 0 1 0 20z"/>',
    "todo": '<circle class="node-todo" cx="12" cy="12" r="10"/>',
    "locked": '<circle class="node-locked" cx="12" cy="12" r="10"/>',
}


@register.simple_tag
def icon(name):
    """An inline icon that says nothing to a screen reader: the words beside it do."""
    return mark_safe(  # noqa: S308 -- constant markup
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true">{ICONS[name]}</svg>'
    )


@register.simple_tag
def node(state):
    """The mark of an outline line: done, started, todo or locked, with the state in words for screen readers."""
    words = {
        "done": gettext("Done"),
        "started": gettext("Started"),
        "todo": gettext("Not started"),
        "locked": gettext("Not open yet"),
    }
    return format_html(
        '<span class="node"><svg viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg></span>',
        words[state],
        mark_safe(NODES[state]),  # noqa: S308 -- constant markup
    )


# --- progress ------------------------------------------------------------------------------------------------------
@register.simple_tag
def progress_bar(done, total, label=""):
    """A bar in SVG; `label` (default "3 of 8") is what screen readers hear. Coordinates are never localised."""
    share = min(max(float(done) / float(total), 0.0), 1.0) * 100 if total else 0.0
    label = label or gettext("%(done)s of %(total)s") % {"done": done, "total": total}
    return format_html(
        '<svg class="bar" width="100%" height="8" role="img" aria-label="{}"><rect class="track" width="100%" height="8" rx="2"/>'
        '<rect class="fill" width="{}%" height="8" rx="2"/></svg>',
        label,
        f"{share:.2f}",
    )


@register.simple_tag
def unit_dots(done, total, label=""):
    """One dot per person or thing: for groups small enough that a percentage would lie."""
    step, columns = 18, min(max(int(total), 1), 26)
    dots = "".join(
        f'<circle class="{"dot" if n < done else "dotpre"}" cx="{9 + step * (n % columns)}" cy="{9 + step * (n // columns)}" r="6.5"/>'
        for n in range(int(total))
    )
    width, height = step * columns, step * max(-(-int(total) // columns), 1)
    label = label or gettext("%(done)s of %(total)s") % {"done": done, "total": total}
    return format_html(
        '<svg class="ch" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">{dots}</svg>',
        w=width, h=height, label=label, dots=mark_safe(dots),  # noqa: S308 -- numbers only
    )  # fmt: skip


@register.simple_tag
def empty_line(text):
    """One sentence for a list with nothing in it."""
    return format_html('<p class="empty">{}</p>', text)


# --- dates ---------------------------------------------------------------------------------------------------------
# Django's own catalogues capitalise months in es-mx and pt-br; these do not, and they follow CLDR.
DAYS = {
    "es": "lun mar mié jue vie sáb dom".split(),
    "pt": "seg. ter. qua. qui. sex. sáb. dom.".split(),
    "en": "Mon Tue Wed Thu Fri Sat Sun".split(),
}
MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
    "en": "January February March April May June July August September October November December".split(),
}
SHORT_MONTHS = {
    "es": "ene feb mar abr may jun jul ago sep oct nov dic".split(),
    "pt": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}


def _language():
    language = (get_language() or "")[:2]
    return language if language in DAYS else "en"


def _moment(value):
    """A date or datetime; ISO texts (as JSON columns hold them) are read too."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime) and timezone.is_naive(value):
        value = value.replace(tzinfo=datetime.UTC)
    return value


def say_when(value, zone, *, with_city=False, now=None):
    """"vie 5 mar, 15:00", with the year unless it is this year and, when asked, the city of the zone."""
    value = _moment(value).astimezone(zone)
    language, now = _language(), (now or timezone.now()).astimezone(zone)
    date = f"{DAYS[language][value.weekday()]} {value.day} {SHORT_MONTHS[language][value.month - 1]}"
    if value.year != now.year:
        date += f" {value.year}"
    clock = f"{value:%H}h{value:%M}" if language == "pt" else f"{value:%H:%M}"
    return f"{date}, {clock}" + (f" ({places.city(str(zone))})" if with_city else "")


def say_day(value, zone=None, *, short=False, year=True):
    """"5 de marzo de 2027"; short: "5 mar 2027"."""
    value = _moment(value)
    if isinstance(value, datetime.datetime):
        value = value.astimezone(zone).date() if zone else value.date()
    language = _language()
    joint = " de " if language in ("es", "pt") and not short else " "
    month = (SHORT_MONTHS if short else MONTHS)[language][value.month - 1]
    return joint.join([str(value.day), month] + ([str(value.year)] if year else []))


def _zone(context, zone=None):
    if zone:
        return places.zoneinfo.ZoneInfo(str(zone))
    request = context.get("request")
    return places.zone_of(getattr(request, "user", None) or context.get("user"))


@register.simple_tag(takes_context=True)
def when(context, value, zone=None, city=False):
    """A moment in the reader's zone (or in `zone`); `city=True` names the place. Empty for `None`."""
    if not value:
        return ""
    value, zone = _moment(value), _zone(context, zone)
    machine = value.astimezone(datetime.UTC).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', machine, say_when(value, zone, with_city=city or False))


@register.simple_tag(takes_context=True)
def day(context, value, short=False, year=True):
    """A calendar day in words; a datetime counts in the reader's zone."""
    if not value:
        return ""
    value = _moment(value)
    if isinstance(value, datetime.datetime):
        value = value.astimezone(_zone(context)).date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), say_day(value, short=short, year=year))


@register.filter
def city(zone_name):
    return places.city(str(zone_name)) if zone_name else ""


# --- numbers and words ---------------------------------------------------------------------------------------------
@register.filter
def number(value, decimals=None):
    """17205.5 as the reader's country writes it; `decimals` fixes the places (default: as many as the value has, at most 2)."""
    if value in (None, ""):
        return ""
    try:
        value = decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        return value
    if decimals is not None:
        value = round(value, int(decimals))
    elif value.as_tuple().exponent < -2:
        value = round(value, 2)
    groups, point = places.number_style(reader_country.get(), get_language())
    return f"{value:,f}".translate(str.maketrans({",": groups, ".": point}))


@register.filter
def minutes(value):
    """45 → "45 min", 130 → "2 h 10 min"."""
    hours, rest = divmod(int(value or 0), 60)
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


@register.filter
def file_size(value):
    """Bytes as "180 kB" or "3,1 MB"."""
    size = int(value or 0)
    if size < 1_000_000:
        return f"{number(max(round(size / 1000), 1))} kB"
    return f"{number(size / 1_000_000, 1)} MB"


@register.simple_tag
def days_left(value):
    """How far a date is, in words: "today", "in 3 days", "2 days ago"."""
    if not value:
        return ""
    value = _moment(value)
    value = value.date() if isinstance(value, datetime.datetime) else value
    days = (value - timezone.now().date()).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days}
    return ngettext("%(count)s day ago", "%(count)s days ago", -days) % {"count": -days}


@register.filter
def paragraphs(text):
    """Plain text from people, escaped, with its line breaks."""
    return linebreaksbr(text, autoescape=True)


# --- forms ---------------------------------------------------------------------------------------------------------
@register.filter
def shape(field):
    """How a field is drawn: "choices" (cards), "tick" (one card), "hidden" or "plain"."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    return "hidden" if widget.is_hidden else "plain"


@register.filter
def anchor(field):
    """The id an error link jumps to: the control, or the first of a group."""
    if shape(field) == "choices":
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.simple_tag(takes_context=True)
def page_url(context, number):
    """The present address with another `page`; for lists that keep their filters while paging."""
    query = context["request"].GET.copy()
    query["page"] = number
    return f"?{query.urlencode()}"
