from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question
from evaluations.words import in_language

NOT_APPLICABLE = "na"


def labels_of(scale):
    """The points of a scale as the choices of a form, in the active language."""
    return [(str(point["value"]), in_language(point["text"])) for point in scale]


def point_of(raw, scale):
    """The integer of the point that `raw` means, itself or as forms send it; `None` where it means none."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    return next((point["value"] for point in scale if raw in (point["value"], str(point["value"]))), None)


def range_of(scale):
    values = [point["value"] for point in scale]
    return (float(min(values)), float(max(values))) if values else None


def count_points(scale, values):
    return {point["value"]: sum(value == point["value"] for value in values) for point in scale}


class Scaled(Question):
    """What all kinds share whose answer is one point of `scale` (`[{"value", "text"}]`, low to high), or stands `apart` from it."""

    apart_label = ""

    class Meta:
        abstract = True

    def labels(self):
        points = labels_of(self.scale)
        return [*points, (self.apart, self.apart_label)] if self.apart else points

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
        if self.apart and raw == self.apart:
            return self.apart
        point = point_of(raw, self.scale)
        if point is None:
            raise ValidationError(_("Choose one of the answers shown."), code="invalid_choice")
        return point

    def summarise(self, values):
        counts = count_points(self.scale, values)
        apart = sum(isinstance(value, str) for value in values)
        return {"n": sum(counts.values()), "not_applicable": apart, "counts": counts}

    def measure(self, value):
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def measure_range(self):
        return range_of(self.scale)

    def answer_text(self, value):
        return str(dict(self.labels()).get(str(value), ""))


class LikertQuestion(Scaled):
    """A scale worded at every point, low to high. The value is the point's integer, or "na" where that is allowed."""

    kind = "likert"
    apart_label = _("Does not apply to my position")

    scale = models.JSONField(_("scale"), default=list)
    allow_not_applicable = models.BooleanField(_("“does not apply” is an answer"), default=False)

    class Meta:
        verbose_name = _("scale")

    @property
    def apart(self):
        return NOT_APPLICABLE if self.allow_not_applicable else ""
