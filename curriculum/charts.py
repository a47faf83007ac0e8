"""Small charts as SVG text: a lesson's data figure. Table in, drawing out, and the table stays behind it.

Coordinates are percentages, so that text keeps its size at every width; they are formatted here and never localised. Colours come
from classes. Each drawing is an image with a sentence. Numbers that people read are written in the active language.
"""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from notifications.readers import percent

ROW_HEIGHT = 28
# The parts of a whole, by how many there are: the strongest tone first, the quiet one for "the rest".
TONES = {
    1: ("l5",),
    2: ("l5", "l3"),
    3: ("l5", "l4", "l3"),
    4: ("l5", "l4", "l2", "l3"),
    5: ("l5", "l4", "l3", "l2", "l1"),
    6: ("l5", "l4", "l3", "l2", "l1", "l5"),
}
LABEL_FITS = 9  # percent of the width


@dataclass(frozen=True)
class Row:
    label: str
    reading: str  # what stands beside the label
    drawing: SafeString


@dataclass(frozen=True)
class Chart:
    rows: list
    legend: list  # (class, words)
    head: list  # of the table behind
    body: list
    hint: str = ""


def draw(form, rows, unit="", series=()):
    """The chart of `rows` (`(label, [values])`) in one of the four forms."""
    rows = [(str(label), [float(value) for value in values]) for label, values in rows]
    parts = {"bars": _bars, "stacked": _stacked, "arrows": _arrows, "steps": _steps}[form](rows, unit, [str(s) for s in series])
    head = {"arrows": [_("Before"), _("After")], "stacked": list(series)}.get(form) or [_("Value")]
    body = [(label, [reading(value, unit) for value in values]) for label, values in rows]
    return Chart(head=head, body=body, **parts)


def reading(value, unit=""):
    """A number for people: 80 %, 17,5, 1204."""
    text = number_format(round(value, 2) if value % 1 else int(value), use_l10n=True)
    if unit == "%":
        return percent(text)
    return f"{text} {unit}" if unit else text


def _percent(value):
    return f"{min(max(value, 0.0), 100.0):.2f}%"


def _scale(rows, unit):
    """What one hundred percent of the width stands for: 100 for shares, else the largest value."""
    largest = max((value for _label, values in rows for value in values), default=0)
    return 100.0 if unit == "%" and largest <= 100 else (largest or 1.0)


def _svg(height, sentence, inside):
    return format_html('<svg class="ch" width="100%" height="{}" role="img" aria-label="{}">{}</svg>', height, sentence, inside)


def _bars(rows, unit, _series):
    whole = _scale(rows, unit)
    drawn = []
    for label, (value, *_rest) in rows:
        words = reading(value, unit)
        bar = format_html(
            '<rect class="track" width="100%" height="16"/><rect class="fill" width="{}" height="16"/>',
            _percent(100 * value / whole),
        )
        drawn.append(Row(label, words, _svg(16, f"{label}: {words}", bar)))
    return {"rows": drawn, "legend": []}


def _stacked(rows, unit, series):
    tones = TONES[min(max(len(series), 1), 6)]
    drawn = []
    for label, values in rows:
        whole, left, segments = sum(values) or 1.0, 0.0, []
        for tone, value in zip(tones, values, strict=False):
            width = 100 * value / whole
            segments.append(_segment(tone, left, width, reading(value)))
            left += width
        told = ", ".join(f"{name} {reading(value, unit)}" for name, value in zip(series, values, strict=False))
        inside = format_html_join("", "{}", ((segment,) for segment in segments))
        drawn.append(Row(label, "", _svg(ROW_HEIGHT, f"{label}: {told}", inside)))
    return {"rows": drawn, "legend": list(zip(tones, series, strict=False))}


def _segment(tone, left, width, words):
    rect = format_html('<rect class="seg {}" x="{}" width="{}" height="{}"/>', tone, _percent(left), _percent(width), ROW_HEIGHT)
    if width < LABEL_FITS:
        return rect
    return format_html(
        '{}<text class="{}t" x="{}" y="19" text-anchor="middle">{}</text>', rect, tone, _percent(left + width / 2), words
    )


def _arrows(rows, unit, _series):
    whole = _scale(rows, unit)
    drawn = []
    for label, (before, after, *_rest) in rows:
        x1, x2 = (_percent(2 + 96 * value / whole) for value in (before, after))
        inside = format_html(
            '<line class="ax" x1="0" x2="100%" y1="12" y2="12"/><line class="diff" x1="{x1}" x2="{x2}" y1="12" y2="12"/>'
            '<circle class="dotpre" cx="{x1}" cy="12" r="6"/><circle class="dot" cx="{x2}" cy="12" r="7"/>',
            x1=x1, x2=x2,
        )  # fmt: skip
        words = {"label": label, "before": reading(before, unit), "after": reading(after, unit)}
        sentence = _("%(label)s: %(before)s before, %(after)s after") % words
        drawn.append(Row(label, f"{reading(before)} → {reading(after, unit)}", _svg(24, sentence, inside)))
    return {"rows": drawn, "legend": [], "hint": _("Hollow: before. Filled: after.")}


def _steps(rows, unit, _series):
    """A rising line. Only its path needs a view box: it is stretched, its stroke is not; the words stay outside."""
    whole = _scale(rows, unit)
    points = [
        (100 * place / len(rows), 40 - 38 * min(max(values[0] / whole, 0.0), 1.0)) for place, (_l, values) in enumerate(rows)
    ]
    path = "".join(
        f"{'M' if place == 0 else 'H'}{x:.2f}{f' {y:.2f}' if place == 0 else f'V{y:.2f}'}" for place, (x, y) in enumerate(points)
    )
    sentence = "; ".join(f"{label}: {reading(values[0], unit)}" for label, values in rows)
    drawing = format_html(
        '<svg class="ch" width="100%" height="120" viewBox="0 0 100 41" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<line class="ax" x1="0" x2="100" y1="40" y2="40" vector-effect="non-scaling-stroke"/>'
        '<path class="diff" d="{}H100" fill="none" vector-effect="non-scaling-stroke"/></svg>',
        sentence, path,
    )  # fmt: skip
    first, last = rows[0], rows[-1]
    ends = f"{last[0]}: {reading(last[1][0], unit)}" if len(rows) > 1 else ""
    return {"rows": [Row(f"{first[0]}: {reading(first[1][0], unit)}", ends, drawing)], "legend": []}
