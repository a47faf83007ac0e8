"""Which regional meeting came before another: what came of it opens the next one."""

from sessions.models import Meeting, RegionalMeeting


def before(instant):
    """The last regional meeting that was held before `instant`, or `None`. One query."""
    held = RegionalMeeting.objects.filter(state=Meeting.State.ENDED, starts_at__lt=instant)
    return held.order_by("-starts_at", "-pk").first()


def predecessor(meeting):
    """The regional meeting that `meeting` follows, or `None` for the first one and for other kinds."""
    return before(meeting.starts_at) if isinstance(meeting, RegionalMeeting) else None
