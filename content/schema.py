"""What each kind of file may hold. A key that is not named here is an error (content/checking.py puts it in words)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.schema_parts import LANGUAGES as LANGUAGES
from content.schema_parts import Address, Key, Part, ShortWords, SourceKey, Summary, Text, Title, Words, text


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
    time_limit_minutes: Annotated[int, Field(ge=0, le=600)] = 0


class TeachBack(Part):
    kind: Literal["teach-back"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True
    instrument: Key
    title: Title
    intro: Words | None = None
    pass_mark: Annotated[int, Field(ge=1, le=100)] = 70
    raters_needed: Annotated[int, Field(ge=1, le=5)] = 2


class LiveSession(Part):
    kind: Literal["live-session"]
    key: Key
    minutes: Annotated[int, Field(ge=1, le=600)]
    required: bool = True
    number: Annotated[int, Field(ge=1, le=99)]
    title: Title
    about: Words | None = None
    preparation: Words | None = None


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
    activities: list[Annotated[Lesson | Survey | Quiz | Assignment | TeachBack | LiveSession, Field(discriminator="kind")]] = []


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
