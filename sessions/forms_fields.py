"""Fields that the forms of meetings share, and what they may hold."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from evaluations.models import Instrument

HTTPS = _("Write an address that begins with https://.")


def number_field(low, high, error, **options):
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), error)
    widget = forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"})
    return forms.IntegerField(min_value=low, max_value=high, error_messages=errors, widget=widget, **options)


def https_field(**options):
    widget = forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"})
    return forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        error_messages={"invalid": HTTPS, "max_length": HTTPS},
        widget=widget,
        **options,
    )


class FoldedAway:
    """A form whose `seldom` fields are right as they are for most: its page folds them away."""

    seldom = ()

    def fields_seldom(self):
        return [self[name] for name in self.seldom]

    def opens_seldom(self):
        """Where one of them is wrong, or says something that would go unseen."""
        return self.is_bound and any(name in self.errors or name in self.changed_data for name in self.seldom)


def checks(known=""):
    """What can be asked about a recording: questions with right answers, the newest version of each."""
    asking = Instrument.objects.filter(kind__in=(Instrument.Kind.CHECK, Instrument.Kind.QUIZ)).order_by("key", "version")
    titles = {instrument.key: instrument.title_here for instrument in asking}
    if known and known not in titles:
        titles[known] = known
    return sorted(titles.items(), key=lambda pair: pair[1])


def secure(url):
    if url and not url.startswith("https://"):
        raise ValidationError(HTTPS)
    return url
