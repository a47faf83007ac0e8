"""Forms for Wagtail's admin: one field per language for words, one row per choice or point of a scale."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from evaluations.models import Instrument

KEY = re.compile(r"[a-z0-9-]{1,40}")
SPARE_ROWS = 2


class WordsWidget(forms.MultiWidget):
    template_name = "evaluations/admin/words.html"

    def __init__(self, rows=2, attrs=None):
        boxes = {code: forms.Textarea(attrs={"rows": rows, "lang": code}) for code, _name in settings.LANGUAGES}
        super().__init__(boxes, attrs)

    def decompress(self, value):
        return [(value or {}).get(code, "") for code, _name in settings.LANGUAGES]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for part, (_code, language) in zip(context["widget"]["subwidgets"], settings.LANGUAGES, strict=True):
            part["language"] = language
        return context


class WordsField(forms.MultiValueField):
    """`{"es": …, "pt-br": …, "en": …}`; the site's first language is needed where the field is required."""

    def __init__(self, *, rows=2, required=True, **kwargs):
        fields = [forms.CharField(required=False, max_length=4000) for _language in settings.LANGUAGES]
        kwargs.pop("encoder", None), kwargs.pop("decoder", None)
        super().__init__(fields, widget=WordsWidget(rows), required=required, require_all_fields=False, **kwargs)

    def compress(self, values):
        return {code: text for (code, _name), text in zip(settings.LANGUAGES, values or [], strict=False) if text}

    def clean(self, value):
        words = super().clean(value)
        if self.required and not words.get(settings.LANGUAGE_CODE):
            raise ValidationError(_("Write it in Spanish at least; the other languages show it until they have their own."))
        return words


class RowsWidget(forms.Widget):
    """Rows of `{identity, parts per language, flags}`; blank rows at the end make room for more."""

    template_name = "evaluations/admin/rows.html"

    def __init__(self, identity, parts, flags=(), attrs=None):
        super().__init__(attrs)
        self.identity, self.parts, self.flags = identity, parts, flags

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        known = value if isinstance(value, list) else []
        context["rows"] = [self._row(name, number, row) for number, row in enumerate([*known, *[{}] * SPARE_ROWS])]
        context["count_name"], context["count"] = f"{name}-count", len(context["rows"])
        return context

    def _row(self, name, number, row):
        prefix = f"{name}-{number}"
        boxes = [
            {
                "name": f"{prefix}-{part}-{code}",
                "label": f"{label} ({code})",
                "value": (row.get(part) or {}).get(code, ""),
                "lang": code,
            }
            for part, label in self.parts.items()
            for code, _language in settings.LANGUAGES
        ]
        ticks = [{"name": f"{prefix}-{flag}", "label": label, "value": row.get(flag)} for flag, label in self.flags]
        return {
            "name": f"{prefix}-id",
            "number": number + 1,
            "identity": row.get(self.identity, ""),
            "boxes": boxes,
            "ticks": ticks,
        }

    def value_from_datadict(self, data, files, name):
        count = data.get(f"{name}-count", "0")
        rows = [self._read(data, f"{name}-{number}") for number in range(int(count) if re.fullmatch(r"[0-9]{1,2}", count) else 0)]
        return [row for row in rows if row[self.identity] or any(row[part] for part in self.parts)]

    def _read(self, data, prefix):
        row = {self.identity: data.get(f"{prefix}-id", "").strip()}
        for part in self.parts:
            texts = {code: data.get(f"{prefix}-{part}-{code}", "").strip() for code, _language in settings.LANGUAGES}
            row[part] = {code: text for code, text in texts.items() if text}
        return row | {flag: True for flag, _label in self.flags if data.get(f"{prefix}-{flag}")}

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-count" not in data


class RowsField(forms.Field):
    def __init__(self, identity, parts, flags=(), cast=str, **kwargs):
        super().__init__(widget=RowsWidget(identity, parts, flags), **kwargs)
        self.identity, self.parts, self.cast = identity, parts, cast

    def clean(self, value):
        rows, seen = value or [], set()
        if len(rows) < 2:
            raise ValidationError(_("Write at least two rows."))
        first = next(iter(self.parts))
        for row in rows:
            row[self.identity] = self._identity(row[self.identity])
            if row[self.identity] in seen:
                raise ValidationError(
                    _("Each row needs a key of its own: “%(key)s” is there twice.") % {"key": row[self.identity]}
                )
            seen.add(row[self.identity])
            if not row[first].get(settings.LANGUAGE_CODE):
                raise ValidationError(_("Write the text of row “%(key)s” in Spanish at least.") % {"key": row[self.identity]})
        return rows

    def _identity(self, text):
        try:
            value = self.cast(text)
        except ValueError:
            raise ValidationError(_("“%(key)s” is not a whole number.") % {"key": text}) from None
        if not KEY.fullmatch(str(value)):
            raise ValidationError(_("A key has small letters, digits and hyphens: “%(key)s” does not.") % {"key": text})
        return value

    def has_changed(self, initial, data):
        return initial != data


class InstrumentForm(WagtailAdminModelForm):
    title = WordsField(rows=1)
    intro = WordsField(rows=4, required=False)


class QuestionForm(WagtailAdminModelForm):
    text = WordsField()
    hint = WordsField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "instrument" in self.fields:
            self.fields["instrument"].queryset = Instrument.objects.filter(locked_at__isnull=True)


class ChoicesForm(QuestionForm):
    choices = RowsField(
        "key", {"text": gettext_lazy("Text"), "reason": gettext_lazy("Reason")}, [("correct", gettext_lazy("right answer"))]
    )


class ScaleForm(QuestionForm):
    scale = RowsField("value", {"text": gettext_lazy("Text")}, cast=int)


class NumberForm(QuestionForm):
    unit = WordsField(rows=1, required=False)
