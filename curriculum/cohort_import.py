"""A list of people from a spreadsheet: read it, say what is wrong row by row, add the rest. Running it twice changes nothing."""

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from curriculum.accounts import clean_address, missing_of
from curriculum.cohorts import add_candidate
from curriculum.enrollment_states import Refused, Role
from curriculum.import_words import COLUMNS, LANGUAGE_WORDS, NAMES, PROFESSION_WORDS, ROLE_WORDS

MAX_ROWS, MAX_BYTES = 500, 2**20


@dataclass
class Row:
    """One line of the list. `number` is its line in the sheet, the header being line 1."""

    number: int
    values: dict
    problems: list = field(default_factory=list)  # (column, what is wrong and what to write instead)
    outcome: str = ""  # new, update, already, problem
    fills: list = field(default_factory=list)  # the empty fields of a known person that this row fills

    def wrong(self, column, text):
        self.problems.append((column, text))
        self.outcome = "problem"

    @property
    def named_problems(self):
        return [(NAMES.get(column, column), text) for column, text in self.problems]

    @property
    def fills_named(self):
        return [NAMES[name] for name in self.fills]


# --- reading -------------------------------------------------------------------------------------------------------
def read_rows(text_or_file):
    """The rows of a pasted table, of bytes or of an uploaded file, each with its problems. Touches no data.

    Comma, semicolon or tab; UTF-8, UTF-16 or Latin-1; with or without a byte order mark and Excel's `sep=` line. A
    bare list of addresses needs no header. Raises `Refused` when it is no such table; cells are text, whatever they
    look like.
    """
    cells = [(number, row) for number, row in _cells(text_or_file) if any(cell.strip() for cell in row)]
    if not cells:
        raise Refused(_("The list is empty. Paste the rows with their header, or choose a file."), "text")
    columns, first = _header(cells[0][1])
    body = cells[first:]
    if len(body) > MAX_ROWS:
        raise Refused(
            _("The list has %(rows)s rows; %(most)s fit in one import. Divide it into several.")
            % {"rows": len(body), "most": MAX_ROWS},
            "text",
        )
    if not body:
        raise Refused(_("The list has a header and no rows below it."), "text")
    rows = [_row(number, columns, line) for number, line in body]
    _mark_repeated(rows)
    return rows


def read_text(text_or_file):
    """The text of what was pasted or uploaded."""
    if isinstance(text_or_file, str):
        if len(text_or_file) > MAX_BYTES:
            raise Refused(_("The list is larger than 1 MB. Divide it into several."), "text")
        return text_or_file
    data = text_or_file if isinstance(text_or_file, bytes) else text_or_file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused(_("The file is larger than 1 MB. Divide the list into several files."), "file")
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise Refused(_("This is an Excel workbook. Save the sheet as CSV and choose that file."), "file")
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(_("The file is not text. Save the sheet as CSV and choose that file."), "file")


def unknown_columns(text_or_file):
    """The headings that will not be used, as written."""
    first = next((row for _number, row in _cells(text_or_file) if any(cell.strip() for cell in row)), [])
    return [] if _is_headless(first) else [cell.strip() for cell in first if cell.strip() and not _column(cell)]


def as_text(rows):
    """The same rows as a table that `read_rows` reads again; the confirmation page carries it."""
    sheet = io.StringIO()
    names = [name for name in COLUMNS if any(row.values.get(name) for row in rows)] or ["email"]
    writer = csv.writer(sheet, delimiter="\t", lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[row.values.get(name, "") for name in names] for row in rows])
    return sheet.getvalue()


def _cells(text_or_file):
    """Pairs of line number and cells."""
    text = read_text(text_or_file).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first, _newline, rest = text.partition("\n")
    announced = first.strip().strip('"').lower()
    skipped = 0
    if announced.startswith("sep=") and len(announced) <= 5:
        text, delimiter, skipped = rest, announced[4:] or "\t", 1
    else:
        delimiter = max("\t;,", key=(first if first.strip() else text).count)
    reader, number, cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1 + skipped, []
    try:
        for row in reader:
            cells.append((number, row))
            number = reader.line_num + 1 + skipped
    except csv.Error:
        raise Refused(_("The list cannot be read as a table. Save the sheet as CSV and choose that file."), "text") from None
    return cells


def _header(first):
    """The column of each cell (`None` for unknown ones) and the number of header lines."""
    if _is_headless(first):
        return ["email"], 0
    columns = [_column(cell) for cell in first]
    if "email" not in columns:
        raise Refused(
            _("There is no column for the e-mail address. The first row must name the columns: %(names)s. It says: %(found)s.")
            % {"names": ", ".join(map(str, NAMES.values())), "found": ", ".join(cell.strip()[:40] for cell in first[:12])},
            "text",
        )
    for name in COLUMNS:
        if columns.count(name) > 1:
            raise Refused(_("The column “%(name)s” is there twice. Keep one of them.") % {"name": NAMES[name]}, "text")
    return columns, 1


def _is_headless(first):
    return len([cell for cell in first if cell.strip()]) == 1 and "@" in first[0]


def _column(cell):
    plain = _plain(cell)
    return next((name for name, spellings in COLUMNS.items() if plain in spellings), None)


