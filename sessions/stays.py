"""Who was in a meeting, when, and how that is known: connections, check-ins in the hall, lines of a vendor's report.

Nothing here depends on the clock of a device: every instant was written by the server, or comes from a report that a trainer brought.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from curriculum.models import Enrollment
from sessions.belonging import enrolled_in
from sessions.intervals import clipped, merged, seconds
from sessions.models import Attendance, CheckIn, ImportedStay, Lease, MeetingPerson
from sessions.protocol import LEASE

Source = Attendance.Source
COUNTED_DEVICES = (Lease.Device.BROWSER, Lease.Device.COMPANION, Lease.Device.POLLING)
RECONNECT = timedelta(seconds=LEASE)  # a silence that the room does not take for a departure


@dataclass
class Stays:
    """The intervals of one person by source, clipped to the meeting."""

    by_source: dict = field(default_factory=lambda: defaultdict(list))

    @property
    def intervals(self):
        return merged([one for intervals in self.by_source.values() for one in intervals])

    @property
    def seconds(self):
        return seconds(self.intervals)

    @property
    def first_at(self):
        return min((begin for begin, _end in self.intervals), default=None)

    @property
    def last_at(self):
        return max((end for _begin, end in self.intervals), default=None)

    @property
    def source(self):
        """The source that shows most of the time; the room where there is none."""
        lengths = {source: seconds(intervals) for source, intervals in self.by_source.items()}
        return max(sorted(lengths), key=lengths.get) if any(lengths.values()) else Source.ROOM


def span_of(meeting, now):
    """From the start to the end of the meeting, or to now while it is under way; `None` where it never began."""
    if meeting.started_at is None:
        return None
    return meeting.started_at, max(meeting.ended_at or now, meeting.started_at)


def stays_of(meeting, now, also=()):
    """`{user id: Stays}` of everybody who left a trace. Three queries. `also` are unsaved `ImportedStay`s, for foretelling."""
    span = span_of(meeting, now)
    found = defaultdict(Stays)
    if span is None:
        return found
    for user_id, intervals in _connections(meeting, span).items():
        found[user_id].by_source[Source.ROOM] = intervals
    for user_id, at, left_at in CheckIn.objects.filter(meeting=meeting).values_list("user_id", "at", "left_at"):
        found[user_id].by_source[Source.CODE] += clipped([(at, left_at or span[1])], *span)
    for user_id, joined_at, left_at in _imported(meeting, also):
        found[user_id].by_source[Source.IMPORT] += clipped([(joined_at, left_at)], *span)
    return found


def _connections(meeting, span):
    """A reconnect within the lease was no absence: that gap alone is filled, and only between two connections."""
    rows = Lease.objects.filter(meeting=meeting, device__in=COUNTED_DEVICES).values_list("user_id", "opened_at", "seen_at")
    apart = defaultdict(list)
    for user_id, opened_at, seen_at in rows:
        apart[user_id].append((opened_at, seen_at))
    return {user_id: merged(clipped(merged(_forwards(intervals), RECONNECT), *span)) for user_id, intervals in apart.items()}


def _forwards(intervals):
    return [(begin, end) for begin, end in intervals if begin <= end]


def _imported(meeting, also):
    rows = ImportedStay.objects.filter(meeting=meeting, user__isnull=False)
    given = {stay.digest for stay in also}
    kept = [row[1:] for row in rows.values_list("digest", "user_id", "joined_at", "left_at") if row[0] not in given]
    return kept + [(stay.user_id, stay.joined_at, stay.left_at) for stay in also if stay.user_id]


# --- of whom attendance is expected ------------------------------------------------------------------------------------


def expected_ids(meeting):
    """The ids of those who are marked: the trainees of the cohort, and those asked by name. Two queries.

    Trainers and leads run the meeting and are not marked. Whoever came into the cohort after the end is not absent.
    """
    named = set(
        MeetingPerson.objects.filter(meeting=meeting).exclude(part=MeetingPerson.Part.REMOVED).values_list("user_id", flat=True)
    )
    if meeting.cohort_id is None:
        return named
    rows = list(enrolled_in(meeting).values_list("user_id", "role", "enrolled_at"))
    trainees = {
        user_id for user_id, role, since in rows
        if role == Enrollment.Role.TRAINEE and not (since and meeting.ended_at and since > meeting.ended_at)
    }  # fmt: skip
    team = {user_id for user_id, role, _since in rows if role != Enrollment.Role.TRAINEE}
    return trainees | (named - team)


def is_expected(meeting, user):
    return user.pk in expected_ids(meeting)
