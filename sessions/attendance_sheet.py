"""Attendance as a workbook: who was in what, and every change. Text stays text; times in the meeting's zone, which is named."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.takeaway.files import XLSX
from evaluations.takeaway.sheets import READ_ME, Sheet
from evaluations.takeaway.workbook import workbook
from sessions import attendance, attendance_reading, guests
from sessions.attendance_reading import in_zone
from sessions.models import AttendanceChange

CONTENT_TYPE = XLSX
MARKS = (
    gettext_lazy("Name"), gettext_lazy("E-mail address"), gettext_lazy("Country"), gettext_lazy("Meeting"), gettext_lazy("Start"),
    gettext_lazy("Attendance"), gettext_lazy("Minutes"), gettext_lazy("First seen"), gettext_lazy("Last seen"),
    gettext_lazy("Source"), gettext_lazy("Changed by"), gettext_lazy("Reason"), gettext_lazy("Changed at"),
    gettext_lazy("More than a day later"), gettext_lazy("Time zone"),
)  # fmt: skip
CHANGES = (
    gettext_lazy("Meeting"), gettext_lazy("Name"), gettext_lazy("From"), gettext_lazy("To"), gettext_lazy("Source"),
    gettext_lazy("Minutes"), gettext_lazy("Changed by"), gettext_lazy("Reason"), gettext_lazy("Changed at"), gettext_lazy("Time zone"),
)  # fmt: skip


def of_meeting(meeting, reader):
    """One meeting: marks, ledger, and what the words mean. The file as bytes."""
    lines = attendance_reading.lines_of(meeting)
    guests.as_known_to(reader, meeting, [line.person for line in lines])
    marks = [_mark(meeting, line) for line in lines]
    sheets = [_read_me([meeting]), _sheet("marks", _("Attendance"), MARKS, marks), _changes({meeting.pk: meeting})]
    return workbook(sheets, meeting.title)


def of_cohort(cohort):
    """The grid of people and meetings, each mark in full, and the ledger. The file as bytes."""
    grid = attendance_reading.grid_of(cohort)
    marks = [_mark(meeting, line) for meeting, line in _cells(grid)]
    sheets = [
        _read_me(grid.meetings), _grid(grid), _sheet("marks", _("Attendance in full"), MARKS, marks),
        _changes({meeting.pk: meeting for meeting in grid.meetings}),
    ]  # fmt: skip
    return workbook(sheets, cohort.name)


def _sheet(key, title, columns, rows):
    """`rows` are lists in the order of the columns."""
    names = tuple(str(column) for column in columns)
    return Sheet(key, title, names, [dict(zip(names, row, strict=True)) for row in rows])


def _mark(meeting, line):
    row, person = line.row, line.person
    who = [person.full_name, person.email, str(person.country), meeting.title, in_zone(meeting, meeting.starts_at)]
    if row is None:
        return [*who, *[None] * 9, meeting.time_zone]
    changed = [_name(row.by), row.reason, in_zone(meeting, row.at), _("yes") if line.late else None]
    seen = [in_zone(meeting, row.first_at), in_zone(meeting, row.last_at)]
    return [*who, row.get_status_display(), line.minutes, *seen, row.get_source_display(), *changed, meeting.time_zone]


def _name(user):
    return (user.full_name or user.email) if user else None


def _grid(grid):
    columns = (_("Name"), _("E-mail address"), *_headings(grid.meetings), _("Attended"), _("Of"))
    rows = [
        [person.full_name, person.email, *(_word(cell) for cell in cells), attended, marked]
        for person, cells, attended, marked in grid.lines
    ]
    return _sheet("grid", _("Attendance"), columns, rows)


def _headings(meetings):
    """Numbered, because two meetings may have one title."""
    return [f"{place}. {meeting.title} ({in_zone(meeting, meeting.starts_at)[:10]})" for place, meeting in enumerate(meetings, 1)]


def _word(line):
    return line.row.get_status_display() if line.row else None


def _cells(grid):
    return [pair for _person, lines, _n, _of in grid.lines for pair in zip(grid.meetings, lines, strict=True)]


def _changes(meetings):
    rows = AttendanceChange.objects.filter(attendance__meeting__in=meetings).select_related("by", "attendance__user")
    return _sheet("changes", _("Changes"), CHANGES, [_change(meetings[row.attendance.meeting_id], row) for row in rows])


def _change(meeting, row):
    words = [attendance_reading.status_word(status) for status in (row.from_status, row.to_status)]
    source = attendance_reading.source_word(row.source)
    who, when = _name(row.by) or _("worked out"), in_zone(meeting, row.at)
    return [
        meeting.title, row.attendance.user.full_name, *words, source, row.seconds // 60, who, row.reason, when, meeting.time_zone
    ]  # fmt: skip


def _read_me(meetings):
    lines = [
        (_("Present"), _("At least the needed minutes, all devices, check-ins and imported stays merged: the same minute never counts twice.")),
        (_("Partly present"), _("Less than the needed minutes.")),
        (_("Recording"), _("Watched the recording later and answered the questions about it.")),
        (_("Settled"), _("A day after the end. Later changes are marked.")),
        *((meeting.title, _bar(meeting)) for meeting in meetings),
    ]  # fmt: skip
    return Sheet("read-me", _("Read me"), READ_ME, [{"about": about, "text": text} for about, text in lines])


def _bar(meeting):
    needed = -(-attendance.needed_seconds(meeting) // 60)
    words = {"needed": needed, "percent": meeting.needed_percent, "state": meeting.get_state_display()}
    text = _("Needed to count as present: %(needed)s minutes (%(percent)s %%). State: %(state)s.") % words
    if attendance.is_shortened(meeting):
        text += " " + _("It was shorter than planned: the share is of the real minutes.")
    return text
