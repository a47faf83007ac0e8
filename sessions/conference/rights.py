"""Who may be heard and seen: the standing policy of a room, and what it means for one person. The log holds the policy."""

from sessions.models import Event

STAGE_LIMIT = 6
PUBLISH = ("all", "stage", "hosts", "none")
DEFAULT = {"publish": "all", "stage": [], "muted": [], "video": True}
WHAT = ("audio", "camera", "screen")


def policy_of(meeting_id):
    """The policy that stands: {publish, stage: [user ids], muted: [user ids], video}. One query."""
    told = Event.objects.filter(stream__meeting_id=meeting_id, stream__name="main", kind="media.policy")
    return {**DEFAULT, **(told.order_by("-seq").values_list("body", flat=True).first() or {})}


def rights(seat, policy):
    """{"audio", "camera", "screen"} → may this person send it. Hosts may unless nobody may; a mute holds for everybody."""
    may = policy["publish"] == "all" or (policy["publish"] != "none" and seat.hosts)
    may = may or (policy["publish"] == "stage" and seat.user_id in policy["stage"])
    return {
        "audio": may and seat.user_id not in policy["muted"],
        "camera": may and policy["video"],
        "screen": may and policy["video"],
    }
