"""Attendance as pages and files show it: one meeting, a cohort's grid of people and meetings, one's own. Few queries, always as many."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from curriculum.models import Enrollment
from sessions import attendance, recording, wall_clock
from sessions.intervals import merged
from sessions.models import Attendance, AttendanceChange, ImportedStay, Meeting
from sessions.stays import expected_ids, stays_of

Status = Attendance.Status
HELD = (Meeting.State.LIVE, Meeting.State.PAUSED, Meeting.State.ENDED)
TONES = {Status.PRESENT: "ok", Status.RECORDING: "ok", Status.PARTLY: "warn", Status.ABSENT: "err", Status.EXCUSED: ""}


@dataclass(frozen=True)
class Line:
    """One person in one meeting. `row` is the saved `Attendance`, or `None` where nothing is marked yet."""

    person: Any
    row: Any = None
    late: bool = False

    @property
    def minutes(self):
        return self.row.seconds // 60 if self.row else None

    @property
    def tone(self):
        return TONES.get(self.row.status, "") if self.row else ""


@dataclass
class Grid:
    """`lines` are (person, [Line or None per meeting], attended, expected); `totals` (attended, marked) per meeting."""

    cohort: Any
    meetings: list
    lines: list = field(default_factory=list)
    totals: list = field(default_factory=list)


def zone_of(meeting):
    """The meeting's zone; UTC where its name is none."""
    return wall_clock.zone(meeting.time_zone)


def in_zone(meeting, instant):
    """ "2027-03-05 15:00" in the meeting's zone, for files; "" for nothing."""
    return instant.astimezone(zone_of(meeting)).strftime("%Y-%m-%d %H:%M") if instant else ""


# --- one meeting -------------------------------------------------------------------------------------------------------


def lines_of(meeting):
    """Everybody who is expected or marked, in order of name. Four queries."""
    rows = {row.user_id: row for row in Attendance.objects.filter(meeting=meeting).select_related("by")}
    people = get_user_model().objects.filter(pk__in=expected_ids(meeting) | rows.keys()).order_by("full_name", "pk")
    return [_line(meeting, person, rows.get(person.pk)) for person in people]


def _line(meeting, person, row):
    late = bool(row and row.by_id and attendance.is_late(meeting, row.at))
    return Line(person, row, late)


def totals_of(lines):
    """`[(word of the mark, tone, people)]` in the order of the marks; people without a mark are not in it."""
    found = {}
    for line in lines:
        if line.row:
            found[line.row.status] = found.get(line.row.status, 0) + 1
    return [(status.label, TONES[status], found.get(status, 0)) for status in Status]


def history_of(meeting, user=None):
    """The ledger of a meeting, or of one person in it, oldest first, each with `late`. One query."""
    rows = AttendanceChange.objects.filter(attendance__meeting=meeting).select_related("by", "attendance__user")
    rows = list(rows.filter(attendance__user=user) if user else rows)
    for row in rows:
        row.late = bool(row.by_id and attendance.is_late(meeting, row.at))
        row.from_word, row.to_word, row.source_word = (
            status_word(row.from_status),
            status_word(row.to_status),
            source_word(row.source),
        )
    return rows


def status_word(status):
    return Status(status).label if status in Status.values else ""


def source_word(source):
    return Attendance.Source(source).label if source in Attendance.Source.values else ""


def traces_of(meeting, user):
    """What the mark of one person rests on: intervals by source, for the page of the mark. Three queries."""
    stays = stays_of(meeting, timezone.now()).get(user.pk)
    if stays is None:
        return []
    return [
        (Attendance.Source(source).label, begin, end)
        for source, intervals in stays.by_source.items()
        for begin, end in merged(intervals)
    ]


def imported_lines(meeting):
    return ImportedStay.objects.filter(meeting=meeting).count()


# --- a cohort ----------------------------------------------------------------------------------------------------------


def grid_of(cohort):
    """People and the meetings that have begun, in order of time. Three queries."""
    meetings = list(
        Meeting.objects.non_polymorphic().filter(cohort=cohort, for_cohort=True, state__in=HELD).order_by("starts_at", "pk")
    )
    rows = {(row.user_id, row.meeting_id): row for row in _rows(meetings)}
    grid = Grid(cohort, meetings)
    for person in _people(cohort, {user_id for user_id, _meeting in rows}):
        cells = [_cell(meeting, person, rows) for meeting in meetings]
        marked = [cell for cell in cells if cell.row]
        grid.lines.append((person, cells, _attended(marked), len(marked)))
    for place, _meeting in enumerate(meetings):
        marked = [cells[place] for _person, cells, _n, _of in grid.lines if cells[place].row]
        grid.totals.append((_attended(marked), len(marked)))
    return grid


def _rows(meetings):
    return Attendance.objects.filter(meeting__in=[meeting.pk for meeting in meetings]).select_related("by")


def _people(cohort, marked):
    trainees = Enrollment.objects.members().filter(cohort=cohort).values("user")
    people = get_user_model().objects
    return (people.filter(pk__in=trainees) | people.filter(pk__in=marked)).order_by("full_name", "pk")


def _cell(meeting, person, rows):
    return _line(meeting, person, rows.get((person.pk, meeting.pk)))


def _attended(lines):
    return sum(line.row.status in Attendance.ATTENDED for line in lines)


# --- one's own ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Own:
    """One's own attendance in one meeting. `settles_at`: until then it may still change. `recording`: it can still be made up for."""

    meeting: Any
    line: Line
    settles_at: Any = None
    needed_minutes: int = 0
    recording: bool = False


def own(meeting, user):
    """For the page of a session: the person's `Own`, or `None` where nothing is marked and nothing can be made up for.

    `live/attendance/own.html` shows it (`{% include … with own=own %}`). One query, more where a recording counts.
    """
    row = Attendance.objects.filter(meeting=meeting, user=user).first()
    offered = meeting.recording_counts and recording.why_not(meeting, user) == ""
    if row is None and not offered:
        return None
    return _own(meeting, user, row, offered)


def _own(meeting, user, row, offered=False):
    ends = meeting.ended_at + attendance.OPEN_FOR if meeting.ended_at else None
    settles_at = ends if ends and not meeting.reconciled_at else None
    needed = -(-attendance.needed_seconds(meeting) // 60)
    return Own(meeting, Line(user, row), settles_at, needed, offered)


def all_own(user):
    """The person's marks, the newest meeting first. Two queries."""
    rows = list(Attendance.objects.filter(user=user).order_by("-meeting__starts_at", "-pk"))
    found = Meeting.objects.non_polymorphic().in_bulk([row.meeting_id for row in rows])
    return [_own(found[row.meeting_id], user, row) for row in rows]
