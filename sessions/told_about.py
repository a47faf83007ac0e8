"""What a message of somebody else is about, and whether a lead may see it: for previews of own words (notifications/trying_words.py)."""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils import translation

from curriculum.models import Cohort, Enrollment
from notifications.kinds import kind_of
from sessions.models import Meeting

OF_MEETINGS = ("meetings", "reminder_day", "reminder_soon", "summaries")
OF_THE_NETWORK = ("duties",)  # every lead plans the rota


def may_read(reader, message):
    """Whether the facts of `message` are among what `reader` sees anyway. A message about a meeting: where they may open that meeting.
    Others: where the person is in no cohort of another lead, for nothing in a message says for certain of which cohort it is."""
    if message.user_id == reader.pk:
        return True
    kind = kind_of(message.what).key
    if kind in OF_MEETINGS:
        return Meeting.objects.accessible_to(reader).filter(pk=_meeting_in(message)).exists()
    led = Cohort.objects.run_by(reader, (Enrollment.Role.LEAD,))
    return kind in OF_THE_NETWORK or not Enrollment.objects.filter(user=message.user_id).exclude(cohort__in=led).exists()


def _meeting_in(message):
    """The number of the meeting whose page the message leads to; 0 for none."""
    path = urlsplit(str(message.context.get("url", ""))).path
    try:
        with translation.override(message.language):
            found = resolve(path)
    except Resolver404:
        return 0
    return found.kwargs.get("pk", 0) if found.view_name == "live:meeting" else 0
