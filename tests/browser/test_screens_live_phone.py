"""axe on every screen of what happens live, in Spanish on a phone."""

import pytest

from tests.browser.conftest import PHONE
from tests.browser.screens import LIVE
from tests.browser.walking import walk

pytestmark = pytest.mark.timeout(800)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page):
    assert walk(site, open_page, "es", PHONE, "light", LIVE, 65) == []
