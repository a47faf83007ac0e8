"""Single and multiple choice. `choices` is a list of `{"key", "text", "correct"?, "reason"?}`, worded per language."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question
from evaluations.words import in_language


class Choices(models.Model):
    choices = models.JSONField(_("choices"), default=list)

    class Meta:
        abstract = True

    def labels(self):
        return [(choice["key"], in_language(choice["text"])) for choice in self.choices]

    def correct_keys(self):
        return {choice["key"] for choice in self.choices if choice.get("correct")}

    @property
    def max_score(self):
        return 1.0 if self.correct_keys() else None

    def answer_text(self, value):
        chosen = value if isinstance(value, list) else [value]
        return "; ".join(label for key, label in self.labels() if key in chosen)

    def summarise(self, values):
        counts = {choice["key"]: 0 for choice in self.choices}
        for value in values:
            for key in value if isinstance(value, list) else [value]:
                if key in counts:
                    counts[key] += 1
        return {"n": len(values), "counts": counts}

    def feedback(self, value):
        chosen = value if isinstance(value, list) else [value]
        return [
            {
                "text": in_language(choice["text"]),
                "chosen": choice["key"] in chosen,
                "correct": bool(choice.get("correct")),
                "reason": in_language(choice.get("reason")),
            }
            for choice in self.choices
            if self.correct_keys()
        ]


class SingleChoice(Choices, Question):
    """What all kinds with one answer among several share."""

    class Meta:
        abstract = True

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
        if not isinstance(raw, str) or raw not in dict(self.labels()):
            raise ValidationError(_("Choose one of the answers shown."), code="invalid_choice")
        return raw

    def score(self, value):
        return float(value in self.correct_keys()) if self.max_score else None


class ChoiceQuestion(SingleChoice):
    kind = "single-choice"

    class Meta:
        verbose_name = _("single choice")
        verbose_name_plural = _("single choice")


class MultipleChoice(Choices, Question):
    """What all kinds with several answers share."""

    class Meta:
        abstract = True

    def form_field(self):
        return forms.MultipleChoiceField(
            choices=self.labels(),
            widget=forms.CheckboxSelectMultiple,
            required=self.required,
            label=self.text_here,
            help_text=self.hint_here,
            error_messages={"required": _("Choose at least one answer."), "invalid_choice": _("Choose among the answers shown.")},
        )

    def clean_answer(self, raw):
        if raw in (None, "", []) and not self.required:
            return []
        known = [key for key, _label in self.labels()]
        if raw == []:
            raise ValidationError(_("Choose at least one answer."), code="required")
        if not isinstance(raw, list) or any(not isinstance(key, str) or key not in known for key in raw):
            raise ValidationError(_("Choose among the answers shown."), code="invalid_choice")
        return [key for key in known if key in raw]


class MultipleChoiceQuestion(MultipleChoice):
    """All right and none wrong earns the point; with partial credit see evaluations/questions/partial.py."""

    kind = "multiple-choice"

    class Meta:
        verbose_name = _("multiple choice")
        verbose_name_plural = _("multiple choice")

    def score(self, value):
        return float(set(value or []) == self.correct_keys()) if self.max_score else None
