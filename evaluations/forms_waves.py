"""The forms of waves. What they accept beyond the shape of a field is decided by the acts (evaluations/waves.py)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from curriculum.forms import DateInput
from curriculum.outline import outline_of
from evaluations import reading, waves
from evaluations.models import Instrument, Wave

DAY = {"required": _("Write the day as 2027-03-05."), "invalid": _("Write the day as 2027-03-05.")}
DAYS = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Write a number of days from 0 to 90."))
NUMBER = dict.fromkeys(("invalid", "min_value", "max_value"), _("Write a number from 1 to 99."))


class DatesForm(forms.Form):
    opens_on = forms.DateField(
        label=_("First day"), widget=DateInput(), error_messages=DAY, help_text=_("It opens at 00:00 in each person's own zone.")
    )
    closes_on = forms.DateField(
        label=_("Last day"), widget=DateInput(), required=False, error_messages=DAY,
        help_text=_("Until 24:00 in each person's own zone. Empty means that it stays open."),
    )  # fmt: skip
    late_days = forms.IntegerField(
        label=_("Days in which late answers are accepted"), min_value=0, max_value=waves.MOST_LATE_DAYS, initial=0,
        error_messages=DAYS, help_text=_("They are marked as late. 0 means that closed is closed."),
    )  # fmt: skip

    def dates(self):
        return {name: self.cleaned_data[name] for name in ("opens_on", "closes_on", "late_days")}


class PlanForm(DatesForm):
    """One wave by hand."""

    instrument = forms.ChoiceField(
        label=_("Questionnaire or quiz"), error_messages={"required": _("Choose what is asked.")},
        help_text=_("The version of today is asked, also if a newer one is written later."),
    )  # fmt: skip
    moment = forms.ChoiceField(
        label=_("Moment"),
        choices=Wave.Moment.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the moment.")},
    )
    number = forms.IntegerField(
        label=_("Session or meeting number"), required=False, min_value=1, max_value=99, error_messages=NUMBER,
        help_text=_("Only for the moments after a session or a meeting."),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=_("Who is asked"), choices=Wave.Audience.choices, widget=forms.RadioSelect, initial=Wave.Audience.TRAINEES,
        error_messages={"required": _("Choose who is asked.")},
    )  # fmt: skip
    promise = forms.ChoiceField(
        label=_("Promise to those who answer"), widget=forms.RadioSelect, error_messages={"required": _("Choose the promise.")},
        help_text=_("They read it before the first question. It cannot be changed afterwards."),
        choices=[
            (Wave.Promise.IDENTIFIED, _("Identified: trainers and leads can open a person's answers.")),
            (Wave.Promise.CONFIDENTIAL, _("Confidential: linked for before and after; only an evaluator opens answers, with a reason.")),
            (Wave.Promise.ANONYMOUS, _("Anonymous: after closing nobody can link an answer to a person.")),
        ],
    )  # fmt: skip
    feedback = forms.ChoiceField(
        label=_("When people see the right answers"), choices=Wave.Feedback.choices, widget=forms.RadioSelect,
        initial=Wave.Feedback.NEVER, required=False, help_text=_("Only for a quiz."),
    )  # fmt: skip
    activity = forms.ChoiceField(
        label=_("Asked through an activity of the programme"), required=False,
        help_text=_("Otherwise it has a page of its own, which people reach from Today and from the mail."),
    )  # fmt: skip

    field_order = (
        "instrument",
        "activity",
        "moment",
        "number",
        "audience",
        "promise",
        "feedback",
        "opens_on",
        "closes_on",
        "late_days",
    )

    def __init__(self, *args, cohort, **kwargs):
        super().__init__(*args, **kwargs)
        self.instruments = {str(instrument.pk): instrument for instrument in newest_instruments()}
        titles = [(pk, f"{instrument.title_here} (v{instrument.version})") for pk, instrument in self.instruments.items()]
        self.fields["instrument"].choices = [("", _("Choose a questionnaire")), *titles]
        self.activities = {
            str(activity.key): activity for activity in outline_of(cohort).activities if activity.kind in waves.ASKING
        }
        names = [(key, activity.title()) for key, activity in self.activities.items()]
        self.fields["activity"].choices = [("", _("No: it stands alone")), *names]

    def planned(self):
        """The arguments of `waves.plan`."""
        said = self.cleaned_data
        activity = self.activities.get(said["activity"])
        return {
            **{name: said[name] for name in ("moment", "audience", "promise")},
            **self.dates(),
            "instrument": self.instruments[said["instrument"]],
            "number": said["number"] or 0,
            "feedback": said["feedback"] or Wave.Feedback.NEVER,
            "activity_key": activity.key if activity else None,
        }


def newest_instruments():
    """The newest version of each questionnaire and quiz that has questions and is not archived. One query."""
    asking = Instrument.objects.filter(kind__in=waves.ASKING, archived_at__isnull=True, questions__isnull=False).distinct()
    newest = {}
    for instrument in asking.order_by("key", "-version"):
        newest.setdefault(instrument.key, instrument)
    return newest.values()


class ReasonForm(forms.Form):
    """Why an evaluator opens one person's answers."""

    reason = forms.CharField(
        label=_("Reason"), max_length=reading.LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with your name, and the person can read it. At least ten characters."),
        error_messages={
            "required": _("Write why you need to open these answers. The person can read it."),
            "max_length": _("Write at most 500 characters."),
        },
    )  # fmt: skip
