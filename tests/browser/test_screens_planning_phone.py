"""axe on every screen of planning, rotation, selection, calendars and messages, in Spanish on a phone."""

import pytest

from tests.browser.conftest import PHONE
from tests.browser.planning_screens import PLANNING
from tests.browser.walking import walk

pytestmark = pytest.mark.timeout(800)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page):
    assert walk(site, open_page, "es", PHONE, "light", PLANNING, 100) == []
