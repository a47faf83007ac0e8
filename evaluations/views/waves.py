"""The waves of a cohort for those who run it: trainers and evaluators see, leads decide; for everybody else these pages are not there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from evaluations import reading, wave_mail, wave_people, wave_plan, waves
from evaluations.answering import newest_instrument
from evaluations.forms_waves import DatesForm, PlanForm
from evaluations.models import Wave

require_form = require_http_methods(["GET", "HEAD", "POST"])
LARGEST_ID = 2**63 - 1


# --- who may ---------------------------------------------------------------------------------------------------------


def reported_to(request, pk):
    """The cohort, for its trainers, leads and evaluators; 404 otherwise."""
    request.navigation_place = "cohorts"
    return get_object_or_404(Cohort.objects.run_by(request.user, roles.REPORTING), pk=pk)


def led_by(request, pk):
    """The cohort, for its leads; 403 for its trainers and evaluators."""
    cohort = reported_to(request, pk)
    roles.require(roles.leads(request.user, cohort))
    return cohort


def wave_seen_by(request, pk):
    """The wave, for trainers, leads and evaluators of its cohort; 404 otherwise, also for those who are asked."""
    request.navigation_place = "cohorts"
    return get_object_or_404(Wave.objects.run_by(request.user).select_related("cohort", "instrument"), pk=pk)


def wave_led_by(request, pk):
    wave = wave_seen_by(request, pk)
    roles.require(roles.leads(request.user, wave.cohort))
    return wave


# --- all waves of a cohort -------------------------------------------------------------------------------------------


@login_required
@require_safe
def index(request, pk):
    cohort = reported_to(request, pk)
    context = {
        "cohort": cohort,
        "rows": wave_people.rows_of(cohort),
        "leads": roles.leads(request.user, cohort),
        "teaches": roles.runs(request.user, cohort),
        "evaluates": roles.evaluates(request.user, cohort),
    }
    return render(request, "evaluations/waves/index.html", context)


@login_required
@require_form
def plan(request, pk):
    cohort = led_by(request, pk)
    form = PlanForm(request.POST if request.method == "POST" else None, cohort=cohort)
    if request.method == "POST" and form.is_valid():
        try:
            waves.plan(cohort, request.user, **form.planned())
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("The wave is planned."))
            return redirect("evaluations:waves", cohort.pk)
    context = {"cohort": cohort, "form": form}
    return render(request, "evaluations/waves/plan.html", context, status=422 if form.errors else 200)


@login_required
@require_form
def usual(request, pk):
    """What the usual plan comes to in this cohort; a post plans what is new in it."""
    cohort, refusal = led_by(request, pk), None
    if request.method == "POST":
        try:
            made = wave_plan.plan_usual(cohort, request.user)
        except Refused as error:
            refusal = error.text
        else:
            words = ngettext("%(count)s wave planned.", "%(count)s waves planned.", len(made)) % {"count": len(made)}
            messages.success(request, words)
            return redirect("evaluations:waves", cohort.pk)
    lines = wave_plan.preview(cohort)
    context = {"cohort": cohort, "lines": lines, "new": sum(line.new for line in lines), "refusal": refusal}
    return render(request, "evaluations/waves/usual.html", context, status=409 if refusal else 200)


# --- one wave --------------------------------------------------------------------------------------------------------


@login_required
@require_form
def manage(request, pk):
    """Its dates, and what else may be done with it; a post moves the dates."""
    wave = wave_led_by(request, pk)
    form = DatesForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        try:
            waves.move(wave, **form.dates())
        except Refused as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("evaluations:waves", wave.cohort_id)
    return _manage_page(request, wave, form=form)


def _manage_page(request, wave, form=None, refusal=None):
    standing = {name: getattr(wave, name) for name in ("opens_on", "closes_on", "late_days")}
    newest = newest_instrument(wave.instrument.key)
    context = {
        "wave": wave,
        "moment": wave_plan.moment_words(wave.moment, wave.number),
        "state": wave_people.state_of(wave),
        "form": form or DatesForm(initial=standing),
        "asked": waves.is_asked(wave),
        "newest": newest if newest and newest.pk != wave.instrument_id and not waves.has_begun(wave) else None,
        "refusal": refusal,
    }
    status = 409 if refusal else 422 if form and form.errors else 200
    return render(request, "evaluations/waves/manage.html", context, status=status)


def _act(request, pk, act, done):
    wave = wave_led_by(request, pk)
    try:
        act(wave)
    except Refused as refusal:
        return _manage_page(request, wave_led_by(request, pk), refusal=refusal.text)
    messages.success(request, done)
    return redirect("evaluations:waves", wave.cohort_id)


@login_required
@require_POST
def close(request, pk):
    return _act(request, pk, waves.close, _("The wave is closed."))


@login_required
@require_POST
def newest(request, pk):
    return _act(request, pk, waves.use_newest, _("The newest version will be asked."))


@login_required
@require_POST
def delete(request, pk):
    return _act(request, pk, waves.delete, _("The wave is deleted."))


@login_required
@require_form
def unanswered(request, pk):
    """Who has not answered, by name unless the wave is anonymous, and a reminder for those who are chosen. Trainers and leads."""
    wave, refusal = wave_seen_by(request, pk), None
    roles.require(roles.runs(request.user, wave.cohort))
    if request.method == "POST":
        try:
            sent = wave_mail.remind(wave, _numbers(request.POST.getlist("enrollment")))
        except Refused as error:
            refusal = error.text
        else:
            messages.success(request, ngettext("%(count)s reminder sent.", "%(count)s reminders sent.", sent) % {"count": sent})
            return redirect("evaluations:wave_unanswered", wave.pk)
    context = {
        "wave": wave,
        "moment": wave_plan.moment_words(wave.moment, wave.number),
        "people": wave_people.unanswered(wave),
        "takes_answers": wave_people.state_of(wave) in ("open", "late"),
        "may_read": reading.may_open(request.user, wave),
        "refusal": refusal,
    }
    return render(request, "evaluations/waves/unanswered.html", context, status=409 if refusal else 200)


def _numbers(texts):
    """The ids among what was sent; whatever is none is left out."""
    numbers = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_ID))}
    return numbers or {0}


def _refuse(form, refusal):
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
