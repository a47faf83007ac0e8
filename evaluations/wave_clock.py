"""What falls due for waves by the clock: telling, marking, closing. Works from what stands in the rows, so it catches up by itself."""

import logging
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from evaluations import anonymous, wave_mail, wave_people, waves
from evaluations.models import Wave
from evaluations.models.wave import FIRST_ZONE

logger = logging.getLogger(__name__)


@dataclass
class Done:
    opened: int = 0
    reminded: int = 0
    closed: int = 0
    failed: int = 0


def run():
    """Does all that is due, wave by wave; one that fails is logged and left for the next minute. Returns what was `Done`."""
    done = Done()
    for wave in _begun():
        try:
            _run(wave, done)
        except Exception:
            logger.exception("wave %s failed", wave.pk)
            done.failed += 1
    anonymous.sweep()
    return done


def _begun():
    """Waves that are open somewhere, and closed anonymous ones whose links are not destroyed yet."""
    today = timezone.now().astimezone(FIRST_ZONE).date()
    unsealed = Q(promise=Wave.Promise.ANONYMOUS) & ~Q(secret__in=("", anonymous.SWEEPING))
    due = Wave.objects.filter(Q(closed_at__isnull=True, opens_on__lte=today) | Q(closed_at__isnull=False) & unsealed)
    return due.select_related("cohort", "instrument")


def _run(wave, done):
    if wave_people.state_of(wave) == "closed":
        waves.close(wave, at=wave.over_at)
        done.closed += 1
        return
    if wave.anonymous:
        anonymous.mark_answered(wave)
    opened, reminded = wave_mail.tell(wave)
    done.opened, done.reminded = done.opened + opened, done.reminded + reminded
