"""The rehearsal: `?at=` names the cue, `?clock=1` lets real time run and goes on by itself when the minutes of the cue are over."""

from django.contrib.auth.decorators import login_required
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions import rehearsal as rehearsing
from sessions import run_of_show
from sessions.views.meetings import render_desk, run_by


@login_required
@require_safe
def rehearsal(request, pk):
    """For those who run the meeting. The clock goes on by the `Refresh` header, so it works without JavaScript; it is off unless asked for."""
    meeting = run_by(request, pk)
    show = run_of_show.show_of(meeting)
    step = rehearsing.step_at(show, _number(request.GET.get("at", "")))
    clock = request.GET.get("clock") == "1" and step is not None
    response = render_desk(request, "live/rehearsal.html", meeting=meeting, show=show, step=step, clock=clock)
    if clock and step.following:
        response["Refresh"] = f"{step.seconds}; url={reverse('live:rehearsal', args=[meeting.pk])}?at={step.following}&clock=1"
    return response


def _number(text):
    """1 for anything that is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1
