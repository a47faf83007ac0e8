"""When a wave can be answered: from and until midnight in each person's own zone, and the server's clock decides."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Enrollment
from evaluations.models import Wave
from notifications import clocks
from notifications.readers import written_date


@dataclass(frozen=True)
class Hours:
    """The instants of one wave for one person; `closes_at` and `late_until` are `None` for a rolling wave.

    From `closes_at` to `late_until` an answer is taken and marked as late. `closed_at` is when somebody closed it for everybody.
    """

    zone: zoneinfo.ZoneInfo
    opens_at: datetime
    closes_at: datetime | None
    late_until: datetime | None
    closed_at: datetime | None

    def state(self, now=None):
        """ "early", "open", "late" or "closed"."""
        now = now or timezone.now()
        if (self.closed_at and self.closed_at <= now) or (self.late_until and self.late_until <= now):
            return "closed"
        if now < self.opens_at:
            return "early"
        return "late" if self.closes_at and self.closes_at <= now else "open"


def zone_of(user, cohort):
    """The person's own zone, else the cohort's."""
    return clocks.zone(user.time_zone or cohort.time_zone)


def hours_of(wave, user):
    zone = zone_of(user, wave.cohort)
    closes_at = wave.closes_at(zone)
    late_until = _days_later(wave, zone) if wave.closes_on else None
    return Hours(zone, wave.opens_at(zone), closes_at, late_until, wave.closed_at)


def _days_later(wave, zone):
    """Midnight after the late days, by the calendar: days with a clock change are no shorter for it."""
    last = wave.closes_on + timedelta(days=1 + wave.late_days)
    return datetime.combine(last, datetime.min.time(), tzinfo=zone)


def shut_because(wave, user, now=None):
    """Why the person cannot answer now, in a sentence; "" where there is no wave or it takes answers (late ones too)."""
    if wave is None:
        return ""
    hours = hours_of(wave, user)
    state = hours.state(now)
    if state == "early":
        return _("This questionnaire opens on %(day)s.") % {"day": written_date(wave.opens_on)}
    return closed_words(wave, hours) if state == "closed" else ""


def closed_words(wave, hours):
    """When it closed, and that nothing can be added."""
    if wave.closed_at and (hours.closes_at is None or wave.closed_at < hours.closes_at):
        day = written_date(timezone.localtime(wave.closed_at, hours.zone).date())
        return _("This questionnaire was closed on %(day)s, so no answer can be added.") % {"day": day}
    words = {"day": written_date(wave.closes_on), "days": wave.late_days}
    if wave.late_days:
        return (
            _(
                "This questionnaire closed at the end of %(day)s and took late answers for %(days)s days, so no answer can be added."
            )
            % words
        )
    return _("This questionnaire closed at the end of %(day)s, so no answer can be added.") % words


def is_late(wave, user, now=None):
    return wave is not None and hours_of(wave, user).state(now) == "late"


def wave_of(enrollment, activity_key):
    """The wave that asks this person through an activity of the programme, or `None`. One query."""
    waves = Wave.objects.filter(cohort_id=enrollment.cohort_id, activity_key=activity_key)
    wave = waves.select_related("cohort", "instrument").first()
    return wave if wave and asks(wave, enrollment) else None


def asks(wave, enrollment):
    """Whether the person belongs to those who are asked: trainees of the cohort, or those of them who are certified."""
    return (
        enrollment.cohort_id == wave.cohort_id
        and enrollment.role == Enrollment.Role.TRAINEE
        and enrollment.status in states_asked(wave)
    )


def states_asked(wave):
    """The states of an enrolment that belong to the wave's audience."""
    return (Enrollment.Status.CERTIFIED,) if wave.audience == Wave.Audience.MENTORS else Enrollment.MEMBER_STATES
