"""The form with which a trainer or lead writes own words to chosen people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from curriculum import plaintext

LONGEST_SUBJECT, LONGEST_TEXT = 120, 2000


class LetterForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"), max_length=LONGEST_SUBJECT, widget=forms.TextInput(attrs={"data-draft": True}),
        error_messages={"required": _("Write a subject."), "max_length": _("Shorten the subject to 120 characters.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("Message"), widget=forms.Textarea(attrs={"rows": 8, "maxlength": LONGEST_TEXT}),
        help_text=_("Plain text, at most 2,000 characters. The greeting with the person's name stands above it by itself."),
        error_messages={"required": _("Write the message.")},
    )  # fmt: skip
    form_id = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": _("Begin again from the list.")})

    def clean_subject(self):
        return " ".join(plaintext.clean(self.cleaned_data["subject"], LONGEST_SUBJECT).split())

    def clean_text(self):
        return plaintext.clean(self.cleaned_data["text"], LONGEST_TEXT)
