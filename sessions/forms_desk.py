"""The small forms of the desk: a segment, a person, why a meeting is called off."""

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from curriculum.enrollment_states import Refused
from curriculum.forms import zones
from sessions import guests
from sessions.belonging import enrolled_in
from sessions.forms import number_field
from sessions.kinds import KINDS, NEEDED, NONE
from sessions.models import MeetingPerson, Segment

PARTS = [choice for choice in MeetingPerson.Part.choices if choice[0] != MeetingPerson.Part.REMOVED]
SEGMENT_MINUTES = _("Write a number of minutes from 1 to 480.")


class SegmentForm(forms.ModelForm):
    minutes = number_field(1, 480, SEGMENT_MINUTES, label=_("Minutes"), initial=10)
    owner = forms.ModelChoiceField(
        get_user_model().objects.none(), label=_("Owner"), required=False, empty_label=_("nobody yet"),
        error_messages={"invalid_choice": _("Choose somebody of the meeting.")},
    )  # fmt: skip

    class Meta:
        model = Segment
        fields = ["title", "kind", "minutes", "owner", "owner_name", "materials", "fallback", "notes"]
        help_texts = {
            "owner_name": _("As participants read it. Empty means the owner's name."),
            "fallback": _("What to do if it fails. Participants do not see it."),
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"title": {"required": _("Write a title."), "max_length": _("Shorten the title to 160 characters.")}}

    def __init__(self, *args, meeting, by, **options):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = people_of(meeting)
        self.fields["owner"].label_from_instance = guests.name_for(by, meeting)

    def written(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class MinutesForm(forms.Form):
    """The minutes of all segments at once: fields `m<id>`, which stand in the rows of the table."""

    def __init__(self, data=None, *, show):
        super().__init__(data)
        for row in show.rows:
            field = number_field(1, 480, SEGMENT_MINUTES, label=row.segment.title, initial=row.segment.minutes)
            field.widget.attrs |= {"form": "minutes", "aria-label": _("Minutes of “%(title)s”") % {"title": row.segment.title}}
            self.fields[f"m{row.segment.pk}"] = field

    def rows(self, show):
        """`[(row, field)]` for the page."""
        return [(row, self[f"m{row.segment.pk}"]) for row in show.rows]

    def minutes(self):
        return {int(name[1:]): value for name, value in self.cleaned_data.items()}


def people_of(meeting):
    """Who may own a segment: everybody who belongs through the cohort, in any role, and those who belong by name."""
    asked = MeetingPerson.objects.filter(meeting_id=meeting.pk).exclude(part=MeetingPerson.Part.REMOVED).values("user_id")
    members = enrolled_in(meeting).values("user_id")
    return get_user_model().objects.filter(Q(pk__in=asked) | Q(pk__in=members), is_active=True).order_by("full_name", "pk")


class PersonForm(forms.Form):
    """Somebody by address. Whoever cannot be found by name needs a name and a zone, account or none: the page does not say which. The
    language is the meeting's unless chosen."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid", "max_length"), _("Write an e-mail address such as name@hospital.org.")),
    )  # fmt: skip
    part = forms.ChoiceField(
        label=_("Part"), choices=PARTS, widget=forms.RadioSelect, initial=MeetingPerson.Part.GUEST,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a part.")),
    )  # fmt: skip
    full_name = forms.CharField(
        label=_("Name"), max_length=150, required=False, help_text=_("Only for somebody whom you cannot find by name."),
        error_messages={"max_length": _("Shorten the name to 150 characters.")},
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, required=False, help_text=_("Where the new guest reads the hour of the meeting."),
        error_messages={"invalid_choice": _("Choose a time zone from the list.")},
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, required=False)

    def __init__(self, data=None, *, meeting, by):
        super().__init__(data, initial={"time_zone": meeting.time_zone, "language": meeting.language})
        self.meeting, self.by = meeting, by

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("email"):
            return cleaned
        try:
            known = guests.known_to(self.by, self.meeting, cleaned["email"])
        except Refused as refusal:
            self.add_error("email", refusal.text)
            return cleaned
        if not known and not cleaned.get("full_name"):
            self.add_error(
                "full_name",
                _("Nobody whom you can find has this address. Check it, or write the name as well."),
            )
        return cleaned

    def profile(self):
        """Of a new account."""
        said = self.cleaned_data
        return {
            "full_name": said["full_name"], "time_zone": said["time_zone"] or self.meeting.time_zone,
            "language": said["language"] or self.meeting.language,
        }  # fmt: skip


class ChoiceOfKind(forms.Form):
    """What a new meeting is and for whom; sent by GET. Kinds and "no cohort" are offered to those who may."""

    kind = forms.ChoiceField(
        label=_("What kind of meeting is it?"), widget=forms.RadioSelect, initial="training",
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose what kind of meeting it is.")),
    )  # fmt: skip
    cohort = forms.ChoiceField(
        label=_("Cohort"), required=False, error_messages={"invalid_choice": _("Choose one of your cohorts.")}
    )

    def __init__(self, data=None, *, cohorts, leads, source=None):
        there = [(str(cohort.pk), cohort.name) for cohort in cohorts[:100]]
        asked = str(source.cohort_id) if source and source.cohort_id else ""
        known = asked if asked in dict(there) else there[0][0] if len(there) == 1 and not leads else ""
        super().__init__(data, initial={"kind": source.kind if source else "training", "cohort": known})
        offered = [one for one in KINDS.values() if there or one.cohort != NEEDED]
        self.fields["kind"].choices = [(one.key, _in_words(one)) for one in offered if leads or one.cohort != NONE]
        nobody = [("", _("none: people are named one by one") if leads else _("choose a cohort"))]
        self.fields["cohort"].choices = [*nobody, *there]

    def clean(self):
        cleaned = super().clean()
        kind = KINDS.get(cleaned.get("kind", ""))
        if kind and kind.cohort == NEEDED and not cleaned.get("cohort"):
            self.add_error("cohort", _("Choose the cohort: this kind of meeting needs one."))
        return cleaned


def _in_words(kind):
    return format_html('<b>{}</b><br><span class="small muted">{}</span>', kind.name, kind.purpose)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("People read it on the page of the meeting."),
        error_messages={"required": _("Write the reason: people read it on the page of the meeting."),
                        "max_length": _("Shorten the reason to 300 characters.")},
    )  # fmt: skip


class SlidesForm(forms.Form):
    title = forms.CharField(
        label=_("Title"), max_length=160, required=False, help_text=_("Empty means the name of the file."),
        error_messages={"max_length": _("Shorten the title to 160 characters.")},
    )  # fmt: skip
    file = forms.FileField(
        label=_("PDF"), widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": _("Choose a PDF file."), "empty": _("The file is empty. Choose another one.")},
    )  # fmt: skip
