"""Opening one person's answers, which is noted, and the page on which people see who opened theirs."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from evaluations import reading
from evaluations.forms_waves import ReasonForm
from evaluations.models import Response
from evaluations.views.waves import wave_seen_by
from evaluations.wave_plan import moment_words

PER_PAGE = 50


@login_required
@require_safe
def answers(request, pk):
    """Who has answered, for those whom the promise lets open an answer. An anonymous wave has no such page."""
    wave = wave_seen_by(request, pk)
    if wave.anonymous:
        raise Http404
    roles.require(reading.may_open(request.user, wave))
    sent = Response.objects.filter(wave=wave, submitted_at__isnull=False).select_related("enrollment__user", "wave")
    page = Paginator(sent.order_by("enrollment__user__full_name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"wave": wave, "moment": moment_words(wave.moment, wave.number), "page": page}
    since = reading.promised_since(wave)
    context["rows"] = [(response, since is None or response.opened_at >= since) for response in page]
    return render(request, "evaluations/waves/answers.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def read(request, pk):
    """Says what opening means; a post notes it and shows the answers. Nothing is shown that was not noted first."""
    related = ("wave__cohort", "wave__instrument", "instrument", "enrollment__user")
    response = get_object_or_404(reading.readable_by(request.user).select_related(*related), pk=pk)
    roles.require(reading.may_open(request.user, response.wave))
    needs_reason = reading.needs_reason(response.wave)
    form = (ReasonForm if needs_reason else forms.Form)(request.POST if request.method == "POST" else None)
    context = {
        "response": response, "wave": response.wave, "form": form, "needs_reason": needs_reason,
        "moment": moment_words(response.wave.moment, response.wave.number), "stays_closed": not reading.was_promised(response),
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            context["lines"] = reading.open_answers(response, request.user, form.cleaned_data.get("reason", ""))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
    return render(request, "evaluations/waves/read.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def my_answers(request):
    """One's own answers, and who has read them when and why."""
    page = Paginator(reading.own_answers(request.user), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"response": response, "moment": moment_words(response.wave.moment, response.wave.number) if response.wave else ""}
        for response in page
    ]
    context = {"page": page, "rows": rows, "exports": reading.exports_with_names(request.user), "identified": reading.IDENTIFIED}
    return render(request, "evaluations/waves/my_answers.html", context)
