"""Who leads which quarter: proposed by fairness, accepted or declined by the group, swapped or given by a lead.

Every act holds the rota (sessions/rota.py), so that ten at once come one after the other, leaves a `SlotChange`, and tells those it is
about in the same transaction. Views ask who may; what a person may do for a group is asked again here, under the lock.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.enrollment_states import Refused
from sessions import duty_mail, fairness, lead_groups, quarter_days, quarters, rota
from sessions.models import LeadGroup, LeadGroupMember, QuarterSlot, SlotChange

State = QuarterSlot.State


# --- proposing -------------------------------------------------------------------------------------------------------


def proposal(known, year):
    """`[(slot, fairness.Group, why)]` for the empty slots of the year's quarters that have not begun, in a rota that is looked at or held."""
    turns, found = known.turns, []
    for quarter in quarters.of_year(year):
        slot = known.slots.get(quarter) or QuarterSlot(quarter=quarter)
        if slot.group_id or quarters.has_begun(quarter) or rota.is_fixed(slot):
            continue
        group = fairness.next_group(quarter, turns, known.groups, _declined(slot))
        if group is not None:
            found.append((slot, group, fairness.why(group, quarter, turns, known.groups)))
            turns = sorted([*turns, fairness.Turn(quarter, group.id)], key=lambda turn: turn.quarter)
    return found


def propose(year, by, check=None):
    """Gives the slots of `proposal` to their groups. Returns those slots. `check` sees the proposal under the lock and may raise."""
    with transaction.atomic():
        found = proposal(rota.hold(year), year)
        if check:
            check(found)
        for slot, group, why in found:
            _give(slot, group.id, "proposed", why, by)
    return [slot for slot, _group, _why in found]


def _propose_next(held, slot, by, former=None):
    """Gives the slot to the next fair group; `former` is the group that it replaces. The `SlotChange`, or `None` where there is no such group."""
    group = fairness.next_group(slot.quarter, held.turns, held.groups, _declined(slot))
    if group is None:
        return None
    why = fairness.why(group, slot.quarter, held.turns, held.groups)
    if former is not None:
        why |= {"rule": "replaces", "former": former.name}
    return _give(slot, group.id, "proposed", why, by)


def _declined(slot):
    """Groups that said no to this quarter, and those that left."""
    said_no = SlotChange.objects.filter(slot=slot, what__in=("declined", "dropped_out")) if slot.pk else SlotChange.objects.none()
    return set(said_no.values_list("from_group_id", flat=True))


# --- the group answers -----------------------------------------------------------------------------------------------


def accept(quarter, by):
    """The group takes its turn; again is the same as once. Raises `Refused`."""
    with transaction.atomic():
        slot = _changeable(rota.hold(quarters.year_of(quarter)), quarter)
        _require_for_group(slot, by)
        if slot.state == State.ACCEPTED:
            return slot
        slot.state = State.ACCEPTED
        slot.save(update_fields=["state"])
        change = _log(slot, "accepted", slot.group_id, slot.group_id, by)
        duty_mail.tell_turn(slot, change)
    return slot


def decline(quarter, by, reason):
    """The group cannot; the next fair group is proposed, both are told. Returns the slot as it stands then. Raises `Refused`."""
    with transaction.atomic():
        held = rota.hold(quarters.year_of(quarter))
        slot = _changeable(held, quarter)
        _require_for_group(slot, by)
        _require_reason(reason, _("Write why the group cannot lead this quarter."))
        former = _empty(slot, "declined", by, reason)
        _replace(held, slot, by, former)
    return slot


def drop_out(group, by, reason):
    """The group leaves the rotation: its people are free, its coming quarters go to the next fair groups. Twice is the same as once."""
    _require_reason(reason, _("Write why the group leaves."))
    with transaction.atomic():
        held = rota.hold()
        group = LeadGroup.objects.get(pk=group.pk)
        if group.left_at:
            return group
        coming = [slot for slot in held.slots.values() if slot.group_id == group.pk and not rota.is_fixed(slot)]
        emptied = [(slot, _empty(slot, "dropped_out", by, reason)) for slot in coming]
        group.left_at, group.left_reason = timezone.now(), reason.strip()[:300]
        group.save(update_fields=["left_at", "left_reason"])
        LeadGroupMember.objects.filter(group=group, left_at=None).update(left_at=group.left_at, left_reason=group.left_reason)
        held.groups = rota.groups_for_fairness()
        for slot, former in emptied:
            _replace(held, slot, by, former)
    return group


def _replace(held, slot, by, former):
    if not _propose_next(held, slot, by, former):
        duty_mail.tell_nobody_left(slot, former, by)


# --- the lead decides ------------------------------------------------------------------------------------------------


