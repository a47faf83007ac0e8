from django.utils.translation import gettext_lazy as _

from evaluations.questions.choice import MultipleChoice


class PartialChoiceQuestion(MultipleChoice):
    """Several right answers, each worth its part; a wrong tick takes one part away, never below nothing."""

    kind = "partial-choice"

    class Meta:
        verbose_name = _("multiple choice with partial credit")
        verbose_name_plural = _("multiple choice with partial credit")

    def score(self, value):
        right, ticked = self.correct_keys(), set(value or [])
        return max(0.0, (len(ticked & right) - len(ticked - right)) / len(right)) if right else None
