"""The sheets as CSV files in one ZIP: UTF-8 with byte-order mark, commas, texts that no spreadsheet takes for a formula."""

import csv
import io
import zipfile

from evaluations.takeaway.cells import harmless

BYTE_ORDER_MARK = "\ufeff"


def csv_of(sheet):
    """One sheet as text with its byte-order mark."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        cells = [harmless(row.get(name)) for name in sheet.columns]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue()


def csv_zip(sheets):
    """All of them as bytes, each named after its key, in the order of the tabs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, sheet in enumerate(sheets, start=1):
            archive.writestr(f"{place}-{sheet.key}.csv", csv_of(sheet).encode("utf-8"))
    return out.getvalue()
