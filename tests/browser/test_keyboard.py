"""The needs assessment from the sign-in to the result without a mouse; where the focus is can be seen at every stop."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.signing_in import DEMO_PASSWORD

pytestmark = [pytest.mark.timeout(300)]

# The focused element and, where it is a radio or a tick, the label around it that shows the focus in its place.
STOP = """() => { const here = document.activeElement;
  if (!here || here === document.body) return null;
  const seen = element => { const style = getComputedStyle(element), box = element.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 1 && box.height > 1 };
  const label = here.matches("[type=radio], [type=checkbox]") ? here.closest("label") : null;
  return { tag: here.tagName.toLowerCase(), type: here.type ?? "", name: here.name ?? "", id: here.id, classes: here.className,
    text: (here.innerText ?? "").trim(), path: here.pathname ?? "", inMain: !!here.closest("main"), seen: seen(here) || !!label && seen(label) } }"""


def press(page, key):
    """Presses a key and gives the stop that has the focus; one that cannot be seen fails the test."""
    page.keyboard.press(key)
    stop = page.evaluate(STOP)
    assert stop is None or stop["seen"], f"the focus cannot be seen on {page.url}: {stop}"
    return stop


def tab_to(page, wanted):
    for _ in range(60):
        stop = press(page, "Tab")
        if stop and wanted(stop):
            return stop
    raise AssertionError(f"not reached by keyboard on {page.url}")


def skip_to_content(page):
    """The first stop of every page is the link to its content, and it leads there."""
    first = press(page, "Tab")
    assert first["classes"] == "skip", first
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


def leave_by(page, key):
    here = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != here)
    page.wait_for_load_state()


def answer(page):
    """Chooses or writes something with the keys and goes on."""
    skip_to_content(page)
    field = tab_to(page, lambda stop: stop["name"] == "answer")
    if field["type"] == "radio":
        press(page, "Space")
        press(page, "ArrowDown")
        assert page.locator("main input[type=radio]:checked").count() == 1
    elif field["type"] == "checkbox":
        press(page, "Space")
    else:
        page.keyboard.press("Control+A")
        page.keyboard.type("120")
    tab_to(page, lambda stop: stop["tag"] == "button" and "btn" in stop["classes"])
    leave_by(page, "Enter")


def test_the_needs_assessment_by_keyboard_alone(site, open_page):
    page = open_page(DESKTOP)
    page.goto("/es/accounts/login/")
    skip_to_content(page)
    tab_to(page, lambda stop: stop["name"] == "login")
    page.keyboard.type("needs@demo.example.org")
    tab_to(page, lambda stop: stop["name"] == "password")
    page.keyboard.type(DEMO_PASSWORD)
    tab_to(page, lambda stop: stop["id"] == "with-password")
    leave_by(page, "Space")

    # Today leads to the assessment, that to its first question without an answer
    assert page.url.endswith("/today/")
    skip_to_content(page)
    tab_to(page, lambda stop: stop["inMain"] and stop["tag"] == "a" and "btn" in stop["classes"])
    leave_by(page, "Enter")
    if not re.search(r"/responses/\d+/", page.url):
        skip_to_content(page)
        tab_to(page, lambda stop: stop["inMain"] and "btn" in stop["classes"])
        leave_by(page, "Enter")

    answered = 0
    while re.search(r"/responses/\d+/\d+/", page.url):
        answer(page)
        answered += 1
        assert answered < 60
    assert answered >= 3

    assert page.url.endswith("/check/")
    skip_to_content(page)
    tab_to(page, lambda stop: stop["tag"] == "button" and "btn" in stop["classes"])
    leave_by(page, "Space")
    expect(page).to_have_url(re.compile("/result/"))


def test_a_focus_that_cannot_be_seen_is_noticed(site, open_page):
    page = open_page(DESKTOP, bypass_csp=True)
    page.goto("/es/accounts/login/")
    page.add_style_tag(content="* { outline: none !important }")
    with pytest.raises(AssertionError, match="cannot be seen"):
        press(page, "Tab")
