"""Meetings that were planned together: every Tuesday at 18:00 in Mexico City, whatever that is elsewhere."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from curriculum.models import Cohort


class Series(models.Model):
    """`wall_time` and `time_zone` are the organiser's; the meetings hold their own `wall_start`, so that one may be moved alone.

    `key` comes with the form that plans it: a form that is sent twice plans once.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="meeting_series")
    title = models.CharField(max_length=160)
    wall_time = models.CharField(max_length=5)
    time_zone = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
