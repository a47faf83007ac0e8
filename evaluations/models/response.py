import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_countries.fields import CountryField

from curriculum.models import Cohort, Enrollment
from evaluations.models.instrument import Instrument
from evaluations.questions import Question


class ResponseQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own only. Others see aggregates (evaluations/needs.py), never a response."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(enrollment__user=user)

    def judged_by(self, user):
        """Responses of the cohorts a person trains or leads, for aggregates and scores."""
        return self.filter(enrollment__cohort__in=Cohort.objects.run_by(user))


class Response(models.Model):
    """One person's filled-in instrument for one activity; `attempt` counts from 1.

    `score` and `max_score` are points, set at submit with the key of the version `scored_with`; `passed` is `None` where nothing is
    to be passed. `deadline_at` is where the server's clock ends a timed attempt. `country` and `profession` are the person's at
    submit: figures by group read these, so that a later change of profile moves nobody between groups.
    """

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="responses")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="responses")
    activity_key = models.UUIDField()
    attempt = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=10, blank=True)
    wave = models.ForeignKey("evaluations.Wave", models.PROTECT, null=True, blank=True, related_name="responses")
    deadline_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    country = CountryField(blank=True)
    profession = models.CharField(max_length=30, blank=True)
    scored_with = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    max_score = models.FloatField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "activity_key", "attempt"], name="one_response_per_attempt"),
            models.UniqueConstraint(
                fields=["enrollment", "activity_key"],
                condition=models.Q(submitted_at__isnull=True),
                name="one_open_response_per_activity",
            ),
        ]


class Answer(models.Model):
    """The standing value of one question in one response; the newest by the client's clock until submit.

    `measure` (and `measure_before` of a retrospective pair) are the value as a number for statistics: the point of a scale, the points
    earned, the number itself; `None` where the value is none of these (text, "does not apply").
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    value = models.JSONField(null=True)
    measure = models.FloatField(null=True, blank=True)
    measure_before = models.FloatField(null=True, blank=True)
    client_time = models.DateTimeField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="one_answer_per_question")]


class AnswerVersion(models.Model):
    """Every value ever sent, once, under the id that the client made for it. Rows are only ever added."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="versions")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    client_id = models.UUIDField(default=uuid.uuid4)
    value = models.JSONField(null=True)
    client_time = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["response", "client_id"], name="one_version_per_client_id")]


class Extension(models.Model):
    """More time for one timed attempt, given by a trainer with a reason. Rows are only ever added."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="extensions")
    minutes = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class Regrade(models.Model):
    """The explicit act of scoring the responses to one version with the key of another. Rows are only ever added."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="regrades")
    scored_with = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class ScoreChange(models.Model):
    """What a regrade did to one response."""

    regrade = models.ForeignKey(Regrade, models.PROTECT, related_name="changes")
    response = models.ForeignKey(Response, models.CASCADE, related_name="score_changes")
    old_score = models.FloatField(null=True)
    new_score = models.FloatField(null=True)
    old_passed = models.BooleanField(null=True)
    new_passed = models.BooleanField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["regrade", "response"], name="one_change_per_regrade")]
