"""The forms of groups, years and checklists. Fields say what is wrong and what to write instead; what was typed is kept."""

import datetime
import zoneinfo

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from curriculum.forms import DateInput, as_instant, zones
from evaluations.words import in_language
from sessions import exercise, lead_groups, quarters
from sessions.forms import MINUTES, number_field

LONG_REASON = _("Shorten the reason to 300 characters.")


class Saying(forms.Form):
    """A form beside which a refusal of an act can be put."""

    def say(self, refusal):
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.text)


def reason_field(required=True, **options):
    options = {"label": _("Reason"), **options}
    errors = {"required": _("Write the reason."), "max_length": LONG_REASON}
    return forms.CharField(
        max_length=300, required=required, widget=forms.Textarea(attrs={"rows": 3}), error_messages=errors, **options
    )


def name_field():
    errors = {"required": _("Write a name."), "max_length": _("Shorten the name to 100 characters.")}
    return forms.CharField(label=_("Name of the group"), max_length=100, error_messages=errors)


def _people(field, users):
    field.queryset = get_user_model().objects.filter(pk__in=[user.pk for user in users]).order_by("full_name", "pk")
    field.label_from_instance = _label


def _label(user):
    return f"{user.addressed_as} ({user.country.name})" if user.country else user.addressed_as


# --- groups ----------------------------------------------------------------------------------------------------------


class GroupForm(Saying):
    name = name_field()
    members = forms.MultipleChoiceField(
        label=_("Mentors"), widget=forms.CheckboxSelectMultiple, help_text=_("Two to four. Mentors of other groups are not listed."),
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), _("Choose two to four mentors from the list.")),
    )  # fmt: skip

    def __init__(self, *args, free, **options):
        super().__init__(*args, **options)
        self.users = {str(user.pk): user for user in free}
        self.fields["members"].choices = [(pk, _label(user)) for pk, user in self.users.items()]

    def clean_members(self):
        chosen = [self.users[pk] for pk in dict.fromkeys(self.cleaned_data["members"])]
        if not lead_groups.FEWEST <= len(chosen) <= lead_groups.MOST:
            raise ValidationError(_("Choose two to four mentors."))
        return chosen


class NameForm(Saying):
    name = name_field()


class MemberForm(Saying):
    user = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Mentor"), empty_label=_("choose a mentor"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a mentor from the list.")),
    )  # fmt: skip

    def __init__(self, *args, free, **options):
        super().__init__(*args, **options)
        _people(self.fields["user"], free)


class ReasonForm(Saying):
    reason = reason_field(help_text=_("It is kept, and leads and mentors can read it."))


# --- the year --------------------------------------------------------------------------------------------------------


class AssignForm(Saying):
    group = forms.TypedChoiceField(
        label=_("Group"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a group.")),
    )  # fmt: skip
    reason = reason_field(required=False, help_text=_("Needed where a group would lead twice before all groups have led once."))

    def __init__(self, *args, groups, **options):
        super().__init__(*args, **options)
        self.fields["group"].choices = groups


class SwapForm(Saying):
    other = forms.ChoiceField(
        label=_("Swap with"), widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a quarter.")),
    )  # fmt: skip
    reason = reason_field(required=False, help_text=_("Needed where a group would lead twice before all groups have led once."))

    def __init__(self, *args, others, **options):
        super().__init__(*args, **options)
        self.fields["other"].choices = others


class DayForm(Saying):
    """A quarter without a day stays without one."""

    day = forms.DateField(
        label=_("Day"), required=False, widget=DateInput(), error_messages={"invalid": _("Write the day as 2027-03-05.")}
    )
    hour = forms.TimeField(
        label=_("Begins at"), required=False, widget=forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"], error_messages={"invalid": _("Write the hour as 15:00.")},
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a time zone from the list.")),
    )
    minutes = number_field(5, 720, MINUTES, label=_("Minutes"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        zone, known = self.initial.get("time_zone"), {name for _group, names in zones() for name, _label in names}
        if zone and zone not in known:
            self.fields["time_zone"].choices = [*zones(), (zone, zone)]

    def clean(self):
        cleaned = super().clean()
        day, hour, zone = (cleaned.get(name) for name in ("day", "hour", "time_zone"))
        if day and not quarters.FIRST_YEAR <= day.year <= quarters.LAST_YEAR:
            self.add_error("day", _("Write the day as 2027-03-05."))
        if day and not hour and "hour" not in self.errors:
            self.add_error("hour", _("Write the hour."))
        if day and hour and zone:
            try:
                cleaned["starts_at"] = as_instant(datetime.datetime.combine(day, hour), zoneinfo.ZoneInfo(zone)).astimezone(
                    datetime.UTC
                )
            except ValidationError as error:
                self.add_error("hour", error)
            except (OverflowError, ValueError):
                self.add_error("day", _("Write the day as 2027-03-05."))
        return cleaned

    def say(self, refusal):
        self.add_error("day" if refusal.field == "starts_at" else None, refusal.text)


# --- the checklist ---------------------------------------------------------------------------------------------------


class TopicForm(Saying):
    topic = forms.CharField(
        label=_("Topic"), max_length=200,
        error_messages={"required": _("Write the topic."), "max_length": _("Shorten the topic to 200 characters.")},
    )  # fmt: skip


class RolesForm(Saying):
    leader = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Leads"), required=False, empty_label=_("nobody yet")
    )
    co_leader = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Co-leads"), required=False, empty_label=_("nobody yet")
    )
    note_taker = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Takes notes"), required=False, empty_label=_("nobody yet")
    )

    def __init__(self, *args, users, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            _people(field, users)
            field.error_messages["invalid_choice"] = _("Choose somebody of the group.")


class QuestionsForm(Saying):
    """Three questions, each in every language of the site: fields `challenges_es`, `actions_pt-br` …"""

    def __init__(self, *args, questions, **options):
        super().__init__(*args, **options)
        known = {one.get("key"): one.get("title") for one in questions}
        shipped = {one["key"]: one["title"] for one in exercise.default_questions()}
        for key, _role in exercise.ROLES:
            for code, language in settings.LANGUAGES:
                self.fields[f"{key}_{code}"] = forms.CharField(
                    label=language, max_length=exercise.LONGEST, initial=(known.get(key) or {}).get(code) or shipped[key][code],
                    error_messages={"required": _("Write the question in each language."), "max_length": _("Shorten the question to 60 characters.")},
                )  # fmt: skip

    def questions(self):
        """`[(question, [fields])]` for the page."""
        shipped = exercise.default_questions()
        return [
            (in_language(one["title"]), [self[f"{one['key']}_{code}"] for code, _name in settings.LANGUAGES]) for one in shipped
        ]

    def titles(self):
        return {
            key: {code: self.cleaned_data[f"{key}_{code}"] for code, _name in settings.LANGUAGES} for key, _role in exercise.ROLES
        }


class HandOverForm(Saying):
    hand_over = forms.CharField(
        label=_("Note for the next group"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What went well, what to do differently, what is still open."),
        error_messages={"required": _("Write the note."), "max_length": _("Shorten the note to 2000 characters.")},
    )  # fmt: skip
