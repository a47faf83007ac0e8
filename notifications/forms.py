"""Forms about messages. Fields say what is wrong and what to write instead; what was typed is kept."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications import centre, wordings
from notifications.choices import MUST_KINDS, OPEN_KINDS
from notifications.kinds import KINDS
from notifications.models import Habit, TextNumber

TIME = _("Write the hour as 21:00.")


def hour_field(label):
    widget = forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M")
    errors = {"required": TIME, "invalid": TIME}
    return forms.TimeField(label=label, widget=widget, input_formats=["%H:%M", "%H:%M:%S"], error_messages=errors)


class ChoicesForm(forms.Form):
    """Everything a person chooses, in one page. `texts`: whether a confirmed number makes texts possible."""

    use_required_attribute = False
    quiet_from = hour_field(_("Quiet from"))
    quiet_until = hour_field(_("Quiet until"))
    digest = forms.ChoiceField(
        label=_("Gather messages that can wait"), choices=Habit.Digest, widget=forms.RadioSelect,
        error_messages={"required": _("Choose how messages are gathered."), "invalid_choice": _("Choose how messages are gathered.")},
    )  # fmt: skip

    def __init__(self, *args, choices, habit, texts, **kwargs):
        initial = {"quiet_from": habit.quiet_from, "quiet_until": habit.quiet_until, "digest": habit.digest}
        super().__init__(*args, initial=initial, **kwargs)
        self.texts = texts
        for choice in choices:
            if choice.kind.must:
                continue
            self.fields[f"mail_{choice.kind.key}"] = forms.BooleanField(required=False, initial=choice.mail)
            if texts and choice.kind.text:
                self.fields[f"text_{choice.kind.key}"] = forms.BooleanField(required=False, initial=choice.text)
        self._before = {choice.kind.key: choice for choice in choices}

    def rows(self):
        """(kind, field of mail, field of texts or None) for the kinds that one can choose about."""
        names = self.fields
        return [
            (kind, self[f"mail_{kind.key}"], self[f"text_{kind.key}"] if f"text_{kind.key}" in names else None)
            for kind in OPEN_KINDS
        ]

    @property
    def always(self):
        return MUST_KINDS

    def wanted(self):
        """`{kind key: (mail, text)}`. Texts that the page did not offer stay as they were."""
        said = self.cleaned_data
        return {
            kind.key: (said[f"mail_{kind.key}"], said.get(f"text_{kind.key}", self._before[kind.key].text)) for kind in OPEN_KINDS
        }


class NumberForm(forms.Form):
    use_required_attribute = False
    channel = forms.ChoiceField(label=_("How texts are sent"), widget=forms.RadioSelect, choices=())
    number = forms.CharField(
        label=_("Telephone with the code of the country"), max_length=40,
        help_text=_("For example +52 55 1234 5678. Spaces do not matter."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "middle"}),
        error_messages={"required": _("Write the number."), "max_length": _("Write one number only.")},
    )  # fmt: skip

    def __init__(self, *args, channels, **kwargs):
        super().__init__(*args, **kwargs)
        wrong = _("Choose how texts are sent.")
        self.fields["channel"].choices = channels
        self.fields["channel"].error_messages |= {"required": wrong, "invalid_choice": wrong}
        if len(channels) == 1:
            self.fields["channel"].widget = forms.HiddenInput()
            self.initial["channel"] = channels[0][0]


class CodeForm(forms.Form):
    use_required_attribute = False
    code = forms.CharField(
        label=_("Code from the text message"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code-input"}),
        error_messages={"required": _("Write the six digits."), "max_length": _("Write the six digits.")},
    )  # fmt: skip


class ChannelForm(forms.Form):
    """Which of the person's numbers an act is about."""

    channel = forms.ChoiceField(choices=TextNumber._meta.get_field("channel").choices)


class NewestForm(forms.Form):
    newest = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class LogFilter(forms.Form):
    """The filters of the log; all optional, in the address."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, error_messages={"invalid_choice": _("Choose a kind from the list.")}
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, error_messages={"invalid_choice": _("Choose a state from the list.")}
    )
    person = forms.CharField(
        label=_("Person"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={"max_length": _("Shorten the name to 100 characters.")},
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        seen = [(kind.key, kind.name) for kind in KINDS if kind.key != "account"]
        self.fields["kind"].choices = [("", _("All kinds")), *seen]
        self.fields["state"].choices = [("", _("All states")), *((one.key, one.words) for one in centre.STATES)]


class PreviewForm(forms.Form):
    """For whom a message is shown: looked for by name, then chosen by number."""

    use_required_attribute = False
    who = forms.CharField(
        label=_("Preview for (name or address)"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={"max_length": _("Shorten the name to 100 characters.")},
    )  # fmt: skip
    person = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class WordingForm(PreviewForm):
    """The words for one message in one language."""

    subject = forms.CharField(
        label=_("Subject"), max_length=wordings.SUBJECT_CAP,
        error_messages={"required": _("Write a subject."), "max_length": _("Shorten the subject to 150 characters.")},
    )  # fmt: skip
    body = forms.CharField(
        label=_("Text"), max_length=wordings.BODY_CAP, widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Plain text. An empty line begins a new paragraph. Greeting and foot are added."),
        error_messages={"required": _("Write the text."), "max_length": _("Shorten the text to 4000 characters.")},
    )  # fmt: skip
    field_order = ("subject", "body", "who", "person")

    def __init__(self, *args, what, **kwargs):
        super().__init__(*args, **kwargs)
        self.what = what

    def clean_subject(self):
        return " ".join(self.cleaned_data["subject"].split())

    def clean_body(self):
        lines = self.cleaned_data["body"].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join("".join(mark for mark in line if mark.isprintable()).rstrip() for line in lines).strip()

    def clean(self):
        said = super().clean()
        if "subject" in said and "body" in said:
            for field, sentence in wordings.problems(self.what, said["subject"], said["body"]):
                self.add_error(field, sentence)
        return said
