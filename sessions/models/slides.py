"""Slides: pages of a PDF as pictures made on the server, with the text of each for those who cannot see it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class SlideDeck(models.Model):
    """`error` says in words why the file could not be read; then there are no pages."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decks")
    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("PDF"), upload_to="slides/")
    page_count = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class SlidePage(models.Model):
    deck = models.ForeignKey(SlideDeck, models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    image = models.FileField(upload_to="slides/")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["deck", "number"], name="one_picture_per_page")]
