from django.conf import settings
from django.db import models
from django.utils import timezone


class Message(models.Model):
    """One mail to one person about one thing, written in the same transaction as the act it tells of.

    `dedupe_key` makes a repeated act tell once. A message without `sent_at` is due; the worker delivers it.
    """

    what = models.CharField(max_length=60)
    to = models.EmailField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="messages")
    language = models.CharField(max_length=10)
    context = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
