"""Acts that tell many people, or that nobody can take back: a page of their own says who will be told what, then they are done.

The page hands back a seal of what it showed. The act looks at it once more while it holds the rows: if anybody or anything is another
by then, nothing is done and the page is shown again (409).
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import roles, selection_mail
from curriculum.enrollment_states import Refused
from notifications import reach, readers
from sessions import (
    before_telling,
    belonging,
    guests,
    lead_groups,
    moving,
    quarter_days,
    quarters,
    rota,
    rotation,
    rotation_words,
    schedule,
    selection,
)
from sessions.before_telling import Unseen
from sessions.forms_planning import CancelSeriesForm
from sessions.models import Meeting, QuarterSlot
from sessions.views.lead_groups import require_lead, require_reader
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by
from sessions.views.rotation import slots_of
from sessions.views.selection import RESULTS, applies, judged_by


def _ask(request, template, *, changed=False, **context):
    return render_desk(request, template, status=409 if changed else 200, changed=changed, **context)


def _seen(request):
    return request.POST.get("seen", "")


# --- the year --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def propose(request, year):
    """Which groups would lead which quarters, and why; a post makes it so."""
    require_lead(request.user)
    if request.method != "POST":
        return _rotation_page(request, year)

    def check(found):
        pairs = [(slot, group) for slot, group, _why in found]
        before_telling.require_seen(before_telling.seal_of_rota(pairs, before_telling.members_of(pairs)), _seen(request))

    try:
        filled = rotation.propose(year, request.user, check=check)
    except Unseen:
        return _rotation_page(request, year, changed=True)
    _say_filled(request, len(filled))
    return redirect("live:year", year)


def _say_filled(request, count):
    if count:
        words = ngettext("%(count)s quarter has a proposed group now.", "%(count)s quarters have a proposed group now.", count)
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("Every coming quarter of this year has a group already."))


def _rotation_page(request, year, *, changed=False):
    found = rotation.proposal(rota.look(), year)
    pairs = [(slot, group) for slot, group, _why in found]
    people = before_telling.members_of(pairs)
    there = {slot.quarter for slot, _group in pairs}
    context = {
        "year": year, "seen": before_telling.seal_of_rota(pairs, people), "reach": reach.reach_of("meeting_duty", people, request.user),
        "rows": [(slot, group, _why(slot, group, why)) for slot, group, why in found],
        "empty": [one.quarter for one in slots_of(year) if not one.group_id and not quarters.has_begun(one.quarter) and one.quarter not in there],
        "letters": reach.letters_of(people, lambda user: before_telling.turn_to(user, *people[user])),
    }  # fmt: skip
    return _ask(request, "live/confirm/rotation.html", changed=changed, **context)


def _why(slot, group, why):
    return rotation_words.why(QuarterSlot(quarter=slot.quarter, group_id=group.id, why=why))


# --- the invitation to all mentors -----------------------------------------------------------------------------------


@login_required
@require_form
def invite(request, quarter):
    """The regional meeting goes out to all mentors, by its group or a lead."""
    slot = _slot(request, quarter)

    def check(meeting):
        people = before_telling.asked_by(meeting)
        before_telling.require_seen(before_telling.seal_of([meeting], people), _seen(request))

    meeting = rota.standing_meeting(slot)
    asks = meeting is not None and meeting.state == Meeting.State.DRAFT
    if request.method != "POST" and asks:
        return _invitation_page(request, slot, meeting)
    try:
        quarter_days.invite(quarter, request.user, check=check)
    except Unseen:
        return _invitation_page(request, slot, rota.standing_meeting(_slot(request, quarter)), changed=True)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("The invitation goes out to all mentors."))
    return redirect(redirect("live:duties", quarter).url + "#invitation")


def _slot(request, quarter):
    require_reader(request.user)
    slot = QuarterSlot.objects.filter(quarter=quarter).select_related("group", "meeting").first()
    if slot is None:
        raise Http404
    roles.require(lead_groups.acts_for(request.user, slot))
    return slot


def _invitation_page(request, slot, meeting, *, changed=False):
    people = before_telling.asked_by(meeting)
    unknown = guests.unknown_in(request.user, meeting)
    context = {
        "slot": slot, "meeting": meeting, "seen": before_telling.seal_of([meeting], people),
        "reach": reach.reach_of("meeting_request", people, request.user, unknown),
        "letters": reach.letters_of(guests.without(people, unknown), lambda user: before_telling.request_to(meeting, user)),
    }  # fmt: skip
    return _ask(request, "live/confirm/invitation.html", changed=changed, **context)


# --- a series is called off ------------------------------------------------------------------------------------------


@login_required
@require_form
def cancel(request, pk):
    """One meeting, on a page that says who is told; of a series the rest as well, which asks once more."""
    meeting = run_by(request, pk)
    form = CancelSeriesForm(posted(request), following=moving.following(meeting, request.user).count())
    if request.method == "POST" and form.is_valid():
        try:
            return _call_off(request, meeting, form)
        except Unseen:
            return _series_page(request, meeting, form, changed=True)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
    people = belonging.people_of(meeting) if meeting.state in Meeting.OPEN_STATES else []
    told = reach.reach_of("meeting_cancel", people, request.user, guests.unknown_in(request.user, meeting))
    return form_page(request, "live/cancel.html", form, meeting=meeting, reach=told)


def _call_off(request, meeting, form):
    reason, rest = form.cleaned_data["reason"], form.cleaned_data.get("rest")
    if rest and "confirm" not in request.POST:
        return _series_page(request, meeting, form)
    called_off = (
        moving.cancel_rest(meeting, reason, request.user, _same_series(request)) if rest else [schedule.cancel(meeting, reason)]
    )
    words = ngettext("%(count)s meeting is called off.", "%(count)s meetings are called off.", len(called_off))
    messages.success(request, words % {"count": len(called_off)} if len(called_off) > 1 else _("The meeting is called off."))
    return redirect("live:meeting", meeting.pk)


def _same_series(request):
    def check(meetings):
        people = before_telling.losing(meetings)
        before_telling.require_seen(before_telling.seal_of(meetings, people), _seen(request))

    return check


def _series_page(request, meeting, form, *, changed=False):
    reason, meetings = form.cleaned_data["reason"], [meeting, *moving.following(meeting, request.user)]
    people = before_telling.losing(meetings)
    unknown = guests.unknown_in(request.user, *meetings)
    context = {
        "meeting": meeting, "meetings": meetings, "reason": reason, "seen": before_telling.seal_of(meetings, people),
        "reach": reach.reach_of("meeting_cancel", people, request.user, unknown),
        "letters": reach.letters_of(guests.without(people, unknown), lambda user: before_telling.cancel_to(people[user], user, reason)),
    }  # fmt: skip
    return _ask(request, "live/confirm/series.html", changed=changed, **context)


# --- decisions are applied -------------------------------------------------------------------------------------------


@login_required
@require_form
def apply(request, pk):
    """Once more what will happen, then it does. Leads of the cohort."""
    meeting = judged_by(request, pk)
    if not applies(request.user, meeting):
        raise PermissionDenied
    if request.method != "POST":
        return _decisions_page(request, meeting)
    waiting = before_telling.waiting_in(meeting)
    if waiting and not reach.is_seal(before_telling.seal_of_decisions(waiting), _seen(request)):
        return _decisions_page(request, meeting, changed=True)
    try:
        done = selection.apply(meeting, request.user, {one.row.pk: one.row.decision for one in waiting})
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        request.session[RESULTS % meeting.pk] = [[one.name, one.decision, one.refused] for one in done]
        if not done:
            messages.info(request, _("There was nothing left to apply."))
    return redirect("live:selection", meeting.pk)


def _decisions_page(request, meeting, *, changed=False):
    waiting = before_telling.waiting_in(meeting)
    people = {one.user: one for one in waiting if one.user.is_active}

    def draft(user):
        return selection_mail.draft(people[user].enrollment, selected=people[user].row.decision == selection.Decision.SELECTED)

    context = {
        "meeting": meeting, "waiting": waiting, "seen": before_telling.seal_of_decisions(waiting), "reach": reach.reach_of("selection", people, request.user),
        "letters": reach.letters_of(people, draft, key=lambda user: (people[user].row.decision, readers.language_for(user))),
    }  # fmt: skip
    return _ask(request, "live/selection/apply.html", changed=changed, **context)
