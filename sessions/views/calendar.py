"""A person's month: a table on wide screens, a list on phones, both of the same lines."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from sessions import calendar_page as page
from sessions import local_times
from sessions.views.copies import kept_on_device
from sessions.views.meetings import render_desk

VIEWS, ONLY = ("", "month", "list"), ("", "run")


@login_required
@require_safe
@kept_on_device
def calendar_page(request):
    """`?month=2027-03`, `?view=month|list` (by the width of the screen without it), `?only=run`. Anything else is not there (404)."""
    zone = local_times.zone_of(request.user)
    month, view, only = (
        page.month_of(request.GET.get("month", ""), zone),
        request.GET.get("view", ""),
        request.GET.get("only", ""),
    )
    if month is None or view not in VIEWS or only not in ONLY:
        raise Http404
    lines = page.lines_of(page.Reader(request.user, zone), month, only_run=only == "run")
    first, today = page.first_weekday(request.user), timezone.now().astimezone(zone).date()
    weeks = page.weeks_of(month, lines, first, today)
    context = {
        "month": month, "name": page.name_of(month), "weekdays": page.weekdays(first), "weeks": weeks, "zone": str(zone),
        "days": [day for week in weeks for day in week if day and day.lines], "view": view, "only": only,
        "links": links_of(month, view, only), "runs": page.runs_anything(request.user), "too_many": len(lines) >= page.MOST_IN_MONTH,
        "next_at": None if lines or only else page.next_meeting_after(request.user, month.ends),
        "this_month": month.holds(today), "asks": any(line.asks for line in lines),
    }  # fmt: skip
    if context["next_at"]:
        context["next_url"] = _address(f"{context['next_at'].astimezone(zone):%Y-%m}", view, only)
    return render_desk(request, "live/calendar.html", **context)


def links_of(month, view, only):
    """The addresses of what can be chosen; "" for a month beyond the years there are."""
    before, after = month.neighbour(-1), month.neighbour(1)
    return {
        "before": before and _address(before, view, only), "after": after and _address(after, view, only),
        "now": _address("", view, only), "month": _address(month.key, "month", only), "list": _address(month.key, "list", only),
        "all": _address(month.key, view, ""), "run": _address(month.key, view, "run"),
    }  # fmt: skip


def _address(month, view, only):
    asked = urlencode({name: value for name, value in (("month", month), ("view", view), ("only", only)) if value})
    return reverse("live:calendar_page") + (f"?{asked}" if asked else "")
