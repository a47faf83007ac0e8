"""What each kind of file may hold. A key that is not named here is an error (content/checking.py puts it in words)."""

from datetime import date
from typing import Annotated, Literal

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import URLValidator
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, create_model

LANGUAGES = [code for code, _name in settings.LANGUAGES]
_is_url = URLValidator(schemes=["http", "https"])


def web_address(value):
    try:
        _is_url(value)
    except DjangoValidationError:
        raise ValueError("is not a web address. Write it in full, starting with https://") from None
    return value


def text(longest=None):
    return Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)]


Text = text()
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
Address = Annotated[str, AfterValidator(web_address)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def words(longest=None):
    """Wording in every language of the site, none of them empty."""
    fields = {code.replace("-", "_"): (text(longest), Field(alias=code)) for code in LANGUAGES}
    return create_model("Words", __base__=Part, **fields)


Words, ShortWords, Title, Summary = words(), words(200), words(255), words(500)


# --- curriculum.yaml -----------------------------------------------------------------------------------------------
class Lesson(Part):
    kind: Literal["lesson"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True


class Survey(Part):
    kind: Literal["survey"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True
    instrument: Key
    title: Title
    intro: Words | None = None


class Quiz(Part):
    kind: Literal["quiz"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True
    instrument: Key
    title: Title
    intro: Words | None = None
    pass_mark: Annotated[int, Field(ge=1, le=100)] = 70
    retry_after_hours: Annotated[int, Field(ge=0, le=1000)] = 12
    max_attempts: Annotated[int, Field(ge=0, le=100)] = 0


class Assignment(Part):
    kind: Literal["assignment"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True
    max_length: Annotated[int, Field(ge=100, le=20000)] = 3000


class Module(Part):
    key: Key
    number: Annotated[int, Field(ge=1, le=99)] | None = None
    requires_previous: bool = False
    activities: list[Annotated[Lesson | Survey | Quiz | Assignment, Field(discriminator="kind")]] = []


class Requirement(Part):
    kind: Key
    parameters: dict = {}


class Curriculum(Part):
    key: Key
    version: text(30)
    hours: Annotated[int, Field(ge=1, le=2000)]
    certificate_valid_months: Annotated[int, Field(ge=0, le=600)] = 24
    requirements: Annotated[list[Requirement], Field(min_length=1)]
    modules: Annotated[list[Module], Field(min_length=1)]


# --- front matter --------------------------------------------------------------------------------------------------
class CurriculumFront(Part):
    title: text(255)
    summary: text(500)


class ModuleFront(Part):
    title: text(255)
    summary: text(500)
    objectives: Annotated[list[text(300)], Field(min_length=1)]


class Source(Part):
    key: SourceKey
    text: text(500)
    url: Address


class LessonFront(Part):
    title: text(255)
    objectives: Annotated[list[text(300)], Field(min_length=1)]
    reviewed: date | None = None
    reviewer: Annotated[str, StringConstraints(max_length=150)] = ""
    sources: list[Source] = []


class AssignmentFront(Part):
    title: text(255)
    criteria: Annotated[list[text(300)], Field(min_length=1)]


class PageFront(Part):
    title: text(255)
    description: text(300) | None = None
    reviewed: date | None = None


# --- fenced blocks of a lesson -------------------------------------------------------------------------------------
class Row(Part):
    label: text(120)
    values: Annotated[list[float], Field(min_length=1, max_length=6)]


class DataFigure(Part):
    form: Literal["bars", "stacked", "arrows", "steps"]
    title: text(200)
    caption: Annotated[str, StringConstraints(max_length=400)] = ""
    source: Annotated[str, StringConstraints(max_length=20)] = ""
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    series: list[text(60)] = []
    rows: Annotated[list[Row], Field(min_length=1, max_length=24)]


class Case(Part):
    title: text(150)
    story: Text
    question: text(300)
    discussion: Text


class Figure(Part):
    image: Text
    alt: text(300)
    caption: Annotated[str, StringConstraints(max_length=300)] = ""
    source: Annotated[str, StringConstraints(max_length=20)] = ""


class Video(Part):
    url: Address
    title: text(150)
    minutes: Annotated[int, Field(ge=1, le=240)]
    transcript: Text


class Download(Part):
    resource: Key
    title: text(150) | None = None


FENCES = {"data-figure": DataFigure, "case": Case, "figure": Figure, "video": Video, "download": Download}


# --- instruments ---------------------------------------------------------------------------------------------------
class Choice(Part):
    key: Key
    text: Words
    correct: bool = False
    reason: Words | None = None


class Point(Part):
    value: int
    text: Words


class Asked(Part):
    key: Key
    text: Words
    hint: Words | None = None
    required: bool = True
    construct_: Annotated[str, Field(alias="construct"), StringConstraints(max_length=60)] = ""
    aspect: Literal["ability", "importance", ""] = ""
    moore: Literal["2", "3A", "3B", "4", "5", "6", "7", ""] = ""


class SingleChoice(Asked):
    kind: Literal["single-choice"]
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


class MultipleChoice(Asked):
    kind: Literal["multiple-choice"]
    choices: Annotated[list[Choice], Field(min_length=2, max_length=12)]


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


AnyQuestion = Annotated[SingleChoice | MultipleChoice | Likert | Number | ShortText | LongText, Field(discriminator="kind")]


class Instrument(Part):
    key: Key
    version: Annotated[int, Field(ge=1, le=999)] = 1
    kind: Literal["survey", "quiz", "check"]
    title: Title
    intro: Words | None = None
    questions: Annotated[list[AnyQuestion], Field(min_length=1)]
    scales: dict[Key, Annotated[list[Point], Field(min_length=2, max_length=11)]] = {}


# --- resources -----------------------------------------------------------------------------------------------------
class Resource(Part):
    key: Key
    title: Title
    summary: Summary
    body: Words | None = None
    type: Literal["guide", "template", "worksheet", "slides", "article", "patient", "tool"]
    audience: Literal["mentors", "teams", "managers", "policy", "patients"]
    standard: Annotated[int, Field(ge=1, le=13)] | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    pillar: Literal["policy", "coalitions", "mentorship", "scalable", "digital"] | None = None
    link: Address | None = None
    file: Text | None = None
    licence: Annotated[str, StringConstraints(max_length=100)] = ""
    version: text(30) = "1"
    version_note: ShortWords | None = None
    reviewed: date | None = None
    reviewer: Annotated[str, StringConstraints(max_length=150)] = ""


class ResourceIndex(Part):
    title: Title
    intro: Summary
