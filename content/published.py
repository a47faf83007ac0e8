"""Published figures: `content/published/*.yaml` → their meaning. They are kept as published, each with its source."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.checking import check
from content.instruments import once
from content.positions import read_yaml
from content.schema import Address, Key, Part, Words, text


class Source(Part):
    text: text(400)
    url: Address


class Figure(Part):
    key: Key
    indicator: Key
    level: Literal["1", "2", "3A", "3B", "4", "5", "6", "7"]
    value: float
    unit: text(30)
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    as_of: Annotated[str, StringConstraints(max_length=30)] = ""
    period: Annotated[str, StringConstraints(max_length=60)] = ""
    definition: Words
    source: Source
    note: Words | None = None


class Published(Part):
    curriculum: Key
    figures: Annotated[list[Figure], Field(min_length=1)]


def read_published(library, path, text):
    """The file's meaning, or `None` with its problems noted."""
    document = read_yaml(text, library.name(path))
    meaning = check(document, Published)
    once(document, ("figures",), "figure")
    library.problems += document.problems
    return meaning
