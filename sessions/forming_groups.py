"""A lead group comes to be, takes somebody in, lets somebody go. Each act holds all groups, and raises `Refused` with the field it is about."""

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from sessions import duties, lead_groups, quarter_days, rota
from sessions.lead_groups import FEWEST, MOST
from sessions.models import LeadGroup, LeadGroupMember, QuarterSlot


def create(by, name, users):
    """A new group. Raises `Refused`."""
    if not FEWEST <= len({user.pk for user in users}) <= MOST:
        raise Refused(_("Choose two to four mentors."), "members")
    with transaction.atomic():
        lead_groups.hold()
        group = _named(LeadGroup(created_by=by, created_at=timezone.now()), name)
        for user in users:
            _join(group, user, "members")
    return group


def rename(group, name):
    with transaction.atomic():
        _hold_one(group)
        return _named(group, name)


def add(group, user):
    """Raises `Refused` for a fifth one, for somebody who is in a group, and for somebody without a certificate that stands."""
    with transaction.atomic():
        _hold_one(group)
        if group.members.filter(left_at=None).count() >= MOST:
            raise Refused(_("A group has at most four mentors. Make another group."), "user")
        member = _join(group, user, "user")
        _changed(group)
    return member


def remove(member, reason):
    """The person leaves the group; that they were in it, and why they left, stays known. Twice is the same as once."""
    if not reason.strip():
        raise Refused(_("Write why the person leaves the group."), "reason")
    with transaction.atomic():
        _hold_one(member.group)
        left = LeadGroupMember.objects.filter(pk=member.pk, left_at=None)
        if left.update(left_at=timezone.now(), left_reason=reason.strip()[:300]):
            _take_roles(member)
            _changed(member.group)


def _take_roles(member):
    """In the quarters to come; who led what has been stays written."""
    for slot in QuarterSlot.objects.filter(group=member.group_id).select_related("meeting"):
        held = [part for part in duties.ROLES if getattr(slot, f"{part}_id") == member.user_id]
        if held and not rota.is_fixed(slot):
            QuarterSlot.objects.filter(pk=slot.pk).update(**dict.fromkeys(held))


def _hold_one(group):
    lead_groups.hold()
    group.refresh_from_db(fields=["left_at"])
    if group.left_at:
        raise Refused(_("This group has left the rotation."))


def _named(group, name):
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Write a name."), "name")
    group.name = name
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise Refused(_("Another group has this name. Choose a different one."), "name") from error
    return group


def _join(group, user, field):
    if not active_mentors().filter(pk=user.pk).exists():
        raise Refused(_("%(name)s has no certificate that stands today.") % {"name": user.addressed_as}, field)
    try:
        with transaction.atomic():
            member = LeadGroupMember.objects.create(group=group, user=user, since=timezone.now())
    except IntegrityError as error:
        raise Refused(_("%(name)s is in a group already.") % {"name": user.addressed_as}, field) from error
    transaction.on_commit(lambda: cache.delete(lead_groups.remembered_under(user)), robust=True)
    return member


def _changed(group):
    """Coming meetings of the group are run by those who are in it now."""
    for slot in QuarterSlot.objects.filter(group=group, meeting__isnull=False).select_related("meeting"):
        quarter_days.hosts_follow(slot)
