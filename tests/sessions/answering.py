"""What tests of answers, places and materials share: meetings ahead and people who answer through the pages."""

import datetime

from django.utils import timezone

from sessions import answers
from sessions.models import Invitee, Meeting
from tests.sessions.planning import signed, url
from tests.sessions.rooms import person_in


def said_by(user, meeting, value="yes", note="", *, language="en"):
    """The person answers through the form of the meeting's page. Gives the response after the redirect."""
    return signed(user, language).post(url("answer", meeting.pk), {"answer": value, "note": note}, follow=True)


def stands(meeting, user):
    """`(answer, via, waits)` as the row has it, or `None`."""
    row = Invitee.objects.filter(meeting=meeting, user=user).first()
    return (row.answer, row.via, row.waiting_since is not None) if row else None


def people_in(meeting, count):
    return [person_in(meeting) for _number in range(count)]


def yes(meeting, *people):
    for person in people:
        answers.answer(meeting, person, "yes", Invitee.Via.PAGE)


def place(meeting, **fields):
    """Other values for a meeting that stands, past all checks."""
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(**fields)
    meeting.refresh_from_db()


def hours(number):
    return timezone.now() + datetime.timedelta(hours=number)
