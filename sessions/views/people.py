"""Who belongs to a meeting by name: hosts, presenters, guests."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from curriculum.enrollment_states import Refused
from sessions import schedule
from sessions.forms_desk import PersonForm
from sessions.views.meetings import form_page, posted, require_form, run_by


@login_required
@require_form
def people(request, pk):
    meeting = run_by(request, pk)
    form = PersonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        schedule.ask(meeting, form.user, form.cleaned_data["part"])
        messages.success(request, _("%(name)s belongs to the meeting now.") % {"name": form.user.addressed_as})
        return redirect("live:people", meeting.pk)
    rows = meeting.people.select_related("user").order_by("part", "user__full_name", "pk")
    return form_page(request, "live/people.html", form, meeting=meeting, rows=rows)


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
