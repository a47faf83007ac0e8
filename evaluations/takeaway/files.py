"""The formats of a take-away, how large each will be about, and the making of one."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from evaluations.models import Answer, Wave
from evaluations.moore.bands import own_findings
from evaluations.takeaway import csv_files, pictures, report_pdf, workbook
from evaluations.takeaway.sheets import Names, sheets_of
from evaluations.takeaway.source import require_data, source_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Lines of answers (and people) up to which a file is made while the reader waits: about a second on one core.
AT_ONCE = 10_000


@dataclass(frozen=True)
class Format:
    """`fixed`, `per_line` and `per_chart` are bytes, measured on cohorts of 12 and 1,000 people, for the size that is told beforehand."""

    code: str
    label: str
    ending: str
    content_type: str
    fixed: int = 0
    per_line: float = 0
    per_chart: int = 0
    people: bool = False


FORMATS = (
    Format("xlsx", gettext_lazy("Spreadsheet (XLSX)"), "xlsx", XLSX, 28_000, 45, people=True),
    Format("csv", gettext_lazy("Tables as text (CSV in a ZIP)"), "zip", "application/zip", 8_000, 4, people=True),
    Format("pdf-a4", gettext_lazy("Report to print (PDF, A4)"), "pdf", "application/pdf", 55_000, 0, 4_000),
    Format("pdf-letter", gettext_lazy("Report to print (PDF, Letter)"), "pdf", "application/pdf", 55_000, 0, 4_000),
    Format("svg", gettext_lazy("All charts as drawings (SVG in a ZIP)"), "zip", "application/zip", 0, 0, 1_200),
    Format("png", gettext_lazy("All charts as pictures (PNG in a ZIP)"), "zip", "application/zip", 0, 0, 65_000),
)
BY_CODE = {one.code: one for one in FORMATS}


@dataclass(frozen=True)
class File:
    name: str
    content_type: str
    content: bytes


def make(cohort, code, language, names: Names | None = None):
    """The `File`; raises `NoData`. Who may have it, and whether names may be in it, has been decided before (jobs.py)."""
    form = BY_CODE[code]
    source = source_of(cohort)
    require_data(source.document)
    return File(filename(cohort, form, source.document), form.content_type, _content(form, source, language, names))


def _content(form, source, language, names):
    document = source.document
    if form.code == "xlsx":
        return workbook.workbook(sheets_of(source, language, names), document["cohort"]["name"])
    if form.code == "csv":
        return csv_files.csv_zip(sheets_of(source, language, names))
    if form.code in ("svg", "png"):
        return pictures.zipped(document, language, getattr(pictures, form.code), form.code)
    return report_pdf.report_pdf(document, language, form.code.removeprefix("pdf-"), own_findings(source.cohort))


def filename(cohort, form, document):
    """ "puente-fls-cohorte-1-2026-11-20-svg.zip": plain letters, so that every system keeps it."""
    parts = [slugify(settings.SITE_NAME), slugify(cohort.name)[:60] or str(cohort.pk), document["made_at"][:10]]
    if form.ending == "zip" or form.code == "pdf-letter":
        parts.append(form.code.removeprefix("pdf-"))
    return f"{'-'.join(parts)}.{form.ending}"


# --- how large -------------------------------------------------------------------------------------------------------


def lines_of(cohort):
    """How many lines of single answers a spreadsheet of the cohort may have. One query."""
    return Answer.objects.filter(
        response__wave__cohort=cohort, response__wave__promise=Wave.Promise.IDENTIFIED, response__submitted_at__isnull=False
    ).count()


def sizes(lines, document):
    """`[(format, bytes)]`, estimated; nobody waits for a file to learn how large it is."""
    charts = len(pictures.keys_of(document))
    return [(form, round(form.fixed + lines * form.per_line + charts * form.per_chart)) for form in FORMATS]


def takes_long(form, lines):
    return form.people and lines > AT_ONCE
