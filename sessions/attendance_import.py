"""A vendor's report becomes stays of people: match, foretell, save. The same file twice changes nothing.

Nothing is kept between the steps; the page carries the text of the report and what was chosen, and everything is checked again. A line is
known by meeting, name, e-mail and instants as written, so that another zone or another match corrects it instead of adding to it.
"""

import hashlib
import zoneinfo
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enrollment_states import Refused
from sessions import attendance
from sessions.attendance_reading import zone_of
from sessions.attendance_reports import read_lines
from sessions.intervals import clipped, seconds
from sessions.models import Attendance, ImportedStay, Meeting
from sessions.plain_names import likeness, plain
from sessions.stays import Stays, expected_ids, span_of, stays_of

MOST_PEOPLE = 1500
LIKELY = 0.75
SURE, DOUBTFUL, UNKNOWN = "sure", "doubtful", "unknown"


@dataclass
class Attendee:
    """Somebody in the report: their lines, the minutes in the meeting, and who it may be. `chosen` is a user id."""

    number: int
    name: str
    email: str
    stays: list = field(default_factory=list)
    minutes: int = 0
    match: str = UNKNOWN
    suggested: Any = None
    chosen: int | None = None
    aside: bool = False  # the person said so


@dataclass(frozen=True)
class Reading:
    """A report read for a meeting. `people` are those whom it may name, `{user id: person}` in order of name."""

    meeting: Meeting
    attendees: list
    people: dict
    lines: int
    unread: int

    def of(self, match):
        return [one for one in self.attendees if one.match == match]


def require_importable(meeting):
    """Raises `Refused` with the reason."""
    if meeting.started_at is None:
        raise Refused(
            _("The meeting was never begun here, so there is no time to compare with. Begin and end it in its control room.")
        )
    if meeting.state != Meeting.State.ENDED:
        raise Refused(_("The meeting is not over yet. Import its report afterwards."))


# --- reading -----------------------------------------------------------------------------------------------------------


def read(meeting, table, columns, zone):
    """The `Reading` of a table with chosen columns, its naive times in `zone`. Raises `Refused`. Three queries."""
    near = meeting.started_at.astimezone(zone).replace(tzinfo=None)
    lines, unread = read_lines(table, columns, near)
    attendees = _attendees(meeting, lines, zone, table.source)
    if len(attendees) > MOST_PEOPLE:
        raise Refused(_("The report names more than %(most)s people. Divide it.") % {"most": MOST_PEOPLE})
    people = get_user_model().objects.filter(pk__in=expected_ids(meeting)).order_by("full_name", "pk")
    reading = Reading(meeting, attendees, {person.pk: person for person in people}, len(lines), unread)
    _match(reading)
    return reading


def _attendees(meeting, lines, zone, source):
    found = {}
    for line in lines:
        key = line.email or plain(line.name)
        one = found.setdefault(key, Attendee(len(found), line.name, line.email))
        one.stays.append(_stay(meeting, line, zone, source))
    for one in found.values():
        spans = [(stay.joined_at, stay.left_at) for stay in one.stays]
        one.minutes = seconds(clipped(spans, *span_of(meeting, timezone.now()))) // 60
    return list(found.values())


def _stay(meeting, line, zone, source):
    words = "\0".join([str(meeting.pk), line.name, line.email, *line.written])
    return ImportedStay(
        meeting=meeting, name=line.name, email=line.email, source=source, digest=hashlib.sha256(words.encode()).hexdigest(),
        joined_at=_in_utc(line.joined, zone), left_at=_in_utc(line.left, zone),
    )  # fmt: skip


def _in_utc(instant, zone):
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def likely_zone(meeting, table, columns, offered):
    """Of the names offered the zone in which the report covers most of the meeting; the first where all are alike."""

    def covered(name):
        zone = zoneinfo.ZoneInfo(name)
        near = meeting.started_at.astimezone(zone).replace(tzinfo=None)
        lines, _unread = read_lines(table, columns, near)
        spans = [(_in_utc(line.joined, zone), _in_utc(line.left, zone)) for line in lines]
        return sum((end - begin for begin, end in clipped(spans, *span_of(meeting, timezone.now()))), timedelta(0))

    return max(offered, key=covered)


def zones_for(meeting, user):
    """What a report is likely to be written in: the meeting's zone, UTC, the person's own."""
    names = [zone_of(meeting).key, "UTC", user.time_zone]
    return list(dict.fromkeys(name for name in names if name in zoneinfo.available_timezones()))


