"""Error pages: the right status and language, a reference, no details, and no need of what may be broken."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, override_settings
from django.urls import path
from django.utils.translation import override

from lms import urls as lms_urls

pytestmark = pytest.mark.django_db
SECRET = "the-secret-detail"


def _raising(error):
    def view(request):
        raise error(SECRET)

    return view


class Broken:
    """The project's addresses and four more that fail."""

    handler400, handler403, handler404, handler500 = (
        lms_urls.handler400,
        lms_urls.handler403,
        lms_urls.handler404,
        lms_urls.handler500,
    )
    urlpatterns = [
        path("en/broken/400/", _raising(SuspiciousOperation)),
        path("en/broken/403/", _raising(PermissionDenied)),
        path("en/broken/404/", _raising(Http404)),
        path("en/broken/500/", _raising(ValueError)),
        *lms_urls.urlpatterns,
    ]


@pytest.fixture
def quiet():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@override_settings(ROOT_URLCONF=Broken)
def test_each_error_has_its_page_with_a_reference_and_no_details(quiet, status):
    response = quiet.get(f"/en/broken/{status}/")
    text = response.content.decode()
    assert response.status_code == status
    assert response["X-Request-Id"] in text
    assert SECRET not in text
    assert "<h1>" in text
    assert "Content-Security-Policy" in response


@pytest.mark.parametrize(("language", "html"), [("es", 'lang="es"'), ("pt-br", 'lang="pt-br"'), ("en", 'lang="en"')])
def test_the_404_page_is_in_the_language_of_the_address(quiet, language, html):
    response = quiet.get(f"/{language}/there-is-nothing/")
    assert response.status_code == 404
    assert html in response.content.decode()


@override_settings(ROOT_URLCONF=Broken)
def test_the_500_page_asks_the_database_nothing(quiet, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quiet.get("/en/broken/500/").status_code == 500


def test_a_broken_shell_gives_the_bare_page(quiet, monkeypatch):
    from lms.shell import Shell

    monkeypatch.setattr(Shell, "navigation", property(lambda self: 1 / 0))
    response = quiet.get("/en/there-is-nothing/")
    assert response.status_code == 404
    assert response["X-Request-Id"] in response.content.decode()


def test_a_form_without_its_token_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/en/accounts/login/", {"login": "a@example.org"})
    assert response.status_code == 403
    with override("en"):
        assert "Go back with the browser" in response.content.decode()


@pytest.mark.parametrize("query", ["?q=%00", "?q=a%00b"])
def test_a_nul_in_the_address_is_a_400_page(quiet, query):
    response = quiet.get("/en/search/" + query)
    assert response.status_code == 400
    assert response["X-Request-Id"] in response.content.decode()


@override_settings(MAX_BODY_SIZE=100)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(quiet):
    response = quiet.post("/en/accounts/login/", {"login": "x" * 200})
    assert response.status_code == 413
    assert "12 MB" in response.content.decode()


def test_a_length_that_is_no_number_is_a_400_page(quiet):
    assert quiet.generic("POST", "/en/accounts/login/", CONTENT_LENGTH="abc").status_code == 400
