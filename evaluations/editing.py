"""Fields for Wagtail's admin: one box per language for words, one row per choice, step, pair or point of a scale."""

import re
from string import ascii_lowercase

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KEY = re.compile(r"[a-z0-9-]{1,40}")
SPARE_ROWS, FIRST_ROWS = 2, 4
LONGEST, LARGEST_POINT = 4000, 100


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
        fields = [forms.CharField(required=False, max_length=LONGEST) for _language in settings.LANGUAGES]
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
    """Rows of `{identity, parts per language, flags}`; blank rows at the end make room for more, places put them in order."""

    template_name = "evaluations/admin/rows.html"

    def __init__(self, identity, parts, flags=(), attrs=None):
        super().__init__(attrs)
        self.identity, self.parts, self.flags = identity, parts, flags

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        known = value if isinstance(value, list) else []
        spare = [{}] * max(SPARE_ROWS, FIRST_ROWS - len(known))
        context["rows"] = [self._row(name, number, row) for number, row in enumerate([*known, *spare])]
        context["count_name"], context["count"], context["known"] = f"{name}-count", len(context["rows"]), len(known)
        context["by_number"] = self.identity == "value"
        return context

    def _row(self, name, number, row):
        prefix = f"{name}-{number}"
        boxes = [
            {
                "name": f"{prefix}-{part}-{code}",
                "label": f"{label} ({language})",
                "value": (row.get(part) or {}).get(code, ""),
                "lang": code,
            }
            for part, label in self.parts.items()
            for code, language in settings.LANGUAGES
        ]
        ticks = [{"name": f"{prefix}-{flag}", "label": label, "value": row.get(flag)} for flag, label in self.flags]
        identity = row.get(self.identity, "")
        return {
            "name": f"{prefix}-id", "place": f"{prefix}-place", "number": number + 1, "identity": identity, "boxes": boxes, "ticks": ticks,
        }  # fmt: skip

    def value_from_datadict(self, data, files, name):
        count = data.get(f"{name}-count", "0")
        numbers = range(int(count) if re.fullmatch(r"[0-9]{1,2}", count) else 0)
        read = [(self._place(data, name, number), number, self._read(data, f"{name}-{number}")) for number in numbers]
        rows = [row for _place, _number, row in sorted(read, key=lambda one: one[:2])]
        return [row for row in rows if row[self.identity] or any(row.get(part) for part in self.parts)]

    def _place(self, data, name, number):
        place = data.get(f"{name}-{number}-place", "")
        return int(place) if re.fullmatch(r"[0-9]{1,3}", place) else number + 1

    def _read(self, data, prefix):
        row = {self.identity: data.get(f"{prefix}-id", "").strip()}
        for part in self.parts:
            texts = {code: data.get(f"{prefix}-{part}-{code}", "").strip() for code, _language in settings.LANGUAGES}
            if any(texts.values()):
                row[part] = {code: text for code, text in texts.items() if text}
        return row | {flag: True for flag, _label in self.flags if data.get(f"{prefix}-{flag}")}

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-count" not in data


class RowsField(forms.Field):
    """A list of rows. `needed` are the parts that each row has in the site's first language; a row without a key is given one."""

    def __init__(self, identity, parts, flags=(), *, cast=str, needed=("text",), least=2, most=20, **kwargs):
        super().__init__(widget=RowsWidget(identity, parts, flags), **kwargs)
        self.identity, self.parts, self.cast, self.needed, self.least, self.most = identity, parts, cast, needed, least, most
        self.required = least > 0

    def clean(self, value):
        rows, seen = value or [], set()
        if len(rows) < self.least:
            raise ValidationError(_("Write at least %(number)d rows.") % {"number": self.least})
        if len(rows) > self.most:
            raise ValidationError(_("Write at most %(number)d rows.") % {"number": self.most})
        for row in rows:
            row[self.identity] = self._identity(row[self.identity] or self._free_key(rows))
            if row[self.identity] in seen:
                told = {"key": row[self.identity]}
                raise ValidationError(_("Each row needs a key of its own: “%(key)s” is there twice.") % told)
            seen.add(row[self.identity])
            self._check_words(row)
        return rows

    def _check_words(self, row):
        for part in self.needed:
            if not row.get(part, {}).get(settings.LANGUAGE_CODE):
                told = {"part": self.parts[part], "key": row[self.identity]}
                raise ValidationError(_("“%(part)s” of row “%(key)s” is missing in Spanish.") % told)
        if any(len(text) > LONGEST or "\x00" in text for part in self.parts for text in row.get(part, {}).values()):
            raise ValidationError(_("A text of row “%(key)s” is too long or cannot be stored.") % {"key": row[self.identity]})

    def _free_key(self, rows):
        if self.cast is not str:
            return ""
        taken = {row[self.identity] for row in rows}
        return next((letter for letter in ascii_lowercase if letter not in taken), "")

    def _identity(self, text):
        try:
            value = self.cast(text)
        except ValueError:
            raise ValidationError(_("“%(key)s” is not a whole number.") % {"key": text}) from None
        if isinstance(value, int) and abs(value) > LARGEST_POINT:
            raise ValidationError(_("A point of a scale is at most %(number)d.") % {"number": LARGEST_POINT})
        if not KEY.fullmatch(str(value)):
            raise ValidationError(_("A key has small letters, digits and hyphens: “%(key)s” does not.") % {"key": text})
        return value

    def has_changed(self, initial, data):
        return initial != data
