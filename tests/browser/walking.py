"""Walks every screen of every role in one language, size and scheme, and gathers what is wrong."""

import json

from axe_playwright_python.sync_playwright import Axe

from tests.browser.screens import FORMS, PLACES, SCREENS
from tests.browser.signing_in import sign_in

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def walk(site, open_page, language, size, scheme, screens=SCREENS, fewest=70):
    """The problems found: server errors, missing pages, axe violations, sideways scrolling. At least `fewest` screens are seen."""
    places = json.loads(site.run("shell", "-v0", "-c", PLACES).strip().splitlines()[-1])[language]
    axe, problems, seen = Axe(), [], 0
    for role, addresses in screens.items():
        page = open_page(size, language, strict=False, color_scheme=scheme)
        if role:
            sign_in(page, site.base, f"{role}@demo.example.org", language=language)
        for address in addresses:
            path = address.format(**places)
            problems += [f"{role} {path}: {problem}" for problem in open_and_look(page, axe, path, size)]
            for step in FORMS.get(address, ()):
                step(page, places)
                problems += [f"{role} {path}{step.__name__}: {problem}" for problem in look_at(page, axe, size)]
                seen += 1
            seen += 1
        page.context.close()
    assert seen > fewest
    return problems


def open_and_look(page, axe, path, size):
    page.goto("about:blank")  # an address that differs from the last one by its fragment alone would not be loaded
    status = page.goto(path).status
    if status >= 500 or (status == 404 and not any(word in path for word in ("/nowhere/", "/v/AAAA", "/unknown/"))):
        yield str(status)
    yield from look_at(page, axe, size)


def look_at(page, axe, size):
    # Sticky bars land in mid-page in a small window; the whole page in view shows them where they end up.
    # The room to spare is for a page that grows when its fonts come.
    height = min(15000, page.evaluate("document.documentElement.scrollHeight")) + 500
    page.set_viewport_size({"width": size["width"], "height": height})
    for violation in axe.run(page, options=RULES).response["violations"]:
        yield f"{violation['id']}: " + "; ".join(node["html"][:120] for node in violation["nodes"][:3])
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "scrolls sideways"
    if page.evaluate("[...document.querySelectorAll('.brand small')].some((role) => role.scrollWidth > role.clientWidth)"):
        yield "the role under the name is cut"
    page.set_viewport_size(size)
