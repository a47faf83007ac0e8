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
from lms.dates import as_moment, say_day, say_when
from lms.icons import ICONS, NODES
from notifications import readers

register = template.Library()

# The country whose number format the current request reads; set by lms.shell for each request, empty elsewhere.
reader_country = ContextVar("reader_country", default="")


# --- icons ---------------------------------------------------------------------------------------------------------
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
    centres = [(9 + step * (n % columns), 9 + step * (n // columns)) for n in range(int(total))]
    kinds = ["dot" if n < done else "dotpre" for n in range(int(total))]
    dots = "".join(f'<circle class="{kind}" cx="{x}" cy="{y}" r="6.5"/>' for kind, (x, y) in zip(kinds, centres, strict=True))
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
def _zone(context, zone=None):
    if zone:
        return places.zone_named(str(zone))
    request = context.get("request")
    return places.zone_of(getattr(request, "user", None) or context.get("user"))


@register.simple_tag(takes_context=True)
def when(context, value, zone=None, city=False):
    """A moment in the reader's zone (or in `zone`); `city=True` names the place. Empty for `None`."""
    if not value:
        return ""
    value, zone = as_moment(value), _zone(context, zone)
    machine = value.astimezone(datetime.UTC).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', machine, say_when(value, zone, with_city=city or False))


@register.simple_tag(takes_context=True)
def day(context, value, short=False, year=True):
    """A calendar day in words; a datetime counts in the reader's zone."""
    if not value:
        return ""
    value = as_moment(value)
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
def percent(value, decimals=None):
    """80 → "80 %" in Spanish, "80%" in Portuguese and English; `decimals` as for `number`."""
    return "" if value in (None, "") else readers.percent(number(value, decimals))


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
    value = as_moment(value)
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


# --- signing in ----------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def invited_person(context):
    """The invitation that waits for its person to sign in, with enrolment, cohort and person; or `None`."""
    from lms.accounts import invited  # noqa: PLC0415 -- this library is loaded before the models

    return invited(context["request"])
