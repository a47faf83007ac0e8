"""People × every route of ours, generated from the URL resolver: a route without a row fails, so does a wrong answer.

"login" is a redirect to sign-in. Routes of Wagtail's and Django's admin and of allauth are covered by rule, not by row.
"""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from curriculum.models import Enrollment
from tests.lms.world import PEOPLE, ROWS, built_once

pytestmark = pytest.mark.django_db

# Other people's applications, each behind its own door; the rules are tested below.
OF_WAGTAIL = {"wagtailcore_login", "wagtailcore_authenticate_with_password"}
# The API has tokens instead of sign-ins: who may read what there is tested in tests/evaluations/test_api.py.
FOREIGN_PREFIXES = ("admin/", "django-admin/", "documents/", "accounts/", "_util/", "api/")


def our_routes(resolver=None, prefix="", namespace=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(FOREIGN_PREFIXES) or (route.partition("/")[2]).startswith(FOREIGN_PREFIXES):
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from our_routes(pattern, route, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and pattern.name not in OF_WAGTAIL:
            yield namespace + pattern.name


@pytest.fixture
def _fresh_cache():
    """Who may reach what does not depend on what is remembered: six hundred cold starts would only cost minutes."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with built_once(django_db_blocker) as built:
        yield built


def test_every_route_of_ours_has_a_row():
    assert sorted(set(our_routes()) - set(ROWS)) == []


def test_every_row_has_a_route():
    assert sorted(set(ROWS) - set(our_routes())) == []


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", sorted(ROWS))
def test_who_reaches_what(world, route, person):
    row = ROWS[route]
    kwargs = row.kwargs(world) if callable(row.kwargs) else row.kwargs
    url = reverse(route, **{"args" if isinstance(kwargs, list) else "kwargs": kwargs})
    for method, expected in (("get", row.get), ("post", row.post)):
        response = getattr(world.seats[person], method)(url, row.data if method == "post" else None)
        wanted = 405 if expected is None else expected.get(person, expected["*"])
        # Whether the method or the person is refused first does not matter, as long as one of them is.
        acceptable = {405, 302, 401, 403, 404} if wanted == 405 else wanted if isinstance(wanted, set) else {wanted}
        found = "login" if response.status_code == 302 and "/accounts/login/" in response["Location"] else response.status_code
        if wanted == 405:
            assert response.status_code != 200, f"{method.upper()} {route} as {person}: {response.status_code}"
        else:
            assert found in acceptable, f"{method.upper()} {route} as {person}: {found}, expected {acceptable}"


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in {"editor", "operator"}])
def test_the_admins_are_closed_to_everyone_without_the_right(world, person):
    for path in (
        "/admin/",
        "/admin/pages/",
        "/admin/images/",
        "/admin/reports/site-history/",
        "/django-admin/",
        "/django-admin/lms/user/",
    ):
        response = world.client(person).get(path)
        assert response.status_code in {302, 403, 404}, path
        assert response.status_code != 302 or "/login/" in response["Location"] or response["Location"] == "/", response[
            "Location"
        ]


def test_unknown_invitation_links_say_the_same_to_all(world):
    pages = {
        world.client(name).get(reverse("curriculum:invitation", args=["x" * 43])).status_code for name in ("anonymous", "lead")
    }
    assert len(pages) == 1


def test_enrollments_of_others_are_not_found_whatever_the_state(world):
    for status in Enrollment.Status.values:
        world.enrollment.status = status
        assert world.client("outsider").get(reverse("curriculum:enrollment", args=[world.enrollment.pk])).status_code == 404
