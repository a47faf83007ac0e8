"""Groups of two to four mentors: who is in one, which can lead, what a lead may do about one that cannot."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Prefetch

from curriculum import roles
from curriculum.mentors import active_mentors
from sessions.models import LeadGroup, LeadGroupMember

FEWEST, MOST = 2, 4
REMEMBERED = 5 * 60  # seconds


def reads(user):
    """Who sees groups and years: leads of the programme, mentors, members of a group whose certificate has lapsed."""
    return roles.leads_programme(user) or is_mentor(user)


def is_mentor(user):
    """Whether the person holds a certificate that stands, or is in a group. One query."""
    certified = active_mentors().filter(pk=user.pk).order_by().values("pk")
    return certified.union(LeadGroupMember.objects.filter(user=user, left_at=None).order_by().values("user_id")).exists()


def is_member(user, group_id=None):
    """Whether the person is in this group today; without one, in any."""
    mine = LeadGroupMember.objects.filter(user=user, left_at=None)
    return (mine if group_id is None else mine.filter(group_id=group_id)).exists()


def is_member_as_remembered(user):
    """The same for pages that nearly everybody opens, without a query; who joins is known at once. Rights are never read from it."""
    return cache.get_or_set(remembered_under(user), lambda: is_member(user), REMEMBERED)


def remembered_under(user):
    return f"in-lead-group:{user.pk}"


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


def hold():
    """All groups, their rows locked in one order: whoever changes groups or the rota comes one after the other."""
    return list(LeadGroup.objects.select_for_update().order_by("pk"))
