"""Opinions as rows of a hundred percent with their counts inside; for larger groups, on request, on both sides of a line."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.moore.charts_counts import hidden_row, segment
from evaluations.moore.remarks import named, why_hidden
from evaluations.moore.shapes import Chart, Row, Shape, number
from notifications.readers import percent

DIVERGING_FROM = 20  # answers
GAP = 4  # percent between the opinions and the neutral ones set apart


def tone_of(value, scale):
    """The shade of a point by where it stands: brown below the middle, petrol above, grey in it."""
    values = [point["value"] for point in scale]
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5
    if abs(share - 0.5) < 0.01:
        return "l3"
    return "l1" if share < 0.25 else "l2" if share < 0.5 else "l4" if share <= 0.75 else "l5"


def _tone(part, scale):
    """Classes that were put together keep the milder shade of their side; across the middle they have one of their own."""
    first, last = tone_of(part["from"], scale), tone_of(part["to"], scale)
    if first == last:
        return first
    if {first, last} <= {"l1", "l2"}:
        return "l2"
    return "l4" if {first, last} <= {"l4", "l5"} else "mix"


def _span(part):
    return number(part["from"]) if part["from"] == part["to"] else f"{number(part['from'])}–{number(part['to'])}"


def agreeing(row):
    """The share that agrees, for the order of rows: −1 where it is hidden."""
    if row.get("hidden"):
        return -1
    if row.get("bound"):
        return 1 if "80" in row["bound"] else 0
    agree = row.get("agree")
    return agree["count"] / agree["of"] if agree and agree.get("of") else -0.5


def agree_words(row):
    """ "8 of 11"; where all or nobody agreed only the bound is said."""
    if row.get("bound"):
        words = _("at least %(share)s") if "80" in row["bound"] else _("at most %(share)s")
        return words % {"share": percent(80 if "80" in row["bound"] else 20)}
    agree = row.get("agree")
    if agree and agree.get("of"):
        return _("%(n)s of %(total)s") % {"n": number(agree["count"]), "total": number(agree["of"])}
    return _("mean %(mean)s") % {"mean": number(row["mean"], 1)} if row.get("mean") is not None else ""


def too_few_words(n):
    words = ngettext("%(n)s answer: too few to show how they spread", "%(n)s answers: too few to show how they spread", n)
    return words % {"n": number(n)}


def may_diverge(indicator):
    """From 20 answers on, and only where opinions have two sides."""
    rows = [row for row in indicator["rows"] if not row.get("hidden") and row.get("segments")]
    return bool(rows) and all((row.get("n") or 0) >= DIVERGING_FROM for row in rows)


def opinions(indicator, diverging=False):
    rows = sorted(indicator["rows"], key=agreeing, reverse=True)
    known = [row for row in rows if not row.get("hidden") and row.get("segments")]
    draw = _diverging(known) if diverging else _stacked
    drawn = tuple(hidden_row(row) if row.get("hidden") else _opinion(row, draw) for row in rows)
    merged = any(part["from"] != part["to"] for row in known for part in row["segments"])
    scale = max((row.get("scale") or [] for row in known), key=len, default=[])
    legend = _legend(scale, merged, any(_tone(part, row["scale"]) == "mix" for row in known for part in row["segments"]))
    notes = []
    if merged:
        notes.append(
            _(
                "Small classes are put together with their neighbours, to protect people: “1–3: 6” means six people on the points 1 to 3."
            )
        )
    if any(row.get("bound") for row in known):
        words = _("“At least %(most)s” and “at most %(few)s” stand where the exact number would tell what each person said.")
        notes.append(words % {"most": percent(80), "few": percent(20)})
    if diverging:
        notes.append(
            _("Left of the line: below the middle. Right of it: above. The neutral answers stand apart, at the far right.")
        )
    head, body = _opinion_table(rows, agrees(indicator))
    return Chart("diverging" if diverging else "stacked", drawn, legend, (), head, body, tuple(notes))


def _legend(scale, merged, mixed):
    entries = []
    for point in scale:
        words = named(point.get("text")) or number(point["value"])
        entries.append((tone_of(point["value"], scale), f"{number(point['value'])} {words}" if merged else words))
    return (*entries, ("mix", _("several points together"))) if mixed else tuple(entries)


def _opinion(row, draw):
    label, reading = named(row.get("label")), agree_words(row)
    if not reading and _only_bounded(row):
        return Row(row.get("key", ""), label, hidden=too_few_words(row.get("n") or 0))
    words = {point["value"]: named(point.get("text")) for point in row.get("scale") or []}
    told = []
    for part in row.get("segments") or []:
        ends = words.get(part["from"], _span(part)), words.get(part["to"], _span(part))
        name = ends[0] if ends[0] == ends[1] else _("%(first)s to %(last)s") % {"first": ends[0], "last": ends[1]}
        told.append(f"{name}: {number(part['count'])}")
    return Row(row.get("key", ""), label, reading, f"{label}. {'; '.join(told)}", tuple(draw(row)))


def _inside(part):
    count = number(part["count"])
    return count if part["from"] == part["to"] else f"{_span(part)}: {count}"


def _stacked(row):
    parts = row.get("segments") or []
    if "80" in (row.get("bound") or "") and _only_bounded(row):
        return [
            *segment("mix", 0, 20, ""),
            *segment("l4", 20, 80, f"≥ {percent(80)}"),
        ]  # at least this far: more would tell what each one said
    whole, left, shapes = sum(part["count"] for part in parts) or 1, 0.0, []
    for part in parts:
        width = 100 * part["count"] / whole
        shapes += _part(part, row, left, width)
        left += width
    return shapes


def _only_bounded(row):
    """Whether all points were put together, so that the parts say no more than how many answered."""
    return len(row["segments"]) == 1 and _tone(row["segments"][0], row["scale"]) == "mix"


def _part(part, row, left, width):
    """Its points and its number where both fit, else the number alone."""
    tone = _tone(part, row["scale"])
    words = _inside(part)
    drawn = segment(tone, left, width, words)
    return drawn if len(drawn) != 1 else segment(tone, left, width, number(part["count"]))


def _sides(row):
    sides = {"below": [], "above": [], "apart": []}
    for part in row["segments"]:
        tone = _tone(part, row["scale"])
        sides["below" if tone in ("l1", "l2") else "above" if tone in ("l4", "l5") else "apart"].append(part)
    return sides


def _share(parts, row):
    return sum(part["count"] for part in parts) / (sum(part["count"] for part in row["segments"]) or 1)


def _diverging(rows):
    """All rows on one scale: as wide as the widest of each side asks for. Rows of which only a bound is known take 80 % above."""
    known = [row for row in rows if not _only_bounded(row)]
    widest = {side: max((_share(_sides(row)[side], row) for row in known), default=0) for side in ("below", "above", "apart")}
    if any("80" in (row.get("bound") or "") for row in rows if _only_bounded(row)):
        widest["above"] = max(widest["above"], 0.8)
    unit = (100 - GAP) / (sum(widest.values()) or 1)
    middle = unit * widest["below"]

    def draw(row):
        if _only_bounded(row):
            bound = segment("l4", middle, 0.8 * unit, f"≥ {percent(80)}") if "80" in (row.get("bound") or "") else []
            return [*bound, Shape("line", "mid", middle, 0, middle, 28)]
        sides, whole = _sides(row), sum(part["count"] for part in row["segments"]) or 1
        left = middle - unit * _share(sides["below"], row)
        shapes = []
        for part in (*sides["below"], *sides["above"]):
            shapes += _part(part, row, left, unit * part["count"] / whole)
            left += unit * part["count"] / whole
        left = middle + unit * widest["above"] + GAP
        for part in sides["apart"]:
            shapes += _part(part, row, left, unit * part["count"] / whole)
            left += unit * part["count"] / whole
        return [*shapes, Shape("line", "mid", middle, 0, middle, 28)]

    return draw


def agrees(indicator):
    """Whether the upper half of the scale means that people agree: so in what they say of the training."""
    return indicator.get("level") == "2"


def _opinion_table(rows, agree):
    """Points across; a count that stands for several points is written once, with its points."""
    points = sorted({point["value"] for row in rows if not row.get("hidden") for point in row.get("scale") or []})
    body = []
    for row in rows:
        if row.get("hidden"):
            body.append((named(row.get("label")), [why_hidden(row["hidden"], short=True)]))
            continue
        cells = []
        for point in points:
            part = next((part for part in row.get("segments") or [] if part["from"] <= point <= part["to"]), None)
            cells.append("" if part is None or point != part["from"] else _inside(part))
        left_out = row.get("not_applicable")
        cells += [
            number(row.get("n")),
            number(left_out) if left_out is not None else "–",
            number(row.get("mean"), 1),
            agree_words(row),
        ]
        body.append((named(row.get("label")), cells))
    numbers = [number(point) for point in points]
    return (
        _("Statement"),
        *numbers,
        _("Answers"),
        _("Does not apply"),
        _("Mean"),
        _("Agree") if agree else _("Above the middle"),
    ), tuple(body)
