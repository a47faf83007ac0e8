"""Charts of counts: one dot per person, the grid of people and activities, commitments, published figures, steps over time."""

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from evaluations.models import CommitmentFollowUp
from evaluations.moore.remarks import named, why_hidden
from evaluations.moore.shapes import Chart, Row, Shape, number

DOTS_ACROSS = 18  # 324 pixels: a phone shows them without shrinking
DOTS_MOST = 180
GRID_MOST = 60  # people; beyond that the grid says less than its table
STEP, LINE = 18, 15
MARKS = ("done", "deferred", "absent", "open")
STATUSES = (("done", "l5"), ("partly", "l4"), ("not_yet", "l2"), ("dropped", "l1"), ("unanswered", "l3"))
INSIDE_FITS = 5  # percent of the width that a number needs


def mark_words():
    return {"done": _("done"), "deferred": _("from the recording"), "absent": _("absent"), "open": _("not done yet")}


def hidden_row(row):
    return Row(row.get("key", ""), named(row.get("label")), hidden=why_hidden(row["hidden"], short=True))


# --- level 1 -------------------------------------------------------------------------------------------------------
def counts(indicator, brief=False):
    """Dots for each count, the grid where people are given. `brief`: the first count with its grid, the rest in the table."""
    rows, notes = [], []
    shown = indicator["rows"][:1] if brief and any(row.get("marks") for row in indicator["rows"]) else indicator["rows"]
    for row in shown:
        if row.get("hidden"):
            rows.append(hidden_row(row))
            continue
        rows.append(_dots(row))
        if row.get("marks"):
            rows.append(_grid(row["marks"], indicator))
    if any(row.get("marks") and len(row["marks"]) > GRID_MOST for row in indicator["rows"]):
        notes.append(_("More than %(most)s people: the table has the counts.") % {"most": number(GRID_MOST)})
    found = {mark for row in indicator["rows"] for person in row.get("marks") or [] for mark in person}
    words = mark_words()
    legend = [(mark, words[mark]) for mark in MARKS if mark in found]
    head, body = _count_table(indicator)
    return Chart("dots", tuple(row for row in rows if row), tuple(legend), (), head, body, tuple(notes))


