"""What the modules of a curriculum say about themselves, for outlines: a module may be announced before it has activities."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from curriculum import generation
from curriculum.models import CurriculumPage, ModulePage


@dataclass(frozen=True)
class About:
    summary: str
    objectives: tuple
    language: str  # of the words; Spanish or any other where nobody has translated them yet


def about_modules(curriculum_key):
    """`{module key: About}` of the live, public modules in the active language. Remembered until a page changes."""
    language = get_language()
    return generation.remembered(("about modules", curriculum_key, language), lambda: _read(curriculum_key, language))


def _read(curriculum_key, language):
    roots = CurriculumPage.objects.filter(translation_key=curriculum_key, live=True).select_related("locale")
    nearest_last = sorted(roots, key=lambda root: _distance(root.locale.language_code, language), reverse=True)
    found = {}
    for root in nearest_last:
        for page in ModulePage.objects.child_of(root).live().public():
            objectives = tuple(str(child.value) for child in page.objectives)
            if page.summary or objectives:
                found[page.translation_key] = About(page.summary, objectives, root.locale.language_code)
    return found


def _distance(code, language):
    return 0 if code == language else 1 if code == settings.LANGUAGE_CODE else 2
