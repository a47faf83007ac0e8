"""What the report keeps: snapshots, findings in a lead's own words, who read what and why, exports, tokens, published figures."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from curriculum.models import Cohort
from evaluations.models.response import Response
from evaluations.models.wave import Wave
from evaluations.questions import Question


class ReportSnapshot(models.Model):
    """A report as it stood. `view` is "all", "country:MX" or "profession:nursing"; `basis` says which responses counted
    (`{wave id: number}`), `document` is the protected report (shape: ARCHITECTURE.md, "The report document")."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="report_snapshots")
    view = models.CharField(max_length=60, default="all")
    made_at = models.DateTimeField(default=timezone.now)
    basis = models.JSONField(default=dict)
    document = models.JSONField(default=dict)

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["cohort", "view", "-made_at"], name="newest_snapshot")]


class Finding(models.Model):
    """A sentence on one indicator: the rule's (`rule_text`, by language) stays, the lead's own stands above it."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="findings")
    indicator = models.SlugField(max_length=60)
    text = models.JSONField(default=dict)
    rule_text = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]


class Reading(models.Model):
    """Who opened what is not theirs, when and why: single answers, exports with names. Rows are only ever added."""

    class What(models.TextChoices):
        ANSWERS = "answers", _("one person's answers")
        NAMES = "names", _("an export with names")

    what = models.CharField(max_length=10, choices=What)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="readings")
    response = models.ForeignKey(Response, models.SET_NULL, null=True, blank=True, related_name="readings")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]


class ExportJobQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own, as long as one still reads the cohort's report."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(by=user, cohort__in=Cohort.objects.run_by(user, ("trainer", "lead", "evaluator")))


class ExportJob(models.Model):
    """A file that the worker makes. `file` is the content itself: small, private, gone with the row."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    file = models.BinaryField(null=True)
    filename = models.CharField(max_length=150, blank=True)
    error = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]


class ApiTokenQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own."""
        return self.filter(user=user) if user.is_authenticated and user.is_active else self.none()


class ApiToken(models.Model):
    """Read access to the observations of the holder's cohorts. Only the SHA-256 of the token is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]


class ReportedFigure(models.Model):
    """A figure that somebody published, with where it stands. Two values for the same thing may both stand, each with its source."""

    key = models.SlugField(max_length=60, unique=True)
    curriculum_key = models.UUIDField(db_index=True)
    indicator = models.SlugField(max_length=60)
    level = models.CharField(max_length=2)
    value = models.FloatField()
    unit = models.CharField(max_length=30)
    country = CountryField(blank=True)
    as_of = models.CharField(max_length=30, blank=True)
    period = models.CharField(max_length=60, blank=True)
    definition = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    note = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]


class FreeTextTag(models.Model):
    """A theme that a person gave to a free-text answer, by hand. `text_id` names the answer without saying whose it is."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="text_tags")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    text_id = models.CharField(max_length=64)
    tag = models.CharField(max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["tag", "pk"]
        constraints = [models.UniqueConstraint(fields=["wave", "question", "text_id", "tag"], name="one_tag_per_text")]
