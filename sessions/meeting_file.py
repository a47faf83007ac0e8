"""One meeting as a calendar file (RFC 5545): one event in the meeting's own zone, with the rules of that zone beside it."""

import zoneinfo
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event
from icalendar.prop import vDuration

from sessions.local_times import DOORS_OPEN


def calendar_file(meeting):
    """Bytes. `UID` stays the same for ever, so that a second download replaces the first."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//live//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(meeting))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(meeting):
    zone, address = zoneinfo.ZoneInfo(meeting.time_zone), settings.SITE_BASE_URL + reverse("live:meeting", args=[meeting.pk])
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{urlsplit(settings.SITE_BASE_URL).hostname or 'localhost'}")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("summary", meeting.title)
    event.add("description", "\n\n".join(filter(None, [meeting.about, meeting.preparation, address])))
    event.add("location", meeting.place or address)
    event.add("url", address)
    event.add("status", "CANCELLED" if meeting.state == meeting.State.CANCELLED else "CONFIRMED")
    event.add_component(_alarm(meeting))
    return event


def _alarm(meeting):
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Begins soon: %(title)s") % {"title": meeting.title})
    alarm["trigger"] = vDuration(-DOORS_OPEN)
    return alarm
