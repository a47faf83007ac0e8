"""What people will be told by an act on meetings or on the rota, before it is done: unsaved messages, and who gets them.

The words are those of the real messages; links that act for a person are left out.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from notifications import reach, readers
from notifications.models import Message
from sessions import belonging, duties, duty_mail, lead_groups, selection, telling_mail
from sessions.models import Meeting, MeetingPerson


class Unseen(Refused):
    """What would be done now is not what the person was shown."""

    def __init__(self):
        super().__init__(_("This has changed since you looked. Look once more: nothing has been done yet."))


def require_seen(seal, seen):
    if not reach.is_seal(seal, seen):
        raise Unseen


def draft(what, user, context):
    return Message(what=what, user=user, to=user.email, language=readers.language_for(user), context=context)


# --- a meeting -------------------------------------------------------------------------------------------------------


def asked_by(meeting):
    """Everybody whom the invitation to a regional meeting reaches: who is named, and every active mentor. Nobody who was removed."""
    removed = MeetingPerson.objects.filter(meeting=meeting.pk, part=MeetingPerson.Part.REMOVED).values("user_id")
    wanted = Q(pk__in=belonging.people_of(meeting).order_by().values("pk")) | Q(pk__in=active_mentors().order_by().values("pk"))
    return list(get_user_model().objects.filter(wanted).exclude(pk__in=removed).order_by("full_name", "pk"))


def request_to(meeting, user):
    context = {"replies_read": bool(settings.INBOX_URL), "secret_url": f"{settings.SITE_BASE_URL}/…"}
    return draft("meeting_request", user, telling_mail.said_of(meeting, user) | context)


def cancel_to(meeting, user, reason):
    return draft("meeting_cancel", user, telling_mail.said_of(meeting, user) | {"called_off": True, "reason": reason})


def people_of_all(meetings):
    """`{user: the first of the meetings that they belong to}`. One query for each meeting."""
    found = {}
    for meeting in meetings:
        for user in belonging.people_of(meeting):
            found.setdefault(user, meeting)
    return found


def losing(meetings):
    """The same of those whose calendars show one of the meetings, and will not."""
    return people_of_all([one for one in meetings if one.state in Meeting.OPEN_STATES])


def seal_of(meetings, people):
    return reach.seal(
        people, *(f"{one.pk}@{one.starts_at.timestamp():.0f}+{one.minutes} {one.title} {one.place}" for one in meetings)
    )


# --- the rota --------------------------------------------------------------------------------------------------------


def members_of(pairs):
    """`{user: (slot, group)}` of `[(slot, fairness.Group)]`: who is asked, and about which quarter first."""
    found = {}
    for slot, group in pairs:
        for user in lead_groups.people_in(group.id):
            found.setdefault(user, (slot, group))
    return found


def turn_to(user, slot, group):
    context = {
        "news": "proposed", "group": group.name, "quarter": slot.quarter, "topic": slot.topic, "day_on": duties.day_of(slot).isoformat(),
        "planned": bool(slot.planned_on), "reason": "", "url": duty_mail.address(user, "live:duties", slot),
    }  # fmt: skip
    return draft("meeting_duty", user, context)


def seal_of_rota(pairs, people):
    return reach.seal(people, *(f"{slot.quarter}={group.id}" for slot, group in pairs))


# --- a selection -----------------------------------------------------------------------------------------------------


def waiting_in(meeting):
    """The candidates whose decision was not applied yet."""
    return [one for one in selection.candidates_of(meeting) if one.may_apply]


def seal_of_decisions(waiting):
    return reach.seal([one.user for one in waiting], *sorted(f"{one.row.pk}:{one.row.decision}:{one.version}" for one in waiting))
