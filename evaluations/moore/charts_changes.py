"""Change on a scale: arrows from before to after, ratings by observers, the lines of single people."""

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.moore.charts_counts import hidden_row
from evaluations.moore.remarks import named
from evaluations.moore.shapes import Chart, Row, Shape, along, amount, number

SLOPE_HIGH = 220


def scale_of(indicators):
    """(low, high) of all rows together, so that everything in one panel of a level stands on the same scale."""
    rows = [
        row
        for indicator in indicators
        for row in indicator.get("rows") or []
        if row.get("low") is not None and row.get("high") is not None
    ]
    return (min(row["low"] for row in rows), max(row["high"] for row in rows)) if rows else (0, 1)


def ticks(low, high, unit):
    middle = (low + high) / 2
    return tuple((f"{along(value, low, high):.2f}%", amount(value, unit)) for value in dict.fromkeys((low, middle, high)))


def value_in(part):
    """What an arrow's end stands on: the median, else the mean."""
    if isinstance(part, dict):
        return part["median"] if part.get("median") is not None else part.get("mean")
    return part


def arrow_shapes(before, after, scale, asked=None):
    """Hollow: before; filled: after; an upright stroke: what people had said when they were asked beforehand."""
    x1, x2 = along(before, *scale), along(after, *scale)
    shapes = [Shape("line", "ax", 0, 12, 100, 12), Shape("line", "diff", x1, 12, x2, 12)]
    if asked is not None:
        shapes.append(Shape("line", "asked", along(asked, *scale), 3, along(asked, *scale), 21))
    same = abs(x1 - x2) < 1  # then the hollow mark is a ring around the filled one
    return (*shapes, Shape("dot", "dotpre", x1, 12, r=9 if same else 6), Shape("dot", "dot", x2, 12, r=5 if same else 7))


def moved_words(row):
    """ "10 improved, 1 the same, 0 worse"; only those that may be told, "" where none may."""
    words = (("improved", _("%(n)s improved")), ("same", _("%(n)s the same")), ("worse", _("%(n)s worse")))
    told = [text % {"n": number(row[name])} for name, text in words if row.get(name) is not None]
    if told and len(told) < len(words):
        told.append(_("the rest not told apart"))
    return ", ".join(told)


def changes(indicator, scale, asked_before=None):
    """Arrow rows. `asked_before` ({construct: row}) adds the third mark to self-ratings that look back."""
    rows, body, asked_before = [], [], asked_before or {}
    for row in indicator["rows"]:
        before, after = value_in(row.get("before")), value_in(row.get("after"))
        if row.get("hidden") or before is None or after is None:
            rows.append(hidden_row({**row, "hidden": row.get("hidden") or {"reason": "nothing_yet"}}))
            body.append((named(row.get("label")), [rows[-1].hidden]))
            continue
        asked = asked_before.get(row.get("construct") or row.get("key"))
        rows.append(_arrow(row, indicator.get("unit"), scale, asked))
        body.append((named(row.get("label")), _change_cells(row, indicator.get("unit"), asked, asked_before)))
    retro = indicator["design"] == "retro_pre_post"
    legend = [("dotpre", _("before, thinking back") if retro else _("before")), ("dot", _("after"))]
    if any(row.shapes and any(shape.tone == "asked" for shape in row.shapes) for row in rows):
        legend.insert(1, ("asked", _("before, asked at the time")))
    third = (_("Median, asked at the time"),) if asked_before else ()
    head = (
        _("Topic"),
        _("Pairs"),
        _("Median before"),
        *third,
        _("Median after"),
        _("Mean before"),
        _("Mean after"),
        _("How people moved"),
    )
    return Chart("arrows", tuple(rows), tuple(legend), ticks(*scale, indicator.get("unit")), head, tuple(body))


def _arrow(row, unit, scale, asked):
    label, before, after = named(row.get("label")), value_in(row["before"]), value_in(row["after"])
    third = value_in(asked["before"]) if asked else None
    words = {"label": label, "before": amount(before, unit), "after": amount(after, unit)}
    reading = f"{words['before']} → {words['after']}"
    sentence = _("%(label)s: %(before)s before, %(after)s after") % words
    if third is not None:
        sentence += "; " + _("%(value)s when asked at the time") % {"value": amount(third, unit)}
    note = moved_words(row)
    return Row(row.get("key", ""), label, reading, sentence, arrow_shapes(before, after, scale, third), 24, note=note)


def _change_cells(row, unit, asked, asked_before):
    middle = [amount(value_in(asked["before"]), unit) if asked else "–"] if asked_before else []
    means = [amount(row[name].get("mean"), unit, 1) for name in ("before", "after")]
    medians = [amount(row[name].get("median"), unit) for name in ("before", "after")]
    return [number(row.get("n")), medians[0], *middle, medians[1], *means, moved_words(row) or "–"]


