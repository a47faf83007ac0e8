"""axe on every screen of what happens live, in Spanish on a phone and in Portuguese on a desktop in the dark; nothing scrolls sideways."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.screens import LIVE
from tests.browser.walking import walk

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize(
    ("language", "size", "scheme"), [("es", PHONE, "light"), ("pt-br", DESKTOP, "dark")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, open_page, language, size, scheme):
    assert walk(site, open_page, language, size, scheme, LIVE, 65) == []
