import pytest
from wagtail.models import PageViewRestriction

from curriculum import reading_search
from curriculum.models import LessonPage, ResourceIndexPage, ResourcePage
from curriculum.pages.findable import without_accents
from tests.factories import make_curriculum, make_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(db):
    made = make_curriculum(1, 3)
    texts = {
        0: ("La evaluación inicial", "<p>São Paulo y Bogotá</p>"),
        1: ("Otra lección", "<p>Ñandú, pingüino</p>"),
        2: ("Tercera", "<p>x</p>"),
    }
    for place, (title, text) in texts.items():
        page = LessonPage.objects.get(pk=made.page(made.keys[place]).pk)
        page.title, page.body = title, [("paragraph", text)]
        page.save_revision().publish()
    return made


def titles(query, **more):
    return [found.title for found in reading_search.find(query, **more)]


@pytest.mark.parametrize("query", ["evaluacion", "evaluación", "EVALUACION", "Evaluación inicial", "inicial evaluacion"])
def test_with_and_without_accents(pages, query):
    assert "La evaluación inicial" in titles(query)


@pytest.mark.parametrize(
    ("query", "title"),
    [("sao", "La evaluación inicial"), ("São", "La evaluación inicial"), ("nandu", "Otra lección"), ("pinguino", "Otra lección")],
)
def test_words_of_the_text(pages, query, title):
    assert titles(query, language="es") == [title]


def test_only_the_wanted_language(pages):
    assert "La evaluación inicial" not in titles("evaluacion", language="en")
    assert all(found.language for found in reading_search.find("leccion", language="es"))


@pytest.mark.parametrize(
    "query", ["", "   ", "'", '"', "*", "a OR", "NEAR(", "-x", ":", "x" * 5000, "\\", "(", "%", "title:x", "é" * 300]
)
def test_odd_queries_do_no_harm(pages, query):
    assert isinstance(reading_search.find(query), list)


def test_some_of_the_words_when_no_page_has_all(pages):
    assert "La evaluación inicial" in titles("evaluacion xyzzy", language="es")


def test_drafts_and_restricted_pages_are_not_found(pages):
    pages.page(pages.keys[0]).unpublish()
    assert "La evaluación inicial" not in titles("evaluacion")
    PageViewRestriction.objects.create(page=pages.page(pages.module_keys[0]), restriction_type=PageViewRestriction.LOGIN)
    assert titles("pinguino") == []


def test_resources_are_found_by_their_summary(db):
    index = make_home()["es"].add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca"))
    index.add_child(instance=ResourcePage(title="Hoja", slug="hoja", summary="Medición en treinta expedientes"))
    (found,) = reading_search.find("medicion")
    assert (found.title, found.url) == ("Hoja", "/es/biblioteca/hoja/")


@pytest.mark.parametrize("number", [1, 30])
def test_queries_are_constant(db, number, django_assert_max_num_queries):
    make_curriculum(1, number)
    reading_search.find("leccion")
    with django_assert_max_num_queries(12):
        assert len(titles("leccion", language="es")) >= number


def test_the_limit_holds(db):
    make_curriculum(1, 10)
    assert len(reading_search.find("leccion", limit=4)) == 4


def test_accents_go_and_letters_stay():
    assert without_accents("Evaluación São Ñandú PINGÜINO straße") == "evaluacion sao nandu pinguino strasse"
