import re

import pytest

pytestmark = pytest.mark.django_db


def test_the_worker_is_served_from_the_root_and_never_cached(client):
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Service-Worker-Allowed"] == "/"
    assert "no-cache" in response["Cache-Control"]
    text = response.content.decode()
    assert "/static/lms/css/app.css" in text
    for language in ("es", "pt-br", "en"):
        assert f"/{language}/offline/" in text
    assert "&quot;" not in text


def test_the_worker_keeps_to_itself_what_is_private(client):
    source = re.search(r"const PRIVATE = /(.+)/;", client.get("/sw.js").content.decode())[1]
    private = re.compile(source.replace(r"\/", "/"))
    for path in (
        "/admin/",
        "/v/ABC",
        "/es/cohorts/1/",
        "/es/responses/3/1/",
        "/pt-br/account/",
        "/en/accounts/login/",
        "/documents/1/a.pdf",
    ):
        assert private.search(path), path
    for path in ("/es/programa/m1/l1/", "/pt-br/programa/", "/es/recursos/guia/"):
        assert not private.search(path), path


def test_there_is_an_offline_page_in_each_language(client):
    for language in ("es", "pt-br", "en"):
        response = client.get(f"/{language}/offline/")
        assert response.status_code == 200
        assert f'lang="{language}"' in response.content.decode()


def test_robots(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Disallow: /es/accounts/" in text


def test_health(client):
    assert client.get("/healthz").content == b"ok"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "database": "ok", "migrations": "ok", "cache": "ok", "channel_layer": "ok"}


def test_readiness_names_what_fails_and_nothing_more(client, monkeypatch):
    from lms.views import health

    monkeypatch.setitem(health.PROBES, "cache", lambda: 1 / 0)
    response = client.get("/readyz", headers={"host": "not-allowed.example"})
    assert response.status_code == 503
    assert response.json()["cache"] == "failed"
    assert response.json()["database"] == "ok"
    assert "ZeroDivision" not in response.content.decode()


def test_liveness_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
