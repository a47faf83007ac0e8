from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FeedToken(models.Model):
    """The secret part of a person's calendar address. Only its SHA-256 is stored; a new one ends the old one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feed_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="one_calendar_address")]
