"""What a file of an instrument may hold; content/instruments.py checks what goes beyond a single key."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.schema_parts import Key, Part, ShortWords, Title, Words


class Choice(Part):
    key: Key
    text: Words
    correct: bool = False
    reason: Words | None = None


class Point(Part):
    value: int
    text: Words


class ShowIf(Part):
    """Asked only where the earlier `question` was answered with one of these (content/instruments.py checks that they exist)."""

    question: Key
    any_of: Annotated[list[int | Key], Field(min_length=1)]


class Section(Part):
    key: Key
    title: Title
    intro: Words | None = None


class Asked(Part):
    key: Key
    text: Words
    hint: Words | None = None
    required: bool = True
    construct_: Annotated[str, Field(alias="construct"), StringConstraints(max_length=60)] = ""
    aspect: Literal[
        "ability", "importance", "confidence", "satisfaction", "competence", "intention", "performance", "barrier", ""
    ] = ""
    moore: Literal["2", "3A", "3B", "4", "5", "6", "7", ""] = ""
    section: Key | None = None
    show_if: ShowIf | None = None


class SingleChoice(Asked):
    kind: Literal["single-choice"]
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


class MultipleChoice(Asked):
    kind: Literal["multiple-choice"]
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


class PartialChoice(Asked):
    kind: Literal["partial-choice"]
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


class Vignette(Asked):
    kind: Literal["vignette"]
    story: Words
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


class Step(Part):
    key: Key
    text: Words
    reason: Words | None = None


class Ordering(Asked):
    kind: Literal["ordering"]
    items: Annotated[list[Step], Field(min_length=3, max_length=10)]


class Pair(Part):
    key: Key
    left: Words
    right: Words
    reason: Words | None = None


class Option(Part):
    key: Key
    text: Words


class Matching(Asked):
    kind: Literal["matching"]
    pairs: Annotated[list[Pair], Field(min_length=3, max_length=10)]
    distractors: Annotated[list[Option], Field(max_length=5)] = []


class Confidence(Asked):
    kind: Literal["confidence"]
    allow_not_applicable: bool = False


class Retrospective(Asked):
    kind: Literal["retrospective"]
    scale: Key


class Rubric(Asked):
    kind: Literal["rubric"]
    scale: Key
    allow_not_observed: bool = False


class Commitment(Asked):
    kind: Literal["commitment"]
    choices: Annotated[list[Option], Field(max_length=20)] = []
    most: Annotated[int, Field(ge=1, le=5)] = 3


class Likert(Asked):
    kind: Literal["likert"]
    scale: Key
    allow_not_applicable: bool = False


class Number(Asked):
    kind: Literal["number"]
    unit: ShortWords | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False


class ShortText(Asked):
    kind: Literal["short-text"]
    max_length: Annotated[int, Field(ge=1, le=200)] | None = None


class LongText(Asked):
    kind: Literal["long-text"]
    max_length: Annotated[int, Field(ge=1, le=5000)] | None = None


AnyQuestion = Annotated[
    SingleChoice
    | MultipleChoice
    | PartialChoice
    | Ordering
    | Matching
    | Vignette
    | Likert
    | Confidence
    | Retrospective
    | Rubric
    | Commitment
    | Number
    | ShortText
    | LongText,
    Field(discriminator="kind"),
]


class Instrument(Part):
    key: Key
    version: Annotated[int, Field(ge=1, le=999)] = 1
    kind: Literal["survey", "quiz", "check", "rubric"]
    title: Title
    intro: Words | None = None
    sections: list[Section] = []
    questions: Annotated[list[AnyQuestion], Field(min_length=1)]
    scales: dict[Key, Annotated[list[Point], Field(min_length=2, max_length=11)]] = {}
