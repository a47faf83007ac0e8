"""The forms of cohorts and their people. Fields say what is wrong and what to write instead."""

import datetime
import zoneinfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from curriculum.accounts import clean_address
from curriculum.enrollment_states import Refused, Role
from curriculum.models import Cohort, CurriculumPage, Enrollment
from curriculum.outline import current_outline

REGION = (
    "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GT",
    "HN", "MX", "NI", "PA", "PE", "PR", "PT", "PY", "SV", "UY", "VE",
)  # fmt: skip
REASON = {"min_length": _("Write a few words."), "required": _("Write the reason; it is kept in the history.")}


def zones():
    """The zones offered: those of the region first, all others after them."""
    known = zoneinfo.available_timezones()
    usual = [name for name in settings.WAGTAIL_USER_TIME_ZONES if name in known]
    others = sorted(name for name in known - set(usual) if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [
        (_("In the region"), [(name, city_name(name)) for name in usual]),
        (_("All"), [(name, name.replace("_", " ")) for name in others]),
    ]


def city_name(zone):
    """The city a zone is named after, in the active language."""
    return import_string(settings.CITY_NAMES)(zone)


def curricula():
    """The published curricula as choices: key and title in the reader's language."""
    keys = CurriculumPage.objects.live().order_by("path").values_list("translation_key", flat=True)
    return [(str(key), current_outline(key).title() or str(key)) for key in dict.fromkeys(keys)]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **options):
        super().__init__(format="%Y-%m-%d", **options)


class ReasonField(forms.CharField):
    def __init__(self, **options):
        options = {"label": _("Reason"), "max_length": 400, "strip": True, **options}
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), error_messages=REASON, **options)
        self.validators.append(MinLengthValidator(2, REASON["min_length"]))


