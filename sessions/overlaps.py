"""What else the same people are in at the same time: other meetings of the cohort, and of those who train and lead it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q

from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from sessions.models import Meeting, MeetingPerson

LONGEST = timedelta(minutes=720)
Part = MeetingPerson.Part


@dataclass(frozen=True)
class Busy:
    """A meeting in the way. `title` is "" where the reader may not see it; `who` are names of those it is in the way of, none where it
    is the same cohort's."""

    pk: int
    title: str
    starts_at: datetime
    ends_at: datetime
    same_cohort: bool
    who: tuple[str, ...]

    def meets(self, begins, ends):
        return self.starts_at < ends and begins < self.ends_at


def busy(user, cohort_id, begins, ends, *, named=(), besides=()):
    """`[Busy]` between two instants: meetings of the cohort, and those which its trainers and leads or the `named` people (ids) are in.

    `besides` are ids of meetings that do not count. Six queries at most, whatever there is.
    """
    people = set(named) | set(_teaching(cohort_id))
    taught = Enrollment.objects.filter(user__in=people, role__in=TEACHING, status__in=Enrollment.MEMBER_STATES)
    asked = MeetingPerson.objects.filter(user__in=people).exclude(part=Part.REMOVED)
    near = Meeting.objects.non_polymorphic().filter(starts_at__lt=ends, starts_at__gt=begins - LONGEST)
    near = near.filter(state__in=(Meeting.State.DRAFT, *Meeting.OPEN_STATES)).exclude(pk__in=besides)
    same = Q(cohort_id=cohort_id) if cohort_id else Q(pk__in=[])
    meetings = list(near.filter(same | Q(cohort__in=taught.values("cohort_id")) | Q(pk__in=asked.values("meeting_id"))))
    visible = set(Meeting.objects.accessible_to(user).filter(pk__in=[one.pk for one in meetings]).values_list("pk", flat=True))
    who = _who(meetings, taught, asked) if meetings else {}
    return [_busy(one, cohort_id, one.pk in visible, who[one.pk]) for one in meetings]


def _busy(meeting, cohort_id, visible, who):
    same = bool(cohort_id) and meeting.cohort_id == cohort_id
    title = meeting.title if visible else ""
    return Busy(meeting.pk, title, meeting.starts_at, meeting.ends_at, same, () if same else tuple(sorted(who)))


def _teaching(cohort_id):
    rows = Enrollment.objects.filter(cohort_id=cohort_id, role__in=TEACHING, status__in=Enrollment.MEMBER_STATES)
    return rows.values_list("user_id", flat=True) if cohort_id else []


def _who(meetings, taught, asked):
    """`{meeting id: names}` of the people whom it is in the way of."""
    by_cohort, by_meeting = defaultdict(set), defaultdict(set)
    for cohort_id, user_id in taught.filter(cohort__in={one.cohort_id for one in meetings}).values_list("cohort_id", "user_id"):
        by_cohort[cohort_id].add(user_id)
    for meeting_id, user_id in asked.filter(meeting__in=[one.pk for one in meetings]).values_list("meeting_id", "user_id"):
        by_meeting[meeting_id].add(user_id)
    ids = {one.pk: by_cohort[one.cohort_id] | by_meeting[one.pk] for one in meetings}
    users = (
        get_user_model().objects.filter(pk__in=set().union(*ids.values())).only("title", "full_name", "certificate_name", "email")
    )
    names = {user.pk: user.addressed_as for user in users}
    return {pk: {names[user] for user in users if user in names} for pk, users in ids.items()}
