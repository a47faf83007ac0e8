"""Drafts become meetings that people know of: one, or all drafts of its series at once."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from sessions import schedule
from sessions.models import InPersonDay, Meeting

State = Meeting.State


def drafts_with(meeting, user):
    """It and the other drafts of its series that are still to come and that the person runs, in the order of time."""
    drafts = Meeting.objects.hosted_by(user).filter(state=State.DRAFT, started_at=None, starts_at__gt=timezone.now())
    others = drafts.filter(series=meeting.series_id).exclude(pk=meeting.pk) if meeting.series_id else drafts.none()
    return sorted([meeting, *others.select_related("cohort")], key=lambda one: (one.starts_at, one.pk))


def lacks(meeting):
    """Why people cannot be told of the meeting yet, in words; "" where nothing is in the way."""
    if meeting.state != State.DRAFT:
        return _("The meeting is announced already, or it is over.")
    if meeting.starts_at <= timezone.now():
        return _("This time is past. Choose a later one.")
    return _("The address or the map is missing.") if no_address(meeting.kind, meeting.place, meeting.place_url) else ""


def no_address(kind, place, place_url):
    """Whether a day at one place cannot be announced, because people could not find it."""
    return kind == InPersonDay.kind and not (place and place_url)


def announce(meeting, by, *, rest=False, check=lambda meetings: None):
    """People are told, each once. With `rest` all drafts of the series that lack nothing go out too; the others stay drafts.

    `check` gets all that could go, under the lock: it refuses what the person was not shown. Returns the meetings that were announced.
    Raises `Refused`; then none is.
    """
    with transaction.atomic():
        schedule.hold(meeting.cohort)
        meeting = Meeting.objects.select_related("cohort").get(pk=meeting.pk)
        ready = [one for one in drafts_with(meeting, by) if not lacks(one)]
        going = ready if rest else [one for one in ready if one.pk == meeting.pk]
        if not going:
            raise Refused(lacks(meeting))
        check(ready)
        return [schedule.change(one, state=State.SCHEDULED) for one in going]
