"""Who belongs to a meeting: the people of its cohort, those who were asked by name, minus those who were removed. One rule for calendar,
reminders, answers and lists; `Meeting.objects.accessible_to` is the same rule seen from the person."""

from django.contrib.auth import get_user_model
from django.db.models import Q

from curriculum.models import Enrollment
from curriculum.roles import TEACHING
from sessions.models import Meeting, MeetingPerson

INVITED_ROLES = ("trainee", "trainer", "lead")  # evaluators read what happened; nobody expects them in the room


def enrolled_in(meeting):
    """The enrolments through which people belong to `meeting`, whatever their role: those of its cohort, or where the people of the
    cohort are not meant (`for_cohort`), of its trainers and leads alone."""
    members = Enrollment.objects.filter(cohort_id=meeting.cohort_id, status__in=Enrollment.MEMBER_STATES)
    return members if meeting.for_cohort else members.filter(role__in=TEACHING)


def people_of(meeting):
    """Active users who are invited to `meeting`, as a queryset ordered by name. Evaluators of the cohort may see it and are not among them."""
    by_name = MeetingPerson.objects.filter(meeting_id=meeting.pk)
    wanted = Q(pk__in=by_name.exclude(part=MeetingPerson.Part.REMOVED).values("user_id"))
    if meeting.cohort_id:
        wanted |= Q(pk__in=enrolled_in(meeting).filter(role__in=INVITED_ROLES).values("user_id"))
    removed = by_name.filter(part=MeetingPerson.Part.REMOVED).values("user_id")
    return get_user_model().objects.filter(wanted, is_active=True).exclude(pk__in=removed).order_by("full_name", "pk")


def belongs(user, meeting):
    return people_of(meeting).filter(pk=user.pk).exists()


def meetings_of(user):
    """The same rule from the person's side: meetings at which `user` is expected, drafts included. For calendars and lists."""
    mine = MeetingPerson.objects.filter(user=user)
    enrolled = Enrollment.objects.filter(user=user, role__in=INVITED_ROLES, status__in=Enrollment.MEMBER_STATES)
    wanted = (
        Q(pk__in=mine.exclude(part=MeetingPerson.Part.REMOVED).values("meeting_id"))
        | Q(for_cohort=True, cohort__in=enrolled.values("cohort_id"))
        | Q(for_cohort=False, cohort__in=enrolled.filter(role__in=TEACHING).values("cohort_id"))
    )
    removed = mine.filter(part=MeetingPerson.Part.REMOVED).values("meeting_id")
    return Meeting.objects.filter(wanted).exclude(pk__in=removed) if user.is_active else Meeting.objects.none()
