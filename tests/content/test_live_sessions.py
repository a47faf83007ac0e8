"""Live sessions from files: a page in each language, words missing are an error, loading twice changes nothing."""

import pytest

from content.keys import activity_key
from content.library import Broken, read_library
from content.loader import load
from curriculum.outline import current_outline
from sessions.models import LiveSessionPage
from tests.content.conftest import LANGUAGES, WORDS

pytestmark = pytest.mark.django_db
SKELETON = "curricula/tiny/curriculum.yaml"
LINE = "      - {key: live-1, kind: live-session, minutes: 90, number: 1, title: %s, about: %s, preparation: %s}\n"


def add(tiny, line=LINE % (WORDS, WORDS, WORDS)):
    tiny.edit(SKELETON, "      - {key: quiz-one", f"{line}      - {{key: quiz-one")
    return tiny


def test_a_live_session_is_a_page_in_each_language(tiny):
    load(add(tiny).root)
    pages = list(LiveSessionPage.objects.select_related("locale"))
    assert {page.locale.language_code for page in pages} == set(LANGUAGES)
    assert {page.translation_key for page in pages} == {activity_key("tiny", "live-1")}
    page = next(page for page in pages if page.locale.language_code == "es")
    assert (page.title, page.minutes, page.number, page.required, page.live) == ("Uno", 90, 1, True, True)
    assert (page.about, page.preparation) == ("<p>Uno</p>", "<p>Uno</p>")
    outline = current_outline(page.get_parent().get_parent().translation_key)
    assert "live-session" in [activity.kind for activity in outline.activities]
    assert not load(tiny.root).changed


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [("number: 1, title", "number: 0, title", "number"), ("minutes: 90, ", "", "minutes"), ("kind: live-session", "kind: live-sesion", "live-sesion"),
     ("number: 1, title", "number: 1, room: x, title", "room")],
)  # fmt: skip
def test_what_is_wrong_is_named(tiny, old, new, says):
    add(tiny, (LINE % (WORDS, WORDS, WORDS)).replace(old, new))
    with pytest.raises(Broken, match=says):
        read_library(tiny.root)
