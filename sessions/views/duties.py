"""The checklist of the group whose turn it is: each step with its form right there. Works without a script."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from sessions import (
    board_page,
    duties,
    exercise,
    lead_groups,
    local_times,
    quarters,
    rota,
    rotation_words,
    run_of_show,
)
from sessions.forms_rotation import HandOverForm, QuestionsForm, RolesForm, TopicForm
from sessions.models import QuarterSlot
from sessions.views.copies import kept_on_device
from sessions.views.lead_groups import require_reader
from sessions.views.meetings import render_desk


def _slot(request, quarter):
    """The slot for its group and for leads; 403 for other mentors, 404 for everybody else."""
    require_reader(request.user)
    slot = get_object_or_404(duties.with_facts(QuarterSlot.objects.all()), quarter=quarter)
    roles.require(lead_groups.acts_for(request.user, slot))
    return slot


def _forms(slot, data=None, only=""):
    """The forms of the page by act; `only` gets the data."""
    users = lead_groups.people_in(slot.group_id) if slot.group_id else []
    people = {part: getattr(slot, f"{part}_id") for part in duties.ROLES}

    def said(act):
        return data if act == only else None

    return {
        "topic": TopicForm(said("topic"), initial={"topic": slot.topic}),
        "roles": RolesForm(said("roles"), users=users, initial=people),
        "questions": QuestionsForm(said("questions"), questions=slot.questions),
        "hand_over": HandOverForm(said("hand_over"), initial={"hand_over": slot.hand_over}),
    }


@login_required
@require_safe
@kept_on_device
def page(request, quarter):
    slot = _slot(request, quarter)
    return _page(request, slot, _forms(slot))


def _page(request, slot, forms, form=None):
    meeting, today = rota.standing_meeting(slot), quarters.today()
    lines = duties.lines(slot, today)
    context = {
        "slot": slot, "meeting": meeting, "when": local_times.when_of([meeting], request.user)[meeting.pk] if meeting else None,
        "lines": lines, "done": sum(line.done for line in lines), "next": duties.next_line(slot, today), "forms": forms, "form": form,
        "day": duties.day_of(slot), "begun": meeting is not None and meeting.started_at is not None, "fixed": rota.is_fixed(slot, today),
        "members": lead_groups.people_in(slot.group_id) if slot.group_id else [], "why": rotation_words.why(slot),
        "leads": roles.leads_programme(request.user), "year": quarters.year_of(slot.quarter), "last": exercise.last_time_of(slot),
        "drafted": board_page.existing(meeting) if meeting and exercise.may_be_drafted(slot) else None,
        "may_draft": exercise.may_be_drafted(slot),
    }  # fmt: skip
    return render_desk(request, "live/rotation/duties.html", status=422 if form is not None else 200, **context)


# --- acts ------------------------------------------------------------------------------------------------------------


@login_required
@require_POST
def act(request, quarter, act):
    """One step done: `act` is topic, roles, questions, hand_over, agenda, tick or untick."""
    slot = _slot(request, quarter)
    forms = _forms(slot, request.POST, act)
    if act in forms:
        return _save(request, slot, act, forms)
    if act == "invite":  # a page kept on a device from before has a button here
        return redirect("live:duty_invite", quarter)
    if act not in _BUTTONS:
        raise Http404
    try:
        _BUTTONS[act](request, slot)
    except Refused as refusal:
        messages.error(request, refusal.text)
    return _back(slot, request.POST.get("step", ""))


def _back(slot, step):
    anchor = f"#{step}" if step in duties.BY_KEY else ""
    return redirect(redirect("live:duties", slot.quarter).url + anchor)


def _save(request, slot, act, forms):
    form = forms[act]
    if form.is_valid():
        try:
            _SAVES[act](request, slot, form)
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Saved."))
            return _back(slot, act)
    return _page(request, slot, forms, form)


def _agenda(request, slot):
    meeting = rota.standing_meeting(slot)
    if meeting is None:
        raise Refused(_("The meeting has no day yet. A lead plans it in the year."))
    run_of_show.use_template(meeting)


_SAVES = {
    "topic": lambda request, slot, form: duties.choose_topic(slot, form.cleaned_data["topic"]),
    "roles": lambda request, slot, form: duties.name_roles(slot, **form.cleaned_data),
    "questions": lambda request, slot, form: exercise.save(slot, request.user, form.titles()),
    "hand_over": lambda request, slot, form: duties.write_hand_over(slot, form.cleaned_data["hand_over"]),
}
_BUTTONS = {
    "tick": lambda request, slot: duties.tick(slot, request.POST.get("step", ""), request.user),
    "untick": lambda request, slot: duties.untick(slot, request.POST.get("step", "")),
    "agenda": _agenda,
}
