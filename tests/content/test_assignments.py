"""Assignments from files: what a load makes of them, and what is refused."""

import pytest

from content.keys import activity_key
from content.library import Broken, read_library
from content.loader import load
from curriculum.models import AssignmentPage
from curriculum.outline import current_outline
from tests.content.conftest import LANGUAGES

pytestmark = pytest.mark.django_db
SKELETON = "curricula/tiny/curriculum.yaml"
PLAN = """\
---
title: Plan %s
criteria:
  - Nombra <fecha> & lugar.
  - Cabe en una página.
---
Escriba su **plan**.
"""


def file(language):
    return f"curricula/tiny/{language}/01-one/03-plan.assignment.md"


@pytest.fixture
def planned(tiny):
    tiny.edit(
        SKELETON,
        "      - {key: quiz-one",
        "      - {key: plan, kind: assignment, minutes: 40, max_length: 4000}\n      - {key: quiz-one",
    )
    for language in LANGUAGES:
        tiny.write(file(language), PLAN % language)
    return tiny


def test_an_assignment_is_a_page_in_each_language(planned):
    load(planned.root)
    pages = list(AssignmentPage.objects.select_related("locale"))
    assert {page.locale.language_code for page in pages} == set(LANGUAGES)
    assert {page.translation_key for page in pages} == {activity_key("tiny", "plan")}
    page = next(page for page in pages if page.locale.language_code == "es")
    assert (page.title, page.minutes, page.required, page.max_length, page.live) == ("Plan es", 40, True, 4000, True)
    assert page.brief == "<p>Escriba su <b>plan</b>.</p>"
    assert page.criteria == "<ul><li>Nombra &lt;fecha&gt; &amp; lugar.</li><li>Cabe en una página.</li></ul>"
    outline = current_outline(page.get_parent().get_parent().translation_key)
    assert [activity.kind for activity in outline.activities] == ["survey", "lesson", "lesson", "assignment", "quiz"]


def test_loading_again_changes_nothing(planned):
    load(planned.root)
    assert not load(planned.root).changed


@pytest.mark.parametrize(
    ("language", "old", "new", "says"),
    [
        ("pt-br", "  - Cabe en una página.\n", "", "there are 1 here and 2 in"),
        ("es", "criteria:", "criterios:", "is a key we do not know"),
        ("en", "Escriba su **plan**.\n", "", "the assignment has no text"),
        ("es", "Escriba", "<b>Escriba</b>", "HTML"),
    ],
)
def test_what_is_wrong_is_said(planned, language, old, new, says):
    planned.edit(file(language), old, new)
    with pytest.raises(Broken) as broken:
        read_library(planned.root)
    assert any(problem.file == f"content/{file(language)}" and says in problem.text for problem in broken.value.problems), (
        broken.value
    )


def test_a_missing_file_and_a_wrong_length_are_said(planned):
    planned.remove(file("en"))
    planned.edit(SKELETON, "max_length: 4000", "max_length: 40")
    with pytest.raises(Broken) as broken:
        read_library(planned.root)
    assert f"content/{file('en')}, line 1: this file is missing." in str(broken.value)
    assert "must be 100 or more" in str(broken.value)
