"""Pages of the control room and the screens for tests: fetched as a person, and read as words."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from sessions.models import Lease, Segment
from tests.sessions.rooms import do, new_cid

SCREENS = ("control", "projector", "hall")


def signed_in(user, language="en"):
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client, meeting, screen="control", language="en", query="", status=200):
    answer = client.get(f"/{language}/live/{meeting.pk}/{screen}/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def said(html):
    """The words of a page, one space between them."""
    return " ".join(re.sub(r"<(script|template)\b.*?</\1>|<[^>]+>", " ", html, flags=re.S).split())


def segment(meeting, title, minutes=10, **fields):
    return Segment.objects.create(meeting_id=meeting.pk, title=title, minutes=minutes, order=meeting.segments.count(), **fields)


def prepared(meeting, trainer, promise="anonymous", text="Where would you begin?"):
    body = {"kind": "single-choice", "text": text, "choices": ["Wards", "Clinic"], "promise": promise}
    do(meeting, trainer, "poll.prepare", body, st="hosts")
    return meeting.polls.latest("pk")


def lease(meeting, user, minutes=5, device="browser", **fields):
    opened = timezone.now() - timedelta(minutes=minutes)
    return Lease.objects.create(meeting=meeting, user=user, conn=new_cid(), tab="tab", device=device, opened_at=opened, **fields)
