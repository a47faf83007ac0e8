"""The server's clock and timed attempts. Times only: what follows from them is in evaluations/closing.py and attempts.py."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

GRACE = timedelta(seconds=10)  # for what is on its way when the time ends


def deadline_after(minutes):
    """The instant at which an attempt that is opened now ends; `None` without a limit."""
    return timezone.now() + timedelta(minutes=minutes) if minutes else None


def has_ended(response):
    """Whether the time of an open response is over, the seconds of grace included."""
    return bool(response.deadline_at and not response.submitted_at and timezone.now() > response.deadline_at + GRACE)


def was_ended_by_clock(response):
    return bool(response.deadline_at and response.submitted_at and response.submitted_at > response.deadline_at)


def ended_at(response):
    """When the person could answer no more: the deadline, or the sending before it. `None` for an open response."""
    if response.submitted_at is None:
        return None
    return min(response.submitted_at, response.deadline_at or response.submitted_at)


def seconds_left(response):
    """Whole seconds until the deadline, never below 0; `None` for an attempt without a limit."""
    if response.deadline_at is None:
        return None
    return max(0, int((response.deadline_at - timezone.now()).total_seconds()))


def ended():
    """The filter for open responses whose time is over."""
    return Q(submitted_at__isnull=True, deadline_at__lt=timezone.now() - GRACE)
