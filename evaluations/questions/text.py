import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.questions.base import Question


def plain_text(raw, longest, far_beyond):
    """`raw` as it is stored. What is longer than `far_beyond` is refused before it is worked on. Raises `ValidationError`."""
    if not isinstance(raw, str):
        raise ValidationError(_("Write your answer as text."), code="not_text")
    if len(raw) > far_beyond:
        raise _too_long(longest, len(raw))
    value = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValidationError(_("The text holds a character that cannot be stored. Delete it and try again."), code="unstorable")
    if len(value) > longest:
        raise _too_long(longest, len(value))
    return value


def _too_long(longest, count):
    words = _("Write at most %(limit)d characters; there are %(count)d.")
    return ValidationError(words % {"limit": longest, "count": count}, code="too_long")


class Text(models.Model):
    """Plain text, never HTML: stored as written (NFC), escaped wherever it is shown."""

    limit = 500
    max_length = models.PositiveIntegerField(_("longest answer"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def length_limit(self):
        return min(self.max_length or self.limit, self.limit)

    def clean_answer(self, raw):
        if raw in (None, "") and not self.required:
            return ""
        value = plain_text(raw, self.length_limit, far_beyond=8 * self.limit)
        if not value and self.required:
            raise ValidationError(_("Write your answer."), code="required")
        return value

    def summarise(self, values):
        return {"n": sum(bool(value) for value in values)}


class ShortTextQuestion(Text, Question):
    kind = "short-text"
    limit = 200

    class Meta:
        verbose_name = _("short text")

    def form_field(self):
        return forms.CharField(
            required=self.required, label=self.text_here, help_text=self.hint_here,
            widget=forms.TextInput, error_messages={"required": _("Write your answer.")}, strip=False,
        )  # fmt: skip


class LongTextQuestion(Text, Question):
    kind = "long-text"
    limit = 5000

    class Meta:
        verbose_name = _("long text")

    def form_field(self):
        return forms.CharField(
            required=self.required, label=self.text_here, help_text=self.hint_here,
            widget=forms.Textarea(attrs={"rows": 6}), error_messages={"required": _("Write your answer.")}, strip=False,
        )  # fmt: skip
