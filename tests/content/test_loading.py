import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, Site

from content.keys import activity_key, content_key, curriculum_key, module_key
from content.library import Broken
from content.loader import load
from curriculum.models import CurriculumPage, HomePage, LessonPage, ModulePage, Requirement, ResourcePage, StandardPage
from curriculum.outline import current_outline
from evaluations.models import Instrument, QuizPage, Response, SurveyPage
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def lesson(key="first", language="es"):
    return LessonPage.objects.get(translation_key=activity_key("tiny", key), locale__language_code=language)


def writes(queries):
    return [query["sql"] for query in queries if query["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")]


def answer_somebody(instrument):
    enrollment = EnrollmentFactory(cohort=CohortFactory(curriculum_key=curriculum_key("tiny")))
    return Response.objects.create(enrollment=enrollment, instrument=instrument, activity_key=activity_key("tiny", "ask"))


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


# --- again and again -----------------------------------------------------------------------------------------------
def test_the_second_load_writes_nothing(tiny):
    first = load(tiny.root)
    with CaptureQueriesContext(connection) as queries:
        second = load(tiny.root)
    assert writes(queries.captured_queries) == []
    assert not second.changed
    assert second.unchanged == len(first.created)


def test_a_changed_file_changes_its_page_and_nothing_else(tiny):
    load(tiny.root)
    former = lesson().latest_revision_id
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    report = load(tiny.root)
    assert report.updated == ["curriculum/tiny/activity/first (es)"]
    assert "Otra frase" in str(lesson().body[0].value)
    assert lesson().latest_revision_id != former
    assert lesson().live_revision_id == lesson().latest_revision_id


def test_a_page_changed_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    page = lesson()
    page.title = "Escrita en el editor"
    page.save_revision().publish()
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    report = load(tiny.root)
    assert report.skipped == ["curriculum/tiny/activity/first (es): changed in the editor"]
    assert not report.changed
    assert lesson().title == "Escrita en el editor"
    assert "Una frase" in str(lesson().body[0].value)


def test_a_draft_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    page = lesson()
    page.title = "Borrador"
    page.save_revision()
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    assert len(load(tiny.root).skipped) == 1
    assert lesson().get_latest_revision_as_object().title == "Borrador"


def test_a_page_unpublished_in_the_editor_stays_unpublished(tiny):
    load(tiny.root)
    lesson().unpublish()
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    assert len(load(tiny.root).skipped) == 1
    assert not lesson().live


def test_a_page_deleted_in_the_editor_stays_deleted(tiny):
    load(tiny.root)
    Page.objects.get(pk=ModulePage.objects.get(slug="one", locale__language_code="es").pk).delete()
    report = load(tiny.root)
    assert "curriculum/tiny/one (es): deleted in the editor" in report.skipped
    assert not report.changed
    assert not LessonPage.objects.filter(locale__language_code="es").exists()
    assert LessonPage.objects.filter(locale__language_code="en").count() == 2


def test_a_page_written_in_the_editor_is_not_touched(tiny):
    load(tiny.root)
    home = HomePage.objects.get(locale__language_code="es")
    own = home.add_child(instance=StandardPage(title="Propia", slug="propia", body="<p>x</p>"))
    assert not load(tiny.root).changed
    own.refresh_from_db()
    assert own.live


def test_a_page_whose_file_is_gone_is_unpublished_and_comes_back(tiny):
    load(tiny.root)
    skeleton = (tiny.root / "curricula/tiny/curriculum.yaml").read_text()
    tiny.edit("curricula/tiny/curriculum.yaml", "      - {key: second, kind: lesson, minutes: 6, required: false}\n", "")
    texts = {}
    for language in LANGUAGES:
        path = f"curricula/tiny/{language}/01-one/02-second.lesson.md"
        texts[path] = (tiny.root / path).read_text()
        tiny.remove(path)
    report = load(tiny.root)
    assert [item for item in report.retired if "second" in item] == [
        f"curriculum/tiny/activity/second ({code})" for code in sorted(LANGUAGES)
    ]
    assert not lesson("second").live
    assert not load(tiny.root).changed
    tiny.write("curricula/tiny/curriculum.yaml", skeleton)
    for path, text in texts.items():
        tiny.write(path, text)
    load(tiny.root)
    assert lesson("second").live
    assert LessonPage.objects.count() == 6


