"""Groups of two to four mentors: who is in one, which can lead, what a lead may do about one that cannot."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from sessions.models import LeadGroup, LeadGroupMember, QuarterSlot

FEWEST, MOST = 2, 4


def reads(user):
    """Who sees groups and years: leads of the programme, mentors, members of a group whose certificate has lapsed."""
    return roles.leads_programme(user) or is_member(user) or active_mentors().filter(pk=user.pk).exists()


def is_member(user, group_id=None):
    """Whether the person is in this group today; without one, in any."""
    mine = LeadGroupMember.objects.filter(user=user, left_at=None)
    return (mine if group_id is None else mine.filter(group_id=group_id)).exists()


def acts_for(user, slot):
    """Whether the person may act for the group that leads the slot: its members and the leads of the programme."""
    if not (user.is_authenticated and user.is_active):
        return False
    return (slot.group_id is not None and is_member(user, slot.group_id)) or roles.leads_programme(user)


def people_in(group_id):
    """The people who are in the group today, with an open account, in the order in which they came."""
    members = LeadGroupMember.objects.filter(group_id=group_id, left_at=None, user__is_active=True).select_related("user")
    return [member.user for member in members]


# --- what a page says of them ----------------------------------------------------------------------------------------


@dataclass
class Row:
    """`members` are rows with their user; `lapsed` those who cannot lead today; `free` who could join, nearest first."""

    group: LeadGroup
    members: list
    lapsed: list
    free: list

    @property
    def able(self):
        return len(self.members) - len(self.lapsed) >= FEWEST

    @property
    def full(self):
        return len(self.members) >= MOST


def rows(groups=None):
    """Standing groups, or those given, as `[Row]`. Three queries whatever their number."""
    mentors, free = mentors_and_free()
    known = {user.pk for user in mentors}
    groups = LeadGroup.objects.filter(left_at=None) if groups is None else groups
    return [_row(group, known, free) for group in groups.prefetch_related(current_members())]


def current_members():
    from django.db.models import Prefetch  # noqa: PLC0415

    standing = LeadGroupMember.objects.filter(left_at=None).select_related("user")
    return Prefetch("members", queryset=standing, to_attr="standing")


def mentors_and_free():
    """All active mentors, and those of them who are in no group."""
    mentors = list(active_mentors())
    taken = set(LeadGroupMember.objects.filter(left_at=None).values_list("user_id", flat=True))
    return mentors, [user for user in mentors if user.pk not in taken]


def _row(group, mentors, free):
    lapsed = [one for one in group.standing if one.user_id not in mentors]
    able = [one.user for one in group.standing if one.user_id in mentors]
    row = Row(group, list(group.standing), lapsed, [])
    return row if row.able else Row(group, row.members, lapsed, _nearest(free, able or [one.user for one in lapsed]))


def _nearest(free, beside):
    countries, languages = {str(user.country) for user in beside}, {user.language for user in beside}
    return sorted(free, key=lambda user: (str(user.country) not in countries, user.language not in languages, user.full_name))[:3]


# --- acts ------------------------------------------------------------------------------------------------------------


def hold():
    """All groups, their rows locked in one order: whoever changes groups or the rota comes one after the other."""
    return list(LeadGroup.objects.select_for_update().order_by("pk"))


def create(by, name, users):
    """A new group. Raises `Refused`."""
    if not FEWEST <= len({user.pk for user in users}) <= MOST:
        raise Refused(_("Choose two to four mentors."), "members")
    with transaction.atomic():
        hold()
        group = _named(LeadGroup(created_by=by, created_at=timezone.now()), name)
        for user in users:
            _join(group, user, "members")
    return group


def rename(group, name):
    with transaction.atomic():
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
            for part in ("leader", "co_leader", "note_taker"):
                QuarterSlot.objects.filter(group=member.group_id, **{part: member.user_id}).update(**{part: None})
            _changed(member.group)


def _hold_one(group):
    hold()
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
            return LeadGroupMember.objects.create(group=group, user=user, since=timezone.now())
    except IntegrityError as error:
        raise Refused(_("%(name)s is in a group already.") % {"name": user.addressed_as}, field) from error


def _changed(group):
    """Coming meetings of the group are run by those who are in it now."""
    from sessions import quarter_days  # noqa: PLC0415 -- days ask who is in a group

    for slot in QuarterSlot.objects.filter(group=group, meeting__isnull=False).select_related("meeting"):
        quarter_days.hosts_follow(slot)
