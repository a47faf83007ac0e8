"""Presence: a lease per connection, kept alive by its heartbeats. Goodbyes are a courtesy; what counts is the last sign of life."""

import logging
import secrets
import time
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from curriculum import roles
from curriculum.models import Enrollment
from sessions import hints
from sessions.models import Lease, Meeting, MeetingPerson
from sessions.protocol import HOST, LEASE, SOCKETS_PER_PERSON

log = logging.getLogger(__name__)
SILENCE, STEP = timedelta(seconds=LEASE), timedelta(seconds=5)
RANK = (Lease.Device.POLLING, Lease.Device.COMPANION, Lease.Device.BROWSER)  # the last one stands for a person with several


# --- who is here -------------------------------------------------------------------------------------------------------


def present(meeting_id, now=None):
    """People in the room by their leases, over all processes and devices: [{"u", "n", "role", "c" country, "d" device}] by name.

    Screens of a hall are nobody. Four queries, whatever the number of people.
    """
    since = (now or timezone.now()) - SILENCE
    leases = Lease.objects.filter(meeting_id=meeting_id, closed_at=None, seen_at__gte=since).exclude(device=Lease.Device.SCREEN)
    rows = leases.values_list(
        "user_id", "device", "user__full_name", "user__certificate_name", "user__country", "user__is_superuser"
    )
    devices, people = defaultdict(set), {}
    for user_id, device, full_name, certificate_name, country, is_operator in rows:
        devices[user_id].add(device)
        people[user_id] = (full_name or certificate_name or "—", str(country or ""), is_operator)
    hosts = _hosts(meeting_id, people)
    found = [
        {"u": pk, "n": name, "role": HOST if is_operator or pk in hosts else "participant", "c": country,
         "d": str(max(devices[pk], key=RANK.index))}
        for pk, (name, country, is_operator) in people.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one["n"].casefold(), one["u"]))


def _hosts(meeting_id, users):
    """As Meeting.objects.hosted_by, for many people at once."""
    cohort_id = Meeting.objects.non_polymorphic().filter(pk=meeting_id).values_list("cohort_id", flat=True).first()
    by_office = Enrollment.objects.filter(
        cohort_id=cohort_id, user__in=users, role__in=roles.TEACHING, status__in=Enrollment.MEMBER_STATES
    )
    by_name = MeetingPerson.objects.filter(meeting_id=meeting_id, user__in=users, part=MeetingPerson.Part.HOST)
    return {*by_office.values_list("user_id", flat=True), *by_name.values_list("user_id", flat=True)}


def changes(before, after):
    """What a `pres` frame tells, from {user id: entry} to {user id: entry}; `None` when nothing changed."""
    told = {
        "add": [entry for pk, entry in after.items() if pk not in before],
        "upd": [entry for pk, entry in after.items() if pk in before and before[pk] != entry],
        "del": [pk for pk in before if pk not in after],
    }
    return told if any(told.values()) else None


# --- leases ------------------------------------------------------------------------------------------------------------


class Leases:
    """Those of this process: gathered on the event loop, written in one go by a thread (`flush`). Nothing is lost when that fails."""

    def __init__(self):
        self.opened, self.closed, self.seen = [], [], {}

    def open(self, member):
        """From the first sign of life; a device that was silent for longer than a lease begins another one."""
        member.lease = Lease(
            meeting_id=member.seat.meeting_id, user_id=member.seat.user_id, conn=secrets.token_hex(12), tab=member.tab,
            device=member.device, opened_at=member.heard_at, seen_at=member.heard_at,
        )  # fmt: skip
        member.saved_at = member.heard_at
        self.opened.append(member.lease)

    def close(self, member):
        if member.lease is not None:
            self.closed.append((member.lease, member.heard_at))
            self.seen.pop(member, None)
            member.lease = None

    def hear(self, member):
        """A sign of life. A lease ends with a silence, and where the server's clock stepped: its length is time that really passed."""
        now, tick = timezone.now(), time.monotonic()
        passed = timedelta(seconds=tick - member.heard_tick)
        stepped = abs(now - member.heard_at - passed) > STEP
        if member.lease is not None and (stepped or passed > SILENCE):
            if passed <= SILENCE:
                member.heard_at += passed  # it was here up to the step: the old lease ends by the old clock
            self.close(member)
            member.heard_at = now
            self.open(member)
        member.heard_at, member.heard_tick = now, tick

    def note(self, members):
        """What the next flush writes of those who live."""
        self.seen |= {one: one.heard_at for one in members if one.lease is not None and one.heard_at != one.saved_at}

    def take(self):
        work = self.opened, self.closed, [(member.lease, seen) for member, seen in self.seen.items() if member.lease]
        for member, seen in self.seen.items():
            member.saved_at = seen
        self.opened, self.closed, self.seen = [], [], {}
        return work if any(work) else None

    def put_back(self, work):
        self.opened, self.closed = work[0] + self.opened, work[1] + self.closed


