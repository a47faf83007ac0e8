"""What pages the files ask for: a flat list, parents before children, in the order of the files, one entry per language."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from html import escape

from content.keys import activity_key, content_key, curriculum_key, module_key
from content.library import HOME
from content.media import document_for, image_for
from content.schema import LANGUAGES
from curriculum.models import (
    AssignmentPage,
    CurriculumPage,
    HomePage,
    LessonPage,
    ModulePage,
    ResourceIndexPage,
    ResourcePage,
    StandardPage,
)
from evaluations.models import QuizPage, SurveyPage, TeachBackPage
from sessions.models import LiveSessionPage

ASKING = {"quiz": QuizPage, "survey": SurveyPage, "teach-back": TeachBackPage}


@dataclass(frozen=True)
class PagePlan:
    """One page in one language. `fields` holds plain values only, StreamFields as lists of blocks."""

    item: str
    language: str
    key: uuid.UUID
    parent: str | None
    model: type
    slug: str
    fields: dict

    @property
    def digest(self):
        return digest({"model": self.model.__name__, "parent": self.parent, "slug": self.slug, **self.fields})


def digest(meaning):
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()


def plan_pages(library, questions):
    """`questions` maps the key of each check question to its row id."""
    plans = []
    for language in LANGUAGES:
        front, lead = library.pages[HOME][language]
        fields = {"title": front.title, "search_description": front.description or "", "lead": lead}
        # The slug of a language's root page is never part of an address.
        plans.append(PagePlan(HOME, language, content_key(HOME), None, HomePage, f"home-{language}", fields))
    for files in library.curricula:
        plans += _curriculum(library, files, questions)
    plans += _resources(library)
    plans += _standard_pages(library)
    return plans


# --- a curriculum --------------------------------------------------------------------------------------------------
def _curriculum(library, files, questions):
    meaning, name = files.meaning, files.meaning.key
    top = f"curriculum/{name}"
    for language in LANGUAGES:
        front, welcome = files.fronts[language]
        fields = {
            "title": front.title, "summary": front.summary, "welcome": welcome, "version": meaning.version,
            "hours": meaning.hours, "certificate_valid_months": meaning.certificate_valid_months,
        }  # fmt: skip
        yield PagePlan(top, language, curriculum_key(name), HOME, CurriculumPage, name, fields)
        for module in meaning.modules:
            yield _module(files, module, language, top)
            for activity in module.activities:
                yield _activity(library, files, module, activity, language, questions)


def _module(files, module, language, top):
    front, key = files.modules[language, module.key], module_key(files.meaning.key, module.key)
    fields = {
        "title": front.title, "number": module.number, "summary": front.summary,
        "objectives": _stream(key, [("objective", text) for text in front.objectives]),
        "requires_previous": module.requires_previous,
    }  # fmt: skip
    return PagePlan(f"{top}/{module.key}", language, key, top, ModulePage, module.key, fields)


def _activity(library, files, module, activity, language, questions):
    top = f"curriculum/{files.meaning.key}"
    key = activity_key(files.meaning.key, activity.key)
    fields = {"minutes": activity.minutes, "required": activity.required}
    if activity.kind == "lesson":
        model, more = LessonPage, _lesson(library, files.lessons[language, activity.key], key, language, questions)
    elif activity.kind == "assignment":
        model, more = AssignmentPage, _assignment(files.assignments[language, activity.key], activity)
    elif activity.kind == "live-session":
        model, more = LiveSessionPage, _live_session(activity, language)
    else:
        model, more = ASKING[activity.kind], _asking(activity, language)
    item = f"{top}/activity/{activity.key}"
    return PagePlan(item, language, key, f"{top}/{module.key}", model, activity.key, {**fields, **more})


def _assignment(file, activity):
    criteria = "".join(f"<li>{escape(line)}</li>" for line in file.meaning.criteria)
    return {
        "title": file.meaning.title, "brief": file.brief, "criteria": f"<ul>{criteria}</ul>", "max_length": activity.max_length,
    }  # fmt: skip


def _live_session(activity, language):
    words = {name: _paragraphs(in_language(getattr(activity, name), language)) for name in ("about", "preparation")}
    return {"title": in_language(activity.title, language), "number": activity.number, **words}


def _asking(activity, language):
    fields = {
        "title": in_language(activity.title, language),
        "intro": _paragraphs(in_language(activity.intro, language)),
        "instrument_key": activity.instrument,
    }
    if activity.kind == "quiz":
        fields |= activity.model_dump(include={"pass_mark", "retry_after_hours", "max_attempts", "time_limit_minutes"})
    if activity.kind == "teach-back":
        fields |= activity.model_dump(include={"pass_mark", "raters_needed"})
    return fields


def _lesson(library, lesson, key, language, questions):
    front = lesson.meaning
    body = [_block(library, kind, value, language, questions) for kind, value, _line in lesson.blocks]
    return {
        "title": front.title,
        "objectives": _stream(key, [("objective", text) for text in front.objectives]),
        "body": _stream(key, body),
        "sources": _stream(key, [("source", source.model_dump()) for source in front.sources]),
        "reviewed_on": front.reviewed,
        "reviewed_by": front.reviewer,
    }


def _block(library, kind, value, language, questions):
    """One block in the form in which StreamField stores it."""
    if kind == "check":
        return "check", {"question": questions[value]}
    if kind == "figure":
        return "figure", {**value, "image": image_for(library.root, value["image"], value["alt"]).pk}
    if kind == "download":
        resource, _bodies = library.resources[value["resource"]]
        title = in_language(resource.title, language)
        return "download", {"document": document_for(library.root, resource.file, title).pk, "title": value["title"] or title}
    return kind.replace("-", "_"), value


def _stream(key, blocks):
    """Blocks with ids that are the same at each load, so that a load that changes nothing also changes no id."""
    return [
        {"type": kind, "value": value, "id": str(uuid.uuid5(key, f"{index}/{kind}"))}
        for index, (kind, value) in enumerate(blocks)
    ]


# --- the rest ------------------------------------------------------------------------------------------------------
def _resources(library):
    index = library.resource_index
    for language in LANGUAGES if index else ():
        title, intro = in_language(index.title, language), in_language(index.intro, language)
        fields = {"title": title, "intro": intro}
        yield PagePlan("resources", language, content_key("resources"), HOME, ResourceIndexPage, "resources", fields)
        for resource, bodies in library.resources.values():
            fields = _resource(library, resource, bodies, language)
            key = content_key("resource", resource.key)
            yield PagePlan(f"resource/{resource.key}", language, key, "resources", ResourcePage, resource.key, fields)


def _resource(library, resource, bodies, language):
    title = in_language(resource.title, language)
    return {
        "title": title,
        "summary": in_language(resource.summary, language),
        "body": bodies.get(language, ""),
        "resource_type": resource.type,
        "audience": resource.audience,
        "standard": resource.standard,
        "country": resource.country or "",
        "pillar": resource.pillar or "",
        "document_id": document_for(library.root, resource.file, title).pk if resource.file else None,
        "link": resource.link or "",
        "licence": resource.licence,
        "version": resource.version,
        "version_note": in_language(resource.version_note, language),
        "reviewed_on": resource.reviewed,
        "reviewed_by": resource.reviewer,
    }


def _standard_pages(library):
    for name, languages in library.pages.items():
        for language in LANGUAGES if name != HOME else ():
            front, body = languages[language]
            fields = {
                "title": front.title, "search_description": front.description or "", "body": body, "reviewed_on": front.reviewed,
            }  # fmt: skip
            yield PagePlan(f"page/{name}", language, content_key("page", name), HOME, StandardPage, name, fields)


def in_language(words, language):
    return getattr(words, language.replace("-", "_")) if words else ""


def _paragraphs(text):
    return "".join(f"<p>{line.strip()}</p>" for line in text.split("\n\n") if line.strip())
