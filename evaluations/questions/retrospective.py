from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class RetrospectiveQuestion(Question):
    """"Before, thinking back" and "now" on one scale, asked together (the "then" test). The value is `{"before": v, "now": v}`."""

    kind = "retrospective"

    scale = models.JSONField(_("scale"), default=list)

    class Meta:
        verbose_name = _("before and now")
        verbose_name_plural = _("before and now")
