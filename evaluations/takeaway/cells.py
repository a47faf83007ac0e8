"""What may stand in one cell of a file that a spreadsheet opens: text stays text, numbers stay numbers, nothing becomes a formula.

Sources: OWASP, "CSV injection"; CWE-1236. XLSX needs none of this because its writer marks each text as text (workbook.py).
"""

import json
import re
import unicodedata

LONGEST = 32_000  # characters; Excel's limit is 32,767 UTF-16 units
STARTERS = "=+-@"
QUOTES = "\"'`´‘’“”«»„"
CONTROLS = "\t\r\n\x0b\x0c"
# A spreadsheet whose separator is not the comma breaks lines at ; or tab and may take quoted lines for rows of their own.
INNER = re.compile(rf"([;\t\r\n\x0b\x0c\u2028\u2029\x85][\s{re.escape(QUOTES)}]*)(?=[=+\-@＝＋－＠﹢﹣﹦﹫])")


def plain(value):
    """A cell's value for any file: text, number or `None`; lists and maps become JSON, too long texts end in "…"."""
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if isinstance(value, int | float):
        return value
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text.encode("utf-16-le")) <= 2 * LONGEST else text[: LONGEST // 2] + "…"


def harmless(value):
    """The same for CSV: a text that a spreadsheet could read as a formula gets an apostrophe in front of it."""
    value = plain(value)
    if not isinstance(value, str):
        return value
    value = INNER.sub(r"\1'", value)
    return f"'{value}" if starts_formula(value) else value


def starts_formula(text):
    """Whether the first sign that shows is one that begins a formula, in whatever width, or a tab or line break comes before all."""
    if text[:1] and text[0] in CONTROLS:
        return True
    for sign in text:
        if sign.isspace() or sign in QUOTES or unicodedata.category(sign) in ("Cf", "Cc"):
            continue
        return unicodedata.normalize("NFKC", sign)[:1] in tuple(STARTERS)
    return False
