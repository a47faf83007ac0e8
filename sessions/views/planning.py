"""Planning a series in one form, with a preview of what it means for people; moving one meeting or the rest of a series.

Nothing is saved by a preview, and nothing is saved that was not previewed: the form carries what the preview showed.
"""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from sessions import guests, moving, overlaps, planning_preview, series, wall_clock, whose_clocks
from sessions.forms_planning import MoveForm, SeriesForm
from sessions.models import Series
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by

MOST_OFFERED = 100


# --- a series --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def plan_series(request):
    """First the cohort, then the form. `?copy=` names an earlier cohort whose meetings are taken over."""
    cohorts = Cohort.objects.run_by(request.user)
    if "cohort" not in request.GET:
        return _choose(request, cohorts)
    cohort = _cohort(cohorts, request.GET["cohort"])
    if cohort.status == Cohort.Status.CLOSED:
        return render_desk(request, "live/planning/closed.html", status=403 if request.method == "POST" else 200, cohort=cohort)
    copied = _cohort(cohorts, request.GET["copy"]) if request.GET.get("copy") else None
    sources, closing = series.to_copy(request.user, copied) if copied else ([], None)
    if copied and not sources:
        raise Http404
    offered = _countries(whose_clocks.of_cohort(cohort))
    form = SeriesForm(posted(request), cohort=cohort, by=request.user, sources=sources, closing_source=closing, offered=offered)
    return _plan(request, form, cohort, copied)


def _choose(request, cohorts):
    if not cohorts.exists():
        raise Http404
    offered = cohorts.exclude(status=Cohort.Status.CLOSED).order_by("-starts_on", "name")[:MOST_OFFERED]
    return render_desk(request, "live/planning/choose.html", cohorts=offered)


def _cohort(cohorts, text):
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return get_object_or_404(cohorts, pk=int(text))


def _countries(places):
    return sorted({place.country for place in places if place.country})


def _plan(request, form, cohort, copied):
    preview = None
    if request.method == "POST" and form.is_valid():
        if (done := _planned_already(form, cohort, request.user)) is not None:
            return _thanks(request, done)
        try:
            plan = form.plan()
            planned, left_out = series.planned_by(plan, cohort)
            preview = _preview(request.user, cohort, plan, planned, left_out)
            if "create" in request.POST and _may_create(form, preview):
                return _thanks(request, series.create(plan, cohort, request.user, planned))
        except Refused as refusal:
            form.say(refusal)
        if "create" in request.POST and (done := _planned_already(form, cohort, request.user)) is not None:
            return _thanks(request, done)
    copyable = [] if copied else series.copyable(request.user, cohort)[:MOST_OFFERED]
    context = {"cohort": cohort, "copied": copied, "copyable": copyable, "preview": preview, "seen": _shown(preview)}
    return form_page(request, "live/planning/series.html", form, **context)


def _planned_already(form, cohort, user):
    """What this very form has planned, if it was sent before (a double click)."""
    return Series.objects.filter(key=form.cleaned_data["key"], cohort=cohort, created_by=user).first()


def _preview(user, cohort, plan, planned, left_out):
    places = whose_clocks.of_cohort(cohort, plan.guests)
    busy = overlaps.busy(user, cohort.pk, *planning_preview.span_of(planned), named=[guest.pk for guest in plan.guests])
    return planning_preview.preview_of(planned, places, busy, left_out=left_out)


def _may_create(form, preview):
    if preview.blocked:
        form.add_error(None, _("Some of these meetings are not possible. The preview says which and why."))
    elif form.cleaned_data["seen"] != _shown(preview):
        form.add_error(None, _("Look at the preview first: this is not what it showed. Nothing has been saved."))
    return not form.errors


def _shown(preview):
    """A short text that is the same for the same meetings at the same instants."""
    if preview is None:
        return ""
    rows = "\n".join(f"{row.planned.title}|{row.moment.instant}|{row.planned.minutes}|{row.planned.kind}" for row in preview.rows)
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


def _thanks(request, planned):
    count = planned.meetings.count()
    words = ngettext("%(count)s meeting was planned.", "%(count)s meetings were planned.", count) % {"count": count}
    messages.success(request, words)
    return redirect("live:meetings")


# --- moving ----------------------------------------------------------------------------------------------------------


@login_required
@require_form
def move(request, pk):
    """One meeting, or it and all that follow; first what would change, then the act."""
    meeting = run_by(request, pk)
    following = moving.following(meeting, request.user).count()
    wall = planning_preview.as_planned(meeting).wall
    form = MoveForm(posted(request), following=following, initial={"day": wall.date(), "hour": wall.time()})
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if "move" in request.POST and _was_previewed(form):
                return _moved(
                    request, meeting, moving.move(meeting, **_where(form), by=request.user, seen=form.cleaned_data["seen"])
                )
            preview = _preview_of_move(request.user, meeting, form)
        except Refused as refusal:
            form.say(refusal)
    standing = not meeting.started_at and meeting.state in planning_preview.BEFORE and wall_clock.known(meeting.time_zone)
    return form_page(request, "live/planning/move.html", form, meeting=meeting, preview=preview, standing=standing)


def _where(form):
    said = form.cleaned_data
    return {"day": said["day"], "hour": said["hour"], "rest": said.get("rest", False)}


def _was_previewed(form):
    if not form.cleaned_data["seen"]:
        form.add_error(None, _("Look at what changes first. Nothing has been moved."))
    return not form.errors


def _preview_of_move(user, meeting, form):
    """`{"rows": [(move, row)], "shifts", "blocked", "seen"}`."""
    found = moving.moves(meeting, **_where(form), by=user)
    planned = [one.becomes for one in found]
    ids, unknown = [one.meeting.pk for one in found], guests.unknown_in(user, meeting)
    named = planning_preview.named_hosts(meeting, unknown)
    busy = overlaps.busy(user, meeting.cohort_id, *planning_preview.span_of(planned), named=named, besides=ids)
    preview = planning_preview.preview_of(planned, whose_clocks.of_meeting(meeting, unknown), busy)
    rows = list(zip(found, preview.rows, strict=True))
    rows = [(one, row) for one, row in rows if one.was.wall != one.becomes.wall] or rows  # a closing day may stay as it is
    return {"rows": rows, "shifts": preview.shifts, "blocked": preview.blocked, "seen": moving.state_of(found)}


def _moved(request, meeting, moved):
    count = len(moved)
    words = ngettext("%(count)s meeting was moved.", "%(count)s meetings were moved.", count) % {"count": count}
    messages.success(request, words)
    return redirect("live:meeting", meeting.pk)
