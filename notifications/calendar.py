"""Calendar files (RFC 5545) and calendar mail (RFC 5546, 6047): one event in its own zone, with the rules of that zone beside it.

Escaping and folding are icalendar's. What it lets through and programs choke on is taken out here: control characters, and the line
separators that some readers take for the end of a line.
"""

import functools
import re
import uuid
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vText

from notifications.addresses import in_ascii

UID_DOMAIN = "puente"  # not the address of the site: entries must survive a move
REFRESH = timedelta(hours=12)
# Octets after escaping, so that no file is over 8 KB whatever people typed.
MOST_DESCRIPTION, MOST_LINE = 3400, 1000
LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class Entry:
    """One event. `starts_at` and `ends_at` are aware instants, `zone` the IANA name it was planned in. `uid` stays for ever.

    `cancelled` entries stay in feeds for a while so that subscribers drop them. Words are in the reader's language already.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    alarm_minutes: int | None = 15
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Attendee:
    """Who gets the mail. `partstat` is what they answered (RFC 5545, 3.2.12)."""

    email: str
    name: str = ""
    partstat: str = "NEEDS-ACTION"
    role: str = "REQ-PARTICIPANT"


@dataclass(frozen=True)
class Organiser:
    email: str
    name: str = ""


def organiser():
    """The sending address: mail programs ask that ORGANIZER and From are the same."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Organiser(address, name or settings.SITE_NAME)


def uid_for(identifier):
    """The UID of a row's UUID."""
    return f"{identifier}@{UID_DOMAIN}"


def identifier_in(uid):
    """The UUID in a UID of ours, `None` for anybody else's."""
    name, _at, domain = str(uid).strip().partition("@")
    try:
        return uuid.UUID(name) if domain.lower() == UID_DOMAIN else None
    except ValueError:
        return None


# --- files -----------------------------------------------------------------------------------------------------------


def request(entry, attendee, organiser):
    """A mail's REQUEST to one person (RFC 5546, 3.2.2): nobody reads the others' addresses. Text with CRLF."""
    return _mailed("REQUEST", entry, attendee, organiser)


def cancel(entry, attendee, organiser):
    """A mail's CANCEL to one person (RFC 5546, 3.2.5): for a meeting called off, and for somebody who no longer belongs."""
    return _mailed("CANCEL", entry, attendee, organiser)


def published(entry):
    """One event to download. The same UID as in mail and feed."""
    return _written(_calendar("PUBLISH"), [event(entry)], [entry])


