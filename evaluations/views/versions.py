"""In Wagtail's admin: an instrument that people have answered goes on as a new version."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.permissions import ModelPermissionPolicy

from evaluations import versions
from evaluations.models import Instrument


def new_version(request, pk):
    """Says what a new version means and, on POST, makes it and leads to its form. Wagtail asks for the sign-in before."""
    if not ModelPermissionPolicy(Instrument).user_has_permission(request.user, "add"):
        raise PermissionDenied
    instrument = get_object_or_404(Instrument, pk=pk)
    if request.method != "POST":
        return _explain(request, instrument)
    try:
        made = versions.copy(instrument, request.user)
    except versions.NotLocked:
        messages.info(request, _("Nobody has answered this version yet: edit it as it is."))
        return redirect(_edit_url(instrument))
    text = _("Version %(number)s is here to edit. The version people answered stays as it was.")
    messages.success(request, text % {"number": made.version})
    return redirect(_edit_url(made))


def _explain(request, instrument):
    context = {
        "instrument": instrument,
        "next_version": instrument.version + 1,
        "exists": Instrument.objects.filter(key=instrument.key, version=instrument.version + 1).exists(),
        "back": reverse(instrument.snippet_viewset.get_url_name("inspect"), args=[instrument.pk]),
    }
    return render(request, "evaluations/admin/new_version.html", context)


def _edit_url(instrument):
    return reverse(instrument.snippet_viewset.get_url_name("edit"), args=[instrument.pk])
