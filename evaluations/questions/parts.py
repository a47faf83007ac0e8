"""Answers that a form takes in several controls. What a form posts is `{part name: text}`, from a page or as JSON alike."""

from dataclasses import dataclass

from django import forms
from django.utils.crypto import salted_hmac

from evaluations.questions.base import Question


def disguise(question, side, key):
    """A name for `key` in forms that tells nothing: keys often say what is right. It has a capital, which no key has."""
    made = salted_hmac("evaluations.questions.parts", f"{question.instrument_id}:{question.key}:{side}:{key}")
    return f"K{made.hexdigest()[:9]}"


def is_blank(raw):
    """Whether nothing was given: no value, or parts that are all empty."""
    return raw in (None, "", []) or (isinstance(raw, dict) and all(part in (None, "") for part in raw.values()))


@dataclass(frozen=True)
class Part:
    """One control. `beside` stands on its label's line. Parts of one `group` are filled in together or not at all."""

    name: str
    label: str
    widget: forms.Widget
    group: str = ""
    beside: bool = False


class PartsWidget(forms.MultiWidget):
    """`taken_apart` turns a stored or posted value into `{part name: text}`."""

    use_fieldset = True

    def __init__(self, parts, taken_apart):
        self.parts, self.taken_apart = parts, taken_apart
        super().__init__({part.name: part.widget for part in parts})

    def decompress(self, value):
        apart = self.taken_apart(value)
        return [apart.get(part.name, "") for part in self.parts]

    def get_context(self, name, value, attrs):
        return super().get_context(name, self.decompress(value), attrs)

    def value_from_datadict(self, data, files, name):
        values = super().value_from_datadict(data, files, name)
        return {part.name: value or "" for part, value in zip(self.parts, values, strict=True)}

    def id_for_label(self, id_):
        """The first control: where an error leads."""
        return f"{id_}_0_0" if isinstance(self.widgets[0], forms.RadioSelect) else f"{id_}_0"


class InParts(Question):
    """What all kinds with several controls share."""

    class Meta:
        abstract = True

    def parts(self):
        """The `Part`s of the form, worded in the active language."""
        raise NotImplementedError

    def taken_apart(self, value):
        """`{part name: text}` of a stored value; what a form posted comes back as it is, whatever it holds."""
        raise NotImplementedError

    def form_field(self):
        widget = PartsWidget(self.parts(), self.taken_apart)
        return forms.Field(widget=widget, required=self.required, label=self.text_here, help_text=self.hint_here)
