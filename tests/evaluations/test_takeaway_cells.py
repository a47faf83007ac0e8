"""Forty texts that a spreadsheet would compute, and what a CSV makes of them."""

import csv
import io
import re
import unicodedata

import pytest

from evaluations.takeaway.cells import harmless

# Forty ways to begin a formula, a link or a command (OWASP's list, with quotes, blanks, invisible signs and full width).
STARTS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM", "﹢1", "﹣1", "﹫A", "﹦1")
WRAPPED = ('"{}"', "'{}", " {}", "\u00a0{}", "\u200b{}", "\ufeff{}", "«{}»", "“{}”", "hola;{}", "hola\n{}", 'x;"{}', "\u2028{}")
HOSTILE = [
    *STARTS, *(form.format("=cmd|' /C calc'!A0") for form in WRAPPED), *(form.format("@A1") for form in WRAPPED),
    "=HYPERLINK(\"http://x\",\"y\")", "=WEBSERVICE(\"http://x\")", "=1\x00".replace("\x00", ""), "-2+3+cmd|' /C calc'!A0",
]  # fmt: skip
HARMLESS = ("São Paulo", "Bogotá", "Peña", "a-b", "2 + 2", "correo@hospital.org", "“Sí”", "1;2", "")


def computes(cell):
    """Whether the first sign that shows, quotes aside, begins a formula; an apostrophe makes text of it."""
    shown = re.sub(r"^[\s\"“”«»\u200b\ufeff]*", "", cell)
    return unicodedata.normalize("NFKC", shown[:1]) in tuple("=+-@")


def is_number(cell):
    try:
        return bool(float(cell) or True)
    except ValueError:
        return False


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_gets_an_apostrophe(text):
    made = harmless(text)
    assert made != text and not computes(made)
    assert not any(computes(part) for part in re.split("[;\t\r\n\u2028]", made)[1:])


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_stays(text):
    assert harmless(text) == text


def test_numbers_stay_numbers():
    assert [harmless(value) for value in (-1.5, 0, True, None)] == [-1.5, 0, 1, None]


def test_a_plain_csv_writer_would_let_them_through():
    """The control: written as they are, most of these are read as formulas."""
    out = io.StringIO()
    csv.writer(out).writerows([text] for text in HOSTILE)
    read = [line[0] for line in csv.reader(io.StringIO(out.getvalue(), newline="")) if line]
    assert sum(computes(cell) for cell in read) >= 30
