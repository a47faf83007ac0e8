"""What a meeting leaves: notes, decisions, actions with an owner and a day."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class Outcome(models.Model):
    class What(models.TextChoices):
        NOTE = "note", _("note")
        DECISION = "decision", _("decision")
        ACTION = "action", _("action")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="outcomes")
    what = models.CharField(max_length=10, choices=What, default=What.NOTE)
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    owner_name = models.CharField(max_length=150, blank=True)
    due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # The open action of an earlier meeting that this one took over (sessions/carrying.py).
    carried_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="carried_to")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "carried_from"], name="an_action_is_carried_once")]
