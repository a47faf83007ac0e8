"""axe on every screen of every role, in Spanish on a phone; nothing scrolls sideways. And axe would see a planted fault."""

import pytest

from tests.browser.conftest import PHONE
from tests.browser.walking import RULES, walk

pytestmark = pytest.mark.timeout(800)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page):
    assert walk(site, open_page, "es", PHONE, "light") == []


def test_axe_would_see_a_field_without_a_name(open_page):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(PHONE, strict=False)
    page.goto("/es/accounts/login/")
    page.evaluate("document.querySelectorAll('main label').forEach(label => label.remove())")
    assert "label" in {violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]}
