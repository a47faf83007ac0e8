"""Attendance: one meeting, a cohort's grid, one mark and its history, one's own, the files, and attending by the recording.

Trainers and leads read and correct, evaluators read, everybody reads their own. Outsiders get 404, participants 403.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.forms import ReasonField
from curriculum.models import Cohort
from sessions import (
    attendance,
    attendance_marks,
    attendance_now,
    attendance_reading,
    attendance_sheet,
    check_in,
    guests,
    recording,
)
from sessions.models import Attendance, Meeting

require_form = require_http_methods(["GET", "HEAD", "POST"])


class MarkForm(forms.Form):
    status = forms.ChoiceField(
        label=gettext_lazy("Attendance"), choices=Attendance.Status.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a mark."), "invalid_choice": gettext_lazy("Choose a mark.")},
    )  # fmt: skip
    reason = ReasonField(max_length=attendance_marks.LONGEST_REASON)


# --- who ---------------------------------------------------------------------------------------------------------------


def visible(request, pk):
    """The meeting's base row, for whoever may see it; 404 otherwise. Evaluators see the meetings of their cohort."""
    return get_object_or_404(Meeting.objects.accessible_to(request.user).non_polymorphic(), pk=pk)


def readable(request, pk):
    meeting = visible(request, pk)
    roles.require(attendance_marks.may_read(request.user, meeting))
    return meeting


def correctable(request, pk):
    meeting = visible(request, pk)
    roles.require(attendance_marks.may_correct(request.user, meeting))
    return meeting


def readable_cohort(request, pk):
    cohort = get_object_or_404(Cohort.objects.accessible_to(request.user), pk=pk)
    roles.require(roles.reports(request.user, cohort))
    return cohort


def person_of(by, meeting, pk):
    """Somebody whom the meeting expects or has marked; 404 otherwise."""
    lines = {line.person.pk: line for line in attendance_reading.lines_of(meeting)}
    if pk not in lines:
        get_object_or_404(get_user_model().objects.none(), pk=pk)
    guests.as_known_to(by, meeting, [lines[pk].person])
    return lines[pk]


# --- one meeting -------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def meeting(request, pk):
    meeting = readable(request, pk)
    lines = attendance_reading.lines_of(meeting)
    guests.as_known_to(request.user, meeting, [line.person for line in lines])
    if meeting.is_under_way:  # everybody stands in the list of now; here only who is marked by hand already
        lines = [line for line in lines if line.row]
    now = attendance_now.present_now(meeting) if meeting.is_under_way else []
    guests.as_known_to(request.user, meeting, [one.user for one in now])
    context = {
        "meeting": meeting, "lines": lines, "totals": attendance_reading.totals_of(lines), "history": attendance_reading.history_of(meeting),
        "now": now, "needed": -(-attendance.needed_seconds(meeting) // 60),
        "shortened": attendance.is_shortened(meeting), "may_correct": attendance_marks.may_correct(request.user, meeting),
        "imported": attendance_reading.imported_lines(meeting), "recording_problem": recording.problem_of(meeting),
        "check_in_open": check_in.is_open(meeting), "settles_at": meeting.ended_at and meeting.ended_at + attendance.OPEN_FOR,
    }  # fmt: skip
    return render(request, "live/attendance/meeting.html", context)


@login_required
@require_form
def mark(request, pk, person):
    """One mark: what it rests on, its history, and a form for those who may correct it."""
    meeting = readable(request, pk)
    line = person_of(request.user, meeting, person)
    may = attendance_marks.may_correct(request.user, meeting) and person != request.user.pk
    roles.require(may or request.method != "POST")
    shown = line.row.status if line.row else None
    form = MarkForm(request.POST if request.method == "POST" else None, initial={"status": shown})
    if request.method == "POST" and form.is_valid():
        try:
            attendance_marks.correct(meeting, line.person, form.cleaned_data["status"], request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, _("Saved."))
            return redirect("live:attendance_mark", meeting.pk, person)
    context = {
        "meeting": meeting, "line": line, "form": form, "may": may, "traces": attendance_reading.traces_of(meeting, line.person),
        "history": attendance_reading.history_of(meeting, line.person), "by_hand": bool(line.row and line.row.source == "hand"),
        "late": attendance.is_late(meeting, attendance_reading.timezone.now()),
    }  # fmt: skip
    return render(request, "live/attendance/mark.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def undo(request, pk, person):
    """Back to what was measured."""
    meeting = correctable(request, pk)
    line = person_of(request.user, meeting, person)
    roles.require(person != request.user.pk)
    try:
        attendance_marks.undo(meeting, line.person, request.user)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("The mark is again the one that was measured."))
    return redirect("live:attendance_mark", meeting.pk, person)


# --- a cohort, and oneself ---------------------------------------------------------------------------------------------


@login_required
@require_safe
def cohort(request, pk):
    cohort = readable_cohort(request, pk)
    return render(request, "live/attendance/grid.html", {"cohort": cohort, "grid": attendance_reading.grid_of(cohort)})


@login_required
@require_safe
def mine(request):
    return render(request, "live/attendance/mine.html", {"all_own": attendance_reading.all_own(request.user)})


# --- files -------------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def meeting_sheet(request, pk):
    meeting = readable(request, pk)
    return _file(attendance_sheet.of_meeting(meeting, request.user), meeting.title)


@login_required
@require_safe
def cohort_sheet(request, pk):
    cohort = readable_cohort(request, pk)
    return _file(attendance_sheet.of_cohort(cohort), cohort.name)


def _file(content, title):
    name = f"{slugify(_('Attendance'))}-{slugify(title)[:60] or 'puente'}.xlsx"
    response = HttpResponse(content, content_type=attendance_sheet.CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


# --- the recording -----------------------------------------------------------------------------------------------------


@login_required
@require_form
def watch_recording(request, pk):
    """The person confirms having watched it and answers the questions about it."""
    meeting = visible(request, pk)
    reason = recording.why_not(meeting, request.user)
    posted = request.method == "POST"
    context = {"meeting": meeting, "reason": reason, "posted": posted, "pass_percent": recording.PASS_PERCENT}
    if reason:
        return render(request, "live/attendance/recording.html", context, status=409 if posted else 200)
    context["forms"] = recording.forms_for(meeting, request.POST if posted else None)
    if not posted:
        return render(request, "live/attendance/recording.html", context)
    try:
        outcome = recording.watch(meeting, request.user, "confirmed" in request.POST, context["forms"])
    except Refused as refusal:
        error = {"anchor": refusal.field or "", "text": refusal.text}
        context |= {"errors": [error], "page_has_errors": True, "confirmed": "confirmed" in request.POST}
        return render(request, "live/attendance/recording.html", context, status=422)
    if not outcome.passed:
        return render(request, "live/attendance/recording.html", {**context, "outcome": outcome, "confirmed": True}, status=422)
    messages.success(request, _("Your attendance by the recording is noted."))
    return redirect("live:attendance_mine")
