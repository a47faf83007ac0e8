"""One round of the worker that keeps calendars up to date, and the mails that leave after it, read by both readers."""

import datetime

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from icalendar import Calendar

from notifications import outbox
from notifications.models import Message
from sessions import schedule
from sessions.models import MeetingPerson, RegionalMeeting
from tests.factories import UserFactory
from tests.node import second_reader

UTC = datetime.UTC


def leave(mailoutbox):
    """What waits in the outbox leaves now."""
    before = len(mailoutbox)
    waiting = list(Message.objects.filter(dedupe_key__startswith="calendar:", sent_at=None, settled_as="").order_by("pk"))
    for message in waiting:
        assert outbox.deliver(message.pk)
    parts = [calendar_part(mail) for mail in mailoutbox[before:]]
    read = second_reader.read(parts) if parts else []
    found = []
    for mail, message, text, one in zip(mailoutbox[before:], waiting, parts, read, strict=True):
        assert mail.to == [message.to]
        (event,) = one["events"]
        agree(text, event)
        found.append((mail.to[0], message.what, one["method"], event))
    return found


def calendar_part(mail):
    """The text/calendar of a mail as it goes over the wire."""
    parts = [part for part in mail.message().walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1 and parts[0].get_param("method") in ("REQUEST", "CANCEL")
    return parts[0].get_payload(decode=True).decode()


def agree(text, second):
    (first,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(first["UID"]) == second["uid"] and int(first["SEQUENCE"]) == second["sequence"]
    for name, instant in (("DTSTART", second["starts"]), ("DTEND", second["ends"])):
        assert f"{first[name].dt.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" == instant


def summary(found):
    return sorted((what, method, event["sequence"]) for _to, what, method, event in found)


def only(found):
    assert len(found) == 1, found
    return found[0]


def one_person(**fields):
    """A meeting of somebody alone, without a cohort: `(meeting, user)`."""
    soon = timezone.now().replace(microsecond=0) + datetime.timedelta(days=5)
    meeting = RegionalMeeting.objects.create(**{"title": "Reunión", "starts_at": soon, "minutes": 60, **fields})
    user = UserFactory(full_name="Ana Pérez", language="en")
    MeetingPerson.objects.create(meeting=meeting, user=user)
    return meeting, user


def change(meeting, **fields):
    with transaction.atomic():
        return schedule.change(meeting, **fields)


def settle():
    call_command("bring_calendars_up_to_date", verbosity=0)


def waiting():
    return Message.objects.filter(dedupe_key__startswith="calendar:", sent_at=None, settled_as="")