# --- who is who --------------------------------------------------------------------------------------------------------


def _match(reading):
    addresses = {person.email.casefold(): pk for pk, person in reading.people.items()}
    before = dict(ImportedStay.objects.filter(meeting=reading.meeting, user__isnull=False).values_list("digest", "user_id"))
    for one in reading.attendees:
        known = addresses.get(one.email) or next((before[stay.digest] for stay in one.stays if stay.digest in before), None)
        if known in reading.people:
            one.match, one.suggested, one.chosen = SURE, reading.people[known], known
        else:
            one.suggested = _alike(one, reading.people)
            one.match = DOUBTFUL if one.suggested else UNKNOWN


def _alike(attendee, people):
    best = max(people.values(), key=lambda person: _score(attendee, person), default=None)
    return best if best and _score(attendee, best) >= LIKELY else None


def _score(attendee, person):
    return max(likeness(attendee.name, person.full_name), likeness(attendee.name, person.certificate_name))


def choose(reading, chosen):
    """Takes over what the person decided, `{number: user id as text, or ""}`. Returns the doubtful ones that have no answer.

    `"none"` leaves somebody aside. Ids of people whom the meeting does not expect count as no answer.
    """
    for one in reading.attendees:
        raw = chosen.get(one.number, "")
        pk = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
        one.chosen, one.aside = (pk if pk in reading.people else None), raw == "none"
    return [one for one in reading.of(DOUBTFUL) if one.chosen is None and not one.aside]


# --- what would happen, and making it happen ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Foretold:
    """`marks` are (word, people now, people then) for each mark; `taken` and `aside` are numbers of people in the report."""

    marks: list
    taken: int
    aside: int
    lines: int


def stays_to_save(reading, minimum):
    """The chosen stays; whoever was there less than `minimum` minutes is left aside."""
    stays = []
    for one in reading.attendees:
        user_id = one.chosen if one.minutes >= minimum else None
        for stay in one.stays:
            stay.user_id = user_id
            stays.append(stay)
    return list({stay.digest: stay for stay in stays}.values())


def foretell(reading, minimum):
    """What saving would change. Writes nothing."""
    meeting, stays = reading.meeting, stays_to_save(reading, minimum)
    taken = sum(bool(one.chosen) and one.minutes >= minimum for one in reading.attendees)
    now, then = _marks(meeting), _marks(meeting, stays)
    marks = [(status.label, now[status], then[status]) for status in Attendance.Status]
    return Foretold(marks, taken, len(reading.attendees) - taken, sum(stay.user_id is not None for stay in stays))


def _marks(meeting, also=()):
    stays, needed = stays_of(meeting, timezone.now(), also), attendance.needed_seconds(meeting)
    by_hand = dict(Attendance.objects.filter(meeting=meeting, source=Attendance.Source.HAND).values_list("user_id", "status"))
    watched = attendance.watched_ids(meeting)
    return Counter(
        by_hand.get(pk) or str(attendance.measured(stays.get(pk, Stays()), needed, watched=pk in watched).status)
        for pk in expected_ids(meeting)
    )


def save(reading, minimum, by):
    """Saves the stays and works out the marks. Returns (lines added, lines corrected, marks changed); a second call gives zeros."""
    meeting, stays = reading.meeting, stays_to_save(reading, minimum)
    require_importable(meeting)
    with transaction.atomic():
        attendance.held(meeting.pk)
        known = {stay.digest: stay for stay in ImportedStay.objects.filter(meeting=meeting)}
        new = [stay for stay in stays if stay.user_id and stay.digest not in known]
        for stay in new:
            stay.by = by
        ImportedStay.objects.bulk_create(new)
        corrected = sum(_correct(known[stay.digest], stay, by) for stay in stays if stay.digest in known)
        lines = len(new) + corrected
        reason = ngettext("Report imported: %(lines)s line", "Report imported: %(lines)s lines", lines) % {"lines": lines}
        changed = attendance.reconcile(meeting, by=by, reason=reason) if new or corrected else 0
    return len(new), corrected, changed


def _correct(row, stay, by):
    """Another match or zone for a line that is known: the last decision holds. Whether anything differed."""
    wanted = (stay.user_id, stay.joined_at, stay.left_at)
    if wanted == (row.user_id, row.joined_at, row.left_at):
        return False
    row.user_id, row.joined_at, row.left_at = wanted
    row.by, row.at = by, timezone.now()
    row.save()
    return True
