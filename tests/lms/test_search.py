"""The search page: all languages, accents or none, nothing found, a search that fails, and constant queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["Lección", "leccion", "LECCIÓN"])
def test_accents_and_case_do_not_matter(client, query):
    factories.make_curriculum()
    text = client.get("/es/search/", {"q": query}).content.decode()
    assert "Lección 1.1" in text


def test_results_are_of_all_languages_with_their_names_or_of_one(client):
    factories.make_curriculum()
    both = client.get("/es/search/", {"q": "1.1"}).content.decode()
    assert "Lección 1.1" in both
    assert "Lesson 1.1" in both
    one = client.get("/es/search/", {"q": "1.1", "language": "en"}).content.decode()
    assert "Lección 1.1" not in one
    assert "Lesson 1.1" in one


def test_nothing_found_says_what_to_try(client):
    factories.make_curriculum()
    text = client.get("/en/search/", {"q": "xylophone", "language": "en"}).content.decode()
    assert "Nothing was found" in text
    assert "?q=xylophone" in text


def test_an_empty_search_asks_nothing_and_shows_the_form(client):
    text = client.get("/en/search/").content.decode()
    assert 'role="search"' in text
    assert "found" not in text


@pytest.mark.parametrize(
    "query", ["'", '"', "a OR b", "*", "((", "NEAR(", "-", "\\", "🦴", "x" * 5000, "<script>alert(1)</script>"]
)
def test_odd_words_break_nothing_and_are_escaped(client, query):
    response = client.get("/en/search/", {"q": query})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_a_search_that_fails_says_so(client, monkeypatch):
    from curriculum import reading_search

    def fail(*args, **kwargs):
        raise RuntimeError("the index is gone")

    monkeypatch.setattr(reading_search, "find", fail)
    response = client.get("/en/search/", {"q": "hip"})
    assert response.status_code == 503
    assert "does not answer" in response.content.decode()


def test_an_odd_page_number_shows_a_page(client):
    factories.make_curriculum(modules=3, lessons=5)
    for page in ("2", "99", "-1", "x"):
        assert client.get("/es/search/", {"q": "leccion", "page": page}).status_code == 200


def test_the_queries_do_not_grow(client):
    counts = []
    for modules in (1, 6):
        factories.make_curriculum(modules=modules, lessons=3, slug=f"c{modules}")
        client.get("/es/search/", {"q": "leccion"})
        with CaptureQueriesContext(connection) as queries:
            client.get("/es/search/", {"q": "leccion"})
        counts.append(len(queries))
    assert counts[0] == counts[1]
