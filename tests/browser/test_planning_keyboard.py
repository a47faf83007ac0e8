"""Planning a series, the year and a run of show without a mouse: the focus is seen at every stop, goes in the order of the page, is
never caught, and stands on the error summary where something is wrong."""

import datetime
import re
from operator import itemgetter

import pytest

from tests.browser.backstage import PASSWORD
from tests.browser.conftest import DESKTOP
from tests.browser.planning_steps import PEOPLE
from tests.browser.signing_in import sign_in
from tests.browser.test_keyboard import leave_by, press, skip_to_content, tab_to

pytestmark = [pytest.mark.timeout(300)]

MOST = 150  # stops on a page
# Whether the place of the focus in the document comes after that of the stop before it.
ONWARD = """() => { const before = window.before, here = document.activeElement; window.before = here;
  return !before || before === here || !!(before.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING) }"""
ON_SUMMARY = "() => document.activeElement.matches('[data-errors]')"


def walk_main(page, told=lambda stop: stop["name"] or stop["text"]):
    """Tabs from the link to the content until the focus leaves it: what is `told` of the stops, each once in a row; usually [names of
    fields, words of links and buttons]."""
    skip_to_content(page)
    page.evaluate("() => { window.before = null }")
    found = []
    for _ in range(MOST):
        stop = press(page, "Tab")
        if stop is None or not stop["inMain"]:
            return found
        assert page.evaluate(ONWARD), f"the focus goes back on {page.url}: {stop}"
        if (name := told(stop)) and found[-1:] != [name]:
            found.append(name)
    raise AssertionError(f"the focus does not leave {page.url}: {found[-5:]}")


def afresh(page):
    page.goto(page.url.partition("#")[0])
    skip_to_content(page)


def send_wrong(page, wanted):
    """Presses the button; the page that comes back says what is wrong, has the focus there and leads to the field."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function(ON_SUMMARY)
    link = press(page, "Tab")
    assert link["tag"] == "a"
    page.keyboard.press("Enter")
    return page.evaluate("() => document.activeElement.name")


def type_over(page, text):
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def named(name):
    return lambda stop: stop["name"] == name


@pytest.fixture
def lead(open_page, site, desk):
    cohort = desk.cohort_to_plan(PEOPLE, {})["cohort"]
    page = open_page(DESKTOP, "en-GB")
    sign_in(page, site.base, "lena@room.example.org", PASSWORD, "en")
    return page, cohort


def test_a_series_is_planned_by_keyboard_alone(lead, desk):
    page, cohort = lead
    page.goto(f"/en/live/plan/?cohort={cohort}")
    order = [name for name in walk_main(page) if re.fullmatch("[a-z_]+", name)]
    asked = [
        "count",
        "first_day",
        "hour",
        "minutes",
        "time_zone",
        "every",
        "unit",
        "skip",
        "pattern",
        "linked",
        "mode",
        "closing",
        "state",
    ]
    assert [name for name in order if name in asked] == asked
    assert order[-1] == "preview"

    afresh(page)
    tab_to(page, named("count"))
    type_over(page, "0")
    assert send_wrong(page, named("preview")) == "count"
    type_over(page, "2")
    tab_to(page, named("closing"))
    press(page, "Space")  # what belongs to the closing day comes out, after its box
    assert tab_to(page, lambda stop: True)["name"] == "closing_title"
    tab_to(page, named("preview"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("#preview .planrows > li").count() == 3
    tab_to(page, named("create"))  # the keyboard goes on where the preview begins
    leave_by(page, "Enter")
    assert len(desk.begins(cohort)) == 3


def test_the_year_is_planned_by_keyboard_alone(open_page, site, desk):
    year = datetime.date.today().year + 1
    desk.planned_year(year, ("North", "Coast", "South", "Heights"))
    page = open_page(DESKTOP, "en-GB")
    sign_in(page, site.base, "lead@demo.example.org", language="en")
    page.goto(f"/en/live/year/{year}/")
    stops = [path for path in walk_main(page, told=itemgetter("path")) if path.endswith("/swap/")]
    assert stops == [f"/en/live/quarters/{year}-Q{number}/swap/" for number in range(1, 5)]
    afresh(page)
    tab_to(page, lambda stop: stop["path"].endswith("/swap/"))
    leave_by(page, "Enter")
    page.goto(page.url.partition("#")[0])
    walk_main(page)
    afresh(page)
    assert send_wrong(page, lambda stop: stop["tag"] == "button" and stop["inMain"]) == "other"
    press(page, "Space")
    tab_to(page, lambda stop: stop["tag"] == "button" and stop["inMain"])
    leave_by(page, "Enter")
    assert f"/live/year/{year}/" in page.url

    page.goto(f"/en/live/year/{year}/dates/")
    order = [name for name in walk_main(page) if name.startswith("q")]
    assert order == [f"q{number}-{name}" for number in range(1, 5) for name in ("day", "hour", "time_zone", "minutes")]
    afresh(page)
    tab_to(page, named("q1-minutes"))
    type_over(page, "1")
    assert send_wrong(page, named("do")) == "q1-minutes"


def test_a_run_of_show_is_written_by_keyboard_alone(lead, desk):
    page, cohort = lead
    page.goto(f"/en/live/new/?kind=training&cohort={cohort}")
    skip_to_content(page)
    tab_to(page, named("title"))
    page.keyboard.type("By keyboard")
    tab_to(page, named("day"))
    page.fill(
        "main [name=day]", str(datetime.date.today() + datetime.timedelta(days=40))
    )  # the browser's own control, by its value
    tab_to(page, named("hour"))
    page.fill("main [name=hour]", "15:00")
    walk = page.locator("main form button.btn").last
    walk.focus()
    leave_by(page, "Enter")
    assert "/run-of-show/" in page.url
    afresh(page)
    tab_to(page, lambda stop: stop["tag"] == "button" and stop["inMain"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("main .ros-desk tbody tr").count() == 5
    page.goto(page.url.partition("#")[0])
    walk_main(page)

    afresh(page)
    field = tab_to(page, lambda stop: re.fullmatch(r"m\d+", stop["name"]))["name"]
    type_over(page, "0")
    assert send_wrong(page, named("recompute")) == field
    type_over(page, "200")
    tab_to(page, named("recompute"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("main .note.warn").count() == 1
    afresh(page)
    tab_to(page, lambda stop: stop["name"] == "do" and stop["inMain"])  # the first row cannot go up: its button is passed over
    first = page.locator("main .ros-desk tbody tr").first.inner_text().splitlines()[1]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("main .ros-desk tbody tr").first.inner_text().splitlines()[1] != first
