from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from curriculum.models import Cohort
from evaluations import needs
from evaluations.charts import gap_rows, points


@login_required
@require_safe
def cohort_needs(request, pk):
    """The needs of a cohort, for those who train or lead it; 404 for everybody else, as its other pages."""
    cohort = get_object_or_404(Cohort.objects.accessible_to(request.user).run_by(request.user), pk=pk)
    found = needs.cohort_needs(cohort)
    context = {
        "cohort": cohort,
        "needs": found,
        "rows": gap_rows(found.areas),
        "points": points(),
        "min_group": settings.MIN_GROUP_SIZE,
    }
    return render(request, "evaluations/cohort_needs.html", context)
