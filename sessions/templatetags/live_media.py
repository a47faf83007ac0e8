"""What the panel of sound and picture needs to know of a meeting."""

from django import template

from sessions.conference import engine_of
from sessions.conference.rights import DEFAULT

register = template.Library()
MODULES = {"mesh": "live/js/mesh.js", "janus": "live/js/sfu.js"}


@register.simple_tag
def media_of(meeting, found):
    """{engine, problems, module, policy, backup}; `module` is the script of an engine inside the page. `found` is a RoomState."""
    engine = engine_of(meeting)
    standing = {**DEFAULT, **found.of("media")}
    return {
        "engine": engine,
        "problems": engine.check(meeting),
        "module": MODULES.get(engine.key, ""),
        "policy": standing,
        "backup": standing.get("backup", ""),
    }
