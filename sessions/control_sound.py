"""What the control room shows of sound and picture: who may send, who is on the stage, who is muted, the backup address."""

from django.utils.translation import gettext_lazy as _

from sessions.conference import engine_of
from sessions.conference.rights import DEFAULT
from sessions.protocol import FOLD_TABLE

PUBLISH = (
    ("all", _("Everybody")),
    ("stage", _("Trainers and the stage")),
    ("hosts", _("Trainers only")),
    ("none", _("Nobody")),
)
# The trainer's own panel (media.js) knows from the log who is muted and who is on the stage; nothing else is folded in the control room.
FOLD = {"table": {kind: rule for kind, rule in FOLD_TABLE.items() if kind.startswith("media.")}, "kept": {}}


def sound_of(meeting, state, people, hands):
    """`None` where there is nothing to steer, else {inside, choices, policy, stage, here, all, none, address, backup}.

    `inside`: the engine is in the page, so the policy holds; `stage` and `here` are people with `muted`; `all`: ids of those who are here.
    No query.
    """
    engine = engine_of(meeting)
    if not engine.embedded and not meeting.backup_url:
        return None
    policy = {**DEFAULT, **state.get("media", {})}
    known = {one["id"]: one["name"] for one in (*people["guests"], *people["hosts"])}
    known = {**{hand["id"]: hand["n"] for hand in hands}, **known}
    here = [{**one, "muted": one["id"] in policy["muted"]} for one in people["guests"] if one["state"] == "here"]
    return {
        "inside": engine.embedded,
        "choices": PUBLISH,
        "policy": policy,
        "stage": [{"id": pk, "name": known[pk]} for pk in policy["stage"] if pk in known],
        "here": here,
        "all": sorted({one["id"] for one in here} | set(policy["muted"]))[:500],
        "address": meeting.backup_url,
        "none": [],
        "backup": policy.get("backup", ""),
    }
