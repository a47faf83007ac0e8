from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class RubricQuestion(Question):
    """A criterion that raters observe. `scale` is `[{"value", "text"}]`, low to high; the value is a point, or "no" if not observed."""

    kind = "rubric"

    scale = models.JSONField(_("levels"), default=list)
    allow_not_observed = models.BooleanField(_("“not observed” is an answer"), default=False)

    class Meta:
        verbose_name = _("rubric criterion")
        verbose_name_plural = _("rubric criteria")
