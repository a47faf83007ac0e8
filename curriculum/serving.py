"""Lessons without Wagtail's routing: an address is looked up, and the lesson comes from a snapshot of its parts.

A snapshot holds everything that is the same for all readers of one language: the rendered blocks (with a gap for each question),
the numbered sources, the way back, the neighbours, the addresses in other languages. It is remembered until a page changes
(curriculum/generation.py). Restricted pages, previews and everything that is not a lesson go through Wagtail.
"""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from wagtail.models import Page, PageViewRestriction, Site

from curriculum import generation
from curriculum.models import CurriculumPage, LessonPage
from curriculum.outline import current_outline
from curriculum.whereabouts import LANGUAGES, own_address, page_of, site_map, url_of

CITATION = re.compile(r'<a (?:[^>]*? )?href="#source-([A-Za-z0-9-]{1,20})"[^>]*>(.*?)</a>')


@dataclass(frozen=True)
class Address:
    page_id: int
    curriculum_key: UUID


@dataclass(frozen=True)
class Link:
    url: str
    title: str


@dataclass(frozen=True)
class Source:
    number: int
    key: str
    text: str
    url: str


@dataclass(frozen=True)
class Lesson:
    page_id: int
    key: UUID
    curriculum_key: UUID | None
    language: str  # of the text; the interface may be in another
    title: str
    minutes: int
    required: bool
    reviewed_on: date | None
    reviewed_by: str
    objectives: tuple
    parts: tuple  # rendered HTML, or the number of a question
    sources: tuple
    trail: tuple
    place: int
    count: int
    previous: Link | None
    next: Link | None
    translations: dict

    @property
    def questions(self):
        return [part for part in self.parts if isinstance(part, int)]

    @property
    def is_borrowed(self):
        """Whether the text is in another language than the interface, because nobody has translated it yet."""
        return self.language != get_language()


# --- addresses -------------------------------------------------------------------------------------------------------


def address(path):
    """The lesson at this path, or `None` for whatever Wagtail has to serve."""
    return generation.remembered("addresses", _read_addresses).get(path)


def _read_addresses():
    if Site.objects.count() != 1:
        return {}
    restricted = tuple(PageViewRestriction.objects.values_list("page__path", flat=True))
    paths = dict(LessonPage.objects.live().values_list("pk", "path")) if restricted else {}
    real, borrowed = {}, {}
    for curriculum_key in set(CurriculumPage.objects.live().values_list("translation_key", flat=True)):
        for language, refs in site_map(curriculum_key).items():
            for key, ref in refs.items():
                if ref.kind == "lesson" and ref.live and ref.url and not paths.get(ref.page_id, "").startswith(restricted or "-"):
                    real[ref.url] = Address(ref.page_id, curriculum_key)
                    borrowed |= _borrowed(key, curriculum_key, language, ref)
    return {**borrowed, **real}


def _borrowed(key, curriculum_key, language, ref):
    """Where a lesson of this language is read by people whose language has none: under their own prefix."""
    return {
        own_address(ref.url, code): Address(ref.page_id, curriculum_key)
        for code in LANGUAGES
        if code != language and page_of(key, curriculum_key, code) == (language, ref)
    }


def translations(key, curriculum_key):
    """`{language: address}` of a page of the curriculum; lessons have one in every language."""
    return {code: url for code in LANGUAGES if (url := url_of(key, curriculum_key, code)) and url.startswith(f"/{code}/")}


# --- snapshots -------------------------------------------------------------------------------------------------------


def lesson_at(found):
    """The snapshot for an `Address`, in the active language."""
    name = ("lesson", found.page_id, get_language())
    return generation.remembered(
        name,
        lambda: snapshot(
            LessonPage.objects.select_related("locale", "alias_of__locale").get(pk=found.page_id), found.curriculum_key
        ),
    )


def snapshot(page, curriculum_key):
    """Everything about a lesson page that does not depend on the reader. `curriculum_key` is `None` for a page outside a tree."""
    sources = _sources(page)
    numbers = {source.key: source.number for source in sources}
    previous, following, place, count = _neighbours(page.translation_key, curriculum_key)
    return Lesson(
        page_id=page.pk, key=page.translation_key, curriculum_key=curriculum_key, language=(page.alias_of or page).locale.language_code,
        title=page.title, minutes=page.minutes, required=page.required, reviewed_on=page.reviewed_on, reviewed_by=page.reviewed_by,
        objectives=tuple(str(child.value) for child in page.objectives), parts=tuple(_parts(page, numbers)), sources=sources,
        trail=_trail(page, curriculum_key), place=place, count=count, previous=previous, next=following,
        translations=translations(page.translation_key, curriculum_key) if curriculum_key else {},
    )  # fmt: skip


def curriculum_key_of(page):
    """The key of the curriculum that a page is in, or `None`."""
    return CurriculumPage.objects.ancestor_of(page, inclusive=True).values_list("translation_key", flat=True).first()


def _sources(page):
    values = [child.value for child in page.sources]
    return tuple(Source(number, value["key"], value["text"], value["url"]) for number, value in enumerate(values, start=1))


def _parts(page, numbers):
    """Rendered blocks; a question stays a number, because what it shows depends on the reader."""
    for place, raw in enumerate(page.body.raw_data):
        if raw["type"] == "check":
            if raw["value"]["question"]:
                yield int(raw["value"]["question"])
        else:
            yield number_citations(page.body[place].render({"source_numbers": numbers}), numbers)


def number_citations(html, numbers):
    """Anchors to `#source-KEY` show the number of the source; those to a source that is not listed are only text."""

    def show(match):
        key, words = match.groups()
        if key not in numbers:
            return words
        return format_html('<a class="cite" href="#source-{}">[{}]</a>', key, numbers[key])

    return mark_safe(CITATION.sub(show, str(html)))  # noqa: S308 -- what Wagtail rendered, with numbers put in


def surroundings(page):
    """For pages that are served without a snapshot: the way back, the neighbours and the place, as a lesson has them."""
    curriculum_key = curriculum_key_of(page)
    previous, following, place, count = _neighbours(page.translation_key, curriculum_key)
    trail = _trail(page, curriculum_key)
    return {"trail": trail, "previous": previous, "next": following, "place": place, "count": count}


def _trail(page, curriculum_key):
    if curriculum_key is None:
        return ()
    outline = current_outline(curriculum_key)
    module = outline.module_of(page.translation_key)
    steps = [(curriculum_key, outline.title())]
    if module:
        steps.append((module.key, module.heading()))
    return tuple(Link(url_of(key, curriculum_key), title) for key, title in steps if url_of(key, curriculum_key))


def _neighbours(key, curriculum_key):
    """The activities before and after it, whatever their kind, and its place in its module."""
    outline = current_outline(curriculum_key) if curriculum_key else None
    if outline is None or outline.find(key) is None:
        return None, None, 0, 0
    keys = [activity.key for activity in outline.activities]
    at = keys.index(key)
    near = [outline.activities[i] if 0 <= i < len(keys) else None for i in (at - 1, at + 1)]
    links = [Link(url_of(a.key, curriculum_key), a.title()) if a and url_of(a.key, curriculum_key) else None for a in near]
    siblings = [activity.key for activity in outline.module_of(key).activities]
    return *links, siblings.index(key) + 1, len(siblings)


def translations_of_page(page):
    """`{language: address}` of a page outside the curricula: the live pages with its key. One query."""
    same = Page.objects.filter(translation_key=page.translation_key, live=True).select_related("locale")
    known = [code for code, _name in settings.LANGUAGES]
    return {p.locale.language_code: p.url for p in same if p.locale.language_code in known and p.url}
