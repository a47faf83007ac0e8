"""A cohort follows an outline; people are in it with a role and a state."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField


class CohortQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """Cohorts the person is in (any role) or runs; operators see all; nobody else sees any."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=Enrollment.objects.filter(user=user, status__in=Enrollment.MEMBER_STATES).values("cohort_id"))

    def run_by(self, user, roles=("trainer", "lead")):
        """Cohorts in which the person holds one of `roles`; operators run all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            pk__in=Enrollment.objects.filter(user=user, role__in=roles, status__in=Enrollment.MEMBER_STATES).values("cohort_id")
        )


class Cohort(models.Model):
    """One group following one curriculum.

    `outline` is the frozen list of what is required (see curriculum/outline.py), `None` until the cohort starts.
    `releases` maps a module key (UUID as text) to the instant (ISO 8601, UTC) from which that module is open.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        RUNNING = "running", _("running")
        CLOSED = "closed", _("closed")

    name = models.CharField(_("name"), max_length=120)
    curriculum_key = models.UUIDField(_("curriculum"), db_index=True)
    countries = CountryField(_("countries"), multiple=True, blank=True)
    language = models.CharField(_("working language"), max_length=10, choices=settings.LANGUAGES, default="es")
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/Mexico_City")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    capacity = models.PositiveSmallIntegerField(_("places"), default=30)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PLANNED)
    outline = models.JSONField(null=True, blank=True, editable=False)
    releases = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="cohort_ends_after_start"),
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="cohort_has_places"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day must not be before the first day.")})


class EnrollmentQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own, and those of the cohorts one trains or leads."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(models.Q(user=user) | models.Q(cohort__in=Cohort.objects.run_by(user)))

    def studying(self):
        return self.filter(role="trainee", status__in=("enrolled", "certified"))

    def members(self):
        """Trainees who belong to the cohort, whether they may study now or not: whom the needs assessment is asked of."""
        return self.filter(role="trainee", status__in=Enrollment.MEMBER_STATES)

    def counted(self):
        """Those who take a place in the cohort."""
        return self.filter(role="trainee", status__in=("selected", "enrolled", "paused", "certified"))


class Enrollment(models.Model):
    """A person in a cohort. `releases` overrides the cohort's opening instants for this person alone."""

    class Role(models.TextChoices):
        TRAINEE = "trainee", _("trainee")
        TRAINER = "trainer", _("trainer")
        LEAD = "lead", _("programme lead")
        EVALUATOR = "evaluator", _("evaluator")

    class Status(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        NOT_SELECTED = "not_selected", _("not selected")
        SELECTED = "selected", _("selected")
        DECLINED = "declined", _("declined the invitation")
        ENROLLED = "enrolled", _("enrolled")
        PAUSED = "paused", _("paused")
        CERTIFIED = "certified", _("certified")
        WITHDRAWN = "withdrawn", _("withdrawn")
        TRANSFERRED = "transferred", _("transferred")

    MEMBER_STATES = ("enrolled", "paused", "certified")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="enrollments")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrollments")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.TRAINEE)
    status = models.CharField(_("state"), max_length=15, choices=Status, default=Status.CANDIDATE)
    releases = models.JSONField(default=dict, blank=True, editable=False)
    enrolled_at = models.DateTimeField(null=True, blank=True, editable=False)
    weekly_goal = models.PositiveSmallIntegerField(_("days a week"), default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["user__full_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "cohort"], name="one_enrollment_per_cohort")]

    def __str__(self):
        return f"{self.user} · {self.cohort}"

    @property
    def may_study(self):
        return self.status in (self.Status.ENROLLED, self.Status.CERTIFIED)


class EnrollmentChange(models.Model):
    """Who moved whom from which state to which, when and why. Rows are only ever added."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=15, blank=True)
    to_status = models.CharField(max_length=15)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class Invitation(models.Model):
    """A single-use link. Only the SHA-256 of the token is stored; the token itself exists in the mail alone."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=500, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=models.Q(accepted_at__isnull=True, declined_at__isnull=True, replaced_at__isnull=True),
                name="one_open_invitation_per_enrollment",
            )
        ]

    @property
    def is_open(self):
        return not (self.accepted_at or self.declined_at or self.replaced_at) and self.expires_at > timezone.now()


class Consent(models.Model):
    """What a person agreed to or withdrew, per purpose and version of the wording. Rows are only ever added."""

    class Purpose(models.TextChoices):
        TRAINING_RECORD = "training_record", _("training record")
        EVALUATION = "evaluation", _("evaluation and publication")
        DIRECTORY = "directory", _("public directory")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    given = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
