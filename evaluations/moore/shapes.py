"""What a chart is made of, without a single tag: the page's template and the file that is taken away draw the same shapes.

Across, places are percentages of the width (`unit="%"`), so that words keep their size at every width; down, they are pixels.
Places leave here as text with a point, whatever the language; only words that people read are localised.
"""

from dataclasses import dataclass, field

from django.template import Engine

from notifications.readers import percent

PLAIN = 1  # decimals of a place: less than a pixel on any screen
EDGE = 3  # percent kept free at both ends of a scale, so that a mark there is whole


@dataclass(frozen=True)
class Shape:
    """`kind`: rect (x, y, x2 wide, y2 high), line (x, y to x2, y2), dot (x, y, r), words (x, y), cross (x, y).
    `tone` is a class of the stylesheet and a colour of the file."""

    kind: str
    tone: str
    x: float
    y: float
    x2: float = 0
    y2: float = 0
    r: float = 0
    text: str = ""
    anchor: str = "middle"
    unit: str = "%"

    @property
    def left(self):
        return place(self.x) + self.unit

    @property
    def right(self):
        return place(self.x2) + self.unit

    @property
    def top(self):
        return place(self.y)

    @property
    def bottom(self):
        return place(self.y2)

    @property
    def radius(self):
        return place(self.r)


@dataclass(frozen=True)
class Row:
    """One line of a chart. `reading` stands at its right, `sentence` is what the drawing says to those who do not see it.
    A row that is hidden has `hidden` (why, in words) and no shapes. `width` is in pixels, 0 for the whole width."""

    key: str
    label: str
    reading: str = ""
    sentence: str = ""
    shapes: tuple = ()
    height: int = 28
    width: int = 0
    note: str = ""
    hidden: str = ""
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """`legend` is `[(mark, words)]`, `ticks` `[(place, words)]` above the rows, `head` and `body` the table behind."""

    form: str
    rows: tuple = ()
    legend: tuple = ()
    ticks: tuple = ()
    head: tuple = ()
    body: tuple = ()
    notes: tuple = field(default=())

    @property
    def says(self):
        return any(not row.hidden for row in self.rows)

    @property
    def tabled(self):
        """Whether a table says more than the rows: behind every drawing, and behind figures with their definitions."""
        return self.form == "figures" or any(row.shapes for row in self.rows)


def place(value):
    """A coordinate as text: "27.27", "9"."""
    return f"{value:.{PLAIN}f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def along(value, low, high):
    """Where a value stands on a scale, in percent of the width, kept off the edges."""
    share = (value - low) / (high - low) if high > low else 0
    return EDGE + (100 - 2 * EDGE) * min(max(share, 0), 1)


def number(value, decimals=None):
    """A number as the templates of this site write it for the reader: the filter `number`, of whatever app brings it."""
    if value is None:
        return "–"
    if isinstance(value, float):
        value = int(value) if value.is_integer() and decimals is None else round(value, 2 if decimals is None else decimals)
    write = next(library.filters["number"] for library in Engine.get_default().template_builtins if "number" in library.filters)
    return str(write(value, decimals))


def amount(value, unit="", decimals=None):
    """A measure for people: shares of points in percent, everything else as a number."""
    if value is None or unit != "share":
        return number(value, decimals)
    return percent(number(round(100 * value)))
