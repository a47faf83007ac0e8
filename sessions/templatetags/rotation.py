"""What the page of a regional meeting says of the rota: whose checklist it has, and what came of the meeting before."""

from django import template

from notifications.readers import written_quarter
from sessions import exercise, lead_groups
from sessions.models import Meeting, QuarterSlot, RegionalMeeting

register = template.Library()
register.filter("written_quarter", written_quarter)


@register.inclusion_tag("live/rotation/of_meeting.html", takes_context=True)
def rotation_of_meeting(context, meeting):
    """Nothing for other kinds of meeting, and no query."""
    if not isinstance(meeting, RegionalMeeting):
        return {}
    slot = QuarterSlot.objects.filter(meeting=meeting.pk).first()
    coming = meeting.state not in (Meeting.State.ENDED, Meeting.State.CANCELLED)
    return {
        "slot": slot, "acts": slot is not None and lead_groups.acts_for(context["request"].user, slot), "request": context["request"],
        "last": exercise.last_time(meeting) if coming else None,
    }  # fmt: skip
