"""The people of a cohort, one by one or as a list. Trainers see, leads decide; for everybody else: 404."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import cohort_import, cohort_overview, cohort_setup, cohorts, roles
from curriculum.enrollment_states import Refused, Status
from curriculum.forms import DecisionForm, ImportForm, PersonForm, ReleasesForm, RoleForm, TransferForm
from curriculum.models import Cohort, Enrollment
from curriculum.outline import outline_of
from curriculum.progress import opening_of, progress_of
from curriculum.views.cohorts import led_by, posted

require_form = require_http_methods(["GET", "HEAD", "POST"])


def seen_by(request, pk):
    """The enrolment, for a trainer or lead of its cohort; 404 otherwise, also for the person."""
    mine = Enrollment.objects.accessible_to(request.user).select_related("cohort", "user")
    return get_object_or_404(mine, pk=pk, cohort__in=Cohort.objects.run_by(request.user))


def decided_by(request, pk):
    """The enrolment, for a lead of its cohort; 403 for a trainer."""
    enrollment = seen_by(request, pk)
    roles.require(roles.leads(request.user, enrollment.cohort))
    return enrollment


# --- coming in -----------------------------------------------------------------------------------------------------
@login_required
@require_form
def add(request, pk):
    cohort = led_by(request, pk)
    form = PersonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        profile = {"language": cohort.language, **form.cleaned_data}
        try:
            enrollment = cohorts.add_candidate(cohort, profile.pop("email"), request.user, **profile)
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            name = enrollment.user.get_full_name()
            words = _("%(name)s is in the cohort.") if enrollment.was_added else _("%(name)s was in the cohort already.")
            messages.success(request, words % {"name": name})
            return redirect("curriculum:enrollment", enrollment.pk)
    return _form(request, "curriculum/people/add.html", form, cohort=cohort)


@login_required
@require_form
def import_people(request, pk):
    """First post: what would happen, row by row. Second post (`confirm`): it happens. The list itself travels in the page."""
    cohort = led_by(request, pk)
    form = ImportForm(posted(request), request.FILES or None)
    read = _read(form, cohort) if form.is_valid() else None
    if read is None:
        return _form(request, "curriculum/people/import.html", form, cohort=cohort, columns=cohort_import.NAMES.values())
    rows, unknown = read
    confirmed = "confirm" in request.POST
    outcomes = [row.outcome for row in cohort_import.import_rows(cohort, rows, request.user, dry_run=not confirmed)]
    if confirmed and "problem" not in outcomes:
        added = outcomes.count("new")
        messages.success(request, ngettext("%(count)s person added.", "%(count)s people added.", added) % {"count": added})
        return redirect("curriculum:cohort", cohort.pk)
    good = [row for row in rows if row.outcome in ("new", "update")]
    context = {f"n_{outcome}": outcomes.count(outcome) for outcome in ("new", "update", "already", "problem")}
    context |= {"cohort": cohort, "form": form, "rows": rows, "confirmed": confirmed, "unknown": unknown}
    context["ready"] = cohort_import.as_text(good) if good else ""
    return render(request, "curriculum/people/import_check.html", context)


def _read(form, cohort):
    """The rows of the form and the headings that are not used, or `None` with the refusal noted in the form."""
    try:
        text = cohort_import.read_text(form.cleaned_data["file"] or form.cleaned_data["text"])
        form.data = {**form.data.dict(), "text": text}  # a file's text too can be corrected in place
        cohorts.require_open(cohort)
        return cohort_import.read_rows(text), cohort_import.unknown_columns(text)
    except Refused as refusal:
        _refuse(form, refusal)
        return None


# --- one person ----------------------------------------------------------------------------------------------------
@login_required
@require_safe
def detail(request, pk):
    enrollment = seen_by(request, pk)
    cohort = enrollment.cohort
    [person] = cohort_overview.people_of(cohort, [enrollment])
    lead = roles.leads(request.user, cohort)
    context = {
        "enrollment": enrollment,
        "cohort": cohort,
        "user_shown": enrollment.user,
        "person": person,
        "leads": lead,
        "progress": progress_of(enrollment, started=set()) if _studies(enrollment) else None,
        "history": cohort_overview.history_of(enrollment),
        "invitation": cohort_overview.invitation_words(enrollment),
        "choices": cohorts.choices_for(enrollment) if lead else {},
        "may_invite": lead and enrollment.status == Status.SELECTED,
        "may_transfer": lead and _studies(enrollment) and enrollment.status in (Status.ENROLLED, Status.PAUSED),
        "may_certify": lead and _studies(enrollment) and enrollment.status == Status.ENROLLED,
        "own_releases": _own_releases(enrollment),
        "certificates": enrollment.certificates.all(),
    }
    return render(request, "curriculum/people/detail.html", context)


def _studies(enrollment):
    return enrollment.role == Enrollment.Role.TRAINEE and enrollment.status in Enrollment.MEMBER_STATES


def _own_releases(enrollment):
    modules = outline_of(enrollment.cohort).modules
    return [
        (module.heading(), opening_of(enrollment, module.key)) for module in modules if str(module.key) in enrollment.releases
    ]


@login_required
@require_form
def decide(request, pk):
    """Two small forms on one page: a new state, or (posted with `change=role`) a new role."""
    enrollment = decided_by(request, pk)
    offered = cohorts.choices_for(enrollment)
    about_role = request.POST.get("change") == "role"
    form = DecisionForm(None if about_role else posted(request), offered=offered, initial={"status": request.GET.get("to")})
    role_form = RoleForm(request.POST if about_role else None, enrollment=enrollment, prefix="role")
    answered = role_form if about_role else form
    if request.method == "POST" and answered.is_valid():
        try:
            enrollment = (_change_role if about_role else _decide)(request, enrollment, answered.cleaned_data)
        except Refused as refusal:
            _refuse(answered, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("curriculum:enrollment", enrollment.pk)
    context = {"enrollment": enrollment, "offered": offered, "role_form": role_form, "posted": answered}
    context["reasons"] = [Status(status).label for status, needed in offered.items() if not needed]
    context["page_has_errors"] = bool(answered.errors)
    return render(
        request, "curriculum/people/decide.html", {**context, "form": form}, status=422 if answered.errors else 200
    )  # fmt: skip


def _decide(request, enrollment, said):
    enrollment = cohorts.decide(enrollment, said["status"], request.user, said["reason"])
    if said["status"] == Status.SELECTED and "invite" in request.POST:
        cohorts.invite(enrollment, request.user)
        messages.info(request, _("The invitation is on its way to %(email)s.") % {"email": enrollment.user.email})
    return enrollment


def _change_role(request, enrollment, said):
    return cohorts.change_role(enrollment, said["role"], request.user, said["reason"])


@login_required
@require_POST
def invite(request, pk):
    enrollment = decided_by(request, pk)
    try:
        cohorts.invite(enrollment, request.user)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": enrollment.user.email})
    return redirect("curriculum:enrollment", enrollment.pk)


@login_required
@require_form
def transfer(request, pk):
    enrollment = decided_by(request, pk)
    offered = cohort_overview.other_cohorts(enrollment, request.user)
    form = TransferForm(posted(request), offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            moved = cohorts.transfer(enrollment, form.cleaned_data["cohort"], request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Transferred to %(cohort)s.") % {"cohort": moved.cohort})
            return redirect("curriculum:enrollment", moved.pk)
    return _form(request, "curriculum/people/transfer.html", form, enrollment=enrollment, offered=offered)


@login_required
@require_form
def releases(request, pk):
    enrollment = decided_by(request, pk)
    cohort = enrollment.cohort
    form = ReleasesForm(posted(request), outline=outline_of(cohort), zone=cohorts.zone_of(cohort), releases=enrollment.releases)
    if request.method == "POST" and form.is_valid():
        cohort_setup.set_releases(enrollment, form.instants())
        messages.success(request, _("Saved."))
        return redirect("curriculum:enrollment", enrollment.pk)
    return _form(request, "curriculum/people/releases.html", form, enrollment=enrollment, cohort=cohort)


def _refuse(form, refusal):
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)


def _form(request, template, form, **context):
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