class CohortForm(forms.ModelForm):
    curriculum_key = forms.ChoiceField(label=_("Curriculum"))
    countries = forms.MultipleChoiceField(
        label=_("Countries"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None means the whole region.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Opening times of modules are written in this zone.")
    )
    capacity = forms.IntegerField(
        label=_("Places"), min_value=1, max_value=2000, initial=30,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Write a number from 1 to 2000.")),
    )  # fmt: skip
    closed = forms.BooleanField(
        label=_("The cohort is closed"), required=False, help_text=_("Nobody can be added any more; everything stays readable.")
    )

    class Meta:
        model = Cohort
        fields = ["name", "curriculum_key", "countries", "language", "time_zone", "starts_on", "ends_on", "capacity"]
        labels = {"name": _("Name"), "language": _("Working language"), "starts_on": _("First day"), "ends_on": _("Last day")}
        help_texts = {"name": _("For example: Mexico 2027")}
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}
        error_messages = {
            "name": {"required": _("Write a name for the cohort.")},
            "starts_on": {"required": _("Write the first day."), "invalid": _("Write the day as 2027-03-05.")},
            "ends_on": {"required": _("Write the last day."), "invalid": _("Write the day as 2027-03-05.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["curriculum_key"].choices = curricula()
        self.fields["curriculum_key"].error_messages["required"] = _("Choose a curriculum.")
        cohort = self.instance
        offered = {*REGION, *(country.code for country in cohort.countries)}
        self.fields["countries"].choices = [(code, name) for code, name in countries if code in offered]
        if cohort.pk:
            self.initial["countries"] = [country.code for country in cohort.countries]
            self.initial["curriculum_key"] = str(cohort.curriculum_key)
            self.initial["closed"] = cohort.status == Cohort.Status.CLOSED
        if cohort.pk is None or cohort.status == Cohort.Status.PLANNED:
            del self.fields["closed"]
        if cohort.outline or (cohort.pk and cohort.status != Cohort.Status.PLANNED):
            self.fields["curriculum_key"].disabled = True
            self.fields["curriculum_key"].choices = [(str(cohort.curriculum_key), current_outline(cohort.curriculum_key).title())]

    def clean(self):
        cleaned = super().clean()
        if "closed" in self.fields:
            self.instance.status = Cohort.Status.CLOSED if cleaned.get("closed") else Cohort.Status.RUNNING
        return cleaned


class PersonForm(forms.Form):
    """One person by hand; of somebody we know only the empty fields are filled in."""

    email = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write an e-mail address such as name@hospital.org.")},
    )  # fmt: skip
    full_name = forms.CharField(label=_("Name"), max_length=150, required=False)
    title = forms.CharField(label=_("Title"), max_length=20, required=False, help_text=_("For example: Dra., Dr., Enf."))
    country = forms.ChoiceField(label=_("Country"), required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.TRAINEE, widget=forms.RadioSelect,
        help_text=_("Trainers see the people and their progress; programme leads also decide."),
        error_messages={"required": _("Choose a role.")},
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "—"), *countries]

    def clean_email(self):
        try:
            return clean_address(self.cleaned_data["email"])
        except Refused as refusal:
            raise ValidationError(refusal.text) from None


class ImportForm(forms.Form):
    text = forms.CharField(
        label=_("Paste the list"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_("Copy the rows from the spreadsheet with their header. Only the e-mail address is needed."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("or choose a CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )  # fmt: skip

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("text") or "").strip() and not cleaned.get("file"):
            self.add_error("text", _("The list is empty. Paste the rows with their header, or choose a file."))
        return cleaned


class DecisionForm(forms.Form):
    """A decision about a person: only the states that can follow, and why."""

    status = forms.ChoiceField(
        label=_("New state"), widget=forms.RadioSelect, error_messages={"required": _("Choose the new state.")}
    )
    reason = ReasonField(
        required=False, help_text=_("Kept in the history with your name, for example “preparatory meeting of 5 March”.")
    )

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [(value, Enrollment.Status(value).label) for value in offered]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("New role"), choices=Role.choices, widget=forms.RadioSelect)
    reason = ReasonField()

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [choice for choice in Role.choices if choice[0] != enrollment.role]
        self.fields["role"].error_messages["required"] = _("Choose a role other than the present one.")


class TransferForm(forms.Form):
    cohort = forms.ModelChoiceField(
        Cohort.objects.none(), label=_("New cohort"), empty_label=_("Choose a cohort"),
        error_messages={"required": _("Choose the new cohort."), "invalid_choice": _("Choose one of the cohorts offered.")},
    )  # fmt: skip
    reason = ReasonField()

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = offered


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The programme lead reads it. No patient data."),
    )  # fmt: skip


def as_instant(wall, zone):
    """The instant of a naive wall-clock time in `zone`. Raises `ValidationError` for one that a clock change skips or repeats."""
    earlier, later = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if earlier.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise ValidationError(_("The clocks go forward at that time, so it does not exist. Choose another hour."), "skipped")
    if earlier.utcoffset() != later.utcoffset():
        raise ValidationError(_("The clocks go back at that time, so it comes twice. Choose another hour."), "repeated")
    return earlier


class LocalTimeField(forms.DateTimeField):
    """A wall-clock time in `zone`, as an instant. Times that a clock change skips or repeats are sent back."""

    widget = forms.DateTimeInput

    def __init__(self, zone, **options):
        self.zone = zone
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        errors = {"invalid": _("Write date and time as 2027-03-05 09:00.")}
        super().__init__(widget=widget, required=False, error_messages=errors, **options)

    def prepare_value(self, value):
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime.datetime) else value

    def to_python(self, value):
        with timezone.override(datetime.UTC):
            wall = super().to_python(value)
        if wall is None:
            return None
        return as_instant(wall.replace(tzinfo=None), self.zone)


class ReleasesForm(forms.Form):
    """From when each module is open, one field per module."""

    def __init__(self, *args, outline, zone, releases, **kwargs):
        super().__init__(*args, **kwargs)
        for module in outline.modules:
            known = releases.get(str(module.key))
            self.fields[f"module-{module.key}"] = LocalTimeField(
                zone, label=module.heading(), initial=datetime.datetime.fromisoformat(known) if known else None
            )

    def instants(self):
        return {name.removeprefix("module-"): moment for name, moment in self.cleaned_data.items()}
