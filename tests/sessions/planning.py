"""Meetings that are planned through the pages of the desk, by people of every role."""

import datetime
import zoneinfo
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from sessions.models import Meeting
from tests.factories import UserFactory
from tests.sessions.rooms import meeting_of, person_in

MEXICO = zoneinfo.ZoneInfo("America/Mexico_City")
ROLES = ("trainee", "trainer", "lead", "evaluator")


def signed(user, language="en"):
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, *args, language="en"):
    with translation.override(language):
        return reverse(f"live:{name}", args=args)


def planned(cohort=None, *, hours=72, state=Meeting.State.SCHEDULED, **fields):
    """A meeting that begins in so many hours, with one person of each role and a stranger: `.meeting`, `.trainee` …"""
    meeting = meeting_of(cohort, state=state, starts_at=timezone.now() + datetime.timedelta(hours=hours), **fields)
    people = {role: person_in(meeting, role) for role in ROLES}
    return SimpleNamespace(meeting=meeting, cohort=meeting.cohort, stranger=UserFactory(), **people)


def tomorrow(days=1):
    return timezone.now().astimezone(MEXICO).date() + datetime.timedelta(days=days)


def said(**changed):
    """What somebody types into the form of a training session."""
    usual = {
        "title": "Sesión 1", "number": "1", "activity_key": "", "day": tomorrow().isoformat(), "hour": "15:00", "minutes": "90",
        "time_zone": "America/Mexico_City", "about": "", "preparation": "", "language": "es", "mode": "live", "place": "",
        "place_url": "", "engine": "none", "conference_url": "", "backup_url": "", "needed_percent": "75", "recording_url": "",
        "recording_minutes": "", "recording_check": "", "keep_days": "365",
    }  # fmt: skip
    return {**usual, **changed}


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()
