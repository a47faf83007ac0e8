"""axe on every screen of every role, in Spanish on a phone and in Portuguese on a desktop, light and dark; nothing scrolls sideways."""

import json

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.screens import PLACES, SCREENS
from tests.browser.signing_in import sign_in

SETTINGS = {"phone-es-light": ("es", PHONE, "light"), "desktop-pt-dark": ("pt-br", DESKTOP, "dark")}
pytestmark = pytest.mark.timeout(400)
# Demo pages cut off from the shell are judged too; these rules ask for what the whole page gives elsewhere.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@pytest.fixture(scope="session")
def places(site):
    return json.loads(site.run("shell", "-v0", "-c", PLACES).strip().splitlines()[-1])


@pytest.mark.parametrize("setting", [pytest.param(name, marks=pytest.mark.xdist_group(f"screens-{name}")) for name in SETTINGS])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, places, open_page, setting):
    from axe_playwright_python.sync_playwright import Axe

    language, size, scheme = SETTINGS[setting]
    axe, problems, seen = Axe(), [], 0
    for role, addresses in SCREENS.items():
        page = open_page(size, language, strict=False, color_scheme=scheme)
        if role:
            sign_in(page, site.base, f"{role}@demo.example.org", language=language)
        for address in addresses:
            path = address.format(**places[language])
            status = page.goto(path).status
            seen += 1
            if status >= 500 or (status == 404 and not any(word in path for word in ("/nowhere/", "/v/AAAA", "/invitation/unknown"))):
                problems.append(f"{role} {path}: {status}")
            # Sticky bars land in mid-page in a small window; the whole page in view shows them where they end up.
            page.set_viewport_size({"width": size["width"], "height": min(6000, page.evaluate("document.documentElement.scrollHeight"))})
            for violation in axe.run(page, options=RULES).response["violations"]:
                nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
                problems.append(f"{role} {path}: {violation['id']}: {nodes}")
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                problems.append(f"{role} {path}: scrolls sideways")
            page.set_viewport_size(size)
        page.context.close()
    assert seen > 70
    assert problems == []


def test_axe_would_see_a_field_without_a_name(open_page):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(PHONE, strict=False)
    page.goto("/es/accounts/login/")
    page.evaluate("document.querySelectorAll('main label').forEach(label => label.remove())")
    assert "label" in {violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]}
