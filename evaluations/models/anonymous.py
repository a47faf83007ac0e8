"""Anonymous waves: who was asked, and what came back, with nothing between them once the wave is closed (evaluations/anonymous.py)."""

import uuid

from django.db import models

from curriculum.models import Enrollment
from evaluations.models.wave import Wave


class Asked(models.Model):
    """A person was given the form. `answered` is set in batches, for reminders only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="asked")
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="+")
    answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "enrollment"], name="one_asking_per_wave")]


class AnonymousResponse(models.Model):
    """`answers` is `{question key: value}`. `token` (HMAC of the wave's secret and the enrolment) exists until the wave closes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="anonymous_responses")
    token = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- null, so that closed rows do not meet in the constraint
    day = models.DateField()
    language = models.CharField(max_length=10, blank=True)
    answers = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "token"], name="one_anonymous_response_per_token")]
