"""Who belongs to a meeting: the people of its cohort, those who were asked by name, minus those who were removed. One rule for calendar,
reminders, answers and lists; `Meeting.objects.accessible_to` is the same rule seen from the person."""

from django.contrib.auth import get_user_model
from django.db.models import Q

from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from sessions.models import MeetingPerson

INVITED_ROLES = ("trainee", "trainer", "lead")  # evaluators read what happened; nobody expects them in the room


def people_of(meeting):
    """Active users who are invited to `meeting`, as a queryset ordered by name. Evaluators of the cohort may see it and are not among them."""
    by_name = MeetingPerson.objects.filter(meeting_id=meeting.pk)
    wanted = Q(pk__in=by_name.exclude(part=MeetingPerson.Part.REMOVED).values("user_id"))
    if meeting.cohort_id:
        roles = INVITED_ROLES if meeting.for_cohort else TEACHING
        members = Enrollment.objects.filter(cohort_id=meeting.cohort_id, role__in=roles, status__in=Enrollment.MEMBER_STATES)
        wanted |= Q(pk__in=members.values("user_id"))
    removed = by_name.filter(part=MeetingPerson.Part.REMOVED).values("user_id")
    return get_user_model().objects.filter(wanted, is_active=True).exclude(pk__in=removed).order_by("full_name", "pk")


def belongs(user, meeting):
    return people_of(meeting).filter(pk=user.pk).exists()
