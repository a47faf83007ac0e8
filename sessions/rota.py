"""The rota as it stands under its lock: groups first, then the slots by quarter. Every act on it begins with `hold`."""

import dataclasses

from curriculum.mentors import active_mentors
from sessions import fairness, lead_groups, quarters
from sessions.models import LeadGroup, Meeting, QuarterSlot

GONE = (Meeting.State.CANCELLED,)


def standing_meeting(slot):
    """The slot's meeting unless it was called off."""
    return slot.meeting if slot.meeting_id and slot.meeting.state not in GONE else None


def is_fixed(slot, day=None):
    """What has been stays: a meeting that began, or a quarter that is over without one to come."""
    meeting = standing_meeting(slot)
    if meeting is not None:
        return meeting.started_at is not None or meeting.state == Meeting.State.ENDED
    return quarters.is_over(slot.quarter, day)


def was_called_off(slot):
    """Whether the quarter went by without its meeting: its group has not led."""
    return slot.meeting_id is not None and standing_meeting(slot) is None and quarters.is_over(slot.quarter)


@dataclasses.dataclass
class Rota:
    """`groups` are `fairness.Group`s of every group there was; `slots` rows by quarter, oldest first."""

    groups: list
    slots: dict

    @property
    def turns(self):
        return [
            fairness.Turn(slot.quarter, slot.group_id, slot.why.get("rule") == "override")
            for slot in self.slots.values()
            if slot.group_id and not was_called_off(slot)
        ]

    def group(self, pk):
        return next((group for group in self.groups if group.id == pk), None)

    def open_slot(self, quarter):
        """The slot, or `None` where it can change no more."""
        slot = self.slots[quarter]
        return None if is_fixed(slot) else slot


def hold(*years):
    """Inside a transaction: the rows of `years` exist, every row of groups and slots is locked. Returns the `Rota`."""
    lead_groups.hold()
    wanted = [QuarterSlot(quarter=quarter) for year in years for quarter in quarters.of_year(year)]
    QuarterSlot.objects.bulk_create(wanted, ignore_conflicts=True)
    slots = QuarterSlot.objects.select_for_update(of=("self",)).select_related("meeting").order_by("quarter")
    return Rota(groups_for_fairness(), {slot.quarter: slot for slot in slots})


def look():
    """The rota as it stands, for pages: nothing is held and no row is made."""
    slots = QuarterSlot.objects.select_related("group", "meeting").order_by("quarter")
    return Rota(groups_for_fairness(), {slot.quarter: slot for slot in slots})


def groups_for_fairness():
    """Three queries."""
    mentors = set(active_mentors().order_by().values_list("pk", flat=True))
    return [_as_data(group, mentors) for group in LeadGroup.objects.prefetch_related(lead_groups.current_members())]


def _as_data(group, mentors):
    users = [member.user for member in group.standing if member.user_id in mentors]
    return fairness.Group(
        group.pk, group.name, quarters.quarter_of(quarters.day_of(group.created_at)),
        able=group.left_at is None and len(users) >= lead_groups.FEWEST,
        countries=frozenset(str(user.country) for user in users if user.country),
        languages=frozenset(user.language for user in users if user.language),
    )  # fmt: skip
