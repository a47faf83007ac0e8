"""Finding published pages by their words, with or without accents."""

import re
from dataclasses import dataclass

from django.conf import settings
from wagtail.models import Locale, Page

from curriculum.models import CurriculumPage, LessonPage, ModulePage, ResourcePage, StandardPage
from curriculum.pages.findable import without_accents
from curriculum.whereabouts import activity_models

LONGEST = 200
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Found:
    title: str
    url: str
    kind: str  # in words: "lesson", "resource"
    language: str
    description: str


def find(query, language=None, limit=50):
    """Live pages that anybody may find, best first; `language` narrows to one. A few queries, however many pages there are.

    All words must be there; if nothing has them all, pages with some of them are given.
    """
    pages = Page.objects.live().public().type(*_kinds()).select_related("locale")
    if language:
        pages = pages.filter(locale__in=list(Locale.objects.filter(language_code=language)))
    return [_found(page) for page in matching(pages, query)[:limit] if page.url]


def matching(pages, query):
    """The pages of a queryset that match, best first, as a list or search results that can be sliced."""
    words = " ".join(WORD.findall(without_accents(query or "")[:LONGEST]))
    if not words:
        return []
    return pages.search(words, operator="and") or pages.search(words, operator="or")


def _kinds():
    return (CurriculumPage, ModulePage, LessonPage, ResourcePage, StandardPage, *activity_models())


def _found(page):
    model = page.specific_class
    names = dict(settings.LANGUAGES)
    code = page.locale.language_code
    return Found(page.title, page.url, str(model._meta.verbose_name), names.get(code, code), page.search_description)
