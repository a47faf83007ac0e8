from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class ConfidenceQuestion(Question):
    """How confident a person feels, 1 to 5, in words that are the same everywhere."""

    kind = "confidence"

    allow_not_applicable = models.BooleanField(_("“does not apply” is an answer"), default=False)

    class Meta:
        verbose_name = _("confidence")
        verbose_name_plural = _("confidence")
