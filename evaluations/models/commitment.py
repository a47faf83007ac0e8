from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluations.models.response import Response
from evaluations.questions import Question


class CommitmentQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own. Others see counts, never a commitment."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(response__enrollment__user=user)


class Commitment(models.Model):
    """What a person set out to change, from a sent answer. `confidence` is 1 to 5, `due_on` the date the person chose."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="commitments")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=500, blank=True)
    confidence = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["response_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question", "number"], name="one_commitment_per_number"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=1, confidence__lte=5), name="commitment_confidence_in_range"
            ),
        ]


class CommitmentFollowUp(models.Model):
    """What became of it, asked after `day` days (90, 180)."""

    class Status(models.TextChoices):
        DONE = "done", _("done")
        PARTLY = "partly", _("partly done")
        NOT_YET = "not_yet", _("not yet")
        DROPPED = "dropped", _("given up")

    class Barrier(models.TextChoices):
        TIME = "time", _("no time so far")
        STAFF = "staff", _("not enough staff")
        MONEY = "money", _("no money")
        LEADERSHIP = "leadership", _("no support from the leadership")
        DATA = "data", _("no data")
        DXA = "dxa-access", _("no access to DXA")
        DRUGS = "drug-access", _("no access to medicines")
        OTHER = "other", _("something else")

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="follow_ups")
    day = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status)
    barriers = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["commitment_id", "day"]
        constraints = [models.UniqueConstraint(fields=["commitment", "day"], name="one_follow_up_per_day")]
