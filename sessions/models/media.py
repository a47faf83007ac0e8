"""Where the sound and picture of a room are, for engines that keep rooms of their own."""

from django.db import models
from django.utils import timezone

from sessions.models.group import Group
from sessions.models.meeting import Meeting


class MediaRoom(models.Model):
    """`secrets` is encrypted (sessions/conference/sealed.py); `host` is which server of the engine holds the room."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="media_rooms")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="media_rooms")
    engine = models.CharField(max_length=20)
    host = models.CharField(max_length=200, blank=True)
    ref = models.CharField(max_length=100)
    secrets = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "engine"], condition=models.Q(group__isnull=True), name="one_media_room_per_meeting"
            ),
            models.UniqueConstraint(fields=["group", "engine"], name="one_media_room_per_group"),
        ]
