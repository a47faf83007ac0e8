"""A meeting's ways into calendars."""

from django import template

from sessions import entries

register = template.Library()


@register.simple_tag
def calendar_links(meeting):
    """`.google`, `.outlook_home`, `.outlook_work`: addresses outside that open the meeting, ready to save."""
    return entries.links_of(meeting)
