from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


class CommitmentQuestion(Question):
    """What a person sets out to change. `choices` is `[{"key", "text"}]` or empty (own words only); at most `most` commitments.

    The value is `[{"choice": key or "", "text": own words or "", "confidence": 1 to 5, "due": "YYYY-MM-DD"}]`.
    """

    kind = "commitment"

    choices = models.JSONField(_("changes to choose from"), default=list, blank=True)
    most = models.PositiveSmallIntegerField(_("at most"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        verbose_name = _("commitment to change")
        verbose_name_plural = _("commitments to change")
