"""Who belongs to a meeting by name: hosts, presenters, guests. Found by name, or by address, also without an account yet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from curriculum.enrollment_states import Refused
from sessions import guests, local_times, schedule
from sessions.forms_desk import PersonForm
from sessions.views.meetings import form_page, posted, require_form, run_by

LONGEST_SEARCH = 100


@login_required
@require_form
def people(request, pk):
    """The list, with each one's own hour; `?q=` looks for a name."""
    meeting = run_by(request, pk)
    form = PersonForm(posted(request), meeting=meeting, by=request.user)
    if request.method == "POST" and form.is_valid() and _welcome(form, meeting):
        unknown = guests.strangers(request.user, [meeting], [form.user.pk])
        name = form.cleaned_data["email"] if unknown else form.user.addressed_as
        messages.success(request, _("%(name)s belongs to the meeting now.") % {"name": name})
        return redirect("live:people", meeting.pk)
    words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    rows = [(row, str(local_times.zone_of(row.user))) for row in _rows(meeting)]
    unknown = guests.strangers(request.user, [meeting], [row.user_id for row, _zone in rows])
    context = {
        "meeting": meeting, "rows": rows, "unknown": unknown, "words": words, "found": guests.find(request.user, words) if words else [],
        "named": {row.user_id for row, _zone in rows}, "parts": form.fields["part"].choices, "of_country": guests.of_country(meeting).count(),
    }  # fmt: skip
    return form_page(request, "live/people.html", form, **context)


def _rows(meeting):
    return meeting.people.select_related("user").order_by("part", "user__full_name", "pk")


def _welcome(form, meeting):
    """Whether the person is named now; a refusal stands in the form."""
    try:
        form.user = guests.welcome(meeting, form.cleaned_data["email"], form.cleaned_data["part"], **form.profile())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        return False
    return True


@login_required
@require_POST
def by_country(request, pk):
    """Everybody of the country of a national meeting at once."""
    meeting = run_by(request, pk)
    count = guests.name_country(meeting)
    words = ngettext("%(count)s person was named.", "%(count)s people were named.", count) % {"count": count}
    messages.success(request, words)
    return redirect("live:people", meeting.pk)


@login_required
@require_POST
def remove(request, pk, person):
    meeting = run_by(request, pk)
    row = get_object_or_404(meeting.people, pk=person)
    try:
        schedule.let_go(row)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("Taken off the list."))
    own = row.user_id == request.user.pk
    return redirect("live:meetings") if own else redirect("live:people", meeting.pk)
