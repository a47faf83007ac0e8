"""The pages of a selection. Those who run the preparatory meeting read and mark; leads of the cohort apply; candidates see none of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from sessions import selection
from sessions.forms_selection import CriterionForm, DecisionForm
from sessions.models import PreparatoryMeeting
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by

MOVES = {"up": -1, "down": 1}
RESULTS = "selection-%s"


def judged_by(request, pk):
    """The preparatory meeting, for those who run it; 404 for outsiders and other kinds, 403 for participants and for its candidates."""
    meeting = run_by(request, pk)
    if not isinstance(meeting, PreparatoryMeeting):
        raise Http404
    if selection.is_candidate(request.user, meeting):
        raise PermissionDenied
    return meeting


def applies(user, meeting):
    return meeting.cohort_id is not None and roles.leads(user, meeting.cohort)


@login_required
@require_safe
def overview(request, pk):
    """Everybody at a glance; after applying, what came of it, once."""
    meeting = judged_by(request, pk)
    candidates = selection.candidates_of(meeting)
    context = {
        "meeting": meeting, "candidates": candidates, "criteria": meeting.criteria.all(), "applies": applies(request.user, meeting),
        "waiting": sum(one.may_apply for one in candidates), "results": request.session.pop(RESULTS % meeting.pk, []),
        "missing": selection.missing_in([meeting])[meeting.pk],
    }  # fmt: skip
    return render_desk(request, "live/selection/overview.html", **context)


# --- criteria --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def criteria(request, pk):
    """The list; a post adds one at the end."""
    meeting = judged_by(request, pk)
    form = CriterionForm(posted(request))
    if request.method == "POST" and form.is_valid() and _said(form, selection.add_criterion, meeting, form.cleaned_data["text"]):
        return redirect("live:criteria", meeting.pk)
    context = {"meeting": meeting, "criteria": meeting.criteria.all(), "usual": selection.USUAL}
    return form_page(request, "live/selection/criteria.html", form, **context)


@login_required
@require_form
def criterion(request, pk, criterion):
    meeting = judged_by(request, pk)
    one = get_object_or_404(meeting.criteria, pk=criterion)
    form = CriterionForm(posted(request), initial={"text": one.text})
    if request.method == "POST" and form.is_valid() and _said(form, selection.change_criterion, one, form.cleaned_data["text"]):
        return redirect("live:criteria", meeting.pk)
    return form_page(request, "live/selection/criterion.html", form, meeting=meeting, criterion=one)


def _said(form, act, *arguments):
    """Whether the act took place; its refusal stands in the form otherwise."""
    try:
        act(*arguments)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        return False
    return True


@login_required
@require_POST
def criterion_act(request, pk, criterion):
    """`do`: up, down or remove."""
    meeting = judged_by(request, pk)
    one = get_object_or_404(meeting.criteria, pk=criterion)
    do = request.POST.get("do")
    if do in MOVES:
        _try(request, selection.shift_criterion, one, MOVES[do])
    elif do == "remove":
        _try(request, selection.remove_criterion, one)
    else:
        messages.error(request, _("This button is not known. Try again."))
    return redirect("live:criteria", meeting.pk)


@login_required
@require_POST
def usual(request, pk):
    meeting = judged_by(request, pk)
    _try(request, selection.use_usual, meeting)
    return redirect("live:criteria", meeting.pk)


def _try(request, act, *arguments):
    try:
        act(*arguments)
    except Refused as refusal:
        messages.error(request, refusal.text)


# --- one candidate ---------------------------------------------------------------------------------------------------


@login_required
@require_form
def candidate(request, pk, enrollment):
    """One candidate per page, next and previous by name. 409 where somebody else has decided since the page was opened."""
    meeting = judged_by(request, pk)
    everybody = selection.candidates_of(meeting)
    place = next((number for number, one in enumerate(everybody) if one.enrollment.pk == enrollment), None)
    if place is None:
        raise Http404
    here = everybody[place]
    form = DecisionForm(posted(request), criteria=meeting.criteria.all(), row=here.row)
    status = 200
    if request.method == "POST":
        status = _decide(request, meeting, here, form) if form.is_valid() else 422
    around = {"previous": everybody[place - 1] if place else None, "next": next(iter(everybody[place + 1 :]), None)}
    if status == 302:
        return _onwards(request, meeting, around["next"])
    context = {"form": form, "meeting": meeting, "here": here, "number": place + 1, "total": len(everybody), **around}
    return render_desk(request, "live/selection/candidate.html", status, conflict=status == 409, **context)


def _decide(request, meeting, here, form):
    """The status of the answer; what was typed stays in the form."""
    said, version = form.cleaned_data, request.POST.get("version", "")
    try:
        selection.decide(
            meeting, here.enrollment, request.user, decision=said["decision"], reason=said["reason"], marks=form.marks(),
            version=version,
        )  # fmt: skip
    except selection.Changed as refusal:
        form.add_error(None, refusal.text)
        return 409
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        return 422
    return 302


def _onwards(request, meeting, following):
    messages.success(request, _("Saved."))
    if following is not None and "next" in request.POST:
        return redirect("live:candidate", meeting.pk, following.enrollment.pk)
    return redirect("live:selection", meeting.pk)
