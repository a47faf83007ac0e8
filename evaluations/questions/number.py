import math
import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question
from evaluations.words import in_language

FARTHEST = 1e12  # beyond it nothing is counted here; sums of such numbers would overflow and take the whole report with them


def parse_number(raw):
    """A number as people write it: both separators, spaces between thousands. Raises `ValueError`."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("not a number")
    if isinstance(raw, int | float):
        value = float(raw)
    else:
        text = re.sub(r"[\s\u00a0\u202f]", "", raw[:100])
        if not re.fullmatch(r"[+-]?[0-9.,]{1,30}", text):
            raise ValueError("not a number")
        decimal = max(text.rfind(","), text.rfind("."))
        whole, fraction = (text[:decimal], text[decimal + 1 :]) if decimal >= 0 else (text, "")
        marks = {mark for mark in ",." if mark in text}
        grouped = len(fraction) == 3 and len(marks) == 1 and re.fullmatch(r"[+-]?[1-9]\d{0,2}([.,]\d{3})*", whole)
        if grouped:
            whole, fraction = whole + fraction, ""
        value = float(re.sub(r"[.,]", "", whole) + ("." + fraction if fraction else ""))
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


class NumberQuestion(Question):
    """A number with its unit, between `minimum` and `maximum` (inclusive) where these are given."""

    kind = "number"

    unit = models.JSONField(_("unit"), default=dict, blank=True)
    minimum = models.FloatField(_("smallest"), null=True, blank=True)
    maximum = models.FloatField(_("largest"), null=True, blank=True)
    whole = models.BooleanField(_("whole numbers only"), default=False)

    class Meta:
        verbose_name = _("number")

    @property
    def unit_here(self):
        return in_language(self.unit)

    def form_field(self):
        return forms.CharField(
            max_length=30, required=self.required, label=self.text_here, help_text=self.hint_here or self.unit_here,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
            error_messages={"required": _("Write a number.")},
        )  # fmt: skip

    def clean_answer(self, raw):
        if raw in (None, "") and not self.required:
            return None
        try:
            value = parse_number(raw)
        except (ValueError, OverflowError):
            raise ValidationError(_("Write a number, for example 120 or 12.5."), code="not_a_number") from None
        if abs(value) > FARTHEST:
            raise ValidationError(_("Write a number, for example 120 or 12.5."), code="not_a_number")
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValidationError(self._range_message(), code="out_of_range")
        if self.whole and value != int(value):
            raise ValidationError(_("Write a whole number."), code="not_whole")
        return int(value) if value == int(value) else value

    def measure(self, value):
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def answer_text(self, value):
        if value is None:
            return ""
        return f"{formats.number_format(value, use_l10n=True)} {self.unit_here}".strip()

    def _range_message(self):
        if self.maximum is None:
            return _("Write a number of %(low)g or more.") % {"low": self.minimum}
        if self.minimum is None:
            return _("Write a number of %(high)g or less.") % {"high": self.maximum}
        return _("Write a number between %(low)g and %(high)g.") % {"low": self.minimum, "high": self.maximum}

    def summarise(self, values):
        numbers = sorted(value for value in values if isinstance(value, int | float))
        middle = len(numbers) // 2
        median = None
        if numbers:
            median = numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2
        return {"n": len(numbers), "median": median}
