"""axe on every screen of every role, in Portuguese on a desktop in the dark; nothing scrolls sideways."""

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.walking import walk

pytestmark = pytest.mark.timeout(800)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page):
    assert walk(site, open_page, "pt-br", DESKTOP, "dark") == []
