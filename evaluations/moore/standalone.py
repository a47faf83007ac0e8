"""A chart as an SVG file that needs nothing else: colours and sizes inside, text as text, for a slide, a paper or a report.

The width is fixed, so places in percent become pixels here. Everything that comes from people or documents is escaped.
"""

import textwrap

from django.utils.html import escape

from evaluations.moore import remarks
from evaluations.moore.findings import finding
from evaluations.moore.levels import level_of
from evaluations.moore.remarks import named
from evaluations.moore.shapes import place

WIDE, EDGE, INNER = 760, 24, 712
LETTER = 7.6  # pixels that a letter of 15 takes, on average
FONTS = "'Source Sans 3', 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
INK, QUIET, LINE = "#15212A", "#47545E", "#D9D4C8"
# The light colours of the stylesheet: fill, stroke, stroke width.
LOOKS = {
    "dot": ("#0A5560", "", 0), "dotpre": ("#FFFFFF", QUIET, 2), "ring": ("none", "#0A5560", 2), "faint": ("#A9A79F", "", 0),
    "ax": ("none", LINE, 1), "diff": ("none", "#0A5560", 3), "one": ("none", "#8A9AA3", 1), "mid": ("none", INK, 1),
    "asked": ("none", "#9A3B12", 3), "cut": ("none", "#9A3B12", 2), "fill": ("#0A5560", "", 0), "track": ("#F2EFE8", LINE, 1),
    "l1": ("#9A4A12", "#FFFFFF", 2), "l2": ("#DFA56A", "#FFFFFF", 2), "l3": ("#D8D5CC", "#FFFFFF", 2),
    "l4": ("#7DBBB5", "#FFFFFF", 2), "l5": ("#0A5F66", "#FFFFFF", 2), "mix": ("#F2EFE8", QUIET, 1),
}  # fmt: skip
ON = {"l1t": "#FFFFFF", "l5t": "#FFFFFF", "m": QUIET}


def standalone_svg(document, code, indicator, chart, heading=True):
    """The SVG of `chart` (or, for `None`, of the reason why there is none) as text, in the active language. Without `heading` it is
    the bare drawing, for a page that says the rest itself (takeaway/report_pdf.py)."""
    body, y = [], 12
    if heading:
        level = level_of(code)
        y = _words(body, 36, f"{code} · {level.name} · {named(indicator.get('name'))}", 18, INK, bold=True)
        y = _words(body, y, finding(indicator, code), 15, INK)
        y = _words(body, y, _about(document, indicator), 13, QUIET) + 10
    if chart is None:
        hidden = indicator.get("hidden") or {"reason": "nothing_yet"}
        y = _words(body, y, remarks.why_hidden(hidden, code), 15, QUIET)
    else:
        y = _chart(body, y, chart)
    title = escape(f"{named(indicator.get('name'))}: {finding(indicator, code)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{place(y + 8)}" viewBox="0 0 {WIDE} {place(y + 8)}" role="img" '
        f'font-family="{FONTS}"><title>{title}</title>'
        f'<rect width="{WIDE}" height="{place(y + 8)}" fill="#FFFFFF"/>{"".join(body)}</svg>'
    )


def _about(document, indicator):
    """What a figure must never travel without: evidence, source, n of N, whose, when."""
    cohort = document["cohort"]["name"]
    parts = [remarks.evidence_words(indicator), named(indicator.get("source")), remarks.of_asked(indicator), cohort]
    parts.append(str(indicator.get("as_of") or document.get("made_at") or "")[:10])
    return ". ".join(filter(None, parts))


def _chart(body, y, chart):
    if chart.ticks:
        for at, words in chart.ticks:
            body.append(_text(EDGE + INNER * float(at.rstrip("%")) / 100, y + 6, words, 13, QUIET, "middle"))
        y += 22
    for row in chart.rows:
        y = _row(body, y, row)
    for mark, words in chart.legend:
        body.append(_mark(mark, y))
        body.append(_text(EDGE + 24, y + 12, words, 13, QUIET))
        y += 20
    y += 12 if chart.legend and chart.notes else 0
    for note in chart.notes:
        y = _words(body, y + 6, note, 13, QUIET)
    return y


def _row(body, y, row):
    most = int((INNER - len(row.reading) * LETTER - 12) / LETTER)
    start = y
    y = _words(body, y + 8, row.label, 15, INK, most=most)
    if row.reading:
        body.append(_text(EDGE + INNER, start + 8, row.reading, 15, INK, "end", bold=True))
    if row.hidden:
        return _words(body, y, row.hidden, 13, QUIET)
    if row.shapes:
        body.append(f'<g transform="translate({EDGE} {place(y - 10)})">{"".join(_shape(shape) for shape in row.shapes)}</g>')
        y += row.height - 4
    if row.note:
        y = _words(body, y + 8, row.note, 13, QUIET)
    return y + 8


def _shape(shape):
    ratio = INNER / 100 if shape.unit == "%" else 1
    x, x2 = place(shape.x * ratio), place(shape.x2 * ratio)
    if shape.kind == "words":
        tone = shape.tone.split()[0]
        weight = ' font-weight="650"' if "b" in shape.tone.split() else ""
        return f'<text x="{x}" y="{shape.top}" font-size="14" text-anchor="{shape.anchor}" fill="{ON.get(tone, INK)}"{weight}>{escape(shape.text)}</text>'
    paint = _paint(shape.tone.split()[-1])
    if shape.kind == "rect":
        return f'<rect x="{x}" y="{shape.top}" width="{x2}" height="{shape.bottom}"{paint}/>'
    if shape.kind == "line":
        return f'<line x1="{x}" y1="{shape.top}" x2="{x2}" y2="{shape.bottom}"{paint}/>'
    if shape.kind == "dot":
        return f'<circle cx="{x}" cy="{shape.top}" r="{shape.radius}"{paint}/>'
    return f'<path transform="translate({x} {shape.top})" d="M-4-4 4 4M-4 4 4-4"{paint}/>'


def _paint(tone):
    fill, stroke, width = LOOKS.get(tone, LOOKS["l3"])
    return f' fill="{fill}"' + (f' stroke="{stroke}" stroke-width="{width}"' if stroke else "")


MARK_TONES = {"done": "dot", "deferred": "ring", "absent": "cut", "open": "faint"}


def _mark(mark, y):
    tone = MARK_TONES.get(mark, mark)
    if tone == "asked":
        return f'<line x1="{EDGE + 8}" x2="{EDGE + 8}" y1="{place(y)}" y2="{place(y + 15)}"{_paint(tone)}/>'
    if tone == "cut":
        return f'<path transform="translate({EDGE + 8} {place(y + 8)})" d="M-4-4 4 4M-4 4 4-4"{_paint(tone)}/>'
    if tone in ("dot", "dotpre", "ring", "faint"):
        return f'<circle cx="{EDGE + 8}" cy="{place(y + 8)}" r="{2.5 if tone == "faint" else 6}"{_paint(tone)}/>'
    return f'<rect x="{EDGE}" y="{place(y)}" width="15" height="15"{_paint(tone)}/>'


def _words(body, y, text, size, colour, *, bold=False, most=0):
    """Wrapped lines of text; gives the place below the last."""
    most = most or int(INNER / (LETTER * size / 15))
    for line in textwrap.wrap(text, max(most, 20)) or []:
        body.append(_text(EDGE, y, line, size, colour, bold=bold))
        y += size * 1.35
    return y


def _text(x, y, words, size, colour, anchor="start", *, bold=False):
    weight = ' font-weight="650"' if bold else ""
    return f'<text x="{place(x)}" y="{place(y)}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
