"""Lessons from snapshots: few queries, never stale, and Wagtail's own walls still stand."""

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from wagtail.models import Locale, PageViewRestriction

from curriculum import generation, progress, serving
from curriculum.models import LessonPage
from tests.curriculum.conftest import study
from tests.factories import UserFactory, make_curriculum

pytestmark = pytest.mark.django_db
SOURCES = [
    ("source", {"key": "M2", "text": "Second paper", "url": "https://example.org/2"}),
    ("source", {"key": "SEED1", "text": "Seed paper", "url": "https://example.org/1"}),
]


def lesson_url(language="es", number=1, place=1):
    return f"/{language}/programa/m{number}/l{number}{place}/"


def publish(made, key, language="es", **fields):
    page = LessonPage.objects.get(pk=made.page(key, language).pk)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return page


# --- budgets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("modules", "lessons", "learners"), [(1, 1, 1), (8, 8, 15)])
def test_a_lesson_takes_six_queries_warm_and_twenty_five_cold(db, modules, lessons, learners, django_assert_max_num_queries):
    made = make_curriculum(modules, lessons)
    here = study(made)
    for _other in range(learners - 1):
        progress.complete(study(made, cohort=here.cohort).enrollment, made.keys[0])
    here.client.get("/es/programme/")  # the session is written once
    cache.clear()
    generation._memory.clear()
    with django_assert_max_num_queries(25):
        assert here.client.get(lesson_url()).status_code == 200
    with django_assert_max_num_queries(6) as warm:
        assert here.client.get(lesson_url()).status_code == 200
    seen.add(len(warm))
    assert len(seen) == 1


seen = set()


def test_visitors_and_locked_lessons_are_cheap(db, django_assert_max_num_queries):
    here = study(make_curriculum(2, 2, requires_previous=True))
    client = Client()
    here.client.get(lesson_url(number=2))
    with django_assert_max_num_queries(6):
        assert here.client.get(lesson_url(number=2)).status_code == 403
    with django_assert_max_num_queries(1):
        assert client.get(lesson_url()).status_code == 302


# --- never stale -----------------------------------------------------------------------------------------------------


def test_publishing_shows_at_once(studying):
    studying.client.get(lesson_url())
    publish(studying.made, studying.made.keys[0], title="Título nuevo", body=[("key_point", "Otra frase.")])
    page = studying.client.get(lesson_url()).content.decode()
    assert "Título nuevo" in page
    assert "Otra frase." in page
    assert "Título nuevo" in studying.client.get(lesson_url(place=2)).content.decode()  # the neighbour's title


def test_unpublished_moved_and_deleted_pages_are_gone(studying):
    made = studying.made
    studying.client.get(lesson_url())
    for language in ("es", "pt-br", "en"):
        made.page(made.keys[0], language).unpublish()
    assert studying.client.get(lesson_url()).status_code == 404
    LessonPage.objects.get(pk=made.page(made.keys[1]).pk).move(made.page(made.module_keys[1]), pos="last-child")
    assert studying.client.get("/es/programa/m2/l12/").status_code == 200
    LessonPage.objects.get(pk=made.page(made.keys[3]).pk).delete()
    publish(made, made.keys[2], slug="otra")
    assert studying.client.get("/es/programa/m2/otra/").status_code == 200


def test_drafts_are_not_shown(studying):
    page = LessonPage.objects.get(pk=studying.made.page(studying.made.keys[0]).pk)
    page.title = "Sin publicar"
    page.save_revision()
    assert "Sin publicar" not in studying.client.get(lesson_url()).content.decode()


# --- walls -----------------------------------------------------------------------------------------------------------


def test_restricted_pages_go_through_wagtail(studying):
    page = studying.made.page(studying.made.module_keys[0])
    studying.client.get(lesson_url())
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.create(name="Closed"))
    assert serving.address(lesson_url()) is None
    assert serving.address(lesson_url("en")) is not None
    assert studying.client.get(lesson_url()).status_code in (302, 403)
    studying.user.groups.add(Group.objects.get(name="Closed"))
    assert studying.client.get(lesson_url()).status_code == 200
    restriction.delete()
    assert serving.address(lesson_url()) is not None


def test_other_methods_and_other_addresses_go_to_wagtail(studying):
    assert studying.client.get("/es/nothing/here/").status_code == 404
    assert studying.client.get("/es/programa").status_code == 301
    assert studying.client.post(lesson_url()).status_code in (200, 403, 405)


