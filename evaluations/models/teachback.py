from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Cohort, Enrollment
from evaluations.models.instrument import Instrument
from evaluations.questions import Question


class TeachBackQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own, and those of the cohorts one trains or leads."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(Q(enrollment__user=user) | Q(enrollment__cohort__in=Cohort.objects.run_by(user)))

    def judged_by(self, user):
        """Those a person may rate: of the cohorts they train or lead, never their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(enrollment__cohort__in=Cohort.objects.run_by(user)).exclude(enrollment__user=user)


class TeachBack(models.Model):
    """One observed simulation of one person. `attempt` counts from 1; a reassessment is the next attempt."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("not judged yet")
        PASSED = "passed", _("reached")
        AGAIN = "again", _("to be repeated")

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="teach_backs")
    activity_key = models.UUIDField()
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    feedback = models.TextField(_("what the person reads"), max_length=2000, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TeachBackQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "activity_key", "attempt"], name="one_teach_back_per_attempt"),
            models.UniqueConstraint(
                fields=["enrollment", "activity_key"], condition=Q(outcome="open"), name="one_open_teach_back_per_activity"
            ),
        ]


class Rating(models.Model):
    """One rater's view of one teach-back. Closed by `submitted_at`; `reopened` counts how often it was opened again, with reasons."""

    teach_back = models.ForeignKey(TeachBack, models.CASCADE, related_name="ratings")
    rater = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    max_score = models.FloatField(null=True, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    reopened = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["teach_back", "rater"], name="one_rating_per_rater")]


class Mark(models.Model):
    """One criterion as one rater saw it: the point of the scale, or "no" where it was not observed."""

    rating = models.ForeignKey(Rating, models.CASCADE, related_name="marks")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    value = models.JSONField(null=True)
    measure = models.FloatField(null=True, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["rating", "question"], name="one_mark_per_criterion")]
