"""The forms of a selection: a criterion; marks, decision and reasons for one candidate."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sessions import selection
from sessions.models import CandidateDecision

REASONS = _("Shorten the reasons to 500 characters.")
PREFIX = "mark_"


class CriterionForm(forms.Form):
    text = forms.CharField(
        label=_("Criterion"), max_length=300,
        error_messages={"required": _("Write the criterion."), "max_length": _("Shorten the criterion to 300 characters.")},
    )  # fmt: skip


class DecisionForm(forms.Form):
    """One mark per criterion of `criteria`, then the decision. `row` is what was saved, or `None`."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=CandidateDecision.Decision.choices, required=False, widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the decisions offered.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reasons"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed for every decision. Leads and trainers read them, and the history of the person keeps them."),
        error_messages={"max_length": REASONS},
    )  # fmt: skip

    def __init__(self, data=None, *, criteria, row=None):
        initial = {"decision": row.decision, "reason": row.reason} if row else {"decision": ""}
        super().__init__(data, initial=initial)
        for criterion in criteria:
            mark = row.marks.get(str(criterion.pk)) if row else None
            self.fields[f"{PREFIX}{criterion.pk}"] = forms.TypedChoiceField(
                label=criterion.text, choices=[("", _("no mark yet")), *selection.MARKS], coerce=int, empty_value=None,
                required=False, widget=forms.RadioSelect, initial="" if mark is None else mark,
                error_messages={"invalid_choice": _("Choose one of the marks offered.")},
            )  # fmt: skip
        self.order_fields([name for name in self.fields if name.startswith(PREFIX)])

    def marks(self):
        """`{criterion id: mark}` of those that were marked."""
        given = {int(name.removeprefix(PREFIX)): value for name, value in self.cleaned_data.items() if name.startswith(PREFIX)}
        return {pk: mark for pk, mark in given.items() if mark is not None}
