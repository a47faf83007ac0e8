"""The forms of who comes and of materials."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from curriculum.enrollment_states import Refused
from sessions.forms import number_field
from sessions.materials import checked_address
from sessions.models import Invitee, Material

CHOICES = [choice for choice in Invitee.Answer.choices if choice[0]]
CHOOSE = _("Choose one of the three answers.")
LONGEST_NOTE = 300


def note_field():
    return forms.CharField(
        label=_("Note"), max_length=LONGEST_NOTE, required=False, help_text=_("Only those who run the meeting read it."),
        error_messages={"max_length": _("Shorten the note to 300 characters.")},
    )  # fmt: skip


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Do you take part?"), choices=CHOICES, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), CHOOSE),
    )  # fmt: skip
    note = note_field()


class LinkForm(forms.Form):
    """Three buttons in the page behind a mailed link."""

    answer = forms.ChoiceField(choices=CHOICES, error_messages=dict.fromkeys(("required", "invalid_choice"), CHOOSE))


class AnswerForSomebodyForm(forms.Form):
    person = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Person"), empty_label=_("choose"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose somebody of the meeting.")),
    )  # fmt: skip
    answer = forms.ChoiceField(
        label=pgettext_lazy("noun", "Answer"), choices=CHOICES, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), CHOOSE),
    )  # fmt: skip
    note = note_field()

    def __init__(self, *args, people, name_for, **options):
        super().__init__(*args, **options)
        self.fields["person"].queryset = people
        self.fields["person"].label_from_instance = name_for


class MaterialForm(forms.ModelForm):
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It begins with https://, or with / for a page of this site."),
        error_messages={"required": _("Write the address."), "max_length": _("Shorten the address to 500 characters.")},
    )  # fmt: skip
    minutes = number_field(
        1, 600, _("Write a number of minutes from 1 to 600, or leave it empty."), label=_("Minutes"), required=False,
        help_text=_("How long it takes."),
    )  # fmt: skip

    class Meta:
        model = Material
        fields = ["title", "url", "minutes", "moment"]
        widgets = {"moment": forms.RadioSelect}
        error_messages = {
            "title": {"required": _("Write a title."), "max_length": _("Shorten the title to 160 characters.")},
            "moment": dict.fromkeys(
                ("required", "invalid_choice"), _("Choose whether it is for before or for after the meeting.")
            ),
        }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["moment"].choices = Material.Moment.choices

    def clean_url(self):
        try:
            return checked_address(self.cleaned_data["url"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.text) from None

    def written(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
