"""The small forms of the desk: a segment, a person, why a meeting is called off."""

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curriculum.models import Enrollment
from sessions.forms import number_field
from sessions.models import MeetingPerson, Segment

PARTS = [choice for choice in MeetingPerson.Part.choices if choice[0] != MeetingPerson.Part.REMOVED]


class SegmentForm(forms.ModelForm):
    minutes = number_field(1, 480, _("Write a number of minutes from 1 to 480."), label=_("Minutes"), initial=10)
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

    def __init__(self, *args, meeting, **options):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = people_of(meeting)
        self.fields["owner"].label_from_instance = lambda user: user.addressed_as

    def written(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def people_of(meeting):
    """Who may own a segment: trainers and leads of the cohort, and those who belong by name."""
    asked = MeetingPerson.objects.filter(meeting_id=meeting.pk).exclude(part=MeetingPerson.Part.REMOVED).values("user_id")
    members = Enrollment.objects.filter(cohort_id=meeting.cohort_id, status__in=Enrollment.MEMBER_STATES).values("user_id")
    return get_user_model().objects.filter(Q(pk__in=asked) | Q(pk__in=members), is_active=True).order_by("full_name", "pk")


class PersonForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid"), _("Write an e-mail address such as name@hospital.org.")),
    )  # fmt: skip
    part = forms.ChoiceField(
        label=_("Part"), choices=PARTS, widget=forms.RadioSelect, initial=MeetingPerson.Part.GUEST,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a part.")),
    )  # fmt: skip

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("email"):
            self.user = get_user_model().objects.filter(email__iexact=cleaned["email"], is_active=True).first()
            if self.user is None:
                self.add_error(
                    "email", _("Nobody with this address has an account here. Check it, or add the person to a cohort first.")
                )
        return cleaned


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
