"""A report of Zoom or Teams, step by step on one address: file, columns if they were not recognised, zone and people, totals, saved.

Each step posts everything again (the text travels in the page), so that nothing is kept on the way and the back button does no harm.
"""

import zoneinfo
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from curriculum.enrollment_states import Refused
from curriculum.forms import city_name, zones
from sessions import attendance_import
from sessions.attendance_reports import COLUMNS, read_table
from sessions.views.attendance import correctable


class ReportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Participants' report"), widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=gettext_lazy("Zoom: Reports, Usage, Participants, export. Teams: Attendance, Download. Both are CSV files."),
        error_messages={"required": gettext_lazy("Choose the file that you downloaded."),
                        "empty": gettext_lazy("The file is empty. Choose another one.")},
    )  # fmt: skip


class MatchForm(forms.Form):
    zone = forms.ChoiceField(
        label=gettext_lazy("The times in the file are written in"), choices=zones,
        help_text=gettext_lazy("Reports are often in UTC or in the zone of whoever owns the account. Look at the minutes below: they tell."),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a time zone.")),
    )  # fmt: skip
    minimum = forms.IntegerField(
        label=gettext_lazy("Leave aside who was there less than (minutes)"), min_value=0, max_value=720, initial=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), gettext_lazy("Write a number from 0 to 720.")
        ),
    )  # fmt: skip

    def __init__(self, data=None, *, likely=(), **options):
        super().__init__(data, **options)
        likely = [(name, city_name(name)) for name in likely]
        self.fields["zone"].choices = [(_("Likely"), likely), *zones()]


@dataclass
class Step:
    """What a post carries: the table, the chosen columns, and the meeting it is for."""

    meeting: object
    table: object
    columns: dict

    @property
    def recognised(self):
        return {"joined", "left"} <= self.columns.keys() and bool(self.columns.keys() & {"name", "email"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_report(request, pk):
    meeting = correctable(request, pk)
    try:
        attendance_import.require_importable(meeting)
    except Refused as refusal:
        return render(
            request, "live/attendance/import_closed.html", {"meeting": meeting, "reason": refusal.text}, status=_closed(request)
        )
    form = ReportForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    step = _step(request, meeting, form) if request.method == "POST" else None
    if step is None:
        context = {"meeting": meeting, "form": form}
        return render(request, "live/attendance/import.html", context, status=422 if form.errors else 200)
    if not step.recognised:
        return _ask_columns(request, step)
    return _match(request, step)


def _closed(request):
    return 409 if request.method == "POST" else 200


def _step(request, meeting, form):
    """The `Step`, or `None` with what is wrong noted in the form."""
    carried = request.POST.get("text", "")
    if not carried and not form.is_valid():
        return None
    try:
        table = read_table(carried or form.cleaned_data["file"])
    except Refused as refusal:
        form.is_valid()
        form.errors.clear()
        form.add_error("file", refusal.text)
        return None
    return Step(meeting, table, _columns(request, table) or table.columns)


def _columns(request, table):
    """The columns that were chosen by hand: places from 1; what is no place of the table is not chosen."""
    chosen = {name: request.POST.get(f"column-{name}", "") for name in COLUMNS}
    places = {name: int(raw) - 1 for name, raw in chosen.items() if raw.isascii() and raw.isdigit() and len(raw) < 4}
    return {name: place for name, place in places.items() if 0 <= place < table.width}


COLUMN_WORDS = {
    "email": gettext_lazy("Which column is the e-mail address?"), "name": gettext_lazy("Which column is the name?"),
    "joined": gettext_lazy("Which column is the time of joining?"), "left": gettext_lazy("Which column is the time of leaving?"),
}  # fmt: skip


def _ask_columns(request, step, error=""):
    asked = "column-joined" in request.POST
    if asked and not error:
        error = _("Choose the time of joining, the time of leaving, and the e-mail address or the name.")
    context = {
        "meeting": step.meeting, "table": step.table, "errors": [{"anchor": "id_column-email", "text": error}] if error else [],
        "places": range(1, step.table.width + 1), "page_has_errors": bool(error),
        "questions": [(name, words, step.columns.get(name, -1) + 1) for name, words in COLUMN_WORDS.items()],
    }  # fmt: skip
    return render(request, "live/attendance/import_columns.html", context, status=422 if error else 200)


# --- people ------------------------------------------------------------------------------------------------------------


def _match(request, step):
    likely = attendance_import.zones_for(step.meeting, request.user)
    chosen = "zone" in request.POST
    try:
        if chosen:
            form = MatchForm(request.POST, likely=likely)
        else:
            zone = attendance_import.likely_zone(step.meeting, step.table, step.columns, likely)
            form = MatchForm(likely=likely, initial={"zone": zone})
        return _with_people(request, step, form, _zone(form, likely))
    except Refused as refusal:
        return _ask_columns(request, step, refusal.text)


def _zone(form, likely):
    name = form["zone"].value()
    return zoneinfo.ZoneInfo(name if name in zoneinfo.available_timezones() else likely[0])


def _with_people(request, step, form, zone):
    reading = attendance_import.read(step.meeting, step.table, step.columns, zone)
    context = {"meeting": step.meeting, "step": step, "form": form, "reading": reading, "columns": _carried(step)}
    context |= {kind: reading.of(kind) for kind in ("sure", "doubtful", "unknown")}
    open_ones = attendance_import.choose(reading, _chosen(request, reading)) if "matched" in request.POST else []
    if "matched" not in request.POST or "reread" in request.POST:
        return render(request, "live/attendance/import_match.html", context, status=422 if form.errors else 200)
    if open_ones or not form.is_valid():
        context |= {"errors": [_unanswered(one) for one in open_ones], "page_has_errors": True}
        return render(request, "live/attendance/import_match.html", context, status=422)
    minimum = form.cleaned_data["minimum"]
    if "confirm" in request.POST:
        return _save(request, reading, minimum)
    context |= {"foretold": attendance_import.foretell(reading, minimum), "minimum": minimum, "zone": zone.key}
    return render(request, "live/attendance/import_totals.html", context)


def _chosen(request, reading):
    return {one.number: request.POST.get(f"who-{one.number}", "")[:12] for one in reading.attendees}


def _unanswered(attendee):
    text = _("Say whether “%(name)s” is this person.") % {"name": attendee.name or attendee.email}
    return {"anchor": f"id_who-{attendee.number}", "text": text}


def _carried(step):
    """Places from 1, as the next post gives them."""
    return [(name, place + 1) for name, place in step.columns.items()]


def _save(request, reading, minimum):
    added, corrected, changed = attendance_import.save(reading, minimum, request.user)
    if not (added or corrected):
        messages.info(request, _("Nothing changed: this report was imported before."))
    else:
        words = ngettext("%(count)s line imported.", "%(count)s lines imported.", added + corrected) % {
            "count": added + corrected
        }
        marks = ngettext("%(count)s mark changed.", "%(count)s marks changed.", changed) % {"count": changed}
        messages.success(request, f"{words} {marks}")
    return redirect("live:attendance", reading.meeting.pk)
