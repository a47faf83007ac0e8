from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class NoticeQuerySet(models.QuerySet):
    def accessible_to(self, user):
        return self.filter(user=user) if user.is_authenticated and user.is_active else self.none()


class Notice(models.Model):
    """What a person reads on the site: the same fact as a message, in one line with a link. `context` fills the subject of `what`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    what = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["user"], condition=Q(read_at=None), name="unread_notices")]