def test_pages_follow_the_order_of_the_files(tiny):
    load(tiny.root)
    first, second = (f"      - {{key: {key}, kind: lesson, minutes: {n}" for key, n in (("first", 5), ("second", 6)))
    tiny.edit("curricula/tiny/curriculum.yaml", first + "}\n", "")
    tiny.edit("curricula/tiny/curriculum.yaml", second + ", required: false}\n", f"{second}, required: false}}\n{first}}}\n")
    for language in LANGUAGES:
        folder = tiny.root / f"curricula/tiny/{language}/01-one"
        (folder / "01-first.lesson.md").rename(folder / "02-first.lesson.md")
        (folder / "02-second.lesson.md").rename(folder / "01-second.lesson.md")
    load(tiny.root)
    for language in LANGUAGES:
        module = ModulePage.objects.get(slug="one", locale__language_code=language)
        assert list(module.get_children().values_list("slug", flat=True)) == ["second", "first", "quiz-one"]
    assert not load(tiny.root).changed


def test_an_order_chosen_in_the_editor_stays(tiny):
    load(tiny.root)
    module = ModulePage.objects.get(slug="one", locale__language_code="es")
    Page.objects.get(pk=lesson().pk).move(module, pos="last-child")
    assert not load(tiny.root).changed
    assert list(module.get_children().values_list("slug", flat=True)) == ["second", "quiz-one", "first"]


def test_a_placeholder_of_the_tree_sync_becomes_the_page(tiny):
    load(tiny.root)
    english = Locale.objects.get(language_code="en")
    page = StandardPage.objects.get(slug="about", locale__language_code="es")
    StandardPage.objects.filter(locale=english).first().delete()
    from content.models import Shipped

    Shipped.objects.filter(item="page/about", language="en").delete()
    page.copy_for_translation(english, alias=True)
    load(tiny.root)
    about = StandardPage.objects.get(translation_key=content_key("page", "about"), locale=english)
    assert (about.title, about.alias_of_id, about.live) == ("Acerca en", None, True)


def test_another_front_page_chosen_in_the_editor_stays(tiny):
    root = Page.objects.get(depth=1)
    own = root.add_child(instance=HomePage(title="Otra", slug="otra"))
    Site.objects.filter(is_default_site=True).update(root_page=own)
    report = load(tiny.root)
    assert Site.objects.get(is_default_site=True).root_page_id == own.pk
    assert report.skipped == ["site: it opens at another page, chosen in the editor"]


