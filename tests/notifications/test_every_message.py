"""Every message there is, written by the act that writes it: three forms in three languages, light, and a line that leads somewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from notifications import mail, outbox
from notifications.kinds import BY_WHAT, KINDS
from notifications.models import Message, Notice
from tests.notifications.every_message import ACTS
from tests.notifications.people import signed_in

pytestmark = pytest.mark.django_db
FOLDERS = (
    Path(settings.BASE_DIR) / "notifications/templates/notifications",
    Path(settings.BASE_DIR) / "lms/templates/notifications",
)
NO_MESSAGES = {"own_words", "pages"}
FILES = {"subject.txt", "body.txt", "body.html"}
LANGUAGES = [code for code, _name in settings.LANGUAGES]
LIGHT = 40_000  # bytes, with the calendar part
SIGN_IN = "/accounts/"


def folders():
    return {one.name: one for folder in FOLDERS for one in folder.iterdir() if one.is_dir() and one.name not in NO_MESSAGES}


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.names = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)


def test_each_message_has_its_folder_and_its_kind():
    assert folders().keys() == BY_WHAT.keys() == ACTS.keys()
    assert len(BY_WHAT) == sum(len(kind.whats) for kind in KINDS)


@pytest.mark.parametrize("what", sorted(BY_WHAT))
def test_each_folder_is_whole(what):
    assert {one.name for one in folders()[what].iterdir()} >= FILES


def written(what, monkeypatch):
    """The messages of this name after its act."""
    ACTS[what](monkeypatch)
    found = list(Message.objects.filter(what=what, channel="mail").order_by("pk"))
    assert found
    return found


@pytest.mark.parametrize("what", sorted(ACTS))
def test_each_message_is_whole_in_three_languages_and_light(what, monkeypatch):
    for message in written(what, monkeypatch):
        for language in LANGUAGES:
            message.language = language
            subject, text, html = mail.render(message)
            assert subject and "\n" not in subject
            assert text.strip() and html.strip() and f'lang="{language}"' in html
            assert not re.search(r"\{\{|\{%|\bNone\b", subject + text + html)
            assert not {"img", "script", "link", "iframe", "object"} & set(Tags(html).names)
            assert len(mail.build(message).message().as_bytes()) < LIGHT


@pytest.mark.parametrize("what", sorted(what for what, kind in BY_WHAT.items() if kind.notice))
def test_each_line_on_the_site_leads_its_owner_to_a_page(what, monkeypatch):
    written(what, monkeypatch)
    lines = list(Notice.objects.filter(what=what).select_related("user"))
    assert lines
    for line in lines:
        client = signed_in(line.user)
        with translation.override(line.user.language or "es"):
            opened = client.post(reverse("notifications:notice", args=[line.pk]))
        assert opened.status_code == 302, line.url
        shown = client.get(opened["Location"], follow=True)
        assert shown.status_code == 200 and SIGN_IN not in shown.request["PATH_INFO"], (line.url, shown.request["PATH_INFO"])
        assert (what in LEAD_NOWHERE) == (opened["Location"] == reverse_of_notices(line.user)), line.url


LEAD_NOWHERE = {"wording_test"}  # its text is the whole of it


def reverse_of_notices(user):
    with translation.override(user.language or "es"):
        return reverse("notifications:notices")


@pytest.mark.parametrize("what", sorted(what for what, kind in BY_WHAT.items() if not kind.notice))
def test_what_has_no_line_writes_none(what, monkeypatch):
    written(what, monkeypatch)
    assert not Notice.objects.filter(what=what).exists()


def test_a_line_never_holds_what_is_for_the_mail_alone(monkeypatch):
    for what in ("wave_open", "commitment_reminder"):
        ACTS[what](monkeypatch)
    assert Notice.objects.exists()
    assert not [name for line in Notice.objects.all() for name in line.context if name.startswith(outbox.SECRET_PREFIX)]
