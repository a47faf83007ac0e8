"""The sheets as one XLSX file. Every text is written as text: no cell can become a formula or a link."""

import io

import xlsxwriter
from django.conf import settings

from evaluations.takeaway.cells import plain

NO_GUESSING = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True}
MOST_ROWS = 1_048_575  # of one sheet, below its heading
WIDTHS = {"text": 70, "wording": 70, "meaning": 70, "row_label": 48, "value_text": 48, "indicator_name": 40, "about": 24}


def workbook(sheets, title):
    """The file as bytes. Rows are written and forgotten one by one, so that memory does not grow with them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**NO_GUESSING, "constant_memory": True})
    book.set_properties({"title": title, "author": settings.SITE_NAME, "company": ""})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        _write(book.add_worksheet(sheet.title[:31]), sheet, bold, wrapped)
    book.close()
    return out.getvalue()


def _write(page, sheet, bold, wrapped):
    reading = sheet.key == "read-me"
    for column, name in enumerate(sheet.columns):
        page.set_column(column, column, WIDTHS.get(name, 14), wrapped if reading else None)
    page.freeze_panes(1, 0)
    for column, name in enumerate(sheet.columns):
        page.write_string(0, column, name, bold)
    for place, row in enumerate(sheet.rows, start=1):
        if place > MOST_ROWS:
            raise ValueError(f"More than {MOST_ROWS} rows in {sheet.key}: take the CSV instead.")
        for column, name in enumerate(sheet.columns):
            _cell(page, place, column, plain(row.get(name)))


def _cell(page, row, column, value):
    if isinstance(value, str):
        if value:
            page.write_string(row, column, value)
    elif value is not None:
        page.write_number(row, column, value)
