"""Materials of a meeting, for those who run it: add, change, order, remove."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from curriculum.enrollment_states import Refused
from sessions import materials
from sessions.forms_answers import MaterialForm
from sessions.views.copies import kept_on_device
from sessions.views.meetings import form_page, posted, require_form, run_by

MOVES = {"up": -1, "down": 1}


@login_required
@require_form
@kept_on_device
def materials_of(request, pk):
    """All of them; a post adds one."""
    meeting = run_by(request, pk)
    form = MaterialForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            materials.add(meeting, **form.written())
        except Refused as refusal:
            form.add_error(None, refusal.text)
        else:
            messages.success(request, _("Saved."))
            return redirect("live:materials", pk)
    return form_page(request, "live/materials_form.html", form, meeting=meeting, shown=materials.shown_for(meeting))


@login_required
@require_form
def material(request, pk, material):
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.materials, pk=material)
    form = MaterialForm(posted(request), instance=one)
    if request.method == "POST" and form.is_valid():
        if not materials.change(one, **form.written()):
            raise Http404
        messages.success(request, _("Saved."))
        return redirect("live:materials", pk)
    return form_page(request, "live/materials_form.html", form, meeting=meeting, edited=one)


@login_required
@require_POST
def act(request, pk, material):
    """`do`: up, down or remove."""
    meeting = run_by(request, pk)
    one = get_object_or_404(meeting.materials.select_related("meeting"), pk=material)
    do = request.POST.get("do")
    if do in MOVES:
        materials.shift(one, MOVES[do])
    elif do == "remove":
        one.delete()
    else:
        messages.error(request, _("This button is not known. Try again."))
        return redirect("live:materials", pk)
    messages.success(request, _("Saved."))
    return redirect("live:materials", pk)
