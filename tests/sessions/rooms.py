"""Rooms for tests: a meeting with its people, their seats, and acts by name."""

import itertools
from datetime import timedelta

from django.utils import timezone

from sessions import room
from sessions.models import Meeting, TrainingSession
from sessions.seats import seat_for
from tests.factories import CohortFactory, EnrollmentFactory

_numbers = itertools.count()


def new_cid():
    return f"cid-{next(_numbers):08d}"


def meeting_of(cohort=None, state=Meeting.State.LIVE, **fields):
    cohort = cohort or CohortFactory()
    fields = {"starts_at": timezone.now(), "minutes": 90, "title": "Session 1", "created_by": None, **fields}
    if state in (Meeting.State.LIVE, Meeting.State.PAUSED, Meeting.State.ENDED):
        fields.setdefault("started_at", timezone.now() - timedelta(minutes=5))
    return TrainingSession.objects.create(cohort=cohort, state=state, **fields)


def person_in(meeting, role="trainee", **fields):
    """An enrolled person of the meeting's cohort; `role` trainer makes a host."""
    return EnrollmentFactory(cohort=meeting.cohort, role=role, status="enrolled", **fields).user


def seat(meeting, user):
    return seat_for(user, meeting)


def do(meeting, user, kind, body=None, *, st="main", cid=None, base=None):
    """Performs the act as the person; returns the Ack or raises the Refusal."""
    operation = {"t": "op", "cid": cid or new_cid(), "st": st, "k": kind, "b": body or {}}
    if base is not None:
        operation["base"] = base
    return room.perform(seat(meeting, user), operation)


def state_of(meeting, name="main"):
    return room.snapshot(room.stream_of(meeting.pk, name))[1]
