"""Where the pages of a curriculum are, in every language: one key, many addresses."""

import uuid
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils import translation
from wagtail.models import Page

from curriculum import generation
from curriculum.models import CurriculumPage, ModulePage
from curriculum.pages.activity import ActivityPage

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@dataclass(frozen=True)
class PageRef:
    """Where the page of one thing is in one language."""

    url: str | None
    title: str
    live: bool
    page_id: int
    kind: str


def as_uuid(key):
    return key if isinstance(key, uuid.UUID) else uuid.UUID(str(key))


def site_map(curriculum_key):
    """`{language: {key: PageRef}}` of the curriculum page, its modules and their activities, drafts included (`live` says so)."""
    curriculum_key = as_uuid(curriculum_key)
    return generation.remembered(("site map", curriculum_key), lambda: _read_site_map(curriculum_key))


def page_of(key, curriculum_key, language=None):
    """The live page of `key` as `(language, PageRef)`: in `language`, else Spanish, else any; `(None, None)` without one."""
    pages = site_map(curriculum_key)
    wanted = language or translation.get_language() or settings.LANGUAGE_CODE
    for code in (wanted, *LANGUAGES):
        ref = pages.get(code, {}).get(key)
        if ref and ref.live and ref.url:
            return code, ref
    return None, None


def url_of(key, curriculum_key, language=None):
    """Where to read it. A lesson without a translation is read under the reader's own prefix, so that the interface stays theirs."""
    wanted = language or translation.get_language() or settings.LANGUAGE_CODE
    found, ref = page_of(key, curriculum_key, wanted)
    if ref and found != wanted and ref.kind == "lesson":
        return own_address(ref.url, wanted)
    return ref.url if ref else None


def own_address(url, language):
    """The same path under the prefix of `language`."""
    return f"/{language}/" + url.split("/", 2)[2]


def tree(curriculum_key):
    """All pages of the curriculum in all languages, in tree order, with what their kinds add. A fixed number of queries."""

    def read():
        roots = CurriculumPage.objects.filter(translation_key=curriculum_key).values_list("path", flat=True)
        below = Q()
        for path in roots:
            below |= Q(path__startswith=path)
        pages = list(Page.objects.filter(below).select_related("locale").order_by("path")) if roots else []
        extra = _extra([page.pk for page in pages])
        kept = [page for page in pages if page.pk in extra]
        return [(page, extra[page.pk]) for page in kept if page.locale.language_code in LANGUAGES]

    return generation.remembered(("tree", curriculum_key), read)


def activity_models():
    """The kinds of activity that exist, on whatever floor."""
    return [model for model in apps.get_models() if issubclass(model, ActivityPage)]


def _extra(ids):
    extra = {row["pk"]: row for row in CurriculumPage.objects.filter(pk__in=ids).values("pk", "version")}
    for row in ModulePage.objects.filter(pk__in=ids).values("pk", "number", "requires_previous"):
        extra[row["pk"]] = {**row, "kind": "module"}
    for model in activity_models():
        for row in model.objects.filter(pk__in=ids).values("pk", "minutes", "required"):
            extra[row["pk"]] = {**row, "kind": model.kind}
    return extra


def _read_site_map(curriculum_key):
    pages = {code: {} for code in LANGUAGES}
    hidden = []  # whatever lies below a page that is not live cannot be reached
    for page, extra in tree(curriculum_key):
        reachable = page.live and not page.path.startswith(tuple(hidden))
        if not page.live:
            hidden.append(page.path)
        parts = page.get_url_parts()
        ref = PageRef(parts[2] if parts else None, page.title, reachable, page.pk, extra.get("kind", "curriculum"))
        pages[page.locale.language_code][page.translation_key] = ref
    return pages
