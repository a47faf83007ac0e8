"""The second load and every later one: what changed in the files, and what people did in the editor."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.actions.move_page import MovePageAction
from wagtail.models import Locale, Page, Site

from content.keys import activity_key, content_key
from content.loader import load
from curriculum.models import HomePage, LessonPage, ModulePage, StandardPage
from evaluations.models import Instrument
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")


def lesson(key="first", language="es"):
    return LessonPage.objects.get(translation_key=activity_key("tiny", key), locale__language_code=language)


def writes(queries):
    return [query["sql"] for query in queries if query["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")]


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


def move_second_to_the_opening_part(tiny):
    row = "      - {key: second, kind: lesson, minutes: 6, required: false}\n"
    tiny.edit("curricula/tiny/curriculum.yaml", row, "")
    tiny.edit("curricula/tiny/curriculum.yaml", "  - key: one\n", row + "  - key: one\n")
    for language in LANGUAGES:
        folder = tiny.root / f"curricula/tiny/{language}"
        (folder / "01-one/02-second.lesson.md").rename(folder / "00-start/01-second.lesson.md")


def test_an_activity_moves_to_another_module_and_stays_the_same_page(tiny):
    load(tiny.root)
    former = lesson("second").pk
    move_second_to_the_opening_part(tiny)
    load(tiny.root)
    assert lesson("second").pk == former
    for language in LANGUAGES:
        assert lesson("second", language).get_parent().slug == "start"
        assert lesson("second", language).url == f"/{language}/tiny/start/second/"
    assert not load(tiny.root).changed


def test_a_page_that_an_editor_moved_stays_where_it_is(tiny):
    load(tiny.root)
    spanish = lesson("second")
    start = ModulePage.objects.get(slug="start", locale=spanish.locale)
    MovePageAction(spanish, start, pos="last-child", user=UserFactory()).execute(skip_permission_checks=True)
    tiny.edit("curricula/tiny/es/01-one/02-second.lesson.md", "Una frase", "Otra frase")
    load(tiny.root)
    assert lesson("second").get_parent().slug == "start"
    assert "Otra frase" in str(lesson("second").body[0].value)


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
