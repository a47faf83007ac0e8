"""The year of regional meetings: four quarters, who leads each and why; the acts on it."""

import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.mentors import active_mentors
from notifications.readers import written_quarter
from sessions import (
    answers,
    lead_groups,
    overlaps,
    planning_preview,
    quarter_days,
    quarters,
    rota,
    rotation,
    rotation_words,
    wall_clock,
    whose_clocks,
)
from sessions.forms_rotation import AssignForm, DayForm, SwapForm
from sessions.models import LeadGroup, Meeting, QuarterSlot, SlotChange
from sessions.views.copies import kept_on_device
from sessions.views.lead_groups import back_url, reason_page, require_lead, require_reader
from sessions.views.meetings import form_page, posted, render_desk, require_form

MINUTES = 90


@login_required
@require_safe
def now(request):
    require_reader(request.user)
    return redirect("live:year", quarters.today().year)


@login_required
@require_safe
@kept_on_device
def year(request, year):
    require_reader(request.user)
    leads = roles.leads_programme(request.user)
    mine = set(request.user.lead_groups.filter(left_at=None).values_list("group_id", flat=True))
    slots, today = slots_of(year), quarters.today()
    rows = [_row(slot, leads, mine, today) for slot in slots]
    _with_doors(rows, request.user)
    _with_replies([row for row in rows if row["opens"] and row["meeting"]])
    context = {
        "year": year, "earlier": year - 1 if year > quarters.FIRST_YEAR else None, "later": year + 1 if year < 2089 else None,
        "rows": rows, "leads": leads, "may_plan_days": leads and not all(row["fixed"] for row in rows), "groups": LeadGroup.objects.filter(left_at=None).exists(),
        "unable": [row for row in lead_groups.rows() if not row.able],
        "may_propose": leads and any(not row["fixed"] and not row["slot"].group_id and not quarters.has_begun(row["slot"].quarter, today) for row in rows),
    }  # fmt: skip
    return render_desk(request, "live/rotation/year.html", **context)


def slots_of(year):
    """Four slots, made up where there is no row yet. Two queries."""
    changes = Prefetch("changes", queryset=SlotChange.objects.select_related("from_group", "to_group", "by"))
    found = (
        QuarterSlot.objects.filter(quarter__in=quarters.of_year(year))
        .select_related("group", "meeting")
        .prefetch_related(changes)
    )
    known = {slot.quarter: slot for slot in found}
    return [known.get(quarter) or QuarterSlot(quarter=quarter) for quarter in quarters.of_year(year)]


def _row(slot, leads, mine, today):
    fixed, own = rota.is_fixed(slot, today), slot.group_id in mine
    standing = rota.standing_meeting(slot)
    return {
        "slot": slot, "meeting": standing, "empty_past": fixed and not slot.group_id and standing is None, "fixed": fixed, "own": own, "answers": bool(slot.group_id) and not fixed and (own or leads),
        "why": "" if fixed and slot.why.get("rule") != "override" else rotation_words.why(slot), "opens": bool(slot.pk) and (leads or own), "number": quarters.number_of(slot.quarter),
        "changes": [(one, rotation_words.change(one)) for one in slot.changes.all()] if slot.pk else [],
    }  # fmt: skip


def _with_doors(rows, user):
    """Who sees the page of which meeting; a draft is known to its group and to leads alone. One query."""
    there = [row["meeting"].pk for row in rows if row["meeting"]]
    seen = set(Meeting.objects.accessible_to(user).filter(pk__in=there).values_list("pk", flat=True))
    for row in rows:
        meeting = row["meeting"]
        row["door"] = meeting is not None and meeting.pk in seen
        row["day_is_out"] = meeting is None or meeting.state != Meeting.State.DRAFT or row["opens"]


def _with_replies(rows):
    """How many said what, for those who prepare the meeting; nothing where nobody was told yet. One query."""
    said = answers.counts_of([row["meeting"] for row in rows]) if rows else {}
    for row in rows:
        counts = said[row["meeting"].pk]
        row["replies"] = counts if any(counts.values()) else None


# --- one quarter -----------------------------------------------------------------------------------------------------


def _for_group(request, quarter):
    """The slot, for its group and for leads; 403 for other readers, 404 for everybody else."""
    require_reader(request.user)
    slot = QuarterSlot.objects.filter(quarter=quarter).select_related("group", "meeting").first() or QuarterSlot(quarter=quarter)
    roles.require(lead_groups.acts_for(request.user, slot))
    return slot


def _to_year(quarter):
    return ("live:year", quarters.year_of(quarter))


@login_required
@require_POST
def accept(request, quarter):
    _for_group(request, quarter)
    try:
        slot = rotation.accept(quarter, request.user)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect(*_to_year(quarter))
    messages.success(request, _("%(group)s leads %(quarter)s.") % {"group": slot.group.name, "quarter": written_quarter(quarter)})
    return redirect("live:duties", quarter)


@login_required
@require_form
def decline(request, quarter):
    slot = _for_group(request, quarter)
    name = slot.group.name if slot.group else _("nobody")
    title = _("%(group)s cannot lead %(quarter)s") % {"group": name, "quarter": written_quarter(quarter)}
    about = _("The next group in turn is proposed. Both groups are told.")
    return reason_page(
        request, lambda reason: rotation.decline(quarter, request.user, reason), title, _("Decline"), _to_year(quarter), about
    )


