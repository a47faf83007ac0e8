"""What a lead writes on the pages of results: a sentence of their own, a theme for a text."""

from django import forms
from django.utils.translation import gettext_lazy as _

SENTENCE_MOST, THEME_MOST = 500, 60


class SentenceForm(forms.Form):
    words = forms.CharField(
        label=_("Your sentence"),
        max_length=SENTENCE_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At most 500 characters. Leave it empty to go back to the sentence by rule."),
        error_messages={"max_length": _("Write at most %(limit_value)d characters; now there are %(show_value)d.")},
    )


class ThemeForm(forms.Form):
    """One theme for one text; `text` is the name of the text (themes.text_id)."""

    text = forms.RegexField(regex=r"\A[0-9a-f]{64}\Z")
    theme = forms.CharField(
        label=_("Theme"),
        max_length=THEME_MOST,
        error_messages={
            "required": _("Write the theme, for example “more cases”."),
            "max_length": _("Write at most %(limit_value)d characters; now there are %(show_value)d."),
        },
    )
