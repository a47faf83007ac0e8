"""For trainers and leads: who is in a timed attempt now, and more time for one of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum import plaintext
from curriculum.models import Cohort
from curriculum.outline import outline_of
from evaluations import attempts, clock
from evaluations.models import Response
from evaluations.refusals import Refused

PER_PAGE = 50


@login_required
@require_safe
def index(request, pk):
    return _list(request, get_object_or_404(Cohort.objects.accessible_to(request.user).run_by(request.user), pk=pk))


@login_required
@require_POST
def extend(request, pk):
    """404 for an attempt of another cohort, and for one's own."""
    mine = Response.objects.judged_by(request.user).exclude(enrollment__user=request.user)
    response = get_object_or_404(mine.select_related("enrollment__cohort", "enrollment__user"), pk=pk)
    try:
        attempts.extend(response, request.user, request.POST.get("minutes"), request.POST.get("reason"))
    except Refused as refusal:
        return _list(request, response.enrollment.cohort, response, refusal, refusal.status)
    messages.success(request, _("%(name)s has more time.") % {"name": response.enrollment.user.addressed_as})
    return redirect("evaluations:attempts", response.enrollment.cohort_id)


def _list(request, cohort, asked=None, refusal=None, status=200):
    page = Paginator(attempts.open_in(cohort, request.user), PER_PAGE).get_page(request.GET.get("page"))
    outline = outline_of(cohort)
    rows = [_row(request, response, outline, asked, refusal) for response in page]
    context = {
        "cohort": cohort, "page": page, "rows": rows, "refusal": refusal, "page_has_errors": refusal is not None,
        "most_minutes": attempts.MOST_MINUTES, "longest_reason": attempts.LONGEST_REASON,
    }  # fmt: skip
    return render(request, "evaluations/attempts/index.html", context, status=status)


def _row(request, response, outline, asked, refusal):
    here = asked is not None and asked.pk == response.pk
    activity = outline.find(response.activity_key)
    return {
        "response": response,
        "person": response.enrollment.user,
        "title": activity.title() if activity else response.instrument.title_here,
        "over": clock.seconds_left(response) == 0,
        "minutes": plaintext.showable(request.POST.get("minutes"))[:10] if here else "",
        "reason": plaintext.showable(request.POST.get("reason"))[:2000] if here else "",
        "field": getattr(refusal, "field", "") if here else "",
    }
