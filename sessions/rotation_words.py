"""Why a group leads a quarter, and what happened to it, as sentences."""

from django.utils.translation import gettext as _
from django_countries import countries as names

from notifications.readers import written_quarter


def why(slot):
    """One sentence or two about the group of a slot; "" for an empty one."""
    data = slot.why
    rule = data.get("rule")
    if not slot.group_id or not rule:
        return ""
    said = _RULES[rule](data) if rule in _RULES else ""
    if rule in ("swap", "assigned") and data.get("reason"):
        said = f"{said} {_because(data)}"
    return said


def choice(group, data):
    """A group a lead may choose: "Grupo Ceibo: Brazil, Colombia. Has not led yet." """
    countries = ", ".join(names.name(code) for code in data["countries"])
    last = _("Last led in %(quarter)s.") % {"quarter": written_quarter(data["since"])} if data["since"] else _("Has not led yet.")
    return f"{group.name}: {countries}. {last}" if countries else f"{group.name}. {last}"


def _turn(data):
    if data.get("since"):
        words = _("Last led in %(quarter)s, longest of all") % {"quarter": written_quarter(data["since"])}
    else:
        words = _("Has not led yet")
    if data.get("other_country"):
        words += _("; other country than the quarters beside it")
    return f"{words}."


def _assigned(data):
    since = data.get("since")
    last = _("Last led in %(quarter)s.") % {"quarter": written_quarter(since)} if since else _("Has not led yet.")
    return f"{_('Chosen by a lead.')} {last}"


def _replaces(data):
    return f"{_('Takes over from %(group)s.') % {'group': data.get('former', '')}} {_turn(data)}"


def _because(data):
    return _("Reason: %(reason)s") % {"reason": data["reason"]}


_RULES = {
    "never_led": _turn,
    "longest_since": _turn,
    "assigned": _assigned,
    "replaces": _replaces,
    "swap": lambda data: _("Swapped with another quarter."),
    "override": lambda data: f"{_('Leads again before all groups have led.')} {_because(data)}",
}


def change(row):
    """A `SlotChange` as a sentence."""
    names = {
        "from_": row.from_group.name if row.from_group else _("nobody"),
        "to": row.to_group.name if row.to_group else _("nobody"),
    }
    words = {
        "proposed": _("%(to)s was proposed."), "accepted": _("%(to)s accepted."), "declined": _("%(from_)s declined."),
        "swapped": _("Swapped: %(to)s instead of %(from_)s."), "assigned": _("A lead chose %(to)s."),
        "override": _("A lead chose %(to)s against the rule."), "dropped_out": _("%(from_)s left the rotation."),
    }  # fmt: skip
    return words.get(row.what, "") % names
