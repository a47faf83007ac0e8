"""What a device keeps by itself for those who run a meeting soon: its run of show and materials, or its page for who presents."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from sessions.models import Meeting, MeetingPerson, QuarterSlot

SOON = timedelta(hours=36)
LONGEST = timedelta(hours=24)  # what began before that is not going on
MOST = 3  # pages: each is some 8 KB on a slow line

Part = MeetingPerson.Part


def addresses_for(user):
    """At most three addresses, those of the nearest meeting first. One query; none for who is not signed in."""
    if not user.is_authenticated:
        return []
    return [address for meeting in _meetings_of(user) for address in _addresses(meeting)][:MOST]


def _meetings_of(user):
    """Meetings within 36 hours, or going on, that the person runs, presents in, or whose lead group they are in."""
    now, here = timezone.now(), OuterRef("pk")
    runs = Exists(Meeting.objects.non_polymorphic().hosted_by(user).filter(pk=here))
    presents = MeetingPerson.objects.filter(user=user, part=Part.PRESENTER).values("meeting_id")
    leads = QuarterSlot.objects.filter(group__members__user=user, group__members__left_at=None, meeting__isnull=False)
    soon = Meeting.objects.accessible_to(user).non_polymorphic().filter(
        state__in=Meeting.OPEN_STATES, starts_at__gt=now - LONGEST, starts_at__lte=now + SOON
    )  # fmt: skip
    mine = soon.annotate(runs=runs).filter(Q(runs=True) | Q(pk__in=presents) | Q(pk__in=leads.values("meeting_id")))
    return [one for one in mine.order_by("starts_at", "pk")[:MOST] if one.ends_at > now or one.is_under_way]


def _addresses(meeting):
    names = ("live:run_of_show", "live:materials") if meeting.runs else ("live:meeting",)
    return [reverse(name, args=[meeting.pk]) for name in names]
