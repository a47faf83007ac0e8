"""The list of messages with words of one's own agrees with the shipped templates."""

import re

import pytest
from django.template.loader import get_template

from notifications import trying_words, wordings
from notifications.editable import EDITABLE
from notifications.kinds import BY_WHAT
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")


@pytest.mark.parametrize("what", EDITABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_words_can_be_saved_as_they_are_and_hold_no_sample(what, language):
    subject, body = wordings.shipped(what, language)
    assert wordings.problems(what, subject, body) == []
    assert len(subject) <= wordings.SUBJECT_CAP
    assert len(body) <= wordings.BODY_CAP
    assert "2027" not in subject + body
    assert str(wordings.MARK)[:4] not in subject + body
    assert what in BY_WHAT


@pytest.mark.parametrize("what", EDITABLE)
def test_every_name_is_known_to_the_shipped_templates(what):
    """A name that no shipped template of the message knows is a name that its context does not have."""
    editable = EDITABLE[what]
    parts = [one.part for one in editable.names.values() if one.part]
    files = [f"notifications/{what}/{name}" for name in ("subject.txt", "body.txt", "body.html")] + parts
    source = " ".join(get_template(name).template.source for name in files)
    for name, one in editable.names.items():
        if name not in ("name", "site") and not one.part:
            assert re.search(rf"\b{editable.link if name == 'link' else name}\b", source), name


@pytest.mark.parametrize("what", EDITABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_preview_from_samples(what, language):
    user = UserFactory(is_superuser=True)
    shown = trying_words.preview(what, language, *wordings.shipped(what, language), user, user)
    assert shown.subject
    assert "{" not in shown.subject + shown.text
    assert [block["link"] for block in shown.blocks if "link" in block] == ["http://testserver/…"]
