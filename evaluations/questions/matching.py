from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class MatchingQuestion(Question):
    """`pairs` is `[{"key", "left", "right", "reason"?}]`, `distractors` `[{"key", "text"}]`; the value maps a pair's key to the key
    of the right side that was chosen for it."""

    kind = "matching"

    pairs = models.JSONField(_("pairs"), default=list)
    distractors = models.JSONField(_("right sides without a pair"), default=list, blank=True)

    class Meta:
        verbose_name = _("matching")
        verbose_name_plural = _("matching")