def test_a_failure_in_the_middle_leaves_nothing_behind(tiny, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("content.loader.load_requirements", fail)
    before = Page.objects.count()
    with pytest.raises(RuntimeError):
        load(tiny.root)
    assert (Page.objects.count(), Instrument.objects.count()) == (before, 0)


# --- instruments ---------------------------------------------------------------------------------------------------
HEAD = "key: first-1\n    kind: single-choice\n    text: "
CHANGE = ("instruments/checks.yaml", HEAD + "{es: Uno", HEAD + "{es: Dos")


def test_an_unanswered_instrument_is_changed_in_place(tiny):
    load(tiny.root)
    before = list(Instrument.objects.get(key="checks").questions.values_list("pk", flat=True))
    tiny.edit(*CHANGE)
    assert load(tiny.root).updated == ["instrument/checks"]
    instrument = Instrument.objects.get(key="checks")
    assert list(instrument.questions.values_list("pk", flat=True)) == before
    assert instrument.questions.get(key="first-1").text["es"] == "Dos"
    assert not load(tiny.root).changed


def test_questions_come_and_go_and_change_their_kind(tiny):
    load(tiny.root)
    tiny.edit("instruments/quiz-one.yaml", "key: q1", "key: q0")
    tiny.edit("instruments/quiz-one.yaml", "kind: multiple-choice", "kind: single-choice")
    load(tiny.root)
    questions = Instrument.objects.get(key="quiz-one").questions.all()
    assert [(question.key, question.kind) for question in questions] == [("q0", "single-choice"), ("q2", "single-choice")]


@pytest.mark.parametrize("by", ["lock", "response"])
def test_an_answered_instrument_gets_a_new_version_and_the_old_one_stays(tiny, by):
    load(tiny.root)
    old = Instrument.objects.get(key="checks")
    if by == "lock":
        Instrument.objects.filter(pk=old.pk).update(locked_at="2027-01-01T00:00:00Z")
    else:
        answer_somebody(old)
    tiny.edit(*CHANGE)
    report = load(tiny.root)
    assert "instrument/checks: version 2, because version 1 has answers" in report.updated
    new = Instrument.objects.get(key="checks", version=2)
    assert old.questions.get(key="first-1").text["es"] == "Uno"
    assert new.questions.get(key="first-1").text["es"] == "Dos"
    assert all(lesson("first", code).body[4].value["question"].instrument == new for code in LANGUAGES)
    assert not load(tiny.root).changed


def test_an_instrument_changed_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    question = Instrument.objects.get(key="checks").questions.get(key="first-1")
    question.text = {**question.text, "es": "Mía"}
    question.save()
    tiny.edit(*CHANGE)
    assert load(tiny.root).skipped == ["instrument/checks: changed in the editor"]
    question.refresh_from_db()
    assert question.text["es"] == "Mía"


def test_a_newer_version_made_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    Instrument.objects.create(key="quiz-one", version=2, kind="quiz", title={"es": "x"})
    tiny.edit("instruments/quiz-one.yaml", "title: {es: Uno", "title: {es: Dos")
    assert load(tiny.root).skipped == ["instrument/quiz-one: changed in the editor"]


def test_an_instrument_whose_file_is_gone_is_archived(tiny):
    load(tiny.root)
    tiny.edit("curricula/tiny/curriculum.yaml", "      - {key: quiz-one, kind: quiz, minutes: 5, instrument: quiz-one", "XX")
    skeleton = (tiny.root / "curricula/tiny/curriculum.yaml").read_text()
    tiny.write("curricula/tiny/curriculum.yaml", skeleton[: skeleton.index("XX")])
    tiny.remove("instruments/quiz-one.yaml")
    report = load(tiny.root)
    assert "instrument/quiz-one" in report.retired
    assert Instrument.objects.get(key="quiz-one").archived_at
    assert not load(tiny.root).changed


def test_a_requirement_changed_in_the_admin_stays(tiny):
    load(tiny.root)
    Requirement.objects.update(parameters={"mine": 1})
    tiny.edit("curricula/tiny/curriculum.yaml", "kind: activities", "kind: activities\n    parameters: {theirs: 2}")
    assert load(tiny.root).skipped == ["requirement/tiny/activities: changed in the admin"]
    assert Requirement.objects.get().parameters == {"mine": 1}


def test_problems_come_before_the_first_write(tiny):
    load(tiny.root)
    tiny.edit("instruments/ask.yaml", "kind: survey", "kind: poll")
    with CaptureQueriesContext(connection) as queries, pytest.raises(Broken):
        load(tiny.root)
    assert len(queries) == 0


# --- the translation screens of wagtail-localize -------------------------------------------------------------------
@pytest.fixture
def operator(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def test_the_editor_opens_every_kind_of_loaded_page(tiny, operator):
    load(tiny.root)
    for model in (HomePage, CurriculumPage, ModulePage, LessonPage, QuizPage, SurveyPage, StandardPage, ResourcePage):
        for page in model.objects.filter(locale__language_code__in=("es", "en")):
            assert operator.get(f"/admin/pages/{page.pk}/edit/").status_code == 200, page


def test_a_page_with_a_loaded_translation_can_be_put_under_wagtail_localize(tiny, operator):
    from wagtail_localize.models import Translation, TranslationSource

    load(tiny.root)
    page, english = lesson(), Locale.objects.get(language_code="en")
    source, _created = TranslationSource.get_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=english)
    assert operator.get(f"/admin/pages/{lesson('first', 'en').pk}/edit/").status_code == 200
    assert operator.get(f"/admin/localize/update/{source.pk}/").status_code == 200
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    load(tiny.root)
    source.update_from_db()
    assert operator.get(f"/admin/pages/{lesson('first', 'en').pk}/edit/").status_code == 200
    assert translation.get_target_instance().pk == lesson("first", "en").pk


def test_an_own_page_is_translated_through_the_screen(tiny, operator):
    load(tiny.root)
    home = HomePage.objects.get(locale__language_code="es")
    own = home.add_child(instance=StandardPage(title="Propia", slug="propia", body="<p>Hola</p>", locale=home.locale))
    own.save_revision().publish()
    address = f"/admin/localize/submit/page/{own.pk}/"
    assert operator.get(address).status_code == 200
    english = Locale.objects.get(language_code="en")
    assert operator.post(address, {"locales": [english.pk]}).status_code == 302
    made = StandardPage.objects.get(translation_key=own.translation_key, locale=english)
    assert made.get_parent().specific == HomePage.objects.get(locale=english)
    assert operator.get(f"/admin/pages/{made.pk}/edit/").status_code == 200
