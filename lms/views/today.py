from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from curriculum import attention
from lms import today as cards
from lms.shell import roles_of


@login_required
@require_safe
def today(request):
    """What to do next, for a trainee; where to go, for everybody else."""
    enrollment = cards.enrollment_in_use(request.user, request.session.get("enrollment"))
    roles = roles_of(request)
    context = {"greeting": cards.greeting(request.user), "enrollment": enrollment, "roles": roles}
    if {"trainer", "lead"} & set(roles):
        context["needing"] = attention.count_for(request.user)
    if enrollment is None:
        return render(request, "today/nobody.html", context)
    main, side = cards.collect(request, enrollment)
    return render(request, "today/today.html", {**context, "cards": main, "side": side, "week": _week(enrollment.cohort)})


def _week(cohort):
    """(which week, of how many) while the cohort runs, else `None`."""
    day = timezone.localdate()
    if not cohort.starts_on <= day <= cohort.ends_on:
        return None
    weeks = -(-((cohort.ends_on - cohort.starts_on).days + 1) // 7)
    return ((day - cohort.starts_on).days // 7 + 1, weeks)
