"""Reminders of meetings: a day before to everybody who belongs and has not said no, 15 minutes before to those who asked for it.

What is due is read off the rows each minute: the meeting's hour, who belongs now, who was told of that very hour. So a worker that was
away sends nothing that is of no use any more, a meeting that is moved reminds of its new hour, and whoever joins late is reminded while
there are two hours left. What still waits for the end of somebody's quiet hours is taken back once it is no longer true.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator

from notifications import outbox
from notifications.kinds import BY_WHAT
from notifications.models import Message, Preference
from notifications.readers import language_for, written_date
from sessions import belonging
from sessions.local_times import when_for, zone_of, zones_of
from sessions.models import Invitee, Meeting

PREPARING = 5  # minutes that a reminder may ask for
LONGEST_PREPARATION = 600


@dataclass(frozen=True)
class Reminder:
    """Due while `first` before the meeting or less are left, and more than `last`; it has to leave by `until` after the start."""

    what: str
    first: timedelta
    last: timedelta
    until: timedelta
    states: tuple[str, ...]


REMINDERS = (
    Reminder("reminder_day", timedelta(hours=24), timedelta(hours=2), timedelta(hours=-1), (Meeting.State.SCHEDULED,)),
    Reminder(
        "reminder_soon", timedelta(minutes=15), timedelta(), timedelta(minutes=10), (Meeting.State.SCHEDULED, Meeting.State.LIVE)
    ),
)
BY_NAME = {reminder.what: reminder for reminder in REMINDERS}


def remind(now=None):
    """Writes what is due and returns how many. Safe at any time, late, and in several places at once."""
    now = now or timezone.now()
    take_back_stale()
    return sum(_remind(meeting, reminder, now) for reminder in REMINDERS for meeting in _due(reminder, now))


def _due(reminder, now):
    rows = Meeting.objects.non_polymorphic().filter(state__in=reminder.states)
    return list(rows.filter(starts_at__lte=now + reminder.first, starts_at__gt=now + reminder.last).order_by("starts_at", "pk"))


def _remind(meeting, reminder, now):
    """Two queries where everybody was told, whatever their number."""
    people = list(_untold(meeting, reminder))
    if not people:
        return 0
    letters = _Letters(meeting, now)
    return outbox.enqueue_many(
        reminder.what, people, lambda user: key_of(meeting, reminder.what, user.pk), letters.context_for,
        expires_at=meeting.starts_at + reminder.until, url_for=letters.path_for,
    )  # fmt: skip


def key_of(meeting, what, user_pk):
    """One reminder per meeting, person and hour of the meeting (ISO 8601, basic format)."""
    return f"{what}:{meeting.pk}:{user_pk}:{_stamp(meeting)}"


def _stamp(meeting):
    return f"{meeting.starts_at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def recipients(meeting, what):
    """Who belongs, has not said no, does not wait for a place, and wants this kind where it is off unless somebody asks for it."""
    rows = Invitee.objects.filter(meeting_id=meeting.pk)
    away = rows.filter(answer=Invitee.Answer.NO) | rows.filter(waiting_since__isnull=False)
    people = belonging.people_of(meeting).exclude(pk__in=away.values("user_id"))
    kind = BY_WHAT[what]
    if kind.mail:
        return people
    asked = Preference.objects.filter(kind=kind.key)
    return people.filter(pk__in=(asked.filter(mail=True) | asked.filter(text=True)).values("user_id"))


def _untold(meeting, reminder):
    told = Message.objects.filter(
        what=reminder.what,
        dedupe_key__startswith=f"{reminder.what}:{meeting.pk}:",
        dedupe_key__contains=_stamp(meeting),
        user__isnull=False,
    )
    return recipients(meeting, reminder.what).exclude(pk__in=told.values("user_id"))


# --- what is no longer true ------------------------------------------------------------------------------------------


def take_back_stale():
    """Withdraws reminders that have not left and are wrong by now: another hour, called off, or the person does not come."""
    waiting = defaultdict(list)
    rows = Message.objects.filter(what__in=BY_NAME, sent_at=None, settled_as="")
    for key in rows.order_by().values_list("dedupe_key", flat=True):
        what, meeting_pk, user_pk, _stamp_and_channel = key.split(":", 3)
        waiting[what, int(meeting_pk)].append((int(user_pk), key))
    meetings = Meeting.objects.non_polymorphic().in_bulk({pk for _what, pk in waiting})
    for (what, pk), keys in waiting.items():
        _take_back(meetings.get(pk), what, keys)


def _take_back(meeting, what, keys):
    stands = meeting is not None and meeting.state in (Meeting.State.SCHEDULED, Meeting.State.LIVE)
    wanted = set(recipients(meeting, what).values_list("pk", flat=True)) if stands else set()
    for user_pk, key in keys:
        if user_pk not in wanted or not key.startswith(key_of(meeting, what, user_pk)):
            outbox.withdraw(key)


# --- words -----------------------------------------------------------------------------------------------------------


class _Letters:
    """What each person reads about one meeting. Worked out once for each language and zone, without queries for each person."""

    def __init__(self, meeting, now):
        self.meeting, self.now, self.known = meeting, now, {}
        self.zones = zones_of([meeting])[meeting.pk]
        self.materials = list(meeting.materials.filter(moment="before"))

    def context_for(self, user):
        language = language_for(user)
        key = language, user.time_zone
        if key not in self.known:
            with translation.override(language):
                self.known[key] = self._context(user)
        return self.known[key]

    def path_for(self, user):
        return self.context_for(user)["url"].removeprefix(settings.SITE_BASE_URL)

    def _context(self, user):
        meeting, when = self.meeting, when_for(self.meeting, user, self.zones, self.now)
        return {
            "title": meeting.title,
            "day_on": meeting.starts_at.astimezone(zone_of(user)).date().isoformat(),
            "clock": when.clock,
            "twelve": when.twelve,
            "zone": when.zone,
            "elsewhere": [_elsewhere(other) for other in when.elsewhere],
            "mode": meeting.mode,
            "place": meeting.place,
            "preparation": Truncator(meeting.preparation).chars(LONGEST_PREPARATION),
            "materials": self._short_materials(),
            "url": settings.SITE_BASE_URL + reverse("live:meeting", args=[meeting.pk]),
        }

    def _short_materials(self):
        """Titles of what can be looked at within five minutes together; the rest stands on the page of the meeting."""
        titles, minutes = [], 0
        for one in self.materials:
            minutes += one.minutes or 0
            if minutes > PREPARING:
                break
            titles.append(one.title)
        return titles


def _elsewhere(other):
    return {"clock": other.clock, "zones": list(other.zones), "day": written_date(other.day) if other.day else ""}
