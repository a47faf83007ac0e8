from django.db import models
from django.utils import timezone

from curriculum.models.cohort import Enrollment


class Completion(models.Model):
    """One person finished one activity, once. `activity_key` is the page's translation key, the same in all languages."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="completions")
    activity_key = models.UUIDField()
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["enrollment", "activity_key"], name="one_completion_per_activity")]
