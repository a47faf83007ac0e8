"""Notes, decisions and actions of a meeting, outside its room: written by those who run it, said to be done by whoever does it."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from curriculum.forms import DateInput
from sessions import agreed, belonging, carrying, guests, room
from sessions.models import Outcome
from sessions.refusals import Refusal
from sessions.seats import seat_for
from sessions.views.meetings import form_page, hosts, posted, require_form, run_by, seen_by


class OutcomeForm(forms.Form):
    what = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=Outcome.What.choices, widget=forms.RadioSelect, initial="action",
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose note, decision or action.")),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("In words"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write what was said."), "max_length": gettext_lazy("Shorten it to 500 characters.")},
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        get_user_model().objects.none(), label=gettext_lazy("Who does it"), required=False,
        empty_label=gettext_lazy("nobody yet"), error_messages={"invalid_choice": gettext_lazy("Choose somebody of the meeting.")},
    )  # fmt: skip
    owner_name = forms.CharField(
        label=gettext_lazy("Or somebody else"), max_length=150, required=False,
        error_messages={"max_length": gettext_lazy("Shorten the name to 150 characters.")},
    )  # fmt: skip
    due = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=DateInput(),
        error_messages={"invalid": gettext_lazy("Write the day as 2027-03-05.")},
    )  # fmt: skip

    def __init__(self, data=None, *, meeting, by, outcome=None):
        names = ("what", "text", "owner", "owner_name", "due")
        initial = {name: getattr(outcome, name) for name in names} if outcome else {}
        if outcome and outcome.owner_id:
            initial["owner_name"] = ""
        super().__init__(data, initial=initial)
        people = belonging.people_of(meeting)
        if outcome and outcome.owner_id:  # somebody who belongs no more stays who does it
            people = (people | get_user_model().objects.filter(pk=outcome.owner_id)).distinct()
        self.fields["owner"].queryset = people
        self.fields["owner"].label_from_instance = guests.name_for(by, meeting)

    def body(self):
        """What the act takes."""
        said = self.cleaned_data
        due = said["due"].isoformat() if said["due"] else None
        owner = said["owner"].pk if said["owner"] else None
        return {"what": said["what"], "text": said["text"], "owner": owner, "owner_name": said["owner_name"], "due": due}


@login_required
@require_form
def outcomes(request, pk):
    """The list; a post adds one."""
    meeting = run_by(request, pk)
    form = OutcomeForm(posted(request), meeting=meeting, by=request.user)
    cid = request.POST.get("cid", "") if request.method == "POST" else uuid.uuid4().hex
    if request.method == "POST" and form.is_valid() and _done(request, meeting, form, "outcome.add", form.body(), cid):
        return redirect("live:outcomes", meeting.pk)
    found = agreed.agreed_in(meeting, request.user, hosts=True)
    return form_page(request, "live/outcomes_edit.html", form, meeting=meeting, agreed=found, cid=cid)


@login_required
@require_form
def outcome(request, pk, outcome):
    """One entry; `remove` takes it off, its words with it."""
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.outcomes, pk=outcome)
    removing = request.method == "POST" and "remove" in request.POST
    form = OutcomeForm(None if removing else posted(request), meeting=meeting, by=request.user, outcome=one)
    if removing and _try(request, meeting, "outcome.remove", {"id": one.pk}):
        return redirect("live:outcomes", meeting.pk)
    sent = request.method == "POST" and not removing and form.is_valid()
    if sent and _done(request, meeting, form, "outcome.edit", {"id": one.pk, **form.body()}):
        return redirect("live:outcomes", meeting.pk)
    return form_page(request, "live/outcome.html", form, meeting=meeting, by=request.user, outcome=one)


@login_required
@require_POST
def done(request, pk, outcome):
    """Done, or with `open` open again: for those who run the meeting and for whoever is to do it; everywhere the action stands."""
    meeting = seen_by(request, pk)
    one = get_object_or_404(meeting.outcomes, pk=outcome)
    if not carrying.may_finish(request.user, one, hosts=hosts(request.user, meeting)):
        raise PermissionDenied
    try:
        carrying.finish(one, seat_for(request.user, meeting), uuid.uuid4().hex, done="open" not in request.POST)
    except Refusal as refusal:
        messages.error(request, refusal.text or _("That could not be saved. Try again."))
    return redirect("live:meeting", meeting.pk)


def _done(request, meeting, form, kind, body, cid=""):
    """Whether the room took it; its refusal stands in the form otherwise."""
    try:
        _perform(request, meeting, kind, body, cid)
    except Refusal as refusal:
        form.add_error(None, refusal.text or _("That could not be saved. Try again."))
        return False
    messages.success(request, _("Saved."))
    return True


def _try(request, meeting, kind, body):
    try:
        _perform(request, meeting, kind, body)
    except Refusal as refusal:
        messages.error(request, refusal.text or _("That could not be saved. Try again."))
        return False
    messages.success(request, _("Saved."))
    return True


def _perform(request, meeting, kind, body, cid=""):
    cid = cid if room.CID.match(cid) else uuid.uuid4().hex
    room.perform(seat_for(request.user, meeting), {"t": "op", "cid": cid, "st": "main", "k": kind, "b": body})
