"""The list of meetings, and planning one. Hosts plan; a meeting that is not theirs does not exist for anybody else (404)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from sessions import carrying, copying, desk, lead_groups, local_times, schedule
from sessions.forms import FORMS, TrainingForm
from sessions.forms_desk import ChoiceOfKind
from sessions.kinds import KINDS, NEEDED, NONE
from sessions.models import Meeting
from sessions.views.copies import kept_on_device

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
@kept_on_device
def index(request):
    """What comes next stands first; then what is over, the newest first. `?kind=` and `?cohort=` narrow it down."""
    everything = Meeting.objects.accessible_to(request.user)
    offered, mine = narrowed(request, everything)
    mine = mine.select_related("cohort")
    coming = Paginator(mine.exclude(state__in=OVER).order_by("starts_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    over = Paginator(mine.filter(state__in=OVER).order_by("-starts_at", "-pk"), PER_PAGE).get_page(request.GET.get("over"))
    coming_rows, over_rows = list(coming), list(over)
    rows = rows_of([*coming_rows, *over_rows], request.user)
    context = {
        "coming": rows[: len(coming_rows)], "over": rows[len(coming_rows) :], "coming_page": coming, "over_page": over,
        "offered": offered, "kept": _kept(request), **_may(request.user),
    }  # fmt: skip
    return render_desk(request, "live/meetings.html", **context)


def narrowed(request, meetings):
    """What may be chosen where there is more than one, `{"kinds": [(key, name, chosen)], "cohorts": […]}`, and the meetings chosen."""
    pairs = list(meetings.order_by().values_list("polymorphic_ctype", "cohort", "cohort__name").distinct())
    models = {ContentType.objects.get_for_model(model).pk: key for key, model in schedule.KINDS.items()}
    there = {models[ctype] for ctype, _cohort, _name in pairs if ctype in models}
    cohorts = sorted({(str(pk), name) for _ctype, pk, name in pairs if pk}, key=lambda pair: pair[1])
    kind, cohort = request.GET.get("kind", ""), request.GET.get("cohort", "")
    if kind in there:
        meetings = meetings.instance_of(schedule.KINDS[kind])
    if cohort in dict(cohorts):
        meetings = meetings.filter(cohort=int(cohort))
    offered = {
        "kinds": [(key, one.name, key == kind) for key, one in KINDS.items() if key in there] if len(there) > 1 else [],
        "cohorts": [(pk, name, pk == cohort) for pk, name in cohorts] if len(cohorts) > 1 else [],
    }
    return {**offered, "any": any(offered.values()), "chosen": kind in there or cohort in dict(cohorts)}, meetings


def _kept(request):
    """The filters, for the addresses of older pages."""
    kept = {name: request.GET[name] for name in ("kind", "cohort") if request.GET.get(name)}
    return f"{urlencode(kept)}&" if kept else ""


def may_plan(user):
    return roles.leads_programme(user) or _open_cohorts(user).exists()


def _may(user):
    """A series needs an open cohort; a single meeting of mentors does not."""
    leads, series = roles.leads_programme(user), _open_cohorts(user).exists()
    return {"may_plan": leads or series, "may_plan_series": series, "reads_year": leads or lead_groups.is_mentor(user)}


def _open_cohorts(user):
    return Cohort.objects.run_by(user).exclude(status=Cohort.Status.CLOSED)


def rows_of(meetings, user):
    """`[{"meeting", "when", "hosts", "missing"}]`. The same few queries whatever the number of meetings."""
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
    """First the kind and the cohort, then the form. `?copy=` takes over the parts of another meeting."""
    if not may_plan(request.user):
        raise Http404
    source, leads = _source(request), roles.leads_programme(request.user)
    cohorts = _open_cohorts(request.user).order_by("-starts_on", "name")
    if not {"kind", "cohort"} & request.GET.keys():
        return form_page(request, "live/new.html", ChoiceOfKind(cohorts=cohorts, leads=leads, source=source), source=source)
    kind = KINDS.get(request.GET.get("kind", "training"))
    if kind is None:
        raise Http404
    cohort = _cohort_for(kind, request, cohorts)
    if cohort is None and kind.cohort == NEEDED:
        form = ChoiceOfKind(request.GET, cohorts=cohorts, leads=leads, source=source)
        form.is_valid()
        return form_page(request, "live/new.html", form, source=source)
    if cohort is None and not leads:
        raise Http404
    return _create(request, kind.key, source, cohort, **_begun_with(kind.key, cohort, source))


def _cohort_for(kind, request, cohorts):
    """The cohort that the address names, `None` for none; 404 for one that is not theirs to plan in."""
    if kind.cohort == NONE or not request.GET.get("cohort"):
        return None
    return get_object_or_404(cohorts, pk=_number(request.GET["cohort"]))


def _begun_with(kind, cohort, source):
    """What the form holds before anybody types."""
    initial = {"time_zone": cohort.time_zone, "language": cohort.language} if cohort else {}
    if kind != "training":
        return {"initial": {**initial, **_of_copy(source)}}
    initial |= {"number": _next_number(cohort), **_of_copy(source)}
    return {"initial": initial, "activities": schedule.sessions_of(cohort)}


def _create(request, kind, source, cohort=None, **options):
    form = FORMS[schedule.KINDS[kind]](posted(request), **options)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = schedule.create_once(kind, request.user, cohort=cohort, source=source, **form.fields_to_save())
        except Refused as refusal:
            form.say(refusal)
        else:
            carrying.bring_to(meeting)
            return _prepare_next(request, meeting)
    return form_page(request, "live/meeting_form.html", form, cohort=cohort, source=source)


def _prepare_next(request, meeting):
    """Where the preparation goes on, which differs by kind."""
    if meeting.kind == "preparatory":
        messages.success(request, _("The meeting was created. Write the criteria next."))
        return redirect("live:selection", meeting.pk)
    if not meeting.for_cohort or (meeting.cohort_id is None and meeting.kind != "regional"):
        messages.success(request, _("The meeting was created. Name the people who take part next."))
        return redirect("live:people", meeting.pk)
    messages.success(request, _("The meeting was created. Prepare its run of show next."))
    return redirect("live:run_of_show", meeting.pk)


def _source(request):
    """The meeting to copy, for those who run it; 404 otherwise."""
    if "copy" not in request.GET:
        return None
    return get_object_or_404(Meeting.objects.hosted_by(request.user), pk=_number(request.GET["copy"]))


def _of_copy(source):
    return copying.copied_fields(source) if source else {}


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
    form, seen, changed = form_class(posted(request), instance=meeting, **options), request.POST.get("seen"), False
    if request.method == "POST" and form.is_valid():
        try:
            carrying.bring_to(schedule.change(meeting, seen=seen, **form.fields_to_save()))
        except Refused as refusal:
            form.say(refusal)
            changed = isinstance(refusal, schedule.Changed)
        else:
            messages.success(request, _("Saved."))
            return redirect("live:meeting", meeting.pk)
    if seen is None or changed:  # a form with another mistake still is as old as it was
        seen = schedule.version_of(Meeting.objects.get(pk=meeting.pk))
    return form_page(request, "live/meeting_form.html", form, meeting=meeting, seen=seen, changed=changed)


def form_page(request, template, form, **context):
    """A page with a form: 422 where something is wrong, with what was typed."""
    return render_desk(request, template, status=422 if form.errors else 200, form=form, **context)


def render_desk(request, template, status=200, **context):
    request.navigation_place = "sessions"
    return render(request, template, context, status=status)
