"""The form of a meeting. Fields say what is wrong and what to write instead; what was typed is kept."""

import datetime
import uuid
import zoneinfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from curriculum.forms import DateInput, as_instant, zones
from sessions import conference, wall_clock
from sessions.forms_fields import checks, https_field, number_field, secure
from sessions.models import InPersonDay, Meeting, NationalMeeting, PreparatoryMeeting, RegionalMeeting, TrainingSession
from sessions.schedule import NOT_ONCE_BEGUN

MINUTES = _("Write a number of minutes from 5 to 720.")
PERCENT = _("Write a number from 1 to 100.")
DAYS = _("Write a number of days from 7 to 3650.")
# Right as they are for most meetings, or of use only afterwards.
SELDOM = ("needed_percent", "recording_url", "recording_minutes", "recording_counts", "recording_check", "keep_days")


class MeetingForm(forms.Form):
    """Shared by all kinds. `instance` is what is edited; `initial` may come from a meeting that is copied.

    `heading` names the kind on the page; `modes` are the ways in which people meet that the kind offers.
    """

    kind, heading = "", ""
    modes = tuple(Meeting.Mode.values)

    title = forms.CharField(
        label=_("Title"),
        max_length=160,
        error_messages={"required": _("Write a title."), "max_length": _("Shorten the title to 160 characters.")},
    )
    day = forms.DateField(
        label=_("Day"), widget=DateInput(),
        error_messages={"required": _("Write the day."), "invalid": _("Write the day as 2027-03-05.")},
    )  # fmt: skip
    hour = forms.TimeField(
        label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M"), input_formats=["%H:%M", "%H:%M:%S"],
        error_messages={"required": _("Write the hour."), "invalid": _("Write the hour as 15:00.")},
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        help_text=_("Day and hour are written in this zone."),
        error_messages={"invalid_choice": _("Choose a time zone from the list.")},
    )
    minutes = number_field(5, 720, MINUTES, label=_("Minutes"), initial=90)
    about = forms.CharField(
        label=_("What it is about"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    preparation = forms.CharField(
        label=_("How to prepare"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At most five minutes of reading."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Working language"), choices=Meeting._meta.get_field("language").choices)
    mode = forms.ChoiceField(label=_("How people meet"), choices=Meeting.Mode.choices, widget=forms.RadioSelect, initial="live")
    place = forms.CharField(
        label=_("Place"), max_length=300, required=False, help_text=_("Address and room, if people meet in person.")
    )
    place_url = https_field(label=_("Map"), help_text=_("An address on a map service."))
    capacity = number_field(
        1, 10_000, _("Write a number of places from 1 to 10000."), label=_("Places"), required=False,
        help_text=_("Empty means as many as come."),
    )  # fmt: skip
    engine = forms.ChoiceField(label=_("Sound and picture"), initial="mesh", help_text=_("Used where people take part online."))
    conference_url = https_field(label=_("Address of the video meeting"))
    backup_url = https_field(label=_("Backup address"), help_text=_("Shown when the first one fails."))
    needed_percent = number_field(
        1, 100, PERCENT, label=_("Minutes needed to count as present, in percent"), initial=75,
        help_text=_("It cannot be changed once the meeting has begun."),
    )  # fmt: skip
    recording_url = https_field(label=_("Address of the recording"), help_text=_("Add it when the recording is there."))
    recording_minutes = number_field(1, 720, MINUTES, label=_("Minutes of the recording"), required=False)
    recording_counts = forms.BooleanField(label=_("Watching the recording counts as attending later"), required=False)
    recording_check = forms.ChoiceField(
        label=_("Questions about the recording"), required=False,
        help_text=_("Confirming that you watched it is not enough: without questions the recording cannot count."),
        error_messages={"invalid_choice": _("Choose one of the questionnaires offered.")},
    )  # fmt: skip
    keep_days = number_field(
        7, 3650, DAYS, label=_("Days the transcript is kept"), initial=365,
        help_text=_("After that, chat and questions are deleted. Attendance, decisions and counts stay."),
    )  # fmt: skip
    draft = forms.BooleanField(label=_("Draft: only those who run it see it"), required=False)
    uid = forms.UUIDField(  # sent twice, planned once (schedule.create_once)
        required=False, widget=forms.HiddenInput, error_messages={"invalid": _("This form is incomplete. Open it again.")},
    )  # fmt: skip

    def __init__(self, data=None, *, instance=None, initial=None):
        self.instance = instance
        super().__init__(data, initial={**(initial or {}), **(as_initial(instance) if instance else {"uid": uuid.uuid4()})})
        self._offer_modes()
        self._offer_engines()
        self.fields["recording_check"].choices = [("", _("none")), *checks(self.initial.get("recording_check"))]
        self._keep_known_zone()
        if instance is not None:
            del self.fields["uid"]
            self._freeze(instance)

    def fields_first(self):
        return [field for field in self.visible_fields() if field.name not in SELDOM]

    def fields_seldom(self):
        return [field for field in self.visible_fields() if field.name in SELDOM]

    def opens_seldom(self):
        """Once it has begun, and where one of them is wrong, the seldom ones are what the page is opened for."""
        return bool((self.instance and self.instance.started_at) or any(name in self.errors for name in SELDOM))

    def _offer_modes(self):
        field = self.fields["mode"]
        field.choices = [(value, label) for value, label in Meeting.Mode.choices if value in self.modes]
        if self.initial.get("mode", field.initial) not in self.modes:
            self.initial["mode"] = self.modes[0]

    def _offer_engines(self):
        """One that the operator has taken away since stays choosable for the meeting that has it."""
        choices, known = conference.choices(), self.initial.get("engine")
        if known and known not in dict(choices):
            choices = [*choices, (known, known)]
        self.fields["engine"].choices = choices

    def _keep_known_zone(self):
        known = {name for _group, names in zones() for name, _label in names}
        zone = self.initial.get("time_zone")
        if zone and zone not in known and wall_clock.known(zone):  # one that this server does not know is not offered again
            self.fields["time_zone"].choices = [*self.fields["time_zone"].choices, (zone, zone)]

    def _freeze(self, meeting):
        if meeting.state not in (Meeting.State.DRAFT, Meeting.State.SCHEDULED):
            del self.fields["draft"]
        for name in ("day", "hour", *NOT_ONCE_BEGUN):
            if meeting.started_at and name in self.fields:
                self.fields[name].disabled = True

    def clean_conference_url(self):
        return self._allowed("conference_url")

    def clean_backup_url(self):
        return self._allowed("backup_url")

    def _allowed(self, name):
        url = self.cleaned_data[name]
        if url:
            conference.check_address(url)
        return url

    def clean_place_url(self):
        return secure(self.cleaned_data["place_url"])

    def clean_recording_url(self):
        return secure(self.cleaned_data["recording_url"])

    def clean(self):
        cleaned = super().clean()
        day, hour, zone = cleaned.get("day"), cleaned.get("hour"), cleaned.get("time_zone")
        if day and hour and zone and self._says_when():
            try:
                cleaned["starts_at"] = as_instant(datetime.datetime.combine(day, hour), zoneinfo.ZoneInfo(zone))
            except ValidationError as error:
                self.add_error("hour", error)
            except (OverflowError, ValueError):
                self.add_error("day", _("Write the day as 2027-03-05."))
        if cleaned.get("recording_counts") and not cleaned.get("recording_minutes") and cleaned.get("recording_url"):
            self.add_error("recording_minutes", _("Write how long the recording is, so that watching it can count."))
        if cleaned.get("mode") == Meeting.Mode.IN_PERSON:  # nobody is elsewhere to be heard
            cleaned |= {"engine": "none", "conference_url": "", "backup_url": ""}
        return cleaned

    def _says_when(self):
        """Where the hour is left as it was, the promise of the organiser stays on its row, also for an hour that comes twice."""
        return self.instance is None or not {"day", "hour", "time_zone"}.isdisjoint(self.changed_data)

    def fields_to_save(self):
        """What schedule.create and schedule.change take."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("day", "hour", "draft")}
        if self.instance is not None and self.instance.started_at:
            said = {name: value for name, value in said.items() if name not in NOT_ONCE_BEGUN}
        if "draft" in self.fields:
            said["state"] = Meeting.State.DRAFT if self.cleaned_data["draft"] else Meeting.State.SCHEDULED
        return said

    def say(self, refusal):
        """Puts a refusal of schedule.py beside the field it is about."""
        field = {"starts_at": "day"}.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, refusal.text)


class TrainingForm(MeetingForm):
    kind, heading = "training", _("A training session")

    number = number_field(1, 999, _("Write a number from 1 to 999."), label=_("Number of the session"), initial=1)
    activity_key = forms.TypedChoiceField(
        label=_("Session of the programme"), required=False, coerce=uuid.UUID, empty_value=None,
        help_text=_("Attending the meeting completes it."),
        error_messages={"invalid_choice": _("Choose a session of the programme from the list.")},
    )  # fmt: skip
    field_order = ["title", "number", "activity_key", "day", "hour", "time_zone", "minutes"]

    def __init__(self, data=None, *, activities, **options):
        super().__init__(data, **options)
        offered = [(str(activity.key), activity.title()) for activity in activities]
        known = self.initial.get("activity_key")
        if known and known not in dict(offered):
            offered.append((known, _("a session that the programme does not have any more")))
        self.fields["activity_key"].choices = [("", _("None: an extra meeting")), *offered]


class RegionalForm(MeetingForm):
    kind, heading = "regional", _("A regional meeting")

    topic = forms.CharField(label=_("Topic"), max_length=200, required=False)
    quarter = forms.RegexField(
        r"^20\d\d-Q[1-4]$", label=_("Quarter"), required=False, help_text=_("For example 2027-Q1."), strip=True,
        widget=forms.TextInput(attrs={"class": "short"}), error_messages={"invalid": _("Write the quarter as 2027-Q1.")},
    )  # fmt: skip
    field_order = ["title", "topic", "quarter", "day", "hour", "time_zone", "minutes"]


class PreparatoryForm(MeetingForm):
    kind, heading = "preparatory", _("A preparatory meeting")

    field_order = ["title", "day", "hour", "time_zone", "minutes"]


class InPersonForm(MeetingForm):
    """Where it is must be known before people are told; a draft may wait for it."""

    kind, heading = "in_person_day", _("An in-person day")
    modes = (Meeting.Mode.IN_PERSON, Meeting.Mode.HYBRID)

    field_order = ["title", "day", "hour", "time_zone", "minutes", "mode", "place", "place_url", "capacity"]

    def clean(self):
        cleaned = super().clean()
        told = not cleaned.get("draft")
        if told and not cleaned.get("place") and "place" not in self.errors:
            self.add_error("place", _("Write the address, or keep the day as a draft."))
        if told and not cleaned.get("place_url") and "place_url" not in self.errors:
            self.add_error("place_url", _("Add the address on a map service, or keep the day as a draft."))
        return cleaned


class NationalForm(MeetingForm):
    kind, heading = "national", _("A national meeting")

    country = forms.ChoiceField(
        label=_("Country"), choices=lambda: [("", _("choose a country")), *countries],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a country from the list.")),
    )  # fmt: skip
    field_order = ["title", "country", "day", "hour", "time_zone", "minutes"]


def as_initial(meeting):
    local = meeting.starts_at.astimezone(wall_clock.zone(meeting.time_zone))
    names = {field.name for field in meeting._meta.get_fields() if field.concrete} - {"activity_key"}
    values = {name: getattr(meeting, name) for name in names if name in _EVERY_FIELD}
    values |= {"country": str(values["country"])} if "country" in values else {}
    key = getattr(meeting, "activity_key", None)
    return {
        **values, "day": local.date(), "hour": local.time(), "draft": meeting.state == Meeting.State.DRAFT,
        "activity_key": str(key) if key else "",
    }  # fmt: skip


_FORMS = (TrainingForm, RegionalForm, PreparatoryForm, InPersonForm, NationalForm)
_EVERY_FIELD = {name for form in _FORMS for name in form.base_fields}
FORMS = {
    TrainingSession: TrainingForm, RegionalMeeting: RegionalForm, PreparatoryMeeting: PreparatoryForm, InPersonDay: InPersonForm,
    NationalMeeting: NationalForm,
}  # fmt: skip
