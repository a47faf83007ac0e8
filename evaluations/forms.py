"""One question as a form. What it accepts is decided by the question alone."""

import uuid
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.dateparse import parse_datetime

from evaluations.questions.parts import Part, PartsWidget


class AnswerForm(forms.Form):
    """The field `answer` of a question. Nothing is chosen beforehand; a value that stands already is shown."""

    def __init__(self, question, data=None, value=None, prefix=None):
        super().__init__(data, prefix=prefix, initial={"answer": value})
        self.question = question
        self.fields["answer"] = question.form_field()
        self.fields["answer"].widget.use_required_attribute = lambda initial: False

    def clean_answer(self):
        return self.question.clean_answer(self.cleaned_data.get("answer"))

    @property
    def has_answer(self):
        """Whether anything was chosen or written."""
        field = self.fields["answer"]
        raw = field.widget.value_from_datadict(self.data, self.files, self.add_prefix("answer"))
        return any(raw.values()) if isinstance(raw, dict) else raw not in (None, "", [])

    @property
    def many(self):
        """Whether the widget is a list of choices rather than one box."""
        return isinstance(self.fields["answer"].widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def options(self):
        return [option for option in self["answer"] if not self._is_apart(option)]

    @property
    def options_apart(self):
        """“Does not apply” is no point of the scale and stands apart from it."""
        return [option for option in self["answer"] if self._is_apart(option)]

    def _is_apart(self, option):
        return bool(self.question.apart) and option.data["value"] == self.question.apart

    @property
    def groups(self):
        """The controls of an answer in parts, as `[Group]`; empty where one field is enough."""
        field, widget = self["answer"], self.fields["answer"].widget
        if not isinstance(widget, PartsWidget):
            return []
        attrs = field.build_widget_attrs({"id": field.auto_id})
        contexts = widget.get_context(field.html_name, field.value(), attrs)["widget"]["subwidgets"]
        drawn = [Drawn(*one, self.renderer) for one in zip(widget.parts, widget.widgets, contexts, strict=True)]
        for one in drawn:
            if one.filled or one.part.group:  # what is there is not what is wrong; in groups, the message says what is
                one.context["attrs"].pop("aria-invalid", None)
        return [Group(title, tuple(parts)) for title, parts in groupby(drawn, key=lambda one: one.part.group)]


@dataclass(frozen=True)
class Drawn:
    """One control of an answer in parts, ready for a template."""

    part: Part
    widget: forms.Widget
    context: dict
    renderer: object

    @property
    def id(self):
        return self.context["attrs"].get("id", "")

    @property
    def control(self):
        return BoundWidget(self.widget, self.context, self.renderer)

    @property
    def options(self):
        """The radio buttons, where the part is a group of them."""
        if not isinstance(self.widget, forms.RadioSelect):
            return []
        rows = [option for _name, options, _index in self.context["optgroups"] for option in options]
        return [BoundWidget(self.widget, option, self.renderer) for option in rows]

    @property
    def filled(self):
        return self.context["value"] not in (None, "", [], [""])


@dataclass(frozen=True)
class Group:
    title: str
    parts: tuple[Drawn, ...]

    @property
    def side_by_side(self):
        return any(part.options for part in self.parts)

    @property
    def filled(self):
        return any(part.filled for part in self.parts)


def sent_id(data):
    """The id that the script made for the value in the form, or `None` (without script, or where it makes no sense)."""
    try:
        return uuid.UUID(data.get("client_id", "")[:40])
    except ValueError:
        return None


def sent_time(data):
    """The client's time as an aware datetime, or `None`."""
    return read_time(data.get("client_time", ""))


def read_time(text):
    """An ISO 8601 instant with its offset, in UTC; `None` for anything else."""
    try:
        instant = parse_datetime(text[:40]) if isinstance(text, str) else None
        return instant.astimezone(UTC) if instant and instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
