"""In Wagtail's admin: sent answers are scored with the key of a newer version, after a look at what would change."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.widgets.button import Button
from wagtail.permissions import ModelPermissionPolicy

from curriculum import plaintext
from evaluations import regrading
from evaluations.models import Instrument, Regrade, Response
from evaluations.refusals import Refused


def may_regrade(user):
    """Whoever may change instruments."""
    return ModelPermissionPolicy(Instrument).user_has_permission(user, "change")


def button(instrument, user):
    """The way to the act on the instrument's page, or `None` where there is nothing to score or nothing to score it with."""
    sent = Response.objects.filter(instrument=instrument, submitted_at__isnull=False)
    if not may_regrade(user) or not sent.exists() or not regrading.versions_for(instrument).exists():
        return None
    return Button(_("Score again"), url=reverse("evaluations_regrade", args=[instrument.pk]), icon_name="rotate", priority=6)


def regrade(request, pk):
    """GET: the versions, and with `?with=` what one of them would change. POST: the act. Wagtail asks for the sign-in before."""
    if not may_regrade(request.user):
        raise PermissionDenied
    instrument = get_object_or_404(Instrument, pk=pk)
    versions = list(regrading.versions_for(instrument))
    chosen = _chosen(request.POST.get("with") if request.method == "POST" else request.GET.get("with"), versions)
    if request.method != "POST" or chosen is None:
        return _page(request, instrument, versions, chosen, status=422 if request.method == "POST" else 200)
    try:
        act = regrading.regrade(instrument, chosen, request.user, request.POST.get("reason"))
    except Refused as refusal:
        return _page(request, instrument, versions, chosen, refusal, refusal.status)
    count = act.changes.count()
    words = ngettext("%(n)d attempt was scored again.", "%(n)d attempts were scored again.", count)
    messages.success(request, words % {"n": count})
    return redirect(reverse("evaluations_regrade", args=[pk]))


def _chosen(raw, versions):
    number = int(raw) if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,18}", raw) else None
    return next((version for version in versions if version.pk == number), None)


def _page(request, instrument, versions, chosen, refusal=None, status=200):
    plan, misfit = None, None
    if chosen:
        try:
            plan = regrading.plan(instrument, chosen)
        except Refused as error:
            plan, misfit, status = None, error, max(status, error.status)
    context = {
        "instrument": instrument, "versions": versions, "chosen": chosen, "plan": plan, "misfit": misfit,
        "refusal": refusal if refusal and not misfit else None, "nothing_chosen": request.method == "POST" and chosen is None,
        "reason": plaintext.showable(request.POST.get("reason")), "longest_reason": regrading.LONGEST_REASON,
        "acts": Regrade.objects.filter(instrument=instrument).select_related("scored_with", "by").order_by("-pk"),
        "back": reverse(instrument.snippet_viewset.get_url_name("inspect"), args=[instrument.pk]),
    }  # fmt: skip
    return render(request, "evaluations/regrading/regrade.html", context, status=status)
