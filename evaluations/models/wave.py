"""A wave: one asking of an instrument to a cohort."""

import datetime
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Cohort, Enrollment
from evaluations.models.instrument import Instrument
from notifications import clocks

# The last zone on earth to end a day (UTC-12) and the first to begin it (UTC+14).
LAST_ZONE = datetime.timezone(datetime.timedelta(hours=-12))
FIRST_ZONE = datetime.timezone(datetime.timedelta(hours=14))


class WaveQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """Waves of the cohorts in which the person belongs to those who are asked, or which they run or evaluate."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        mine = Enrollment.objects.filter(user=user, status__in=Enrollment.MEMBER_STATES)
        return self.filter(cohort__in=mine.values("cohort_id"))

    def run_by(self, user, roles=("trainer", "lead", "evaluator")):
        return self.filter(cohort__in=Cohort.objects.run_by(user, roles))


class Wave(models.Model):
    """One asking of an instrument's version to the trainees (or, certified, the mentors) of a cohort at a moment.

    `opens_on` and `closes_on` are dates in each person's own zone (from 00:00 to 24:00); without `closes_on` the wave is rolling.
    `closed_at` is the instant at which it was closed for everybody. `activity_key` is the activity of the programme that asks, or a
    key of its own. `secret` exists only while an anonymous wave is open (evaluations/anonymous.py).
    """

    class Moment(models.TextChoices):
        PRE = "pre", _("before the training")
        SESSION = "session", _("after a session")
        POST = "post", _("after the training")
        M3 = "m3", _("3 months later")
        M6 = "m6", _("6 months later")
        M12 = "m12", _("12 months later")
        M24 = "m24", _("24 months later")
        MEETING = "meeting", _("after a mentor meeting")

    class Promise(models.TextChoices):
        IDENTIFIED = "identified", _("identified")
        CONFIDENTIAL = "confidential", _("confidential")
        ANONYMOUS = "anonymous", _("anonymous")

    class Feedback(models.TextChoices):
        AT_ONCE = "at_once", _("right after sending")
        AFTER_PAIR = "after_pair", _("when the closing test has closed")
        NEVER = "never", _("never")

    class Audience(models.TextChoices):
        TRAINEES = "trainees", _("the trainees of the cohort")
        MENTORS = "mentors", _("its certified mentors")

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="waves")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="waves")
    audience = models.CharField(_("who is asked"), max_length=10, choices=Audience, default=Audience.TRAINEES)
    moment = models.CharField(_("moment"), max_length=10, choices=Moment)
    number = models.PositiveSmallIntegerField(_("session or meeting number"), default=0)
    promise = models.CharField(_("promise"), max_length=15, choices=Promise, default=Promise.CONFIDENTIAL)
    feedback = models.CharField(_("right answers are shown"), max_length=10, choices=Feedback, default=Feedback.NEVER)
    activity_key = models.UUIDField(default=uuid.uuid4, editable=False)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    late_days = models.PositiveSmallIntegerField(_("days in which late answers are accepted"), default=0)
    secret = models.CharField(max_length=64, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        ordering = ["opens_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "activity_key"], name="one_wave_per_activity"),
            models.UniqueConstraint(fields=["cohort", "instrument", "moment", "number"], name="one_wave_per_moment"),
            models.CheckConstraint(
                condition=models.Q(closes_on__isnull=True) | models.Q(closes_on__gte=models.F("opens_on")),
                name="wave_closes_after_opening",
            ),
        ]

    def __str__(self):
        return f"{self.instrument.title_here} ({self.get_moment_display()})"

    @property
    def anonymous(self):
        return self.promise == self.Promise.ANONYMOUS

    def opens_at(self, zone):
        """The instant at which it opens for a person in `zone` (a `tzinfo` or an IANA name)."""
        return _midnight(self.opens_on, zone)

    def closes_at(self, zone):
        """The instant at which it closes for a person in `zone`, late days not counted; `None` for a rolling wave."""
        return _midnight(self.closes_on + datetime.timedelta(days=1), zone) if self.closes_on else None

    @property
    def over_at(self):
        """When the day has ended everywhere and no late answer can come any more; `None` for a rolling wave."""
        if not self.closes_on:
            return None
        return _midnight(self.closes_on + datetime.timedelta(days=1 + self.late_days), LAST_ZONE)


def _midnight(day, zone):
    zone = clocks.zone(zone) if isinstance(zone, str) else zone
    return datetime.datetime.combine(day, datetime.time(), tzinfo=zone)
