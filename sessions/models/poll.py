"""Polls: a question of `evaluations`, asked in a room."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.models import Wave
from evaluations.questions.base import Question
from sessions.models.meeting import Meeting
from sessions.models.segment import Segment


def new_secret():
    return secrets.token_hex(32)


class Poll(models.Model):
    """`rev` counts accepted ballots and changes of them, so that a reader knows whether a tally is old.

    Anonymous: ballots carry an HMAC of the voter under `secret`, which is emptied when the meeting ends. Counts are disclosed only
    after closing and from five votes on; opening again after that begins another `round`. `results` holds what was disclosed.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        SHOWN = "shown", _("shown")

    class Promise(models.TextChoices):
        ANONYMOUS = "anonymous", _("anonymous")
        IDENTIFIED = "identified", _("with names, for the trainers")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="polls")
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="polls", verbose_name=_("segment"))
    order = models.PositiveSmallIntegerField(default=0)
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    wave = models.ForeignKey(
        Wave, models.SET_NULL, null=True, blank=True, related_name="polls", verbose_name=_("answers count in")
    )
    promise = models.CharField(_("who sees the votes"), max_length=12, choices=Promise, default=Promise.ANONYMOUS)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    round = models.PositiveSmallIntegerField(default=1, editable=False)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    rev = models.PositiveIntegerField(default=0, editable=False)
    results = models.JSONField(null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    shown_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["order", "pk"]


class Ballot(models.Model):
    """One vote. `voter` is the HMAC (anonymous; then `user` and `at` are empty) or the person's id.

    `cids` are the ids of the last acts that put or changed it: one that is sent again late must not bring an older vote back.
    """

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="ballots")
    round = models.PositiveSmallIntegerField(default=1)
    voter = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    value = models.JSONField()
    cids = models.JSONField(default=list)
    at = models.DateTimeField(null=True, default=None)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "round", "voter"], name="one_ballot_per_voter")]
