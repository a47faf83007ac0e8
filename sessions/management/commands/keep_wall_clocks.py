"""Nightly: what organisers wrote stays true when a country changes its clocks and the operator installs the new tzdata."""

import logging

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from sessions import telling, wall_clock
from sessions.models import Meeting

log = logging.getLogger(__name__)
STATES = (Meeting.State.DRAFT, Meeting.State.SCHEDULED)


class Command(BaseCommand):
    help = (
        "Moves coming meetings to the instant at which clocks show what their organisers wrote, by the time zone rules of today."
    )

    def handle(self, **options):
        """Runs twice, late or in many places: each meeting is held and looked at again before it is moved."""
        coming = Meeting.objects.non_polymorphic().filter(state__in=STATES, started_at=None, starts_at__gt=timezone.now())
        wrong = [meeting.pk for meeting in coming.exclude(wall_start="").iterator() if self._right_instant(meeting)]
        moved = sum(self._move(pk) for pk in wrong)
        if moved and options["verbosity"]:
            self.stdout.write(f"{moved} moved")

    @staticmethod
    def _right_instant(meeting):
        """Where it has to go, or `None` where clocks show what was written. An unknown zone is left to its hosts."""
        zone = wall_clock.known(meeting.time_zone)
        if zone is None or wall_clock.written(meeting.starts_at, zone) == meeting.wall_start:
            return None
        instant = wall_clock.moment_of(wall_clock.read(meeting.wall_start), zone).instant
        return instant if instant != meeting.starts_at else None

    def _move(self, pk):
        with transaction.atomic():
            meeting = (
                Meeting.objects.non_polymorphic().select_for_update().filter(pk=pk, state__in=STATES, started_at=None).first()
            )
            instant = meeting and self._right_instant(meeting)
            if not instant:
                return 0
            log.warning(
                "meeting %s moved from %s to %s: the rules of %s have changed, %s stays", pk, meeting.starts_at, instant,
                meeting.time_zone, meeting.wall_start,
            )  # fmt: skip
            Meeting.objects.non_polymorphic().filter(pk=pk).update(starts_at=instant)
            if meeting.state != Meeting.State.DRAFT:
                telling.touched(meeting)
        return 1
