"""axe on every screen of planning, rotation, selection, calendars and messages, on a phone and on a desktop in the dark."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.planning_screens import PLANNING
from tests.browser.walking import walk

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize(
    ("language", "size", "scheme"), [("es", PHONE, "light"), ("pt-br", DESKTOP, "dark")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page, language, size, scheme):
    assert walk(site, open_page, language, size, scheme, PLANNING, 100) == []
