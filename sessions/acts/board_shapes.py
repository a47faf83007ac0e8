"""What people send about a board, checked: columns, ideas, countries.

The default columns are those of the first regional meeting of mentors: what were the main challenges, what was done about them, and
which of that was effective.
"""

from typing import Annotated, Literal

from django.conf import settings
from django_countries import countries
from pydantic import AfterValidator, Field

from curriculum.richtext import INVISIBLE, UNWANTED
from sessions.acts import Shape

MOST, MOST_EACH = 400, 200  # notes on a board; of one person who does not run the meeting
GAP = 1024  # between the places of two new notes, so that one can be moved in between
CHALLENGE, ACTION, EFFECTIVE = "challenge", "action", "effective"
COLUMNS = [
    {
        "key": "challenges",
        "title": {"es": "Principales retos", "pt-br": "Principais desafios", "en": "Main challenges"},
        "role": CHALLENGE,
    },
    {
        "key": "actions",
        "title": {"es": "Acciones realizadas", "pt-br": "Ações realizadas", "en": "Actions taken"},
        "role": ACTION,
    },
    {
        "key": "effective",
        "title": {"es": "Cuáles fueron eficaces", "pt-br": "Quais foram efetivas", "en": "Which were effective"},
        "role": EFFECTIVE,
    },
]


def _in_one_line(text):
    text = " ".join(text.translate(UNWANTED).split())
    if not INVISIBLE.sub("", text).strip():
        raise ValueError("nothing to read")
    return text


def _known_languages(titles):
    if not titles or set(titles) - {code for code, _name in settings.LANGUAGES}:
        raise ValueError("languages")
    return titles


def _different_keys(columns):
    if len({column.key for column in columns}) < len(columns):
        raise ValueError("the same key twice")
    return columns


def _known_country(code):
    if code and code not in countries.countries:
        raise ValueError("not a country")
    return code


Id = Annotated[int, Field(ge=1)]
Idea = Annotated[str, Field(min_length=1, max_length=140), AfterValidator(_in_one_line)]
Country = Annotated[str, AfterValidator(_known_country)]
Key = Annotated[str, Field(max_length=30)]


class Column(Shape):
    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")]
    title: Annotated[dict[str, Annotated[str, Field(min_length=1, max_length=60)]], AfterValidator(_known_languages)]
    role: Literal["challenge", "action", "effective", ""] = ""


class Setup(Shape):
    columns: Annotated[list[Column], Field(min_length=1, max_length=6), AfterValidator(_different_keys)] | None = None
    votes_each: Annotated[int, Field(ge=1, le=20)] | None = None


class Add(Shape):
    column: Key
    text: Idea
    country: Country | None = None


class Which(Shape):
    id: Id


class Edit(Which):
    text: Idea
    country: Country | None = None


class Move(Which):
    column: Key
    order: Annotated[int, Field(ge=0, le=2**30)] | None = None


class Merge(Shape):
    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    into: Id | None


class Link(Shape):
    action: Id
    challenge: Id


class Unlink(Shape):
    id: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,14}-[1-9][0-9]{0,14}$")]


class Vote(Which):
    up: bool = True


class Lock(Shape):
    locked: bool


class Phase(Shape):
    phase: Literal["collect", "discuss", "vote", "closed"]
