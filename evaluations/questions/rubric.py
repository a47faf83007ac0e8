from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.likert import Scaled

NOT_OBSERVED = "no"


class RubricQuestion(Scaled):
    """A criterion that raters observe. `scale` is `[{"value", "text"}]`, low to high; the value is a point, or "no" if not observed."""

    kind = "rubric"
    apart_label = _("Not observed")

    scale = models.JSONField(_("levels"), default=list)
    allow_not_observed = models.BooleanField(_("“not observed” is an answer"), default=False)

    class Meta:
        verbose_name = _("rubric criterion")
        verbose_name_plural = _("rubric criteria")

    @property
    def apart(self):
        return NOT_OBSERVED if self.allow_not_observed else ""