@login_required
@require_form
def assign(request, quarter):
    require_lead(request.user)
    able = rotation.choices_for(quarter)
    form = AssignForm(posted(request), groups=[(group.id, rotation_words.choice(group, why)) for group, why in able])
    title = _("Who leads %(quarter)s?") % {"quarter": written_quarter(quarter)}
    nothing = "" if able else _("No other group has two active mentors. Make a group first.")
    return _decide(
        request, form, lambda said: rotation.assign(quarter, said["group"], request.user, said["reason"]), title, quarter, nothing
    )


@login_required
@require_form
def swap(request, quarter):
    require_lead(request.user)
    coming = QuarterSlot.objects.filter(group__isnull=False).select_related("group", "meeting")
    coming = {slot.quarter: slot for slot in coming if not rota.is_fixed(slot)}
    others = [slot for slot in coming.values() if slot.quarter != quarter]
    form = SwapForm(
        posted(request), others=[(slot.quarter, f"{written_quarter(slot.quarter)}: {slot.group.name}") for slot in others]
    )
    title = _("Swap %(quarter)s with another quarter") % {"quarter": written_quarter(quarter)}
    nothing = "" if others else _("No other coming quarter has a group to swap with.")
    nothing = nothing if quarter in coming else _("No group leads this quarter yet.")
    return _decide(
        request, form, lambda said: rotation.swap(quarter, said["other"], request.user, said["reason"]), title, quarter, nothing
    )


def _decide(request, form, act, title, quarter, nothing):
    """`nothing` says why there is no choice to make."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refusal:
            form.say(refusal)
        else:
            messages.success(request, _("Saved. The groups are asked whether they accept."))
            return redirect(*_to_year(quarter))
    return form_page(
        request,
        "live/rotation/act.html",
        form,
        title=title,
        button=_("Save"),
        about="",
        back=back_url(_to_year(quarter)),
        nothing=nothing,
    )


# --- the days --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def dates(request, year):
    """Day, hour, zone and minutes of the quarters that can still change; "check" shows what it means, "save" keeps it."""
    require_lead(request.user)
    rows = [_day_row(request, slot) for slot in slots_of(year) if not rota.is_fixed(slot)]
    valid = request.method == "POST" and not [row for row in rows if not row["form"].is_valid()]
    if valid and request.POST.get("do") != "check" and _save(request, rows):
        messages.success(request, _("Saved."))
        return redirect("live:year_dates", year)
    mentors = list(active_mentors())
    for row in rows:
        row["preview"] = _preview(request.user, row, mentors)
    shifts = _shifts([row["preview"]["row"].planned for row in rows if row["preview"]], mentors)
    errors = [
        {"anchor": _anchor(row["form"], name), "text": error}
        for row in rows
        for name, some in row["form"].errors.items()
        for error in some
    ]
    return render_desk(
        request, "live/rotation/dates.html", status=422 if errors else 200, year=year, rows=rows, errors=errors, shifts=shifts
    )


def _anchor(form, name):
    return form[name].id_for_label if name in form.fields else ""


def _day_row(request, slot):
    meeting, initial = (
        rota.standing_meeting(slot),
        {"time_zone": request.user.time_zone or timezone.get_default_timezone_name(), "minutes": MINUTES},
    )
    if meeting is not None:
        local = meeting.starts_at.astimezone(wall_clock.zone(meeting.time_zone))
        initial = {"day": local.date(), "hour": local.time(), "time_zone": meeting.time_zone, "minutes": meeting.minutes}
    return {
        "slot": slot,
        "meeting": meeting,
        "seen": quarter_days.version_of(meeting),
        "form": DayForm(posted(request), prefix=f"q{quarters.number_of(slot.quarter)}", initial=initial),
    }


def _save(request, rows):
    """All rows or none. A refusal stands beside its row."""
    try:
        with transaction.atomic():
            for row in rows:
                said = row["form"].cleaned_data
                if said.get("starts_at"):
                    times = {name: said[name] for name in ("starts_at", "minutes", "time_zone")}
                    seen = request.POST.get(row["form"].add_prefix("seen"))
                    quarter_days.plan(row["slot"].quarter, request.user, **times, seen=seen)
    except Refused as refusal:
        row["form"].say(refusal)
        return False
    return True


def _preview(user, row, mentors):
    """What the day means: local hours of the mentors, holidays, odd hours, other meetings of the group, and whether it lies in the
    quarter. `None` without a day."""
    day, hour, zone, minutes = _said(row["form"])
    if not day or not hour:
        return None
    slot, meeting = row["slot"], row["meeting"]
    planned = planning_preview.Planned(slot.quarter, datetime.datetime.combine(day, hour), minutes, zone, "regional")
    begins, ends = planning_preview.span_of([planned])
    leading = [person.pk for person in lead_groups.people_in(slot.group_id)] if slot.group_id else []
    busy = overlaps.busy(user, None, begins, ends, named=leading, besides=[meeting.pk] if meeting else [])
    found = planning_preview.preview_of([planned], whose_clocks.of_users(mentors), busy).rows[0]
    return {"row": found, "outside": quarter_days.is_outside(slot.quarter, day)}


def _shifts(planned, mentors):
    """Whose hour changes from one quarter to the next where the meetings begin at the same hour of the same zone."""
    in_order = sorted(planned, key=lambda one: wall_clock.moment_of(one.wall, wall_clock.zone(one.time_zone)).instant)
    alike = {(one.wall.time(), one.time_zone) for one in in_order}
    return planning_preview.preview_of(in_order, whose_clocks.of_users(mentors), []).shifts if len(alike) == 1 else ()


def _said(form):
    """Day, hour, zone and minutes as typed, where that can be read; else as they stand."""
    known = form.cleaned_data if form.is_bound and form.is_valid() else {} if form.is_bound else form.initial
    return [known.get(name) for name in ("day", "hour", "time_zone", "minutes")]
