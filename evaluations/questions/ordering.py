from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class OrderingQuestion(Question):
    """`items` is `[{"key", "text", "reason"?}]` in the right order; the value is a list of keys."""

    kind = "ordering"

    items = models.JSONField(_("steps in the right order"), default=list)

    class Meta:
        verbose_name = _("ordering")
        verbose_name_plural = _("ordering")