def _plain(text):
    """Lower case, without accents, single spaces: how words are compared."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    return " ".join("".join(mark for mark in apart if not unicodedata.combining(mark)).split()).rstrip(":*.")


# --- checking one row ----------------------------------------------------------------------------------------------
def _row(number, columns, line):
    cells = {name: cell for name, cell in zip(columns, line, strict=False) if name}
    row = Row(number, {name: " ".join(cell.split()) for name, cell in cells.items()})
    if any(cell.strip() for cell in line[len(columns) :]):
        row.wrong("email", _("The row has more cells than the header. Put text with commas between quotation marks."))
    for name, value in row.values.items():
        if any(unicodedata.category(mark) in ("Cc", "Cs") for mark in value):
            row.wrong(name, _("There is an unreadable character. Type the text again."))
            row.values[name] = "".join(mark for mark in value if unicodedata.category(mark) not in ("Cc", "Cs"))
        else:
            row.values[name] = _clean(row, name, value)
    if "email" not in row.values:
        row.values["email"] = ""
        row.wrong("email", _("Write an e-mail address such as name@hospital.org."))
    return row


def _clean(row, name, value):
    if name == "email":
        try:
            return clean_address(value)
        except Refused as refusal:
            row.wrong(name, refusal.text)
            return value
    if not value:
        return ""
    if name in ("country", "language", "profession", "role"):
        return _from_words(row, name, value)
    return _fitting(row, name, value)


def _fitting(row, name, value):
    model_field = get_user_model()._meta.get_field(name)
    if len(value) > model_field.max_length:
        text = ngettext("Write at most %(most)s character.", "Write at most %(most)s characters.", model_field.max_length)
        row.wrong(name, text % {"most": model_field.max_length})
        return value
    try:
        model_field.run_validators(value)
    except ValidationError:
        row.wrong(name, _("Write a zone such as America/Mexico_City, or leave the cell empty."))
    return value


def _from_words(row, name, value):
    code = _words(name).get(_plain(value))
    if code is None:
        row.wrong(name, _wanted(name) % {"value": value[:60]})
    return code or value


def _wanted(name):
    return {
        "country": _("“%(value)s” is no country we know. Write its name or its two-letter code."),
        "language": _("“%(value)s” is no language of this site. Write es, pt or en."),
        "profession": _("“%(value)s” is not in the list of professions. Write one of them, “other”, or leave the cell empty."),
        "role": _("“%(value)s” is no role. Write trainee, trainer or lead, or leave the cell empty."),
    }[name]


@lru_cache(maxsize=8)
def _words(name):
    """Every accepted spelling of the values of a column, compared by `_plain`."""
    given = {"language": LANGUAGE_WORDS, "role": ROLE_WORDS, "profession": PROFESSION_WORDS}.get(name, {})
    words = {_plain(word): str(code) for code, spellings in given.items() for word in (str(code), *spellings)}
    choices = {"country": lambda: list(countries), "profession": _professions, "role": lambda: Role.choices}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for code, label in choices.get(name, list)():
                words.setdefault(_plain(str(label)), str(code))
                words.setdefault(_plain(str(code)), str(code))
    return words


def _professions():
    return get_user_model()._meta.get_field("profession").choices


def _mark_repeated(rows):
    seen = {}
    for row in rows:
        first = seen.setdefault(row.values["email"], row)
        if first is not row and row.values["email"]:
            row.wrong("email", _("The same address is in row %(number)s. Keep one of them.") % {"number": first.number})


# --- importing -----------------------------------------------------------------------------------------------------
def import_rows(cohort, rows, by, dry_run):
    """Adds the people of the rows without problems and returns all rows, each with its `outcome`.

    With `dry_run` it only foretells. Each person is added in a transaction of their own; somebody who is in already
    stays as they are, except that fields they left empty are filled in.
    """
    _foretell(cohort, rows)
    for row in rows if not dry_run else ():
        if row.outcome in ("new", "update"):
            _add(cohort, row, by)
    return rows


def _foretell(cohort, rows):
    addresses = [row.values["email"] for row in rows if not row.problems]
    people = get_user_model().objects.annotate(address=Lower("email")).filter(address__in=addresses)
    known = {person.address: person for person in people}
    inside = {enrollment.user_id: enrollment for enrollment in cohort.enrollments.filter(user__in=list(known.values()))}
    for row in rows:
        if row.problems:
            continue
        person = known.get(row.values["email"])
        row.fills = list(missing_of(person, row.values)) if person else []
        enrollment = inside.get(person.pk) if person else None
        row.outcome = "new" if enrollment is None else ("update" if row.fills else "already")
        if person and not person.is_active:
            row.wrong("email", _("The account of this address is closed. Write to the operator of the site."))
        elif enrollment and row.values.get("role") and row.values["role"] != enrollment.role:
            row.wrong(
                "role",
                _("This person is in the cohort as %(role)s. The role is changed on the person's page.")
                % {"role": enrollment.get_role_display()},
            )


def _add(cohort, row, by):
    profile = {name: value for name, value in row.values.items() if name not in ("email", "role")}
    try:
        add_candidate(cohort, row.values["email"], by, role=row.values.get("role") or Role.TRAINEE, **profile)
    except Refused as refusal:
        row.wrong(refusal.field or "email", refusal.text)
