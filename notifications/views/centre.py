"""The message centre of programme leads. For everybody else these pages do not exist (404)."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from notifications import centre, quiet, texts
from notifications.forms import LogFilter
from notifications.models import Bounce, Message

PER_PAGE = 50
NAMES = dict(Message.Channel.choices)


def for_leads(view):
    """Sign-in, then 404 for whoever has no message centre."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not centre.open_to(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_leads
def log(request):
    form = LogFilter(request.GET)
    good = form.is_valid()
    said = {name: form.cleaned_data[name] for name in ("kind", "state", "person")} if good else {}
    rows = centre.log(request.user, **said) if good else Message.objects.none()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": _rows(page),
        "filtered": any(said.values()),
        "batches": []
        if page.number > 1 or any(said.values()) or not good
        else centre.batches(request.user, quiet.zone_of(request.user)),
        "channels": texts.configured(),
        **_counts(request.user),
    }
    return render(request, "notifications/pages/centre.html", context, status=200 if good else 422)


@require_safe
@for_leads
def upcoming(request):
    page = Paginator(centre.upcoming(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/pages/upcoming.html", {"page": page, "rows": _rows(page), **_counts(request.user)})


def _rows(page):
    """[(message, its kind, its state, channel in words)]."""
    return [(row, centre.kind_of(row.what), centre.BY_STATE[row.state], NAMES[row.channel]) for row in page]


def _counts(user):
    return {"n_bounces": centre.bounces(user).count()}


@require_safe
@for_leads
def bounce_list(request):
    page = Paginator(centre.bounces(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/pages/bounces.html", {"page": page, **_counts(request.user)})


@require_POST
@for_leads
def bounce_clear(request, pk):
    bounce = get_object_or_404(Bounce.objects.accessible_to(request.user), pk=pk)
    if centre.clear(bounce, request.user):
        messages.success(
            request, _("Mail goes to %(address)s again. What was held back is not sent afterwards.") % {"address": bounce.to}
        )
    else:
        messages.info(request, _("This was cleared already."))
    return redirect("notifications:bounces")
