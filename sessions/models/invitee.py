"""One person's place in a meeting: what they answered, and what their calendar was told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class Invitee(models.Model):
    """`told_sequence` is the last SEQUENCE sent to this person by mail, `None` before the first REQUEST; `told_off` after a CANCEL.

    `waiting_since` is set for a "yes" that came when the places were gone: the next free place goes to the one who waits longest.
    """

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("takes part")
        MAYBE = "maybe", _("perhaps")
        NO = "no", _("does not take part")

    class Via(models.TextChoices):
        PAGE = "page", _("on the page")
        LINK = "link", _("by the link in the mail")
        MAIL = "mail", _("from the calendar, by mail")
        HOST = "host", _("entered by an organiser")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations_to_meetings")
    answer = models.CharField(_("answer"), max_length=5, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=4, choices=Via, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    told_sequence = models.PositiveIntegerField(null=True, blank=True)
    told_off = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="one_place_per_meeting"),
            models.CheckConstraint(condition=Q(waiting_since=None) | Q(answer="yes"), name="who_waits_said_yes"),
        ]


class Material(models.Model):
    """Something to read or watch before a meeting, or to take away after it. `url` is https or a path of this site."""

    class Moment(models.TextChoices):
        BEFORE = "before", _("before the meeting")
        AFTER = "after", _("after the meeting")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="materials")
    moment = models.CharField(_("when"), max_length=6, choices=Moment, default=Moment.BEFORE)
    title = models.CharField(_("title"), max_length=160)
    url = models.CharField(_("address"), max_length=500)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["moment", "order", "pk"]
