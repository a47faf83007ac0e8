"""What the browser is told: a strict content policy, no inline code, nothing of a person in caches or on shared machines."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from tests import factories

pytestmark = pytest.mark.django_db

PUBLIC = ("account_login", "account_signup", "account_reset_password", "search", "offline", "privacy", "verification:form")
PERSONAL = ("today", "account", "mfa_index", "account_email", "account_change_password", "account_logout")
INLINE = [
    re.compile(r"<style", re.I),
    re.compile(r"<[a-z][^>]*\sstyle=", re.I),
    re.compile(r"<[a-z][^>]*\son[a-z]+=", re.I),
    re.compile(r"href=\"javascript:", re.I),
]
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.I | re.S)


def addresses():
    factories.make_curriculum()
    with override("es"):
        return [reverse(name) for name in PUBLIC] + ["/es/", "/es/not-here/"], [reverse(name) for name in PERSONAL]


@pytest.fixture
def pages(client):
    public, personal = addresses()
    found = {path: client.get(path) for path in public}
    person = factories.EnrollmentFactory().user
    client.force_login(person)
    found |= {path: client.get(path) for path in personal}
    found |= {
        f"/es/profile/{step}/": client.get(f"/es/profile/{step}/") for step in ("name", "place", "work", "consents", "review")
    }
    return found


def test_the_policy_has_no_unsafe_source(pages):
    for path, response in pages.items():
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy, path
        for wanted in (
            "default-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ):
            assert wanted in policy, path


def test_no_page_has_inline_styles_handlers_or_code(pages):
    for path, response in pages.items():
        text = response.content.decode()
        for pattern in INLINE:
            assert not pattern.search(text), f"{path}: {pattern.search(text)}"
        for script in SCRIPT.finditer(text):
            nonced = "nonce=" in script["attributes"]
            data = "application/json" in script["attributes"]
            assert "src=" in script["attributes"] or data or nonced, f"{path}: {script[0][:100]}"


def test_a_nonce_that_a_page_uses_stands_in_its_policy(rf):
    from csp.middleware import CSPMiddleware
    from django.http import HttpResponse

    request = rf.get("/")
    middleware = CSPMiddleware(lambda request: HttpResponse(str(request.csp_nonce)))
    response = middleware(request)
    assert f"'nonce-{response.content.decode()}'" in response["Content-Security-Policy"]


def test_pages_of_a_person_are_not_kept(pages):
    for path in ("/es/today/", "/es/account/", "/es/profile/name/"):
        assert "no-store" in pages[path]["Cache-Control"], path


def test_everything_is_same_origin(pages):
    for path, response in pages.items():
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', response.content.decode())
        outside = [url for url in loaded if "//" in url and not url.startswith("http://testserver/")]
        assert outside == [], path


def test_signing_out_clears_the_device(client):
    client.force_login(factories.UserFactory())
    response = client.post("/es/accounts/logout/")
    assert response.status_code == 302
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/es/accounts/login/")


def test_other_headers(client):
    response = client.get("/es/accounts/login/")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_the_admin_keeps_its_own_policy(client):
    admin = factories.UserFactory(is_superuser=True, is_staff=True)
    client.force_login(admin)
    policy = client.get("/admin/")["Content-Security-Policy"]
    assert "object-src 'none'" in policy
    assert "base-uri 'self'" in policy
