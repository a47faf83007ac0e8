"""What kind of meeting it is, in words."""

from django import template

from sessions import kinds

register = template.Library()


@register.filter
def kind_name(meeting):
    """ "Training session"."""
    return kinds.name_of(meeting)


@register.filter
def about_person(user):
    """ "Geriatrician · Hospital General · Puebla · Mexico", as much of it as is known."""
    profession = user.get_profession_display() if user.profession else ""
    return " · ".join(str(word) for word in (profession, user.hospital, user.city, user.country.name) if word)


@register.filter
def short_facts(meeting):
    """What a list says beside the kind, as a list of words."""
    return kinds.short_facts(meeting)
