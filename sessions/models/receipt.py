"""What came from a device's outbox and was done."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Receipt(models.Model):
    """One act that was done, under the id that the device gave it: it is never done again. `digest` tells whether the same id came with
    something else. sessions/kept_acts.py"""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client_id"], name="an_act_is_taken_once")]
