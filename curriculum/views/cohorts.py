"""Cohorts for those who run them. Trainers see, leads decide; for everybody else these pages do not exist (404)."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from curriculum import assignments, cohort_overview, cohort_setup, roles
from curriculum.cohorts import zone_of
from curriculum.enrollment_states import Refused
from curriculum.forms import CohortForm, ReleasesForm
from curriculum.models import Cohort
from curriculum.outline import differs, outline_of

logger = logging.getLogger(__name__)
require_form = require_http_methods(["GET", "HEAD", "POST"])

# settings.COHORT_INSIGHTS names providers by dotted path: each takes the request and a cohort and gives
# {"template": …, "context": {…}}, optionally with "order", or None where it has nothing to say.
Insight = Callable[..., dict | None]
PER_PAGE = 100


def posted(request):
    """What a form is bound to: also to a post without any field."""
    return request.POST if request.method == "POST" else None


def run_by(request, pk):
    """The cohort, for a trainer or lead of it; 404 otherwise."""
    return get_object_or_404(Cohort.objects.accessible_to(request.user).run_by(request.user), pk=pk)


def led_by(request, pk):
    """The cohort, for a lead of it; 404 for outsiders and 403 for its trainers."""
    cohort = run_by(request, pk)
    roles.require(roles.leads(request.user, cohort))
    return cohort


@login_required
@require_safe
def index(request):
    cohorts = Cohort.objects.run_by(request.user)
    page = Paginator(cohorts, 50).get_page(request.GET.get("page"))
    may_create = roles.may_create_cohorts(request.user)
    if not page.paginator.count and not may_create:
        raise Http404
    context = {"page": page, "rows": cohort_overview.rows_of(page), "may_create": may_create}
    return render(request, "curriculum/cohorts/index.html", context)


@login_required
@require_form
def create(request):
    if not (roles.may_create_cohorts(request.user) or roles.runs_any_cohort(request.user)):
        raise Http404
    roles.require(roles.may_create_cohorts(request.user))
    form = CohortForm(posted(request), initial={"time_zone": settings.PROGRAMME_TIME_ZONE})
    if request.method == "POST" and form.is_valid():
        cohort = cohort_setup.create(form.save(commit=False), request.user)
        roles.forget(request.user)
        messages.success(request, _("The cohort is there. Add its people next."))
        return redirect("curriculum:cohort", cohort.pk)
    return _form(request, "curriculum/cohorts/form.html", form)


@login_required
@require_form
def edit(request, pk):
    cohort = led_by(request, pk)
    form = CohortForm(posted(request), instance=cohort)
    if request.method == "POST" and form.is_valid():
        try:
            cohort_setup.change(form.save(commit=False), [*form.Meta.fields, *(["status"] if "closed" in form.fields else [])])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, _("Saved."))
            return redirect("curriculum:cohort", cohort.pk)
    return _form(request, "curriculum/cohorts/form.html", form, cohort=Cohort.objects.get(pk=pk))


@login_required
@require_safe
def detail(request, pk):
    cohort = run_by(request, pk)
    counts = cohort_overview.state_counts(cohort)
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in {status for status, _label, _number in counts} else ""
    people = cohort.enrollments.select_related("user").order_by("role", "user__full_name", "user__email")
    page = Paginator(people.filter(status=chosen) if chosen else people, PER_PAGE).get_page(request.GET.get("page"))
    outline = outline_of(cohort)
    context = {
        "cohort": cohort,
        "outline": outline,
        "has_assignments": any(activity.kind == "assignment" for activity in outline.activities),
        "hand_ins_waiting": assignments.waiting_in(cohort),
        "leads": roles.leads(request.user, cohort),
        "counts": counts,
        "everybody": sum(number for _status, _label, number in counts),
        "taken": cohort.enrollments.counted().count(),
        "chosen": chosen,
        "page": page,
        "people": cohort_overview.people_of(cohort, page),
        "attention": cohort_overview.needing_attention(cohort),
        "changes": differs(cohort) if cohort.status != Cohort.Status.CLOSED else [],
        "insights": _insights(request, cohort),
    }
    return render(request, "curriculum/cohorts/detail.html", context)


def _insights(request, cohort):
    """What other floors have to say about the cohort. One that fails is left out and logged; the page stays."""
    found = []
    for path in settings.COHORT_INSIGHTS:
        try:
            insight = import_string(path)(request, cohort)
            if insight:
                html = render_to_string(insight["template"], insight["context"], request)
                found.append((insight.get("order", 50), html))
        except Exception:
            logger.exception("cohort insight %s failed", path)
    return [html for _order, html in sorted(found, key=lambda pair: pair[0])]


@login_required
@require_form
def start(request, pk):
    cohort = led_by(request, pk)
    done = _("The cohort has started.")
    return _confirm(request, cohort, cohort_setup.start, "curriculum/cohorts/start.html", done, outline=outline_of(cohort))


@login_required
@require_form
def adopt(request, pk):
    cohort = led_by(request, pk)
    done = _("The cohort follows the new version now.")
    return _confirm(request, cohort, cohort_setup.adopt, "curriculum/cohorts/adopt.html", done, changes=differs(cohort))


def _confirm(request, cohort, act, template, done, **context):
    refusal = None
    if request.method == "POST":
        try:
            act(cohort)
        except Refused as error:
            refusal = error.text
        else:
            messages.success(request, done)
            return redirect("curriculum:cohort", cohort.pk)
    return render(request, template, {"cohort": cohort, "refusal": refusal, **context}, status=409 if refusal else 200)


@login_required
@require_form
def releases(request, pk):
    cohort = led_by(request, pk)
    form = ReleasesForm(posted(request), outline=outline_of(cohort), zone=zone_of(cohort), releases=cohort.releases)
    if request.method == "POST" and form.is_valid():
        cohort_setup.set_releases(cohort, form.instants())
        messages.success(request, _("Saved."))
        return redirect("curriculum:cohort", cohort.pk)
    return _form(request, "curriculum/cohorts/releases.html", form, cohort=cohort)


def _form(request, template, form, **context):
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
