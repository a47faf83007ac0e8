"""What the blocks of a lesson need in their templates."""

from django import template

from curriculum import charts

register = template.Library()


@register.simple_tag
def chart(value):
    """The drawing of a data figure block (see curriculum/charts.py)."""
    rows = [(row["label"], row["values"]) for row in value["rows"]]
    return charts.draw(value["form"], rows, value.get("unit") or "", value.get("series") or ())


@register.simple_tag(takes_context=True)
def source_number(context, key):
    """The number under which the lesson lists the source `key`, or ""."""
    return context.get("source_numbers", {}).get(key or "", "")
