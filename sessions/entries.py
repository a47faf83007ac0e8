"""A meeting as an entry of its reader's calendar: in their language, with their own hour in words, under one UID in file, mail and feed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import calendar, readers
from sessions import belonging, local_times
from sessions.models import Meeting, Segment

CANCELLED_KEPT = timedelta(days=30)
LONGEST = timedelta(minutes=720)
MOST_IN_LINK = 900  # signs of a description in an address; programs cut longer ones anywhere
GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK_HOME = "https://outlook.live.com/calendar/0/deeplink/compose"
OUTLOOK_WORK = "https://outlook.office.com/calendar/0/deeplink/compose"


@dataclass(frozen=True)
class Facts:
    """What an entry says beyond the meeting's own row. `zones`: how many people live in which zone."""

    zones: dict
    segments: tuple


@dataclass(frozen=True)
class Links:
    google: str
    outlook_home: str
    outlook_work: str


def entry_of(meeting, user, facts=None):
    """The `calendar.Entry` of a meeting of any kind for one reader."""
    facts = facts or facts_of([meeting])[meeting.pk]
    with translation.override(readers.language_for(user)):
        return _entry(meeting, _description(meeting, user, facts))


def entries(user, since, until):
    """The provider for feeds (settings.CALENDAR_ENTRIES): where the person is expected; what was called off for another 30 days, never
    drafts. As many queries for one meeting as for many."""
    found = belonging.meetings_of(user).exclude(state=Meeting.State.DRAFT)
    lately = ~Q(state=Meeting.State.CANCELLED) | Q(changed_at__gte=timezone.now() - CANCELLED_KEPT)
    meetings = [one for one in found.filter(lately, starts_at__gt=since - LONGEST, starts_at__lt=until) if one.ends_at > since]
    facts = facts_of(meetings)
    return [entry_of(meeting, user, facts[meeting.pk]) for meeting in meetings]


def facts_of(meetings):
    """`{meeting id: Facts}`, in three queries."""
    zones, segments = local_times.zones_of(meetings), defaultdict(list)
    for segment in Segment.objects.filter(meeting__in=[one.pk for one in meetings]):
        segments[segment.meeting_id].append(segment)
    return {one.pk: Facts(zones[one.pk], tuple(segments[one.pk])) for one in meetings}


def links_for(entry):
    """Addresses that open the entry in Google and Outlook, ready to save: a copy there, which nobody changes afterwards."""
    starts, ends, words = entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC), entry.description[:MOST_IN_LINK]
    google = {
        "action": "TEMPLATE", "text": entry.summary, "dates": f"{starts:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}",
        "ctz": entry.zone, "details": words, "location": entry.location,
    }  # fmt: skip
    outlook = urlencode({
        "path": "/calendar/action/compose", "rru": "addevent", "subject": entry.summary, "startdt": f"{starts:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{ends:%Y-%m-%dT%H:%M:%SZ}", "body": words, "location": entry.location,
    })  # fmt: skip
    return Links(f"{GOOGLE}?{urlencode(google)}", f"{OUTLOOK_HOME}?{outlook}", f"{OUTLOOK_WORK}?{outlook}")


def links_of(meeting):
    """The same for a page of the meeting, in the language of the page and without a query."""
    return links_for(_entry(meeting, "\n\n".join(filter(None, [address_of(meeting), meeting.about]))))


def address_of(meeting):
    """The page of the meeting, with the way in, in the active language."""
    return settings.SITE_BASE_URL + reverse("live:meeting", args=[meeting.pk])


def place_of(meeting):
    """Where to go: the place, and for who takes part online the page."""
    there = meeting.place if meeting.mode != Meeting.Mode.LIVE else ""
    return there or address_of(meeting)


def _entry(meeting, description):
    cancelled = meeting.state == Meeting.State.CANCELLED
    return calendar.Entry(
        uid=calendar.uid_for(meeting.uid),
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        zone=meeting.time_zone,
        summary=_("Called off: %(title)s") % {"title": meeting.title} if cancelled else meeting.title,
        description=description,
        location=place_of(meeting),
        url=address_of(meeting),
        cancelled=cancelled,
        changed_at=meeting.changed_at,
    )


def _description(meeting, user, facts):
    when = local_times.when_for(meeting, user, facts.zones)
    zone = local_times.zone_of(user)
    context = {
        "meeting": meeting, "when": when, "url": address_of(meeting), "agenda": _agenda(meeting, facts.segments, zone),
        "day": readers.written_date(meeting.starts_at.astimezone(zone).date()), "ends": local_times.clock(meeting.ends_at.astimezone(zone)),
        "elsewhere": [(group, readers.written_date(group.day) if group.day else "") for group in when.elsewhere],
    }  # fmt: skip
    return "\n\n".join(
        filter(None, (part.strip() for part in render_to_string("live/calendar_entry.txt", context).split("\n\n")))
    )


def _agenda(meeting, segments, zone):
    """`[(hour, title)]` on the reader's clock."""
    rows, at = [], meeting.starts_at
    for segment in segments:
        rows.append((local_times.clock(at.astimezone(zone)), segment.title))
        at += timedelta(minutes=segment.minutes)
    return rows
