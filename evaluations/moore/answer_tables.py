"""The answers to one item as counts, and what of them may be read: the shapes that suppression decides on and the audit judges."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Atom = tuple[str, str]  # (country, profession): the people whom no view tells apart
View = tuple[str, str]  # ("all", "") | ("country", "MX") | ("profession", "nursing")
ALL: View = ("all", "")

BOUND_SHARE = Fraction(4, 5)  # ">=80" and "<=20"


@dataclass(frozen=True)
class Table:
    """Answers to one item.

    `atoms` maps (country, profession) to counts per class, low to high. `values` are the classes' numbers (None where unordered).
    `protect_classes`: confidential and anonymous items protect small classes too; identified ones only small groups.
    One person is in one class: a question with several ticks is one table (not ticked, ticked) per choice. ValueError if ragged.
    """

    atoms: dict[Atom, tuple[int, ...]]
    values: tuple[float, ...] | None
    protect_classes: bool = True

    def __post_init__(self):
        lengths = {len(counts) for counts in self.atoms.values()} | ({len(self.values)} if self.values is not None else set())
        if len(lengths) > 1:
            raise ValueError("Every atom needs one count per class.")
        if any(count < 0 for counts in self.atoms.values() for count in counts):
            raise ValueError("A count of people cannot be negative.")

    @property
    def classes(self) -> int:
        return len(next(iter(self.atoms.values()), self.values or ()))

    def sizes(self) -> dict[Atom, int]:
        return {atom: sum(counts) for atom, counts in self.atoms.items()}

    def counts(self, view: View) -> tuple[int, ...]:
        rows = [counts for atom, counts in self.atoms.items() if contains(view, atom)]
        return tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * self.classes


@dataclass(frozen=True)
class Segment:
    """Classes shown as one count: indexes `first` to `last` inclusive. Unordered classes may be merged apart: then `classes` lists them."""

    first: int
    last: int
    count: int
    classes: tuple[int, ...] = ()

    def __post_init__(self):
        if not self.classes:
            object.__setattr__(self, "classes", tuple(range(self.first, self.last + 1)))


@dataclass(frozen=True)
class Shown:
    """What a reader may see of one view.

    `n`: people in the view who answered; participation is no secret and always given.
    `hidden`: None | "small_group" | "complementary"; when set, nothing else is.
    `segments`: each count at least the minimum; a single one over all classes says no more than n. Identified items: every class, as it is.
    `mean`: rounded to `mean_decimals` (identified items: whole); None where it would reveal, or where classes have no numbers.
    `bound`: ">=80" | "<=20" | "": at least 80 % (at most 20 %) of the people are in `bound_classes`, given where the segments cannot say it.
    For ordered classes `bound_classes` is always `upper_half` (agree and fully agree of five; right of wrong and right).
    """

    n: int
    hidden: str | None
    segments: tuple[Segment, ...] = ()
    mean: float | None = None
    bound: str = ""
    bound_classes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Leak:
    """Something a reader can work out.

    `group`: a view, or an atom written ("MX", "nursing"), or () for people isolated by differences, then named in `people`.
    `kind`: "shown" (printed as it is), "isolated" (shown groups differ by fewer people than the minimum),
    "recoverable" (known exactly), "narrow" (known to be within low..high). `because`: views whose figures pin it down.
    """

    kind: str
    group: tuple[str, str] | tuple[()]
    class_index: int | None
    low: int
    high: int
    because: tuple[View, ...] = ()
    people: tuple[Atom, ...] = ()


def contains(view: View, atom: Atom) -> bool:
    kind, value = view
    return kind == "all" or (atom[0] if kind == "country" else atom[1]) == value


def reachable_views(atoms: Iterable[Atom]) -> list[View]:
    """Everything a reader can filter by: all, each country, each profession; never both at once."""
    atoms = list(atoms)
    countries = [("country", value) for value in dict.fromkeys(country for country, _ in atoms)]
    return [ALL, *countries, *(("profession", value) for value in dict.fromkeys(profession for _, profession in atoms))]


def upper_half(classes: int) -> tuple[int, ...]:
    """The classes above the middle: 2 → (1,), 4 → (2, 3), 5 → (3, 4)."""
    return tuple(range((classes + 1) // 2, classes))


def exact(values: tuple[float, ...]) -> list[Fraction]:
    """The classes' numbers as fractions, thirds and sevenths meant as such."""
    return [Fraction(value).limit_denominator(1000) for value in values]


def mean_decimals(values: tuple[float, ...]) -> int:
    """What a published mean is rounded to: 4.2 on scales of three points and more, 0.84 on shares; the reader is half a step uncertain."""
    return 1 if max(values) - min(values) >= 2 else 2
