"""What a person set out to change, what became of it, and the two questions about it after 90 and 180 days."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from curriculum import plaintext
from evaluations import following_up
from evaluations.commitments import FOLLOW_UPS, Barrier, Status, words_of
from evaluations.models import Commitment, Response
from evaluations.refusals import Refused

LONGEST_NOTE = 500


class FollowUpForm(forms.Form):
    """What became of one commitment. The barriers and the note may stay empty."""

    status = forms.ChoiceField(
        label=_("What became of it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one answer."), "invalid_choice": _("Choose one of the answers shown.")},
    )
    barriers = forms.MultipleChoiceField(
        label=_("What stood in the way?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={
            "invalid_choice": _("Choose among the answers shown."),
            "invalid_list": _("Choose among the answers shown."),
        },
    )
    note = forms.CharField(
        label=_("In your own words"), help_text=_("Do not write patients' data."), widget=forms.Textarea(attrs={"rows": 2}),
        required=False, strip=False,
    )  # fmt: skip

    def __init__(self, commitment, day, data=None):
        given = next((one for one in commitment.follow_ups.all() if one.day == day), None)
        initial = {"status": given.status, "barriers": given.barriers, "note": given.note} if given else None
        super().__init__(data, prefix=f"c{commitment.pk}", initial=initial)
        for name, choices in (("status", Status.choices), ("barriers", Barrier.choices)):
            self.fields[name].choices = [(code, capfirst(label)) for code, label in choices]
        self.commitment, self.words = commitment, words_of(commitment)
        self.earlier = [one for one in commitment.follow_ups.all() if one.day < day]
        for field in self.fields.values():
            field.widget.use_required_attribute = lambda initial: False

    def clean_note(self):
        return plaintext.clean(self.cleaned_data["note"], LONGEST_NOTE)


@login_required
@require_safe
def own(request):
    """All of one's commitments with what became of them; never anybody else's."""
    return render(request, "evaluations/commitments/own.html", {"promised": _shown(request.user)})


def _shown(user):
    return [
        {"of": promised, "items": [_line(one) for one in promised.commitments]} for promised in following_up.promised_by(user)
    ]


def _line(commitment):
    became = [{"at": one, "barriers": following_up.barrier_words(one.barriers)} for one in commitment.follow_ups.all()]
    return {"commitment": commitment, "words": words_of(commitment), "became": became}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request, pk, day):
    """The form of one day for all commitments of one sent questionnaire; until the next day opens it may be changed."""
    response, commitments = _mine(request, pk, day)
    try:
        following_up.require_open(response, day, commitments[0].made_at)
        return (
            _answer(request, response, commitments, day)
            if request.method == "POST"
            else _form(request, response, commitments, day)
        )
    except Refused as refusal:
        status = refusal.status if request.method == "POST" else 200
        return render(request, "evaluations/commitments/refused.html", {"refusal": refusal}, status=status)


def _mine(request, pk, day):
    responses = Response.objects.accessible_to(request.user).select_related("enrollment__user", "enrollment__cohort")
    response = get_object_or_404(responses, pk=pk)
    rows = Commitment.objects.accessible_to(request.user).filter(response=response).order_by("question__order", "number")
    commitments = list(rows.prefetch_related("question", "follow_ups"))
    if not commitments or day not in FOLLOW_UPS:
        raise Http404
    return response, commitments


def _answer(request, response, commitments, day):
    sent = [FollowUpForm(one, day, request.POST) for one in commitments]
    if any([form.errors for form in sent]):  # noqa: C419 -- each form finds its own errors, also after the first wrong one
        return _form(request, response, commitments, day, sent, status=422)
    following_up.answer(response, day, {form.commitment.pk: form.cleaned_data for form in sent})
    return redirect("evaluations:commitments")


def _form(request, response, commitments, day, sent=None, status=200):
    shown = sent or [FollowUpForm(one, day) for one in commitments]
    errors = [field for form in shown for field in form if field.errors]
    context = {
        "response": response, "day": day, "months": following_up.MONTHS[day], "forms": shown, "errors": errors,
        "page_has_errors": bool(errors), "until": following_up.last_day(response, day, commitments[0].made_at),
        "made_at": commitments[0].made_at,
    }  # fmt: skip
    return render(request, "evaluations/commitments/follow_up.html", context, status=status)
