"""What a preparatory meeting decides: criteria, and for each candidate a decision with its reasons."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Enrollment
from sessions.models.meeting import PreparatoryMeeting


class Criterion(models.Model):
    meeting = models.ForeignKey(PreparatoryMeeting, models.CASCADE, related_name="criteria")
    text = models.CharField(_("criterion"), max_length=300)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]


class CandidateDecision(models.Model):
    """`marks` is `{criterion id as text: 0 (not met), 1 (partly), 2 (met)}`. Applied once: then the enrolment holds the truth."""

    class Decision(models.TextChoices):
        OPEN = "", _("open")
        SELECTED = "selected", _("selected")
        RESERVE = "reserve", _("reserve")
        NOT_SELECTED = "not_selected", _("not selected")

    meeting = models.ForeignKey(PreparatoryMeeting, models.CASCADE, related_name="decisions")
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="candidate_decisions")
    decision = models.CharField(_("decision"), max_length=12, choices=Decision, default=Decision.OPEN, blank=True)
    reason = models.CharField(_("reasons"), max_length=500, blank=True)
    marks = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["enrollment__user__full_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "enrollment"], name="one_decision_per_candidate")]
