"""A person's own: what they are told and how, their telephone, and what they were told. Nobody else's, ever."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notifications import choices, notices, numbers, quiet, texts
from notifications.forms import ChannelForm, ChoicesForm, CodeForm, NewestForm, NumberForm
from notifications.models import Notice
from notifications.refusals import Refused

PER_PAGE = 30
require_form = require_http_methods(["GET", "HEAD", "POST"])


# --- choices -----------------------------------------------------------------------------------------------------------
@login_required
@require_form
def chosen(request):
    """All choices in one form; saved together."""
    return _save_choices(request) if request.method == "POST" else _choices_page(request)


def _save_choices(request):
    form = _choices_form(request, request.POST)
    if not form.is_valid():
        return _choices_page(request, form=form)
    hours = {name: form.cleaned_data[name] for name in ("quiet_from", "quiet_until", "digest")}
    choices.save(request.user, form.wanted(), **hours)
    messages.success(request, _("Your choices are saved."))
    return redirect("notifications:choices")


def _choices_form(request, data=None):
    confirmed = any(number.confirmed_at for number in numbers.numbers_of(request.user))
    standing = choices.choices_of(request.user)
    return ChoicesForm(data, choices=standing, habit=choices.habit_of(request.user), texts=confirmed)


def _choices_page(request, form=None, number_form=None, code_form=None, code_of=""):
    """The page with whichever of its forms was answered; 422 if that one has errors."""
    channels = texts.configured()
    answered = form or number_form or code_form
    context = {
        "form": form or _choices_form(request),
        "answered": answered,
        "zone": str(quiet.zone_of(request.user)),
        "channels": channels,
        "numbers": [(row, texts.masked(row.number)) for row in numbers.numbers_of(request.user)] if channels else [],
        "number_form": number_form or NumberForm(channels=channels, prefix="new"),
        "code_form": code_form or CodeForm(prefix="code"),
        "code_of": code_of,
        "page_has_errors": bool(answered and answered.errors),
    }
    return render(request, "notifications/pages/choices.html", context, status=422 if context["page_has_errors"] else 200)


# --- telephone ---------------------------------------------------------------------------------------------------------
@login_required
@require_POST
@sensitive_post_parameters()
def number_add(request):
    form = NumberForm(request.POST, channels=texts.configured(), prefix="new")
    if form.is_valid():
        try:
            numbers.add(request.user, form.cleaned_data["channel"], form.cleaned_data["number"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, _("A code is on its way to your telephone. Write it below."))
            return redirect(_telephone())
    return _choices_page(request, number_form=form)


@login_required
@require_POST
@sensitive_post_parameters()
def number_confirm(request):
    form, channel = CodeForm(request.POST, prefix="code"), _channel(request)
    if form.is_valid():
        try:
            numbers.confirm(request.user, channel, form.cleaned_data["code"])
        except Refused as refusal:
            form.add_error("code", refusal.text)
        else:
            messages.success(request, _("The number is confirmed. Choose below what comes as a text."))
            return redirect(_telephone())
    return _choices_page(request, code_form=form, code_of=channel)


@login_required
@require_POST
def number_remove(request):
    numbers.remove(request.user, _channel(request))
    messages.success(request, _("The number is removed. No texts are sent to it any more."))
    return redirect(_telephone())


def _channel(request):
    form = ChannelForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("No such channel")
    return form.cleaned_data["channel"]


def _telephone():
    return reverse("notifications:choices") + "#telephone"


# --- notices -----------------------------------------------------------------------------------------------------------
@login_required
@require_safe
def notice_list(request):
    mine = Notice.objects.accessible_to(request.user).select_related("user")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    newest = max((notice.pk for notice in page), default=0)
    lines = [(notice, notices.line(notice), notices.address_of(notice)) for notice in page]
    context = {"page": page, "lines": lines, "newest": newest, "unread": notices.unread_count(request.user)}
    return render(request, "notifications/pages/notices.html", context)


@login_required
@require_form
def notice(request, pk):
    """Opens what the notice is about. POST marks it as read; GET does not, for browsers fetch ahead."""
    found = get_object_or_404(Notice.objects.accessible_to(request.user), pk=pk)
    if request.method == "POST":
        notices.mark_read(found)
    return redirect(notices.address_of(found) or "notifications:notices")


@login_required
@require_POST
def notices_read(request):
    form = NewestForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("Not the number of a notice")
    notices.mark_all_read(request.user, form.cleaned_data["newest"])
    messages.success(request, _("All notices are marked as read."))
    return redirect("notifications:notices")
