"""Results at Moore's levels for those who read a cohort's report; for everybody else these pages do not exist (404)."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from curriculum import roles
from curriculum.models import Cohort
from evaluations.moore import bands, overview, standing

PER_PAGE = 50
BY_COUNTRY = "country"  # what to compare with: this cohort's own countries


def readable(request):
    """The cohorts whose report the person reads."""
    return Cohort.objects.run_by(request.user, roles.REPORTING)


def reported(request, pk):
    """One of them; 404 otherwise. Sets the place in the navigation."""
    request.navigation_place = "results"
    return get_object_or_404(readable(request), pk=pk)


def chosen_view(request, views):
    """The view that the address asks for; 404 for one that this cohort does not have."""
    wanted = request.GET.get("view") or standing.ALL
    if wanted != standing.ALL and wanted not in {view for choices in views.values() for view, _name in choices}:
        raise Http404
    return wanted


def view_words(wanted, views):
    return next((name for choices in views.values() for view, name in choices if view == wanted), _("Everybody"))


@login_required
@require_safe
def index(request):
    cohorts = readable(request)
    page = Paginator(cohorts, PER_PAGE).get_page(request.GET.get("page"))
    if not page.paginator.count and not roles.may_create_cohorts(request.user):
        raise Http404
    rows = overview.rows_of(page)
    nudges = [(row.cohort, row.nudges) for row in rows if row.nudges]
    context = {"page": page, "rows": rows, "nudges": nudges, "taught": _taught(request, nudges)}
    return render(request, "evaluations/results/index.html", context)


def _taught(request, nudges):
    """Where the person may see by name who has not answered: an evaluator may not."""
    ids = [cohort.pk for cohort, _waiting in nudges]
    return set(Cohort.objects.run_by(request.user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


@login_required
@require_safe
def cohort_results(request, pk):
    cohort = reported(request, pk)
    if request.GET.get("compare"):
        return _to_comparison(request, cohort)
    views = standing.views_of(cohort)
    wanted = chosen_view(request, views)
    snapshot = standing.report_of(cohort, wanted)
    document = snapshot.document if snapshot else {}
    diverging = request.GET.get("shape") == "diverging"
    own = bands.own_findings(cohort) if wanted == standing.ALL else {}
    context = {
        "cohort": cohort,
        "snapshot": snapshot,
        "bands": bands.bands_of(document, own, diverging) if snapshot else [],
        "hidden": bands.what_is_hidden(document) if snapshot else "",
        "people": document.get("cohort", {}).get("people"),
        "views": views,
        "view": wanted,
        "view_name": view_words(wanted, views),
        "diverging": diverging,
        "others": readable(request).exclude(pk=cohort.pk)[:PER_PAGE],
        "leads": roles.leads(request.user, cohort),
        "query": "" if wanted == standing.ALL else "?" + urlencode({"view": wanted}),
    }
    return render(request, "evaluations/results/cohort.html", context)


def _to_comparison(request, cohort):
    other = request.GET["compare"]
    query = [("cohorts", cohort.pk), ("by", BY_COUNTRY)] if other == BY_COUNTRY else [("cohorts", cohort.pk), ("cohorts", other)]
    return redirect(f"{reverse('evaluations:results_compare')}?{urlencode(query)}")
