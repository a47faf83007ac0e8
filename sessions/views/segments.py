"""The run of show: rows with times, changed by buttons. Who is in the room already gets the new one at once."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum.enrollment_states import Refused
from sessions import room, run_of_show
from sessions.forms_desk import MinutesForm, SegmentForm
from sessions.models import Stream
from sessions.refusals import Refusal
from sessions.seats import seat_for
from sessions.views.copies import kept_on_device
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by, seen_by

MOVES = {"up": -1, "down": 1}


@login_required
@require_form
@kept_on_device
def show(request, pk):
    """The whole of it; a post adds a segment at the end, or with `recompute` changes the minutes in the rows."""
    meeting = run_by(request, pk)
    if request.method == "POST" and "recompute" in request.POST:
        return _recompute(request, meeting)
    form = SegmentForm(posted(request), meeting=meeting, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            run_of_show.add(meeting, after=_after(request), **form.written())
        except Refused as refusal:
            form.add_error(None, refusal.text)
        else:
            return _changed(request, meeting)
    return _page(request, meeting, form)


def _after(request):
    """The newest segment when the form was opened, `None` where it does not say."""
    said = request.POST.get("after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else None


def _recompute(request, meeting):
    form = MinutesForm(request.POST, show=run_of_show.show_of(meeting))
    if form.is_valid():
        run_of_show.set_minutes(meeting, form.minutes())
        return _changed(request, meeting)
    return _page(request, meeting, SegmentForm(meeting=meeting, by=request.user), form)


def _page(request, meeting, form, minutes=None):
    """`minutes` is the form of the rows where something in it is wrong."""
    show = run_of_show.show_of(meeting)
    rows = (minutes or MinutesForm(show=show)).rows(show)
    context = {"meeting": meeting, "show": show, "rows": rows, "newest": run_of_show.newest(show), "adding": form}
    return form_page(request, "live/run_of_show.html", minutes or form, **context)


@login_required
@require_form
def segment(request, pk, segment):
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.segments, pk=segment)
    form = SegmentForm(posted(request), instance=one, meeting=meeting, by=request.user)
    if request.method == "POST" and form.is_valid():
        if not run_of_show.change(one, **form.written()):
            raise Http404
        return _changed(request, meeting)
    return form_page(request, "live/segment.html", form, meeting=meeting, segment=one)


@login_required
@require_POST
def act(request, pk, segment):
    """`do`: up, down or remove."""
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.segments.select_related("meeting"), pk=segment)
    do = request.POST.get("do")
    try:
        if do in MOVES:
            run_of_show.shift(one, MOVES[do])
        elif do == "remove":
            run_of_show.remove(one)
        else:
            messages.error(request, _("This button is not known. Try again."))
            return redirect("live:run_of_show", meeting.pk)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect("live:run_of_show", meeting.pk)
    return _changed(request, meeting)


@login_required
@require_POST
def template(request, pk):
    meeting = run_by(request, pk)
    try:
        run_of_show.use_template(meeting)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect("live:run_of_show", meeting.pk)
    return _changed(request, meeting)


@login_required
@require_safe
def agenda(request, pk):
    """The printed agenda for participants: time, title, who speaks. For everybody who belongs."""
    return _sheet(request, seen_by(request, pk), "live/agenda_sheet.html")


@login_required
@require_safe
def cues(request, pk):
    """The printed cue sheet of those who run it: owner, materials, backup plan, notes."""
    return _sheet(request, run_by(request, pk), "live/cue_sheet.html")


def _sheet(request, meeting, template):
    return render_desk(request, template, meeting=meeting, show=run_of_show.show_of(meeting))


def _changed(request, meeting):
    """Back to the rows. Where somebody has been in the room, it is told."""
    if Stream.objects.filter(meeting_id=meeting.pk, name="main", last_seq__gt=0).exists():
        operation = {"cid": uuid.uuid4().hex, "st": "main", "k": "agenda.plan", "b": {}}
        try:
            room.perform(seat_for(request.user, meeting), operation)
        except Refusal:
            messages.warning(request, _("Saved. The room does not show it: it takes no changes any more."))
            return redirect("live:run_of_show", meeting.pk)
    messages.success(request, _("Saved."))
    return redirect("live:run_of_show", meeting.pk)
