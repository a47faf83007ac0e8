"""Sound and picture: the way to a meeting elsewhere, the check of one's devices, what engines report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sessions.conference import NotReachable, engine_of, engines, turn
from sessions.models import Meeting
from sessions.seats import seat_for


@login_required
@require_safe
def join(request, pk):
    """Leads to the video meeting elsewhere, as this person. Addresses may be bearer tokens: they are in no page and in no log."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user), pk=pk)
    engine, seat = engine_of(meeting), seat_for(request.user, meeting)
    if engine.embedded or engine.key == "none" or seat is None:
        return redirect("live:room", pk)
    if meeting.state not in Meeting.OPEN_STATES:
        return _problem(request, meeting, _("This meeting is over, so its video meeting is closed."), 409)
    problems = engine.check(meeting)
    if problems:
        return _problem(request, meeting, problems[0], 409)
    try:
        address = engine.join(meeting, seat).url
    except NotReachable as trouble:
        return _problem(request, meeting, str(trouble), 503)
    answer = HttpResponse(
        status=302, headers={"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
    return answer


def _problem(request, meeting, words, status):
    return render(request, "live/conference_problem.html", {"meeting": meeting, "words": words}, status=status)


@login_required
@require_safe
def devices(request, pk):
    """Microphone, camera, loudspeaker and line, before anybody joins."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user), pk=pk)
    ice = turn.ice_servers(request.user.pk) if meeting.state in Meeting.OPEN_STATES else []
    context = {"meeting": meeting, "ice": ice, "engine": engine_of(meeting)}
    return render(request, "live/devices.html", context)


@login_required
@require_POST
def stays(request, pk):
    """Asks the engine who was there and for how long."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user), pk=pk)
    if not Meeting.objects.hosted_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    fetch = getattr(engine_of(meeting), "fetch_stays", None)
    if fetch is None:
        raise Http404
    try:
        new = fetch(meeting)
    except NotReachable as trouble:
        messages.error(request, str(trouble))
    else:
        words = ngettext("%(count)d new stay was read from the report.", "%(count)d new stays were read from the report.", new)
        messages.success(request, words % {"count": new})
    return redirect("live:attendance", pk)


@csrf_exempt
@require_POST
def hook(request, key):
    """For the engine's server, which proves itself by its signature."""
    handler = getattr(engines().get(key), "webhook", None)
    if handler is None:
        raise Http404
    return handler(request)
