"""The next meeting on the Today page: first of all within a day before it and during it, after "continue" otherwise."""

from datetime import timedelta

from django.utils import timezone

from sessions import local_times
from sessions.doors import doors_of
from sessions.models import Meeting

FIRST, AFTER_CONTINUE = 3, 11
SOON = timedelta(hours=24)
MOST = 8


def cards(request, enrollment, progress):
    """A provider of `settings.TODAY_CARDS`. One query, three more where there is a meeting."""
    meeting = next_meeting(request.user)
    if meeting is None:
        return []
    when = local_times.when_of([meeting], request.user)[meeting.pk]
    near = meeting.is_under_way or meeting.starts_at - timezone.now() <= SOON
    context = {"meeting": meeting, "when": when, "doors": doors_of(meeting), "first": near}
    return [{"order": FIRST if near else AFTER_CONTINUE, "template": "live/today.html", "context": context}]


def next_meeting(user):
    """What goes on now, else what comes next; a meeting that nobody opened counts as next until its planned end. One query."""
    now = timezone.now()
    mine = Meeting.objects.accessible_to(user).filter(state__in=Meeting.OPEN_STATES, starts_at__gt=now - SOON)
    coming = list(mine.select_related("cohort").order_by("starts_at", "pk")[:MOST])
    going_on = [one for one in coming if one.is_under_way]
    return next(iter([*going_on, *(one for one in coming if one.ends_at > now)]), None)