def write(opened, closed, seen):
    """Synchronous. `opened` are new leases, the others pairs (lease, last sign of life)."""
    now = timezone.now()
    with transaction.atomic():
        Lease.objects.bulk_create([_as_row(lease) for lease in opened])
        for instant, conns in _by_second(seen).items():
            Lease.objects.filter(conn__in=conns).update(seen_at=instant, closed_at=None)
        for lease, instant in closed:
            Lease.objects.filter(conn=lease.conn).update(seen_at=instant, closed_at=now)
    for meeting_id in {lease.meeting_id for lease in opened} | {lease.meeting_id for lease, _instant in closed}:
        hints.people(meeting_id)
    for meeting_id in {lease.meeting_id for lease in opened}:
        _oust(meeting_id, {lease.user_id for lease in opened if lease.meeting_id == meeting_id}, now)


def _oust(meeting_id, users, now):
    """No more than five sockets per person, whichever process they are in: the oldest go."""
    rows = Lease.objects.filter(meeting_id=meeting_id, user_id__in=users, closed_at=None, seen_at__gte=now - SILENCE)
    conns = defaultdict(list)
    for user_id, conn in rows.exclude(device=Lease.Device.POLLING).order_by("opened_at", "pk").values_list("user_id", "conn"):
        conns[user_id].append(conn)
    surplus = [conn for own in conns.values() for conn in own[:-SOCKETS_PER_PERSON]]
    if surplus:
        hints.oust(meeting_id, surplus)


def _as_row(lease):
    """A copy: a write that fails half-way must not leave a primary key on what is tried again."""
    return Lease(
        **{field.attname: getattr(lease, field.attname) for field in Lease._meta.concrete_fields if not field.primary_key}
    )


def _by_second(seen):
    """Few statements for many people: signs of life are kept to the second."""
    groups = defaultdict(list)
    for lease, instant in seen:
        groups[instant.replace(microsecond=0)].append(lease.conn)
    return groups


def reap(meeting_ids=None, now=None):
    """Closes leases silent for 45 seconds, of these meetings or of all; `seen_at` stays the last sign of life. How many.

    Those of a clock that was ahead end too: whoever is still there has a lease of the right hour, or gets one with the next heartbeat.
    """
    now = now or timezone.now()
    silent = Lease.objects.filter(closed_at=None).exclude(seen_at__range=(now - SILENCE, now + SILENCE))
    if meeting_ids is not None:
        silent = silent.filter(meeting_id__in=meeting_ids)
    meetings = set(silent.values_list("meeting_id", flat=True))
    count = silent.update(closed_at=now) if meetings else 0
    for meeting_id in meetings:
        hints.people(meeting_id)
    return count


def keep_polling(seat, tab, now=None, device=Lease.Device.POLLING):
    """A device without sockets asked again: its lease goes on, or a new one begins after 45 seconds of silence or a clock set back."""
    now = now or timezone.now()
    alive = Lease.objects.filter(
        meeting_id=seat.meeting_id,
        user_id=seat.user_id,
        device=device,
        closed_at=None,
        seen_at__range=(now - SILENCE, now + STEP),
    )
    if alive.filter(tab=tab).update(seen_at=now):
        return
    known = list(alive.order_by("pk").values_list("pk", flat=True)[:SOCKETS_PER_PERSON])
    if len(known) == SOCKETS_PER_PERSON:  # whoever calls each request another tab is still one person
        Lease.objects.filter(pk=known[0]).update(seen_at=now)
    else:
        Lease.objects.create(
            meeting_id=seat.meeting_id, user_id=seat.user_id, tab=tab, device=device, conn=secrets.token_hex(12),
            opened_at=now, seen_at=now,
        )  # fmt: skip
        hints.people(seat.meeting_id)
