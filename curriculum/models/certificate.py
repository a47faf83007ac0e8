from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models.cohort import Cohort, Enrollment


class Requirement(models.Model):
    """One thing a certificate of a curriculum takes. `kind` names a check of `settings.REQUIREMENT_CHECKS`."""

    curriculum_key = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=30)
    parameters = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["curriculum_key", "kind"], name="one_requirement_per_kind")]


class CertificateQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own, and those of the cohorts one leads or trains."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(models.Q(enrollment__user=user) | models.Q(enrollment__cohort__in=Cohort.objects.run_by(user)))

    def standing(self):
        """Neither revoked nor replaced by a renewal (it may have expired)."""
        return self.filter(revoked_at__isnull=True, renewed_at__isnull=True)


class Certificate(models.Model):
    """What was certified, as it was on the day: name, title, version, hours and language are copies, never look-ups."""

    class RevokeClass(models.TextChoices):
        MISTAKE = "mistake", _("issued by mistake")
        CONDUCT = "conduct", _("conduct")
        REQUEST = "request", _("at the holder's request")
        OTHER = "other", _("other")

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=150)
    name_public = models.BooleanField(default=True)
    curriculum_key = models.UUIDField()
    curriculum_title = models.CharField(max_length=200)
    curriculum_version = models.CharField(max_length=30)
    hours = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=10)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    revoke_class = models.CharField(max_length=10, choices=RevokeClass, blank=True)
    revoke_reason = models.CharField(max_length=500, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    renewal_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="renewal")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"],
                condition=models.Q(revoked_at__isnull=True, renewed_at__isnull=True),
                name="one_standing_certificate_per_enrollment",
            )
        ]

    def __str__(self):
        return self.grouped_code

    @property
    def grouped_code(self):
        """The code as people read it out: 7K3M-Q9TD-XW42."""
        return "-".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))

    @property
    def issued_on(self):
        """The day of issue where the programme is at home; every page, file and answer shows this one day."""
        return self.issued_at.astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE)).date()

    @property
    def revoked_on(self):
        return self.revoked_at and self.revoked_at.astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE)).date()

    @property
    def is_standing(self):
        return self.revoked_at is None and self.renewed_at is None
