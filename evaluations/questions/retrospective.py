from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.likert import count_points, labels_of, point_of, range_of
from evaluations.questions.parts import InParts, Part, is_blank

BEFORE, NOW = "before", "now"
MOMENTS = {BEFORE: _("Before, thinking back"), NOW: _("Now")}


class RetrospectiveQuestion(InParts):
    """How it was before, thinking back, and how it is now, on one scale and asked together (the "then" test). The value is `{"before": v, "now": v}`."""

    kind = "retrospective"

    scale = models.JSONField(_("scale"), default=list)

    class Meta:
        verbose_name = _("before and now")
        verbose_name_plural = _("before and now")

    def parts(self):
        labels = labels_of(self.scale)
        return [Part(moment, words, forms.RadioSelect(choices=labels)) for moment, words in MOMENTS.items()]

    def taken_apart(self, value):
        return {moment: str(point)[:20] for moment, point in value.items()} if isinstance(value, dict) else {}

    def clean_answer(self, raw):
        if is_blank(raw):
            if self.required:
                raise ValidationError(_("Choose one answer for before and one for now."), code="required")
            return None
        if not isinstance(raw, dict) or set(raw) - set(MOMENTS):
            raise ValidationError(_("Choose one answer for before and one for now."), code="invalid_choice")
        for moment, words in MOMENTS.items():
            if raw.get(moment) in (None, ""):
                raise ValidationError(_("Choose an answer for “%(moment)s” too.") % {"moment": words}, code="incomplete")
        value = {moment: point_of(raw[moment], self.scale) for moment in MOMENTS}
        if None in value.values():
            raise ValidationError(_("Choose among the answers shown."), code="invalid_choice")
        return value

    def measure(self, value):
        return float(value[NOW]) if value else None

    def measure_before(self, value):
        return float(value[BEFORE]) if value else None

    @property
    def measure_range(self):
        return range_of(self.scale)

    def summarise(self, values):
        given = [value for value in values if value]
        counts = {moment: count_points(self.scale, [value[moment] for value in given]) for moment in MOMENTS}
        return {"n": len(given), **counts}

    def answer_text(self, value):
        labels = dict(labels_of(self.scale))
        return "\n".join(f"{words}: {labels.get(str(value[moment]), '')}" for moment, words in MOMENTS.items()) if value else ""
