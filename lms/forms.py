"""Signing in, and the profile in four short steps. Each message names the field and says what to write."""

import unicodedata

from allauth.account.forms import LoginForm, RequestLoginCodeForm, ResetPasswordForm
from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_countries import countries

from lms import places
from lms.consents import REQUIRED
from lms.models import User
from lms.shell import LANGUAGE_NAMES


def _as_ours(field):
    """The field of an address says what all others here say, and no example stands in it."""
    field.label = _("E-mail address")
    field.widget.attrs.pop("placeholder", None)
    field.error_messages |= {
        "required": _("Write your e-mail address."),
        "invalid": _("Write an e-mail address such as name@hospital.org."),
    }


class CodeForm(RequestLoginCodeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _as_ours(self.fields["email"])


class NewPasswordForm(ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _as_ours(self.fields["email"])


class SignInForm(LoginForm):
    """One form for two ways: a code by e-mail unless a password is sent, which allauth drops where sign-up asks for none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _as_ours(self.fields["login"])

    def _setup_password_field(self):
        self.fields["password"].required = False

    def clean_password(self):
        way, password = self.data.get("way"), self.cleaned_data["password"]
        if way == "password" and not password:
            raise forms.ValidationError(_("Write your password, or have a code sent to you."))
        return "" if way == "code" else password


def folded(text):
    """For sorting names as people look them up: without accents and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", str(text).casefold()) if not unicodedata.combining(sign))


def has_letters(text):
    return sum(sign.isalpha() for sign in text) >= 2


def country_choices():
    """Latin America first, each group in the order of its names in the active language."""
    named = sorted(((code, name) for code, name in countries), key=lambda pair: folded(pair[1]))
    near = [pair for pair in named if pair[0] in places.LATIN_AMERICA]
    far = [pair for pair in named if pair[0] not in places.LATIN_AMERICA]
    return [("", _("Choose a country")), (_("Latin America"), near), (_("Other countries"), far)]


def zone_choices():
    zones = sorted(places.zone_names(), key=lambda name: folded(places.city(name)))
    return [("", _("Choose a time zone")), *((name, places.city(name)) for name in zones)]


class Step(forms.ModelForm):
    """A step of the profile; `heading` stands at the top of its page."""

    heading = ""
    template = "profile/step.html"
    also_saves = ()
    use_required_attribute = False

    def save(self, commit=True):
        self.instance.save(update_fields=[*self.fields, *self.also_saves])
        return self.instance

    def summary(self):
        """(label, value in words, name) of each field, for the page that checks answers."""
        return [(self.fields[name].label, self.said(name), name) for name in self.fields]

    def said(self, name):
        shown = getattr(self.instance, f"get_{name}_display", None)
        return shown() if shown else getattr(self.instance, name)


class NameStep(Step):
    heading = gettext_lazy("Your name")
    also_saves = ("full_name",)

    class Meta:
        model = User
        fields = ("certificate_name", "title", "language")
        labels = {"certificate_name": gettext_lazy("Name as it must read on the certificate")}
        widgets = {
            "certificate_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "title": forms.TextInput(attrs={"autocomplete": "honorific-prefix", "class": "short"}),
        }

    language = forms.ChoiceField(
        label=gettext_lazy("Preferred language"),
        help_text=gettext_lazy("For the pages and for the mail you get. Lessons can be read in any language at any time."),
        choices=[(code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a language."),
            "invalid_choice": gettext_lazy("Choose a language of the list."),
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.fields["certificate_name"]
        name.required = True
        name.error_messages = {
            "required": _("Write your name as it must read on the certificate."),
            "max_length": _("Shorten the name: 150 characters fit on the certificate."),
        }
        self.fields["title"].error_messages["max_length"] = _("Shorten the title to 20 characters, for example: Dra.")
        if not self.instance.language:
            self.initial["language"] = get_language()
        if not self.instance.certificate_name:
            self.initial["certificate_name"] = self.instance.full_name

    def clean_certificate_name(self):
        name = " ".join(self.cleaned_data["certificate_name"].split())
        if not has_letters(name):
            raise forms.ValidationError(_("Write your name as it must read on the certificate, in letters."))
        return name

    def save(self, commit=True):
        former = User.objects.values_list("certificate_name", flat=True).get(pk=self.instance.pk)
        if self.instance.full_name in ("", former):
            self.instance.full_name = self.instance.certificate_name
        return super().save(commit)

    def said(self, name):
        if name == "language":
            return LANGUAGE_NAMES.get(self.instance.language, "")
        return super().said(name)


class PlaceStep(Step):
    heading = gettext_lazy("Where you work")
    template = "profile/place.html"

    class Meta:
        model = User
        fields = ("country", "city", "time_zone")
        widgets = {"city": forms.TextInput(attrs={"autocomplete": "address-level2"})}

    country = forms.ChoiceField(
        label=gettext_lazy("Country where you work"),
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={
            "required": gettext_lazy("Choose the country where you work."),
            "invalid_choice": gettext_lazy("Choose the country where you work from the list."),
        },
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("All dates and times are shown in it. If you leave it empty, the capital's is used."),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a time zone from the list.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()
        self.fields["time_zone"].choices = zone_choices()
        self.fields["city"].error_messages["max_length"] = _("Shorten the city to 100 characters.")
        if not self.instance.time_zone:
            self.initial["time_zone"] = places.ZONE_OF_COUNTRY.get(str(self.instance.country), "")
        elif self.instance.time_zone not in places.zone_names():
            self.fields["time_zone"].choices += [(self.instance.time_zone, places.city(self.instance.time_zone))]

    def clean(self):
        data = super().clean()
        if not data.get("time_zone") and "time_zone" not in self.errors:
            data["time_zone"] = places.ZONE_OF_COUNTRY.get(data.get("country"), "")
        return data

    def said(self, name):
        if name == "country":
            return self.instance.country.name
        if name == "time_zone":
            return places.city(self.instance.time_zone) if self.instance.time_zone else ""
        return super().said(name)


class WorkStep(Step):
    heading = gettext_lazy("Your work")

    class Meta:
        model = User
        fields = ("profession", "specialty", "hospital", "has_service")
        labels = {"has_service": gettext_lazy("Is there a fracture liaison service (FLS) where you work?")}
        help_texts = {
            "specialty": gettext_lazy("If the list does not have the right word."),
            "hospital": gettext_lazy("The main one, if there are several."),
        }
        widgets = {"hospital": forms.TextInput(attrs={"autocomplete": "organization"}), "has_service": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["profession"].choices = [("", _("Choose a profession or specialty")), *User.Profession.choices]
        self.fields["has_service"].choices = User.HasService.choices
        self.fields["profession"].error_messages["invalid_choice"] = _("Choose a profession or specialty from the list.")
        self.fields["has_service"].error_messages["invalid_choice"] = _("Choose one of the answers.")
        self.fields["specialty"].error_messages["max_length"] = _("Shorten the specialty to 100 characters.")
        self.fields["hospital"].error_messages["max_length"] = _("Shorten the hospital's name to 200 characters.")


class ConsentsStep(forms.Form):
    """One tick per purpose. Only the training record is needed to take part."""

    heading = gettext_lazy("What you agree to")
    template = "profile/consents.html"
    use_required_attribute = False

    def __init__(self, data=None, *, standing, **kwargs):
        super().__init__(data, **kwargs)
        self.standing = standing
        for entry in standing:
            self.fields[entry.purpose] = forms.BooleanField(
                label=_("I agree"),
                required=False,
                initial=entry.given,
                widget=forms.CheckboxInput(attrs={"aria-labelledby": f"title-{entry.purpose} label-{entry.purpose}"}),
            )

    def clean(self):
        data = super().clean()
        if not data.get(REQUIRED.value):
            self.add_error(REQUIRED.value, _("Agree to the training record: without it nobody can take part or be certified."))
        return data

    def parts(self):
        """(what stands, its field) for the template."""
        return [(entry, self[entry.purpose]) for entry in self.standing]