def feed(entries, name):
    """All of a person's events. The same entries give the same text, whenever it is written: ETags rest on that."""
    calendar = _calendar("PUBLISH")
    for title in ("name", "x-wr-calname"):  # RFC 7986, and what programs read before it
        calendar.add(title, line(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    return _written(calendar, [event(entry, stamp=entry.changed_at or entry.starts_at) for entry in entries], entries)


def event(entry, *, stamp=None):
    """The VEVENT of `entry`. `stamp` is its DTSTAMP, by default now."""
    found = Event()
    found.add("uid", entry.uid)
    found.add("sequence", entry.sequence)
    found.add("dtstamp", (stamp or timezone.now()).astimezone(UTC))
    if entry.changed_at:
        found.add("last-modified", entry.changed_at.astimezone(UTC))
    starts, ends = _walls(entry)
    found.add("dtstart", starts)
    found.add("dtend", ends)
    _add_words(found, entry)
    found.add("class", "PUBLIC")
    found.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    found.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if entry.alarm_minutes is not None and not entry.cancelled:
        found.add_component(_alarm(entry))
    return found


def _add_words(found, entry):
    found.add("summary", line(entry.summary))
    for name, words in (("description", clipped(text(entry.description), MOST_DESCRIPTION)), ("location", line(entry.location))):
        if words:
            found.add(name, words)
    if entry.url:
        found.add("url", line(entry.url))


def _alarm(entry):
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clipped(line(entry.summary), 200))
    alarm.add("trigger", -timedelta(minutes=entry.alarm_minutes))
    return alarm


def _mailed(method, entry, attendee, organiser):
    found = event(entry)
    found.add("organizer", _address(organiser.email, CN=line(organiser.name)))
    answer = {"ROLE": attendee.role, "PARTSTAT": attendee.partstat}
    if method == "REQUEST":
        answer["RSVP"] = "TRUE"
    found.add("attendee", _address(attendee.email, CN=line(attendee.name) or attendee.email, **answer))
    if method == "CANCEL":
        found["status"] = vText("CANCELLED")
        found.subcomponents.clear()
    return _written(_calendar(method), [found], [entry])


def _address(email, **parameters):
    address = vCalAddress(f"mailto:{in_ascii(line(email))}")
    for name, value in parameters.items():
        # A quote cannot stand in a parameter, few programs read RFC 6868, and some read a backslash as the beginning of an escape.
        address.params[name] = value.replace('"', "'").replace("\\", "/")
    return address


def _calendar(method):
    calendar = Calendar()
    calendar.add("prodid", f"-//{line(settings.SITE_NAME)}//Puente//")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _written(calendar, events, entries):
    for rules in _rules(entries):
        calendar.add_component(rules)
    for one in events:
        calendar.add_component(one)
    return calendar.to_ical().decode()


# --- zones -----------------------------------------------------------------------------------------------------------


def _walls(entry):
    """Start and end on the clock of the entry's zone; both in UTC where that clock shows the hour twice (RFC 5545, 3.3.5 means the first
    one, ical.js reads the second) and where tzdata does not know the zone."""
    zone = _zone(entry.zone)
    walls = [moment.astimezone(zone) for moment in (entry.starts_at, entry.ends_at)]
    if zone is UTC or any(wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset() for wall in walls):
        return [moment.astimezone(UTC) for moment in walls]
    return walls


def _zone(name):
    try:
        return UTC if name in ("UTC", "Etc/UTC") else zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _rules(entries):
    """A VTIMEZONE for each zone in use, from the year before its first event to the year after its last. A calendar has to hold
    something (RFC 5545, 3.6): an empty one holds the rules of the programme's zone."""
    years = {}
    for entry in entries:
        starts, ends = _walls(entry)
        if starts.tzinfo is not UTC:
            years.setdefault(entry.zone, set()).update((starts.year, ends.year))
    if not entries:
        years[settings.PROGRAMME_TIME_ZONE] = {timezone.now().year}
    return [rules_of(zone, min(found) - 1, max(found) + 1) for zone, found in sorted(years.items())]


@functools.lru_cache(maxsize=256)
def rules_of(zone, first_year, last_year):
    """The VTIMEZONE of an IANA zone for these years, the last one included. Do not change what you get: it is kept.

    Each change of the clocks stands by itself, without RDATE: of several in one line ical.js, and with it Thunderbird, reads the first.
    """
    found = Timezone.from_tzid(zone, first_date=date(first_year, 1, 1), last_date=date(last_year + 1, 1, 1))
    del found["COMMENT"]
    found.subcomponents = sorted((one for each in found.subcomponents for one in _one_by_one(each)), key=lambda one: one.DTSTART)
    return found


def _one_by_one(observance):
    """The same observance once for each of its beginnings."""
    later = [one.dt for one in observance.pop("RDATE").dts] if "RDATE" in observance else []
    for begins in (observance.DTSTART, *later):
        one = observance.copy()
        one.DTSTART = begins
        yield one


# --- words -----------------------------------------------------------------------------------------------------------


def text(words):
    """Lines that end in one way, without control characters. icalendar would write a typed backslash and N as the end of a line."""
    return CONTROLS.sub("", LINE_ENDS.sub("\n", str(words))).replace("\\N", "/N").strip()


def line(words):
    """One line, not longer than any field of ours."""
    return clipped(" ".join(text(words).split()), MOST_LINE)


def clipped(words, octets):
    """`words`, or as much of them as stays within so many octets once escaped."""
    if _octets(words) <= octets:
        return words
    while _octets(words) > octets - 3:
        words = words[: min(len(words) - 1, max(1, len(words) * (octets - 3) // _octets(words)))]
    return f"{words.rstrip()}…"


def _octets(words):
    return len(vText(words).to_ical())
