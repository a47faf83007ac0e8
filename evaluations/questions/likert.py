from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question
from evaluations.words import in_language

NOT_APPLICABLE = "na"


class LikertQuestion(Question):
    """A scale worded at every point, low to high. The value is the point's integer, or "na" where that is allowed."""

    kind = "likert"

    scale = models.JSONField(_("scale"), default=list)
    allow_not_applicable = models.BooleanField(_("“does not apply” is an answer"), default=False)

    class Meta:
        verbose_name = _("scale")

    def labels(self):
        points = [(str(point["value"]), in_language(point["text"])) for point in self.scale]
        return [*points, (NOT_APPLICABLE, _("Does not apply to my position"))] if self.allow_not_applicable else points

    def form_field(self):
        return forms.ChoiceField(
            choices=self.labels(),
            widget=forms.RadioSelect,
            required=self.required,
            label=self.text_here,
            help_text=self.hint_here,
            error_messages={"required": _("Choose one answer."), "invalid_choice": _("Choose one of the answers shown.")},
        )

    def clean_answer(self, raw):
        if raw in (None, "") and not self.required:
            return None
        if raw == NOT_APPLICABLE and self.allow_not_applicable:
            return NOT_APPLICABLE
        for point in self.scale:
            if not isinstance(raw, bool) and isinstance(raw, int | str) and raw in (point["value"], str(point["value"])):
                return point["value"]
        raise ValidationError(_("Choose one of the answers shown."), code="invalid_choice")

    def summarise(self, values):
        counts = {point["value"]: 0 for point in self.scale}
        for value in values:
            if value in counts:
                counts[value] += 1
        return {"n": sum(counts.values()), "not_applicable": sum(v == NOT_APPLICABLE for v in values), "counts": counts}

    def measure(self, value):
        return float(value) if isinstance(value, int) else None

    @property
    def measure_range(self):
        values = [point["value"] for point in self.scale]
        return (float(min(values)), float(max(values))) if values else None

    def answer_text(self, value):
        return str(dict(self.labels()).get(str(value), ""))
