"""Checking in by code or QR sign, the sign itself, a new code, and the trainer's hand in the hall."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from sessions import check_in
from sessions.models import Meeting
from sessions.stays import is_expected
from sessions.views.attendance import correctable, person_of, visible


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Attendance code"), max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code", "size": 8}
        ),
        help_text=gettext_lazy("Six letters and digits, shown by the trainer."),
        error_messages=dict.fromkeys(
            ("required", "max_length"), gettext_lazy("Write the six letters and digits of the code that the trainer shows.")
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check_in_page(request, pk):
    """For participants. Whoever runs the meeting is sent to the sign; for others of the cohort attendance is not kept."""
    meeting = visible(request, pk)
    if not is_expected(meeting, request.user):
        if request.method != "POST" and _hosts(request, meeting):
            return redirect("live:check_in_sign", meeting.pk)
        roles.require(False)
    sent = request.POST if request.method == "POST" else None
    form = CodeForm(sent, initial={"code": check_in.clean_code(request.GET.get("code"))})
    status = 200
    if sent is not None:
        status = _check_in(request, meeting, form)
        if status == 302:
            return redirect("live:check_in", meeting.pk)
    context = {"meeting": meeting, "form": form, "mine": check_in.of(meeting, request.user), "closed": _closed(meeting)}
    context["via"] = (sent or request.GET).get("via", "")[:5]
    return render(request, "live/attendance/check_in.html", context, status=status)


def _check_in(request, meeting, form):
    """The status of the answer; errors are noted in the form."""
    if not form.is_valid():
        return 422
    try:
        check_in.check_in(meeting, request.user, form.cleaned_data["code"], request.POST.get("via", ""))
    except check_in.TooManyTries as refusal:
        form.add_error(None, refusal.text)
        return 429
    except check_in.NotOpen as refusal:
        form.add_error(None, refusal.text)
        return 409
    except Refused as refusal:
        form.add_error(refusal.field, refusal.text)
        return 422
    messages.success(request, _("You are checked in."))
    return 302


def _closed(meeting):
    try:
        check_in.require_open(meeting)
    except check_in.NotOpen as refusal:
        return refusal.text
    return ""


def _hosts(request, meeting):
    return Meeting.objects.hosted_by(request.user).filter(pk=meeting.pk).exists()


def hosted(request, pk):
    """The meeting, for whoever runs it; 403 for participants, 404 for the rest."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user).non_polymorphic(), pk=pk)
    roles.require(_hosts(request, meeting))
    return meeting


@login_required
@require_safe
def sign(request, pk):
    """For the projector and for paper: the code and the QR sign. A meeting without a code says how to get one."""
    meeting = hosted(request, pk)
    context = {"meeting": meeting, "closed": _closed(meeting)}
    if meeting.check_in_code:
        context |= {"sign": check_in.sign(meeting), "address": check_in.address(meeting).partition("?")[0]}
    return render(request, "live/attendance/sign.html", context)


@login_required
@require_POST
def code(request, pk):
    """A new code; the old one stops counting at once."""
    meeting = hosted(request, pk)
    if meeting.state in (Meeting.State.ENDED, Meeting.State.CANCELLED):
        messages.error(request, _("The meeting is over: a code would open nothing."))
    else:
        check_in.new_code(meeting)
        messages.success(request, _("The code is new. The one before it no longer counts."))
    return redirect("live:check_in_sign", meeting.pk)


@login_required
@require_POST
def in_hall(request, pk, person):
    """A trainer sees somebody come or go: `what` is "here" or "left"."""
    meeting = correctable(request, pk)
    line = person_of(request.user, meeting, person)
    act = {"here": check_in.by_hand, "left": check_in.left}.get(request.POST.get("what"))
    try:
        if act is None:
            raise Refused(_("Choose whether the person came or left."))
        act(meeting, line.person, request.user)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("Saved."))
    return redirect("live:attendance", meeting.pk)
