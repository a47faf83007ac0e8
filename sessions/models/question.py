"""Questions from the floor with one upvote per account, and reactions."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class RoomQuestion(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        DISMISSED = "dismissed", _("set aside")
        MERGED = "merged", _("merged")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="questions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150)
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    answer = models.TextField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rev = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class Upvote(models.Model):
    question = models.ForeignKey(RoomQuestion, models.CASCADE, related_name="upvotes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    cid = models.CharField(max_length=36)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "user"], name="one_upvote_per_account")]


class Reaction(models.Model):
    """One of each kind per person and ten seconds: `slot` is the Unix time divided by ten."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    slot = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user", "kind", "slot"], name="one_reaction_per_moment")]
