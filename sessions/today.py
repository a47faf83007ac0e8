"""The next meeting on the Today page: first of all within a day before it and during it, after "continue" otherwise. And, for mentors whose
group leads a regional meeting, what is to be done next."""

from datetime import timedelta

from django.utils import timezone

from sessions import duties, lead_groups, local_times, rota
from sessions.doors import doors_of
from sessions.models import Meeting

FIRST, AFTER_CONTINUE, DUTY = 3, 11, 12
SOON = timedelta(hours=24)
MOST = 8


def cards(request, enrollment, progress):
    """A provider of `settings.TODAY_CARDS`. One query; three more where there is a meeting, two where the person's group leads one."""
    return [*meeting_cards(request), *duty_cards(request)]


def duty_cards(request):
    """The next quarter that the person's group leads and what is open there. No query for who is in no group."""
    for slot in duties.slots_of(request.user) if lead_groups.is_member_as_remembered(request.user) else ():
        line, meeting = duties.next_line(slot), rota.standing_meeting(slot)
        if line is None or duties.is_past(slot):
            continue
        context = {"slot": slot, "next": line, "day": duties.day_of(slot), "has_day": bool(meeting or slot.planned_on)}
        return [{"order": DUTY, "template": "live/rotation/today.html", "context": context}]
    return []


def meeting_cards(request):
    """One query, three more where there is a meeting, and one for what its device keeps (templatetags/copies.py)."""
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
