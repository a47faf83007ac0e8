"""One question as a form. What it accepts is decided by the question alone."""

import uuid
from datetime import UTC

from django import forms
from django.utils.dateparse import parse_datetime

from evaluations.questions.likert import NOT_APPLICABLE


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
        return raw not in (None, "", [])

    @property
    def many(self):
        """Whether the widget is a list of choices rather than one box."""
        return isinstance(self.fields["answer"].widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def options(self):
        return [option for option in self["answer"] if option.data["value"] != NOT_APPLICABLE]

    @property
    def options_apart(self):
        """“Does not apply” is no point of the scale and stands apart from it."""
        return [option for option in self["answer"] if option.data["value"] == NOT_APPLICABLE]


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
