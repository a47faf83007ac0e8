import base64

import pytest
from django_tasks import default_task_backend
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, ReferenceIndex, Site

from content.keys import activity_key, curriculum_key, module_key
from content.loader import load
from curriculum.models import CurriculumPage, HomePage, LessonPage, ModulePage, Requirement, ResourcePage
from curriculum.outline import current_outline
from evaluations.models import Instrument, QuizPage, SurveyPage

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def lesson(key="first", language="es"):
    return LessonPage.objects.get(translation_key=activity_key("tiny", key), locale__language_code=language)


# --- what a first load makes ---------------------------------------------------------------------------------------
def test_three_trees_share_their_keys_and_are_live(tiny):
    report = load(tiny.root)
    assert len(report.created) == 3 * 11 + 4  # pages of three languages, three instruments, one requirement
    for model, count in ((HomePage, 1), (CurriculumPage, 1), (ModulePage, 2), (LessonPage, 2), (QuizPage, 1), (SurveyPage, 1)):
        pages = list(model.objects.select_related("locale"))
        assert len(pages) == 3 * count
        assert len({page.translation_key for page in pages}) == count
        assert {page.locale.language_code for page in pages} == set(LANGUAGES)
        assert all(page.live and page.first_published_at and page.latest_revision_id for page in pages)
        assert not any(page.has_unpublished_changes for page in pages)
    assert lesson().title == "first es"
    assert lesson(language="pt-br").title == "first pt-br"


def test_addresses_are_made_of_keys(tiny):
    load(tiny.root)
    assert [lesson(language=language).url for language in LANGUAGES] == [f"/{code}/tiny/one/first/" for code in LANGUAGES]


def test_the_site_opens_at_the_spanish_home_and_the_welcome_page_is_gone(tiny):
    load(tiny.root)
    site = Site.objects.get(is_default_site=True)
    assert site.root_page.specific == HomePage.objects.get(locale__language_code="es")
    assert (site.hostname, site.port) == ("testserver", 80)
    assert not Page.objects.filter(depth=2).exclude(pk__in=HomePage.objects.values("pk")).exists()


def test_the_outline_follows_the_files(tiny):
    load(tiny.root)
    outline = current_outline(curriculum_key("tiny"))
    assert [(module.slug, module.number, module.requires_previous) for module in outline.modules] == [
        ("start", None, False),
        ("one", 1, True),
    ]
    assert [(activity.kind, activity.minutes, activity.required) for activity in outline.activities] == [
        ("survey", 5, True),
        ("lesson", 5, True),
        ("lesson", 6, False),
        ("quiz", 5, True),
    ]
    assert outline.modules[1].key == module_key("tiny", "one")


def test_a_lesson_has_its_blocks_in_order_and_they_are_valid(tiny):
    load(tiny.root)
    page = lesson()
    assert [block.block_type for block in page.body] == ["paragraph", "key_point", "data_figure", "case", "check"]
    assert str(page.body[0].value) == '<p>Una frase con <b>fuerza</b> y cita <a href="#source-A1">[A1]</a>.</p>'
    assert page.body[1].value == "Lo que importa [A1]."
    figure = page.body[2].value
    assert (figure["form"], figure["unit"], [list(row["values"]) for row in figure["rows"]]) == ("bars", "%", [[20.0], [80.5]])
    assert str(page.body[3].value["discussion"]) == "<ul><li>Pensar [A1].</li></ul>"
    assert page.body[4].value["question"].key == "first-1"
    assert page.body[4].value["question"].instrument.key == "checks"
    page.body.stream_block.clean(page.body)
    page.sources.stream_block.clean(page.sources)
    assert page.sources[0].value["url"] == "https://example.org/a1"
    assert (str(page.reviewed_on), page.reviewed_by) == ("2026-11-21", "")


def test_an_instrument_has_its_questions_as_rows(tiny):
    load(tiny.root)
    quiz, survey = Instrument.objects.get(key="quiz-one"), Instrument.objects.get(key="ask")
    first, second = quiz.questions.all()
    assert (first.kind, first.construct, first.moore, first.correct_keys()) == ("single-choice", "epidemiology", "3A", {"a"})
    assert second.kind == "multiple-choice"
    assert first.text == {"es": "Uno", "pt-br": "Um", "en": "One"}
    likert, number, text = survey.questions.all()
    assert (likert.aspect, likert.allow_not_applicable, [p["value"] for p in likert.scale]) == ("ability", True, [1, 2])
    assert (number.minimum, number.maximum, number.whole, number.required) == (0, 10, True, False)
    assert text.max_length == 100
    assert QuizPage.objects.filter(instrument_key="quiz-one", pass_mark=60).count() == 3


def test_a_requirement_is_made(tiny):
    load(tiny.root)
    assert list(Requirement.objects.values_list("curriculum_key", "kind")) == [(curriculum_key("tiny"), "activities")]


def test_pictures_and_documents_are_stored_once(tiny):
    (tiny.root / "files").mkdir()
    (tiny.root / "files" / "dot.png").write_bytes(PIXEL)
    (tiny.root / "files" / "sheet.pdf").write_bytes(b"%PDF-1.4 sheet")
    tiny.edit("resources/guide.yaml", "type: guide", "type: guide\nfile: sheet.pdf")
    for language in LANGUAGES:
        blocks = "```figure\nimage: dot.png\nalt: Un punto\nsource: A1\n```\n\n```download\nresource: guide\n```\n\n```key-point"
        tiny.edit(f"curricula/tiny/{language}/01-one/01-first.lesson.md", "```key-point", blocks)
    load(tiny.root)
    assert get_image_model().objects.count() == get_document_model().objects.count() == 1
    page = lesson()
    assert page.body[1].value["image"].title == "Un punto"
    assert page.body[2].value["document"] == ResourcePage.objects.first().document
    assert page.body[2].value["title"] == "Uno"
    page.body.stream_block.clean(page.body)
    assert not load(tiny.root).changed
    assert get_image_model().objects.count() == 1


def test_pages_can_be_searched_and_know_their_questions_at_once(tiny, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    load(tiny.root)
    spanish = Locale.objects.get(language_code="es")
    found = {page.slug for page in Page.objects.filter(locale=spanish).search("fuerza")}
    assert found == {"first", "second"}
    question = Instrument.objects.get(key="checks").questions.get(key="first-1")
    assert ReferenceIndex.get_references_to(question).count() == 3
    assert not [task for task in default_task_backend.results if "search" in task.task.module_path]
