"""Participants' reports of Zoom and Teams, read as a table: which line is a stay of whom, from when to when. Touches no data.

Zoom: CSV in UTF-8, with or without lines about the meeting before the heading. Teams: UTF-16 with tabs and sections "1. Summary",
"2. Participants", "3. In-Meeting Activities"; the third has a line per stay, the second only first join and last leave, which would count
absences as presence. Cells are text, whatever they look like.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from curriculum.cohort_import import read_text
from curriculum.enrollment_states import Refused
from sessions.plain_names import plain

MAX_TEXT, MAX_LINES, SHOWN = 900_000, 10_000, 5
# Headings as the vendors write them in English, Spanish and Portuguese; compared without accents and what stands in brackets.
HEADINGS = {
    "name": ("name", "full name", "nombre", "nombre completo", "nome", "nome completo", "participant", "participante"),
    "email": (
        "user email", "email", "e-mail", "email address", "correo", "correo electronico", "correo electronico del usuario",
        "e-mail do usuario", "email do usuario",
    ),
    "joined": ("join time", "hora de ingreso", "hora de entrada", "hora para unirse", "hora de union", "hora de conexion"),
    "left": ("leave time", "hora de salida", "hora de saida", "hora para salir", "hora de desconexion"),
}  # fmt: skip
COLUMNS = tuple(HEADINGS)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Table:
    """`lines` are (number from 1, cells). `columns` maps name, email, joined, left to places; empty where it was not recognised."""

    text: str
    lines: tuple
    columns: dict
    source: str = "report"

    @property
    def first_lines(self):
        return [cells for _number, cells in self.lines[:SHOWN]]

    @property
    def width(self):
        return max(len(cells) for _number, cells in self.lines)


@dataclass(frozen=True)
class ReadLine:
    """A stay as written: `joined` and `left` are naive, or aware where the file says the zone."""

    number: int
    name: str
    email: str
    joined: datetime
    left: datetime
    written: tuple  # joined and left as text


def read_table(text_or_file):
    """Raises `Refused` with what is wrong: no text, too large, no table, a workbook instead of a CSV."""
    text = _text(text_or_file)
    lines = [(number, row) for number, row in _cells(text) if any(cell.strip() for cell in row)]
    if not lines:
        raise Refused(_("The file is empty. Choose another one."), "file")
    if len(lines) > MAX_LINES:
        raise Refused(_("The report has more than %(most)s lines. Divide it.") % {"most": MAX_LINES}, "file")
    start, columns = _heading(lines)
    if columns is None:
        return Table(text, tuple(lines), {})
    body = _section(lines[start + 1 :])
    if not body:
        raise Refused(_("The report has a heading and nobody below it."), "file")
    return Table(text, tuple(body), columns, _source(lines[start][1]))


def _text(text_or_file):
    try:
        text = read_text(text_or_file)
    except UnicodeError:
        raise Refused(_("The file is not text. Download the report as CSV."), "file") from None
    if "\x00" in text and text.count("\x00") > len(text) // 4:  # UTF-16 without a mark
        text = text.encode("latin-1", "ignore").decode("utf-16-le" if text[1:2] == "\x00" else "utf-16-be", "ignore")
    if CONTROLS.search(text):
        raise Refused(_("The file is not text. Download the report as CSV."), "file")
    if len(text.encode("utf-8", "replace")) > MAX_TEXT:
        raise Refused(_("The report is too large. Divide it into several files."), "file")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _cells(text):
    delimiter = max("\t;,", key=lambda sign: max((line.count(sign) for line in text.split("\n")[:200]), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise Refused(_("The file cannot be read as a table. Download the report as CSV."), "file") from None


def _heading(lines):
    """The place of the last line that names both instants and a person, and its columns: details come after summaries."""
    found = None, None
    for place, (_number, cells) in enumerate(lines):
        columns = _columns(cells)
        if {"joined", "left"} <= columns.keys() and columns.keys() & {"name", "email"}:
            found = place, columns
    return found


def _columns(cells):
    words = [re.sub(r"\(.*?\)", "", plain(cell)).strip() for cell in cells]
    return {name: words.index(word) for name, known in HEADINGS.items() for word in reversed(known) if word in words}


def _section(lines):
    """The lines up to the next section of a Teams report."""
    body = []
    for number, cells in lines:
        if re.match(r"\d+\. ", cells[0]) and not any(cell.strip() for cell in cells[1:]):
            break
        body.append((number, cells))
    return body


def _source(heading):
    words = {plain(cell) for cell in heading}
    return "zoom" if any("(" in word for word in words) else "teams" if "role" in words else "report"


# --- lines -------------------------------------------------------------------------------------------------------------


def read_lines(table, columns, near):
    """The lines with two instants as `ReadLine`s, and how many lines had none.

    `columns` maps joined, left and name or email to places. `near` is the naive start of the meeting: 3/4 is March or April,
    whichever lies nearer to it, for all lines alike. Raises `Refused` where no line has two instants.
    """
    rows = [(number, [_at(cells, columns.get(name)) for name in COLUMNS]) for number, cells in table.lines]
    pattern = _best_pattern([row[2] for _number, row in rows], near)
    lines = [line for line in (_line(number, row, pattern) for number, row in rows) if line]
    if not lines:
        raise Refused(_("No line has a time of joining and a time of leaving. Choose the columns again."))
    return lines, len(rows) - len(lines)


def _at(cells, place):
    return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""


def _line(number, row, pattern):
    name, email, joined, left = row
    begin, end = parse_instant(joined, pattern), parse_instant(left, pattern)
    if begin is None or end is None or (begin.tzinfo is None) != (end.tzinfo is None):
        return None
    if not (name or email) or begin.year not in YEARS or end.year not in YEARS:
        return None
    email = email.casefold() if "@" in email else ""
    return ReadLine(number, name[:200], email[:254], begin, end, (joined, left))


DAYS = ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%b %d, %Y", "%d %b %Y")
TIMES = ("%I:%M:%S %p", "%H:%M:%S", "%I:%M %p", "%H:%M")


def parse_instant(text, day):
    """The instant that `text` says, its day written as `day` (one of `DAYS`); `None` where it says none. ISO 8601 always."""
    text = _tidy(text)
    for form in (f"{day} {time}" for time in TIMES):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text) if re.match(r"\d{4}-\d\d-\d\d[T ]\d", text) else None
    except ValueError:
        return None


def _tidy(text):
    """ "1/20/27, 3:00:00 p. m." as "1/20/27 3:00:00 PM"."""
    text = re.sub(r"\s+", " ", text.strip())[:60]
    text = re.sub(r"\b([ap])\. ?m\.?", lambda found: found[1].upper() + "M", text, flags=re.IGNORECASE)
    return text if "," not in text or re.match(r"[A-Za-z]", text) else text.replace(",", "")


def _best_pattern(texts, near):
    """The way to write a day that reads most lines, and of those the one that puts the first nearest to the meeting."""

    def fit(day):
        found = [instant for instant in (parse_instant(text, day) for text in texts[:300]) if instant]
        distance = min((abs((instant.replace(tzinfo=None) - near).total_seconds()) for instant in found), default=float("inf"))
        return -len(found), distance

    return min(DAYS, key=fit)
