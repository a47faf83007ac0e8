"""Who is here now: for the control room, while the meeting is under way. Writes nothing; five queries whatever the number of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions import attendance
from sessions.models import Attendance, CheckIn, Lease
from sessions.stays import COUNTED_DEVICES, RECONNECT, Stays, expected_ids, stays_of

HALL = "hall"


@dataclass(frozen=True)
class Standing:
    """`here`: connected or checked in at this moment. `way`: "browser", "companion", "polling", "hall", or "" for nobody here.

    `mark` is what the time so far would give, or the mark that somebody set by hand (then `by_hand`). `seconds` so far.
    """

    user: Any
    here: bool
    way: str
    arrived_at: datetime | None
    seconds: int
    mark: str
    by_hand: bool


def present_now(meeting, now=None):
    """Everybody who is expected, in order of name, as `Standing`s."""
    now = now or timezone.now()
    stays, needed, ways = stays_of(meeting, now), attendance.needed_seconds(meeting), _ways(meeting, now)
    by_hand = dict(Attendance.objects.filter(meeting=meeting, source=Attendance.Source.HAND).values_list("user_id", "status"))
    people = get_user_model().objects.filter(pk__in=expected_ids(meeting)).order_by("full_name", "pk")
    return [_standing(person, stays.get(person.pk, Stays()), needed, ways, by_hand) for person in people]


def _standing(person, stays, needed, ways, by_hand):
    mark = attendance.measured(stays, needed)
    way = ways.get(person.pk, "")
    return Standing(
        person, bool(way), way, mark.first_at, mark.seconds, by_hand.get(person.pk, mark.status), person.pk in by_hand
    )


def _ways(meeting, now):
    """How each person is here at this moment; whoever is in the hall and on the phone is in the hall."""
    fresh = Lease.objects.filter(meeting=meeting, device__in=COUNTED_DEVICES, closed_at=None, seen_at__gte=now - RECONNECT)
    ways = dict(fresh.values_list("user_id", "device"))
    in_hall = CheckIn.objects.filter(meeting=meeting, left_at=None).values_list("user_id", flat=True)
    return {**ways, **dict.fromkeys(in_hall, HALL)}
