"""A meeting is anything with a date and a room. Kinds differ in who belongs; calendar, room and attendance treat them alike."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField
from polymorphic.managers import PolymorphicManager
from polymorphic.models import PolymorphicModel
from polymorphic.query import PolymorphicQuerySet

from curriculum.models import Cohort, Enrollment
from sessions.models.series import Series


class MeetingQuerySet(PolymorphicQuerySet):
    def accessible_to(self, user):
        """Meetings of one's cohorts and those one was asked to, drafts only for their hosts; operators see all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        removed = MeetingPerson.objects.filter(user=user, part=MeetingPerson.Part.REMOVED).values("meeting_id")
        return self.filter(self._hosted(user) | (~models.Q(state=Meeting.State.DRAFT) & self._joined(user))).exclude(
            pk__in=removed
        )

    def hosted_by(self, user):
        """Meetings the person runs: trainers and leads of the cohort, hosts by name; operators run all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.is_superuser else self.filter(self._hosted(user))

    @staticmethod
    def _hosted(user):
        by_name = MeetingPerson.objects.filter(user=user, part=MeetingPerson.Part.HOST).values("meeting_id")
        return models.Q(cohort__in=Cohort.objects.run_by(user)) | models.Q(pk__in=by_name)

    @staticmethod
    def _joined(user):
        enrolled = Enrollment.objects.filter(user=user, status__in=Enrollment.MEMBER_STATES).values("cohort_id")
        asked = MeetingPerson.objects.filter(user=user).exclude(part=MeetingPerson.Part.REMOVED).values("meeting_id")
        return models.Q(cohort__in=enrolled, for_cohort=True) | models.Q(pk__in=asked)


class Meeting(PolymorphicModel):
    """What all kinds share. A kind states `kind`, the word used in templates and files.

    `needed_percent` is the share of the planned minutes that counts as present. It is taken over when the meeting is scheduled and
    does not change once the meeting has begun (sessions/attendance.py).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        LIVE = "live", pgettext_lazy("state of a meeting", "live")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")
        CANCELLED = "cancelled", _("cancelled")

    class Mode(models.TextChoices):
        LIVE = "live", _("online")
        IN_PERSON = "in_person", _("in person")
        HYBRID = "hybrid", _("online and in person")

    OPEN_STATES = ("scheduled", "live", "paused")
    kind = ""

    title = models.CharField(_("title"), max_length=160)
    about = models.TextField(_("what it is about"), max_length=2000, blank=True)
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("cohort"))
    language = models.CharField(_("working language"), max_length=10, choices=settings.LANGUAGES, default="es")
    for_cohort = models.BooleanField(
        default=True, editable=False
    )  # whether the people of the cohort belong without being asked by name
    starts_at = models.DateTimeField(_("starts"), db_index=True)
    # What the organiser wrote, "2027-03-05T18:00" in `time_zone`: the promise that `starts_at` keeps when a country changes its clocks.
    wall_start = models.CharField(max_length=16, blank=True, editable=False)
    series = models.ForeignKey(Series, models.SET_NULL, null=True, blank=True, related_name="meetings", editable=False)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True, validators=[MinValueValidator(1)])
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=90, validators=[MinValueValidator(5), MaxValueValidator(720)]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/Mexico_City")
    mode = models.CharField(_("how people meet"), max_length=10, choices=Mode, default=Mode.LIVE)
    place = models.CharField(_("place"), max_length=300, blank=True)
    place_url = models.URLField(_("map"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SCHEDULED)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_reason = models.CharField(_("why it does not take place"), max_length=300, blank=True, editable=False)
    preparation = models.TextField(_("how to prepare"), max_length=2000, blank=True)
    # --- attendance
    needed_percent = models.PositiveSmallIntegerField(
        _("minutes needed to count as present, in percent"), default=75,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    check_in_code = models.CharField(_("attendance code"), max_length=12, blank=True)
    recording_url = models.URLField(_("recording"), blank=True)
    recording_minutes = models.PositiveSmallIntegerField(_("minutes of the recording"), null=True, blank=True)
    recording_check = models.SlugField(_("questions about the recording"), max_length=60, blank=True)
    recording_counts = models.BooleanField(_("watching the recording counts as attending later"), default=False)
    reconciled_at = models.DateTimeField(null=True, blank=True, editable=False)
    # --- sound and picture (sessions/conference/)
    engine = models.CharField(_("sound and picture"), max_length=20, default="none")
    conference_url = models.URLField(_("address of the video meeting"), blank=True, max_length=500)
    backup_url = models.URLField(_("backup address"), blank=True, max_length=500)
    # --- calendars (RFC 5545): one UID for ever, a number that rises with each change people should see
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)  # when `sequence` rose last (sessions/telling.py)
    # --- what stays
    keep_days = models.PositiveSmallIntegerField(_("days the transcript is kept"), default=365)
    transcript_expired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PolymorphicManager.from_queryset(MeetingQuerySet)()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["starts_at", "pk"]

    def __str__(self):
        return self.title

    @property
    def ends_at(self):
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def needed_seconds(self):
        return self.minutes * 60 * self.needed_percent // 100

    @property
    def is_under_way(self):
        return self.state in (self.State.LIVE, self.State.PAUSED)


class TrainingSession(Meeting):
    """A live session of a cohort. `activity_key` is the `LiveSessionPage` of the programme that attending completes."""

    kind = "training"

    number = models.PositiveSmallIntegerField(_("number of the session"), default=1)
    activity_key = models.UUIDField(_("activity of the programme"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")


class PreparatoryMeeting(Meeting):
    """Selects the people of a cohort: candidates, criteria, a decision with reasons for each (sessions/selection.py).

    Those who run the cohort belong, and whoever is asked by name; never its trainees (`for_cohort` is off).
    """

    kind = "preparatory"

    class Meta:
        verbose_name = _("preparatory meeting")
        verbose_name_plural = _("preparatory meetings")

    def save(self, *args, **options):
        self.for_cohort = False
        super().save(*args, **options)


class InPersonDay(Meeting):
    """A day at one place: address, map, check-in at the door."""

    kind = "in_person_day"

    class Meta:
        verbose_name = _("in-person day")
        verbose_name_plural = _("in-person days")


class NationalMeeting(Meeting):
    """The meeting of one country's people some time after the training: what they set up, what they need.

    A cohort may span countries, so its people are named one by one or by country (sessions/guests.py), whatever the cohort.
    """

    kind = "national"

    country = CountryField(_("country"), blank=True)

    class Meta:
        verbose_name = _("post-training national meeting")
        verbose_name_plural = _("post-training national meetings")

    def save(self, *args, **options):
        self.for_cohort = False
        super().save(*args, **options)


class RegionalMeeting(Meeting):
    """The quarterly meeting of mentors, led by a group of them: its `MeetingPerson` hosts. Its place in the rota: `QuarterSlot`."""

    kind = "regional"

    quarter = models.CharField(_("quarter"), max_length=7, blank=True, help_text=_("For example 2027-Q1."))
    topic = models.CharField(_("topic"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("regional meeting")
        verbose_name_plural = _("regional meetings")


class MeetingPerson(models.Model):
    """Who belongs to a meeting by name, beyond the people of its cohort."""

    class Part(models.TextChoices):
        HOST = "host", _("runs the meeting")
        PRESENTER = "presenter", _("presents")
        PARTICIPANT = "participant", _("takes part")
        GUEST = "guest", _("guest")
        REMOVED = "removed", _("removed from the room")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="meeting_parts")
    part = models.CharField(_("part"), max_length=12, choices=Part, default=Part.PARTICIPANT)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_part_per_meeting")]
