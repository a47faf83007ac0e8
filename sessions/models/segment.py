"""The run of show: what comes when, who holds it, and what to do if it fails."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class Segment(models.Model):
    """One item. Participants see title, minutes and who speaks; the rest is for those who run the meeting."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", _("welcome")
        TALK = "talk", _("talk")
        CASE = "case", _("case")
        DISCUSSION = "discussion", _("discussion")
        POLL = "poll", _("poll")
        BOARD = "board", _("board")
        BREAKOUT = "breakout", _("work in groups")
        BREAK = "break", _("break")
        CLOSING = "closing", _("wrap-up")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="segments")
    order = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("type"), max_length=12, choices=Kind, default=Kind.TALK)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    owner_name = models.CharField(_("who speaks"), max_length=150, blank=True)
    materials = models.CharField(_("materials"), max_length=300, blank=True)
    fallback = models.CharField(_("backup plan"), max_length=300, blank=True)
    notes = models.TextField(_("notes"), max_length=1000, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["order", "pk"]
