"""What is asked and what was answered."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Cohort, Enrollment
from evaluations.pages import QuizPage, SurveyPage
from evaluations.questions import (
    ChoiceQuestion,
    LikertQuestion,
    LongTextQuestion,
    MultipleChoiceQuestion,
    NumberQuestion,
    Question,
    ShortTextQuestion,
)
from evaluations.words import in_language

__all__ = [
    "Answer",
    "AnswerVersion",
    "ChoiceQuestion",
    "Instrument",
    "LikertQuestion",
    "LongTextQuestion",
    "MultipleChoiceQuestion",
    "NumberQuestion",
    "Question",
    "QuizPage",
    "Response",
    "ShortTextQuestion",
    "SurveyPage",
]


class Instrument(models.Model):
    """A versioned set of questions. `locked_at` is the instant of its first answer; from then on an edit is a new version."""

    class Kind(models.TextChoices):
        SURVEY = "survey", _("survey")
        QUIZ = "quiz", _("quiz")
        CHECK = "check", _("check yourself")

    key = models.SlugField(_("key"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.JSONField(_("title"), default=dict)
    intro = models.JSONField(_("introduction"), default=dict, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="one_instrument_per_version")]

    def __str__(self):
        return f"{in_language(self.title)} ({self.key}, v{self.version})"

    @property
    def title_here(self):
        return in_language(self.title)

    @property
    def intro_here(self):
        return in_language(self.intro)


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

    `score` and `max_score` are points, set at submit; `passed` is `None` where nothing is to be passed.
    """

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="responses")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="responses")
    activity_key = models.UUIDField()
    attempt = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=10, blank=True)
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
    """The standing value of one question in one response; the newest by the client's clock until submit."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    value = models.JSONField(null=True)
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
