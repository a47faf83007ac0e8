"""Announcing drafts: first who would be told of what, then the act (as in confirming.py)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import ngettext

from curriculum.enrollment_states import Refused
from notifications import reach
from sessions import announcing, before_telling, guests
from sessions.before_telling import Unseen
from sessions.models import QuarterSlot
from sessions.views.meetings import render_desk, require_form, run_by


@login_required
@require_form
def announce(request, pk):
    """`rest` announces all drafts of the series. A meeting of the rota has its own page, where all mentors are asked."""
    meeting = run_by(request, pk)
    slot = QuarterSlot.objects.filter(meeting=meeting.pk).first()
    if slot is not None:
        return redirect("live:duty_invite", slot.quarter)
    if request.method != "POST":
        return _page(request, meeting)
    try:
        done = announcing.announce(meeting, request.user, rest="rest" in request.POST, check=_as_shown(request))
    except Unseen:
        return _page(request, meeting, changed=True)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect("live:meeting", meeting.pk)
    words = ngettext("%(count)s meeting is announced.", "%(count)s meetings are announced.", len(done))
    messages.success(request, words % {"count": len(done)})
    return redirect("live:meeting", meeting.pk)


def _as_shown(request):
    def check(meetings):
        seal = before_telling.seal_of(meetings, before_telling.people_of_all(meetings))
        before_telling.require_seen(seal, request.POST.get("seen", ""))

    return check


def _page(request, meeting, *, changed=False):
    drafts = announcing.drafts_with(meeting, request.user)
    stay = [(one, why) for one in drafts if (why := announcing.lacks(one))]
    go = [one for one in drafts if not announcing.lacks(one)]
    people = before_telling.people_of_all(go)
    unknown = guests.unknown_in(request.user, *go)
    context = {
        "meeting": meeting, "go": go, "stay": stay, "alone": meeting in go, "changed": changed, "seen": before_telling.seal_of(go, people),
        "reach": reach.reach_of("meeting_request", people, request.user, unknown),
        "letters": reach.letters_of(guests.without(people, unknown), lambda user: before_telling.request_to(people[user], user)),
    }  # fmt: skip
    return render_desk(request, "live/planning/announce.html", status=409 if changed else 200, **context)
