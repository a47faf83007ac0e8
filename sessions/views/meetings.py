"""The list of meetings, and planning one. Hosts plan; a meeting that is not theirs does not exist for anybody else (404)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from sessions import desk, local_times, schedule
from sessions.forms import FORMS, RegionalForm, TrainingForm
from sessions.forms_desk import CancelForm
from sessions.models import Meeting

PER_PAGE = 30
OVER = (Meeting.State.ENDED, Meeting.State.CANCELLED)
require_form = require_http_methods(["GET", "HEAD", "POST"])


def posted(request):
    return request.POST if request.method == "POST" else None


def seen_by(request, pk):
    """The meeting, for whoever may see it; 404 otherwise."""
    return get_object_or_404(Meeting.objects.accessible_to(request.user).select_related("cohort"), pk=pk)


def run_by(request, pk):
    """The meeting, for those who run it; 404 for outsiders, 403 for its participants."""
    meeting = seen_by(request, pk)
    if not hosts(request.user, meeting):
        raise PermissionDenied
    return meeting


def hosts(user, meeting):
    return Meeting.objects.hosted_by(user).filter(pk=meeting.pk).exists()


# --- the list --------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def index(request):
    """What comes next stands first; then what is over, the newest first."""
    mine = Meeting.objects.accessible_to(request.user).select_related("cohort")
    coming = Paginator(mine.exclude(state__in=OVER).order_by("starts_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    over = Paginator(mine.filter(state__in=OVER).order_by("-starts_at", "-pk"), PER_PAGE).get_page(request.GET.get("over"))
    coming_rows, over_rows = list(coming), list(over)
    rows = rows_of([*coming_rows, *over_rows], request.user)
    context = {
        "coming": rows[: len(coming_rows)], "over": rows[len(coming_rows) :], "coming_page": coming, "over_page": over,
        "may_plan": any(row["hosts"] for row in rows) or Cohort.objects.run_by(request.user).exists(),
    }  # fmt: skip
    return render_desk(request, "live/meetings.html", **context)


def rows_of(meetings, user):
    """`[{"meeting", "when", "hosts", "missing"}]`. Six queries whatever the number of meetings."""
    hosted = set(Meeting.objects.hosted_by(user).filter(pk__in=[one.pk for one in meetings]).values_list("pk", flat=True))
    when = local_times.when_of(meetings, user)
    missing = desk.missing_in([one for one in meetings if one.pk in hosted])
    return [
        {"meeting": one, "when": when[one.pk], "hosts": one.pk in hosted, "missing": missing.get(one.pk, [])} for one in meetings
    ]


# --- planning --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def new(request):
    """First what it is for (a cohort, or a regional meeting), then the form. `?copy=` takes over the parts of another meeting."""
    cohorts = Cohort.objects.run_by(request.user).exclude(status=Cohort.Status.CLOSED)
    if not (cohorts.exists() or Meeting.objects.hosted_by(request.user).exists()):
        raise Http404
    source = _source(request)
    if request.GET.get("kind") == "regional":
        return _create(request, RegionalForm, "regional", source, initial=_of_copy(source))
    if "cohort" not in request.GET:
        context = {"cohorts": cohorts.order_by("-starts_on", "name")[:100], "source": source}
        return render_desk(request, "live/new.html", **context)
    cohort = get_object_or_404(cohorts, pk=_number(request.GET["cohort"]))
    initial = {"time_zone": cohort.time_zone, "language": cohort.language, "number": _next_number(cohort), **_of_copy(source)}
    return _create(request, TrainingForm, "training", source, cohort, initial=initial, activities=schedule.sessions_of(cohort))


def _create(request, form_class, kind, source, cohort=None, **options):
    form = form_class(posted(request), **options)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = schedule.create(kind, request.user, cohort=cohort, source=source, **form.fields_to_save())
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("The meeting was created. Prepare its run of show next."))
            return redirect("live:run_of_show", meeting.pk)
    return form_page(request, "live/meeting_form.html", form, cohort=cohort, source=source)


def _source(request):
    """The meeting to copy, for those who run it; 404 otherwise."""
    if "copy" not in request.GET:
        return None
    return get_object_or_404(Meeting.objects.hosted_by(request.user), pk=_number(request.GET["copy"]))


def _of_copy(source):
    return schedule.copied_fields(source) if source else {}


def _number(text):
    """A row's number out of an address; 404 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)


def _next_number(cohort):
    numbers = cohort.meetings.exclude(state=Meeting.State.CANCELLED).values_list("trainingsession__number", flat=True)
    return min(999, max((number for number in numbers if number), default=0) + 1)


@login_required
@require_form
def edit(request, pk):
    meeting = run_by(request, pk)
    form_class = FORMS[type(meeting)]
    options = {"activities": schedule.sessions_of(meeting.cohort)} if form_class is TrainingForm else {}
    form = form_class(posted(request), instance=meeting, **options)
    if request.method == "POST" and form.is_valid():
        try:
            schedule.change(meeting, **form.fields_to_save())
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("live:meeting", meeting.pk)
    return form_page(request, "live/meeting_form.html", form, meeting=meeting)


@login_required
@require_form
def cancel(request, pk):
    meeting = run_by(request, pk)
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            schedule.cancel(meeting, form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, _("The meeting is called off."))
            return redirect("live:meeting", meeting.pk)
    return form_page(request, "live/cancel.html", form, meeting=meeting)


def form_page(request, template, form, **context):
    """A page with a form: 422 where something is wrong, with what was typed."""
    return render_desk(request, template, status=422 if form.errors else 200, form=form, **context)


def render_desk(request, template, status=200, **context):
    request.navigation_place = "sessions"
    return render(request, template, context, status=status)
