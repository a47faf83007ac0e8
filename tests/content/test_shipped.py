"""What is in content/ itself."""

import re

import pytest
from django.core.management import call_command
from wagtail.models import Page

from content.keys import curriculum_key
from content.library import ROOT, read_library
from content.loader import load
from curriculum.models import LessonPage, ModulePage, ResourcePage, StandardPage
from curriculum.outline import current_outline
from evaluations.constructs import AREAS
from evaluations.models import Instrument
from tests.factories import UserFactory

LANGUAGES = ("es", "pt-br", "en")


@pytest.fixture(scope="module")
def library():
    return read_library()


def test_the_check_passes_without_a_database(capsys):
    call_command("load_content", "--check")
    assert "The content is in order." in capsys.readouterr().out


def test_there_is_nothing_to_note(library):
    assert library.warnings == []


def test_the_curriculum_has_its_modules_and_activities(library):
    modules = library.curricula[0].meaning.modules
    assert [(module.key, module.number) for module in modules] == [
        ("start", None), ("why", 1), ("what", 2), ("starting", 3), ("improving", 4), ("mentoring", 5), ("spreading", 6),
        ("closing-day", 7),
    ]  # fmt: skip
    assert [activity.key for module in modules for activity in module.activities] == [
        "needs-assessment", "care-gap", "burden", "what-works", "quiz-why", "live-1", "models", "framework", "recognition",
        "quiz-what", "live-2", "live-3", "live-4", "teach-back", "live-5", "live-6",
    ]  # fmt: skip


def test_every_module_has_four_to_six_objectives_but_the_opening_part(library):
    for (language, key), front in library.curricula[0].modules.items():
        assert 4 <= len(front.objectives) <= 6 or key == "start", (language, key)


def test_the_needs_assessment_asks_nine_areas_twice(library):
    survey = library.instruments["needs-assessment"]
    asked = [(question.construct_, question.aspect) for question in survey.questions if question.kind == "likert"]
    assert asked == [(area, aspect) for area in AREAS for aspect in ("ability", "importance")]
    assert all(question.allow_not_applicable == (question.aspect == "ability") for question in survey.questions[:18])
    assert [question.kind for question in survey.questions[18:]] == ["number", "single-choice", "long-text"]
    assert all(len(scale) == 5 for scale in survey.scales.values())


def test_the_published_figures_stand_in_all_languages(library):
    for language in LANGUAGES:
        text = re.sub(r"(\d)[.,](\d{3})", r"\1\2", library.pages["evidence"][language][1])
        for figure in ("22 + 30 + 3 + 9", "64", "17205", "17025", "58"):
            assert figure in text, (language, figure)


def test_there_are_resources_with_and_without_links(library):
    assert len(library.resources) >= 6
    assert {bool(resource.link) for resource, _bodies in library.resources.values()} == {True, False}


def test_there_are_no_marks_and_no_exclamations():
    for path in [*ROOT.rglob("*.md"), *ROOT.rglob("*.yaml")]:
        if path.name != "README.md":
            assert not re.search(r"[®™¡]|\w!", path.read_text(encoding="utf-8")), path


@pytest.mark.django_db
def test_everything_loads_and_every_page_opens(client):
    report = load()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert not report.skipped
    outline = current_outline(curriculum_key("train-the-trainer"))
    assert len(outline.required_keys) == 10
    pages = Page.objects.filter(depth__gt=1)
    assert pages.count() == 3 * (ModulePage.objects.count() // 3 + 10 + 6 + 2 + ResourcePage.objects.count() // 3 + 1 + 4)
    for page in pages:
        assert client.get(page.url).status_code == 200, page.url
    assert client.get("/").status_code == 302
    for lesson in LessonPage.objects.all():
        lesson.body.stream_block.clean(lesson.body)
        lesson.sources.stream_block.clean(lesson.sources)
        lesson.objectives.stream_block.clean(lesson.objectives)
        assert sum(block.block_type == "check" for block in lesson.body) == 3
    assert StandardPage.objects.count() == 12
    assert Instrument.objects.count() == len(list((ROOT / "instruments").glob("*.yaml")))
    assert not load().changed