def _dots(row):
    value, of = int(row.get("value") or 0), int(row.get("of") or 0)
    label = named(row.get("label"))
    reading = _("%(n)s of %(total)s") % {"n": number(value), "total": number(of)} if of else number(row.get("value"))
    shapes = ()
    if 0 < of <= DOTS_MOST:
        shapes = tuple(
            Shape("dot", "dot" if n < value else "dotpre", STEP / 2 + STEP * (n % DOTS_ACROSS), 9 + STEP * (n // DOTS_ACROSS), r=6.5, unit="")
            for n in range(of)
        )  # fmt: skip
    width = STEP * min(max(of, 1), DOTS_ACROSS)
    return Row(row.get("key", ""), label, reading, f"{label}: {reading}", shapes, STEP * -(-of // DOTS_ACROSS), width)


def _grid(people, indicator):
    """People down (nobody is named), activities across."""
    across = max((len(person) for person in people), default=0)
    if not across or len(people) > GRID_MOST:
        return None
    shapes = []
    for column in range(across):
        if across <= 15 or column == 0 or (column + 1) % 5 == 0:
            shapes.append(Shape("words", "m", _middle(column, across), 12, text=number(column + 1)))
    for line, person in enumerate(people):
        for column, mark in enumerate(person):
            shapes += _cell(mark, _middle(column, across), 26 + LINE * line)
    sentence = _("One row per person, one column per activity: %(people)s people, %(activities)s activities.") % {
        "people": number(len(people)), "activities": number(across),
    }  # fmt: skip
    label = _("Each row is a person, each column an activity")
    return Row("people", label, "", sentence, tuple(shapes), 22 + LINE * len(people))


def _middle(column, across):
    return 100 * (column + 0.5) / across


def _cell(mark, x, y):
    if mark == "done":
        return [Shape("dot", "dot", x, y, r=5)]
    if mark == "deferred":
        return [Shape("dot", "ring", x, y, r=4.5), Shape("dot", "dot", x, y, r=1.5)]
    if mark == "absent":
        return [Shape("cross", "cut", x, y, r=4)]
    return [Shape("dot", "faint", x, y, r=2)]


def _count_table(indicator):
    row = next((row for row in indicator["rows"] if row.get("marks")), None)
    if row is None or not indicator.get("columns"):
        body = [(named(line.get("label")), [_value_of(line)]) for line in indicator["rows"]]
        return (_("What"), _("People")), tuple(body)
    words, found = mark_words(), {mark for person in row["marks"] for mark in person}
    used = [mark for mark in MARKS if mark in found]
    body = []
    for column, of in enumerate(indicator["columns"]):
        marks = [person[column] for person in row["marks"] if column < len(person)]
        label = f"{number(column + 1)}. {named(of.get('label'))}"
        body.append((label, [number(marks.count(mark)) for mark in used]))
    return (_("Activity"), *(words[mark].capitalize() for mark in used)), tuple(body)


def _value_of(row):
    if row.get("hidden"):
        return why_hidden(row["hidden"], short=True)
    if row.get("of"):
        return _("%(n)s of %(total)s") % {"n": number(row["value"]), "total": number(row["of"])}
    return number(row.get("value"))


# --- commitments ---------------------------------------------------------------------------------------------------
def status_words():
    return {**{status.value: str(status.label) for status in CommitmentFollowUp.Status}, "unanswered": _("no answer")}


def barrier_words(code):
    return str(dict(CommitmentFollowUp.Barrier.choices).get(code, code))


def commitments(indicator):
    rows, body, words = [], [], status_words()
    for row in indicator["rows"]:
        if row.get("hidden"):
            rows.append(hidden_row(row))
            continue
        statuses = row.get("statuses") or {}
        kept = _kept(row, statuses, words)
        told = [(words[status], statuses[status]) for status, _tone in STATUSES if statuses.get(status) is not None]
        barriers = sorted((row.get("barriers") or {}).items(), key=lambda pair: -(pair[1] or 0))
        told += [(_("What stood in the way: %(barrier)s") % {"barrier": barrier_words(code)}, n) for code, n in barriers]
        body += [(f"{kept.label}: {what}", [number(n)]) for what, n in told]
        most = ", ".join(f"{barrier_words(code)} ({number(n)})" for code, n in barriers[:3] if n)
        rows.append(replace(kept, note=_("What stood in the way most: %(barriers)s.") % {"barriers": most}) if most else kept)
    tones = {shape.tone.split()[-1] for row in rows for shape in row.shapes if shape.kind == "rect"}
    legend = [(tone, words[status]) for status, tone in STATUSES if tone in tones]
    if "mix" in tones:
        legend.append(("mix", _("small numbers, not told apart")))
    return Chart("stacked", tuple(rows), tuple(legend), (), (_("What became of them"), _("Commitments")), tuple(body))


def _kept(row, statuses, words):
    known = sum(value for value in statuses.values() if value)
    whole = max(row.get("made") or 0, known) or 1
    left, shapes = 0.0, []
    for tone, value in [*((tone, statuses.get(status) or 0) for status, tone in STATUSES), ("mix", whole - known)]:
        shapes += segment(tone, left, 100 * value / whole, number(value))
        left += 100 * value / whole
    told = ", ".join(f"{words[status]} {number(statuses[status])}" for status, _tone in STATUSES if statuses.get(status))
    label = named(row.get("label")) or _("Commitments")
    if row.get("day"):
        label = _("%(label)s, after %(days)s days") % {"label": label, "days": number(row["day"])}
    done = statuses.get("done")
    reading = _("%(n)s of %(total)s") % {"n": number(done), "total": number(whole)} if done is not None else number(whole)
    return Row(row.get("key", ""), label, reading, f"{label}: {told}", tuple(shapes))


def segment(tone, left, width, words, height=28):
    """A part of a bar with its number, where that fits."""
    if width <= 0:
        return []
    drawn = [Shape("rect", f"seg {tone}", left, 0, width, height)]
    if width >= INSIDE_FITS + 1.6 * (len(words) - 1):
        drawn.append(Shape("words", f"{tone}t b", left + width / 2, 19, text=words))
    return drawn


# --- published figures, and what builds up -------------------------------------------------------------------------
def published(indicator):
    """Each figure with where it stands. Two values for one thing stand both. Bars only where countries share a unit."""
    rows, body = [], []
    countries = [row for row in indicator["rows"] if row.get("country") and not row.get("hidden")]
    largest = max((row["value"] for row in countries), default=0) if len({row.get("unit") for row in countries}) == 1 else 0
    for row in indicator["rows"]:
        if row.get("hidden"):
            rows.append(hidden_row(row))
            continue
        rows.append(_figure(row, largest if row.get("country") else 0))
        if len(rows) > 1 and (rows[-2].note, rows[-2].url) == (rows[-1].note, rows[-1].url):
            rows[-2] = replace(rows[-2], note="", url="")  # said once, below the last of them
        source = named((row.get("source") or {}).get("text"))
        about = _joined(named(row.get("definition")), named(row.get("note")))
        body.append(
            (named(row.get("label")), [f"{number(row['value'])} {row.get('unit') or ''}".strip(), about, source, year_of(row)])
        )
    return Chart(
        "figures", tuple(rows), (), (), (_("Figure"), _("Value"), _("What it counts"), _("Source"), _("Year")), tuple(body)
    )


def _joined(*parts):
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def year_of(row):
    """Of a date its year; a period as it is written."""
    as_of = str(row.get("as_of") or "")
    return as_of[:4] if re.fullmatch(r"\d{4}-\d\d-\d\d", as_of) else as_of


def _figure(row, largest):
    label, words = named(row.get("label")), f"{number(row['value'])} {row.get('unit') or ''}".strip()
    shapes = (Shape("rect", "fill", 0, 0, 100 * row["value"] / largest, 12),) if largest else ()
    source = row.get("source") or {}
    address = str(source.get("url") or "")
    url = address if address.startswith(("https://", "http://")) else ""
    note = ", ".join(filter(None, (named(source.get("text")).rstrip("."), year_of(row))))
    return Row(row.get("key", ""), label, words, f"{label}: {words}", shapes, 12, note=note, url=url)


def steps(indicator):
    """Rising lines of `points` ([[when, total], …]), each country its own, all on one scale. Bars of the last value carry the eye."""
    known = [row for row in indicator["rows"] if not row.get("hidden") and row.get("points")]
    largest = max((total for row in known for _when, total in row["points"]), default=0) or 1
    rows, body = [], []
    for row in indicator["rows"]:
        if row.get("hidden") or not row.get("points"):
            rows.append(hidden_row({**row, "hidden": row.get("hidden") or {"reason": "nothing_yet"}}))
            continue
        rows.append(_rising(row, largest))
        body += [(f"{named(row.get('label'))}, {when}", [number(total)]) for when, total in row["points"]]
    return Chart("steps", tuple(rows), (), (), (_("When"), _("Total")), tuple(body))


def _rising(row, largest):
    points, high = row["points"], 56
    heights = [high - 2 - (high - 8) * total / largest for _when, total in points]
    width = 100 / len(points)
    shapes = [Shape("line", "ax", 0, high - 1, 100, high - 1)]
    for place, y in enumerate(heights):
        shapes.append(Shape("line", "diff", width * place, y, width * (place + 1), y))
        if place:
            shapes.append(Shape("line", "diff", width * place, heights[place - 1], width * place, y))
    label, last = named(row.get("label")), number(points[-1][1])
    note = f"{points[0][0]} – {points[-1][0]}" if len(points) > 1 else str(points[0][0])
    return Row(row.get("key", ""), label, last, f"{label}: {last}", tuple(shapes), high, note=note)


def timeline(indicator):
    """A dated list: guidelines, policies, resources."""
    rows = [
        Row(
            row.get("key", ""),
            named(row.get("label")),
            str(row.get("at") or ""),
            note=named((row.get("source") or {}).get("text")),
        )
        for row in indicator["rows"]
        if not row.get("hidden")
    ]
    body = [(row.reading, [row.label, row.note]) for row in rows]
    return Chart("timeline", tuple(rows), (), (), (_("When"), _("What"), _("Source")), tuple(body))
