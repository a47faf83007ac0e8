from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.choice import SingleChoice
from evaluations.words import in_language


class VignetteQuestion(SingleChoice):
    """A case with a first decision. Questions that hang on it (`show_if`) show the case again."""

    kind = "vignette"

    story = models.JSONField(_("case"), default=dict)

    class Meta:
        verbose_name = _("case vignette")
        verbose_name_plural = _("case vignettes")

    @property
    def story_here(self):
        return in_language(self.story)