def rated(indicator, scale):
    """One dot per criterion at the mean; an arrow where people were assessed again."""
    rows, body = [], []
    for row in indicator["rows"]:
        if row.get("hidden"):
            rows.append(hidden_row(row))
            body.append((named(row.get("label")), [rows[-1].hidden]))
            continue
        rows.append(_rating(row, scale))
        cells = (row.get("n"), row.get("mean"), row.get("median"), row.get("raters"), row.get("rated_twice"))
        body.append((named(row.get("label")), [number(cells[0]), number(cells[1], 1), *(number(cell) for cell in cells[2:])]))
    again = any("diff" in shape.tone for row in rows for shape in row.shapes)
    legend = (("dotpre", _("first time")), ("dot", _("assessed again"))) if again else (("dot", _("mean of the ratings")),)
    head = (_("Criterion"), _("People"), _("Mean"), _("Median"), _("Raters"), _("Rated by two"))
    return Chart("arrows", tuple(rows), legend, ticks(*scale, indicator.get("unit")), head, tuple(body), _who_rated(indicator))


def _who_rated(indicator):
    """Raters, how many were rated by two, how many are missing: as sentences, each where it is known."""
    rows = [row for row in indicator["rows"] if not row.get("hidden")]
    raters = max((row.get("raters") or 0 for row in rows), default=0)
    told = []
    if raters:
        twice = {
            "raters": number(raters),
            "n": number(max(row.get("rated_twice") or 0 for row in rows)),
            "total": number(max(row.get("n") or 0 for row in rows)),
        }
        told.append(_("%(raters)s raters; %(n)s of %(total)s people were rated by two.") % twice)
    missing = (indicator.get("asked") or 0) - (indicator.get("n") or 0)
    if missing > 0:
        told.append(
            ngettext("%(n)s person is not rated yet.", "%(n)s people are not rated yet.", missing) % {"n": number(missing)}
        )
    return tuple(told)


def _mean(part):
    return part.get("mean") if isinstance(part, dict) else part


def _rating(row, scale):
    label, before, after = named(row.get("label")), _mean(row.get("before")), _mean(row.get("after"))
    if before is not None and after is not None:
        reading = f"{number(before, 1)} → {number(after, 1)}"
        return Row(row.get("key", ""), label, reading, f"{label}: {reading}", arrow_shapes(before, after, scale), 24)
    mean = row.get("mean")
    if mean is None:
        return Row(row.get("key", ""), label, hidden=_("nothing yet"))
    shapes = (Shape("line", "ax", 0, 12, 100, 12), Shape("dot", "dot", along(mean, *scale), 12, r=7))
    reading = _("%(mean)s of %(most)s") % {"mean": number(mean, 1), "most": number(row["high"])}
    return Row(row.get("key", ""), label, reading, f"{label}: {reading}", shapes, 24)


# --- single people -------------------------------------------------------------------------------------------------
def slopes(row, scale, unit=""):
    """One thin line per person, the median thick. Only where the document gives the pairs; nobody is named."""
    low, high = scale

    def down(value):
        return 12 + (SLOPE_HIGH - 24) * (1 - (value - low) / ((high - low) or 1))

    shapes = [Shape("line", "ax", side, 12, side, SLOPE_HIGH - 12) for side in (12, 88)]
    for (before, after), people in sorted(Counter((b, a) for b, a in row["people"]).items()):
        shapes += [Shape("line", "one", 12, down(before), 88, down(after))] * people
    for value in dict.fromkeys((low, high)):
        shapes.append(Shape("words", "m", 5, down(value) + 5, text=amount(value, unit)))
        shapes.append(Shape("words", "m", 95, down(value) + 5, text=amount(value, unit)))
    before, after = value_in(row["before"]), value_in(row["after"])
    shapes += [
        Shape("line", "diff", 12, down(before), 88, down(after)),
        Shape("dot", "dotpre", 12, down(before), r=6),
        Shape("dot", "dot", 88, down(after), r=7),
    ]
    label = named(row.get("label"))
    words = {"label": label, "pairs": number(len(row["people"])), "before": amount(before, unit), "after": amount(after, unit)}
    sentence = _("%(label)s: one line for each of %(pairs)s people; the median goes from %(before)s to %(after)s") % words
    reading = f"{words['before']} → {words['after']}"
    return Row(row.get("key", ""), label, reading, sentence, tuple(shapes), SLOPE_HIGH, note=moved_words(row))
