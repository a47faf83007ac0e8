"""Breakout groups. A person is in at most one group of a meeting."""

from django.conf import settings
from django.db import models

from sessions.models.meeting import Meeting


class Group(models.Model):
    """Its stream is `group:<pk>`, with chat and board of its own."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="groups")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80, blank=True)
    task = models.CharField(max_length=500, blank=True)
    dissolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number", "pk"]


class GroupMember(models.Model):
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="group_members")
    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_group_per_person")]
