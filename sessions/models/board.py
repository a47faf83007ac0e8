"""The board of a room or of a group: columns, notes, links from actions to challenges, votes."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from sessions.models.stream import Stream


class Board(models.Model):
    """`columns` is [{"key": slug, "title": {language: text}, "role": "challenge"|"action"|"effective"|""}], as written.

    A stream has at most one board. `votes_each` is how many notes one person may vote for.
    """

    class Phase(models.TextChoices):
        COLLECT = "collect", _("collecting")
        DISCUSS = "discuss", _("discussing")
        VOTE = "vote", _("voting")
        CLOSED = "closed", _("closed")

    stream = models.OneToOneField(Stream, models.CASCADE, related_name="board")
    columns = models.JSONField(default=list)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.COLLECT)
    locked = models.BooleanField(default=False)
    votes_each = models.PositiveSmallIntegerField(default=3)


class Note(models.Model):
    """One idea. `version` rises with each change; a change that was made against an older one is refused (`conflict`).

    `cluster` is the note that this one was merged into: one in the same column that is itself in no cluster. `copied_from` is the note
    of a group's board that was brought to the board of the room.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="notes")
    column = models.CharField(max_length=30)
    text = models.CharField(max_length=140)
    country = CountryField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150)
    cluster = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="clustered")
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="copies")
    order = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    rev = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["board", "copied_from"], name="one_copy_per_board")]


class NoteLink(models.Model):
    """An action answers a challenge."""

    action = models.ForeignKey(Note, models.CASCADE, related_name="challenges")
    challenge = models.ForeignKey(Note, models.CASCADE, related_name="actions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "challenge"], name="one_link_per_pair")]


class NoteVote(models.Model):
    note = models.ForeignKey(Note, models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    cid = models.CharField(max_length=36)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="one_vote_per_note")]
