from django.utils.translation import gettext_lazy as _

from evaluations.questions.choice import MultipleChoice


class PartialChoiceQuestion(MultipleChoice):
    """Several right answers, each worth its part; a wrong tick takes one part away."""

    kind = "partial-choice"

    class Meta:
        verbose_name = _("multiple choice with partial credit")
        verbose_name_plural = _("multiple choice with partial credit")