def assign(quarter, group_pk, by, reason=""):
    """Another group, by hand. One that breaks the rule needs a reason, which is kept and shown. Raises `Refused`."""
    with transaction.atomic():
        held = rota.hold(quarters.year_of(quarter))
        slot, group = _changeable(held, quarter), _able(held, group_pk)
        if slot.group_id == group.id:
            raise Refused(_("This group leads the quarter already."), "group")
        others = [turn for turn in held.turns if turn.quarter != quarter]
        broken = fairness.new_breaches(held.turns, [*others, fairness.Turn(quarter, group.id)], held.groups)
        why = fairness.why(group, quarter, held.turns, held.groups) | {"rule": "assigned", "reason": reason.strip()[:300]}
        if broken:
            why |= _override(reason, group.name)
        _give(slot, group.id, "override" if broken else "assigned", why, by, reason)
    return slot


def choices_for(quarter):
    """`[(fairness.Group, why)]` of the groups that could lead instead of the one that does, whose turn is nearest first."""
    groups = rota.groups_for_fairness()
    slots = {slot.quarter: slot for slot in QuarterSlot.objects.select_related("meeting")}
    known, now = rota.Rota(groups, slots), slots[quarter].group_id if quarter in slots else None
    able = [group for group in groups if group.able and group.id != now]
    said = [(group, fairness.why(group, quarter, known.turns, groups)) for group in able]
    return sorted(said, key=lambda pair: (pair[1]["since"], pair[0].name.casefold()))


def swap(one, other, by, reason=""):
    """Two quarters change groups; both groups are asked again. Raises `Refused`."""
    with transaction.atomic():
        held = rota.hold(quarters.year_of(one), quarters.year_of(other))
        slots = _changeable(held, one), _changeable(held, other)
        if one == other or not all(slot.group_id for slot in slots) or slots[0].group_id == slots[1].group_id:
            raise Refused(_("Choose two quarters with two different groups."), "other")
        pairs = [(slots[0], _able(held, slots[1].group_id)), (slots[1], _able(held, slots[0].group_id))]
        rest = [turn for turn in held.turns if turn.quarter not in (one, other)]
        after = [*rest, *(fairness.Turn(slot.quarter, group.id) for slot, group in pairs)]
        broken = fairness.new_breaches(held.turns, after, held.groups)
        for slot, group in pairs:
            why = {"rule": "swap", "since": "", "countries": sorted(group.countries), "reason": reason.strip()[:300]}
            if broken:
                why |= _override(reason, group.name)
            _give(slot, group.id, "override" if broken else "swapped", why, by, reason)
    return slots


def _able(held, group_pk):
    group = held.group(group_pk)
    if group is None or not group.able:
        raise Refused(_("This group has fewer than two active mentors, or has left."), "group")
    return group


def _override(reason, name):
    words = _("%(group)s would lead twice before all groups have led once. Write the reason if it has to be.") % {"group": name}
    _require_reason(reason, words)
    return {"rule": "override", "reason": reason.strip()[:300]}


# --- inside ----------------------------------------------------------------------------------------------------------


def _changeable(held, quarter):
    slot = held.open_slot(quarter)
    if slot is None:
        raise Refused(_("This quarter is over; it stays as it was."))
    return slot


def _require_for_group(slot, by):
    if not slot.group_id:
        raise Refused(_("No group leads this quarter yet."))
    if not lead_groups.is_member(by, slot.group_id) and not roles.leads_programme(by):
        raise Refused(_("Another group leads this quarter now."))


def _require_reason(reason, words):
    if not reason.strip():
        raise Refused(words, "reason")


def _empty(slot, what, by, reason):
    """Takes the slot from its group and tells the group. Returns the group."""
    former = slot.group
    slot.group, slot.state, slot.why = None, State.EMPTY, {}
    _save_for_new_group(slot)
    duty_mail.tell_handed_on(slot, former.pk, _log(slot, what, former.pk, None, by, reason))
    return former


def _give(slot, group_pk, what, why, by, reason=""):
    former = slot.group_id
    slot.group_id, slot.state, slot.why = group_pk, State.PROPOSED, why
    _save_for_new_group(slot)
    change = _log(slot, what, former, group_pk, by, reason)
    if former:
        duty_mail.tell_handed_on(slot, former, change)
    duty_mail.tell_turn(slot, change)
    return change


def _save_for_new_group(slot):
    """Roles and ticks were the former group's; topic, day, questions and notes stay with the quarter."""
    slot.leader = slot.co_leader = slot.note_taker = None
    slot.save()
    slot.ticks.all().delete()
    quarter_days.hosts_follow(slot)


def _log(slot, what, from_group, to_group, by, reason=""):
    return SlotChange.objects.create(
        slot=slot,
        what=what,
        from_group_id=from_group,
        to_group_id=to_group,
        reason=reason.strip()[:300],
        by=by,
        at=timezone.now(),
    )
