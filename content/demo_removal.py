"""Takes the demonstration away again."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from curriculum.models import Certificate, Cohort, Enrollment
from evaluations.models import AnonymousResponse, Instrument, Rating, Response, Wave
from notifications.models import Message
from sessions.models import LeadGroup, Meeting, Poll, QuarterSlot, Series


class RealPeople(Exception):
    """Somebody real is in a cohort of the demonstration; nothing was removed."""


def remove_demo():
    """Deletes the demonstration's people, cohorts and everything of theirs. Raises `RealPeople`."""
    users = get_user_model().objects.filter(is_demo=True)
    with transaction.atomic():
        led = Enrollment.objects.filter(user__in=users, role=Enrollment.Role.LEAD).values("cohort_id")
        demo_cohorts = Cohort.objects.filter(pk__in=led)
        real = Enrollment.objects.filter(cohort__in=demo_cohorts, user__is_demo=False)
        if real.exists():
            rows = real.select_related("user", "cohort")
            raise RealPeople(", ".join(sorted(f"{row.user.email} ({row.cohort.name})" for row in rows)))
        mine = Enrollment.objects.filter(user__in=users)
        certificates = Certificate.objects.filter(enrollment__in=mine)
        certificates.update(renewal_of=None)
        certificates.delete()
        Response.objects.filter(enrollment__in=mine).delete()
        cohort_ids = list(demo_cohorts.values_list("pk", flat=True))
        nothing_in_it = Q(group=None, meeting=None, planned_on=None, topic="", changes=None)
        QuarterSlot.objects.filter(Q(group__created_by__in=users) | nothing_in_it).delete()
        LeadGroup.objects.filter(created_by__in=users).delete()
        _remove_meetings(users, cohort_ids)
        Series.objects.filter(cohort__in=cohort_ids).delete()
        Rating.objects.filter(teach_back__enrollment__in=mine).delete()
        mine.delete()
        AnonymousResponse.objects.filter(wave__cohort__in=cohort_ids).delete()
        Wave.objects.filter(cohort__in=cohort_ids).delete()
        Cohort.objects.filter(pk__in=cohort_ids).delete()
        Message.objects.filter(user__in=users).delete()
        users.delete()
        # An instrument that nobody has answered any more may be edited again.
        Instrument.objects.filter(locked_at__isnull=False, responses__isnull=True, waves__isnull=True).update(locked_at=None)


def _remove_meetings(users, cohort_ids):
    """With their rooms, and the questions that only their polls asked."""
    meetings = Meeting.objects.non_polymorphic().filter(Q(cohort__in=cohort_ids) | Q(created_by__in=users))
    asked = list(Poll.objects.filter(meeting__in=meetings).values_list("question__instrument_id", flat=True))
    for meeting in Meeting.objects.filter(pk__in=meetings.values("pk")):
        meeting.delete()
    Instrument.objects.filter(pk__in=asked, kind=Instrument.Kind.POLL).delete()
