"""Presence as leases: a row per connection that its heartbeats keep alive. Nobody relies on a goodbye."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions.models.meeting import Meeting


class Lease(models.Model):
    """From `opened_at` to `seen_at` the device was there. `closed_at` is set by a goodbye or by the reaper (45 s of silence)."""

    class Device(models.TextChoices):
        BROWSER = "browser"
        COMPANION = "companion"  # a phone in the hall: chat and votes, no sound
        SCREEN = "screen"  # the hall's screen or the projector: nobody's attendance
        POLLING = "polling"  # no sockets: long poll

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="leases")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    conn = models.CharField(max_length=36, unique=True)
    tab = models.CharField(max_length=36)
    device = models.CharField(max_length=10, choices=Device, default=Device.BROWSER)
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["meeting", "closed_at", "seen_at"], name="live_lease_open")]