def test_nobody_gets_the_editors_bar(studying):
    editor = UserFactory(is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(editor)
    for one in (studying.client, client):
        for address in (lesson_url(), "/es/programa/", "/es/programa/m1/"):
            assert b"userbar" not in one.get(address).content


def test_a_draft_is_previewed_as_a_learner_sees_it(studying):
    page = LessonPage.objects.get(pk=studying.made.page(studying.made.keys[0]).pk)
    page.title, page.body = "Sin publicar", [("key_point", "Una frase.")]
    page.save_revision()
    editor = Client()
    editor.force_login(UserFactory(is_superuser=True, is_staff=True))
    response = editor.get(f"/admin/pages/{page.pk}/view_draft/")
    shown = response.content.decode()
    assert response.status_code == 200
    assert "Sin publicar" in shown
    assert "Una frase." in shown
    assert "userbar" not in shown


# --- what a lesson shows ---------------------------------------------------------------------------------------------


def test_citations_are_numbered_like_the_sources(studying):
    text = '<p>Claim <a href="#source-SEED1">[SEED1]</a>, <a id="x" href="#source-M2">[M2]</a>, <a href="#source-GONE">[GONE]</a>.</p>'
    publish(studying.made, studying.made.keys[0], body=[("paragraph", text)], sources=SOURCES)
    page = studying.client.get(lesson_url()).content.decode()
    assert '<a class="cite" href="#source-SEED1">[2]</a>' in page
    assert '<a class="cite" href="#source-M2">[1]</a>' in page
    assert "[GONE]" in page
    assert "source-GONE" not in page
    assert '<li id="source-M2"' in page
    assert '<a href="https://example.org/2" rel="noopener noreferrer">Second paper</a>' in page


def test_all_blocks_are_drawn(studying):
    rows = [{"label": "Sin", "values": [80.0]}, {"label": "Con", "values": [20.0]}]
    body = [
        ("paragraph", "<h2>Parte</h2><p>Texto</p>"),
        ("key_point", "Clave <b>"),
        ("objective", "Elegir"),
        ("video", {"title": "V", "url": "https://example.org/v", "minutes": 4, "transcript": "<p>Transcripción</p>"}),
        ("case", {"title": "Caso", "story": "<p>Historia</p>", "question": "¿Qué?", "discussion": "<p>Discusión</p>"}),
        (
            "data_figure",
            {"title": "Ocho de diez", "form": "bars", "unit": "%", "series": [], "rows": rows, "caption": "C", "source": "M2"},
        ),
    ]
    publish(studying.made, studying.made.keys[0], body=body, sources=SOURCES, reviewed_by="")
    page = studying.client.get(lesson_url("es")).content.decode()
    for words in ("Parte", "Clave &lt;b&gt;", "Elegir", "Transcripción", "Historia", "Discusión", "Ocho de diez"):
        assert words in page
    assert 'width="80.00%"' in page
    assert page.count("<details") >= 3
    assert ' style="' not in page


def test_a_lesson_without_text_says_so(studying):
    publish(studying.made, studying.made.keys[0], "en", body=[])
    assert b"has not been written yet" in studying.client.get(lesson_url("en")).content


def test_addresses_in_other_languages(studying):
    page = studying.client.get(lesson_url()).content.decode()
    for language in ("pt-br", "en"):
        assert f'href="{lesson_url(language)}"' in page


def test_a_lesson_without_translation_shows_the_source_language_and_says_so(studying):
    studying.made.page(studying.made.keys[0], "en").unpublish()
    response = studying.client.get(lesson_url("en"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "<p>Lección 1.1.</p>" in page or "Lección 1.1.</p>" in page
    assert '<html lang="en"' in page
    assert 'lang="es">' in page
    assert "the translation is under way" in page
    assert f'href="{lesson_url("en", 1, 2)}"' in page  # the neighbour is there in English


def test_an_alias_in_another_language_says_in_what_language_it_is(studying):
    made = studying.made
    made.page(made.keys[0], "en").delete()
    source = LessonPage.objects.get(pk=made.page(made.keys[0]).pk)
    source.copy_for_translation(Locale.objects.get(language_code="en"), alias=True)
    page = studying.client.get(lesson_url("en")).content.decode()
    assert "the translation is under way" in page


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(generation, "MOST", 3)
    monkeypatch.setattr(generation, "_memory", {})
    for number in range(10):
        assert generation.remembered(("n", number), lambda number=number: number) == number
    assert len(generation._memory) <= 3


def test_without_a_shared_cache_changes_are_noticed_after_a_while(monkeypatch):
    assert generation.remembered("age", lambda: 1) == 1
    assert generation.remembered("age", lambda: 2) == 1
    monkeypatch.setattr(generation, "SECONDS", -1)
    assert generation.remembered("age", lambda: 2) == 2
