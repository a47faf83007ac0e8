"""Teach-backs: what the person reads, what raters fill in, and the decision."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import plaintext
from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from curriculum.outline import outline_of
from curriculum.views.cohorts import posted, run_by
from curriculum.views.reading import activity
from evaluations import agreement, teachback
from evaluations.models import TeachBack, TeachBackPage
from evaluations.questions.reading import questions_of

PER_PAGE = 50
require_form = require_http_methods(["GET", "HEAD", "POST"])


class PlanForm(forms.Form):
    enrollment = forms.ModelChoiceField(
        Enrollment.objects.none(),
        label=gettext_lazy("Person"),
        empty_label=gettext_lazy("Choose a person"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a person of the cohort.")),
    )
    activity = forms.ChoiceField(
        label=gettext_lazy("Teach-back"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a teach-back of the programme.")),
    )
    topic = forms.Field(
        label=gettext_lazy("Topic"), required=False, widget=forms.TextInput, help_text=gettext_lazy("What the person presents.")
    )
    held_on = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write the day as in 2027-03-02.")},
    )

    def __init__(self, data, cohort, by, initial=None):
        super().__init__(data, initial=initial)
        people = Enrollment.objects.studying().filter(cohort=cohort).exclude(user=by).select_related("user")
        self.fields["enrollment"].queryset = people
        self.fields["enrollment"].label_from_instance = lambda enrollment: enrollment.user.addressed_as
        self.fields["activity"].choices = [(str(activity.key), activity.title()) for activity in activities_of(cohort)]


def activities_of(cohort):
    return [activity for activity in outline_of(cohort).activities if activity.kind == TeachBackPage.kind]


# --- the person ------------------------------------------------------------------------------------------------------


def page(request, page):
    """Where Wagtail leads: what will be observed, by which criteria, and what came of it."""
    return activity(request, page, _show)


def _show(request, page, enrollment=None, preview=False):
    mine = list(TeachBack.objects.filter(enrollment=enrollment, activity_key=page.translation_key)) if enrollment else []
    settled = [(one, agreement.agreement_on(one)) for one in mine if one.outcome != TeachBack.Outcome.OPEN]
    instrument = teachback.rubric(page.instrument_key)
    context = {
        "page": page, "enrollment": enrollment, "preview": preview, "newest": mine[0] if mine else None, "settled": settled,
        "instrument": instrument, "criteria": questions_of(instrument.pk) if instrument else [],
    }  # fmt: skip
    return render(request, "evaluations/teach_back_page.html", context)


# --- raters ----------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def index(request, pk):
    """The teach-backs of a cohort, and who still needs one."""
    cohort = run_by(request, pk)
    rows = TeachBack.objects.judged_by(request.user).filter(enrollment__cohort=cohort)
    rows = rows.select_related("enrollment__user").prefetch_related("ratings__rater").order_by("outcome", "-created_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    titles = {activity.key: activity.title() for activity in activities_of(cohort)}
    context = {"cohort": cohort, "page": page, "rows": [(row, titles.get(row.activity_key, "")) for row in page], "any": titles}
    return render(request, "evaluations/teachback/index.html", context)


@login_required
@require_form
def plan(request, pk):
    cohort = run_by(request, pk)
    form = PlanForm(posted(request), cohort, request.user, initial={"enrollment": request.GET.get("person", "")[:20]})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            rules = agreement.page_for(said["activity"])
            if rules is None:
                raise Refused(_("This teach-back is not part of the cohort's programme."), "activity")
            made = teachback.plan(said["enrollment"], rules, request.user, said["topic"], said["held_on"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            return redirect("evaluations:teach_back_rate", made.pk)
    context = {"cohort": cohort, "form": form, "activities": activities_of(cohort), "page_has_errors": bool(form.errors)}
    return render(request, "evaluations/teachback/plan.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def detail(request, pk):
    return _detail(request, _judged(request, pk))


def _detail(request, one, refusal=None, status=200):
    sees = agreement.may_see_others(one, request.user)
    context = {
        "one": one, "cohort": one.enrollment.cohort, "person": one.enrollment.user, "sees": sees, "refusal": refusal,
        "agreement": agreement.agreement_on(one), "mine": one.ratings.filter(rater=request.user).first(),
        "raters": one.ratings.select_related("rater"), "title": _title(one), "page_has_errors": refusal is not None,
        "feedback": plaintext.showable(request.POST.get("feedback")), "reason": plaintext.showable(request.POST.get("reason")),
    }  # fmt: skip
    return render(request, "evaluations/teachback/detail.html", context, status=status)


@login_required
@require_form
def rate(request, pk):
    """One rater's sheet. Saved by the button, and by the script at each mark; closed by its own button."""
    one = _judged(request, pk)
    rating = teachback.rating_of(one, request.user)
    if request.method != "POST":
        if rating.submitted_at or one.outcome != TeachBack.Outcome.OPEN:
            return redirect("evaluations:teach_back", pk)
        return _sheet(request, one, rating)
    questions = questions_of(one.instrument_id)
    sent = {question.pk: request.POST.get(f"c-{question.pk}") for question in questions}
    quietly = request.headers.get("X-Requested-With") == "rating"
    try:
        errors = teachback.save_marks(rating, sent, request.POST.get("note"))
        if not errors and "close" in request.POST and not quietly:
            teachback.close(rating)
            messages.success(request, _("Your rating is closed."))
            return redirect("evaluations:teach_back", pk)
    except Refused as refusal:
        if quietly:
            return HttpResponse(refusal.text, status=409, content_type="text/plain; charset=utf-8")
        return _sheet(request, one, rating, {}, refusal, sent, 422 if refusal.field else 409)
    if quietly:
        return HttpResponse(status=422 if errors else 204)
    if errors:
        return _sheet(request, one, rating, errors, None, sent, 422)
    messages.success(request, _("Saved."))
    return redirect("evaluations:teach_back_rate", pk)


def _sheet(request, one, rating, errors=None, refusal=None, sent=None, status=200):
    marks = {mark.question_id: str(mark.value) for mark in rating.marks.all()}
    rows = []
    for question in questions_of(one.instrument_id):
        chosen = (sent or {}).get(question.pk) or marks.get(question.pk, "")
        unmarked = bool(refusal and refusal.field == "marks" and question.required and not chosen)
        rows.append({"question": question, "options": question.labels(), "chosen": chosen,
                     "error": (errors or {}).get(question.pk) or (_("Choose a level.") if unmarked else "")})  # fmt: skip
    note = plaintext.showable(request.POST.get("note")) if request.method == "POST" else rating.note
    context = {
        "one": one, "rating": rating, "rows": rows, "refusal": refusal, "note": note, "person": one.enrollment.user,
        "title": _title(one), "wrong": [row for row in rows if row["error"]], "page_has_errors": status != 200,
    }  # fmt: skip
    return render(request, "evaluations/teachback/rate.html", context, status=status)


@login_required
@require_POST
def reopen(request, pk):
    one = _judged(request, pk)
    rating = get_object_or_404(one.ratings, rater=request.user)
    try:
        teachback.reopen(rating, request.POST.get("reason"))
    except Refused as refusal:
        return _detail(request, one, refusal, 422 if refusal.field else 409)
    return redirect("evaluations:teach_back_rate", pk)


@login_required
@require_POST
def settle(request, pk):
    one = _judged(request, pk)
    try:
        teachback.settle(one, request.user, request.POST.get("feedback"))
    except Refused as refusal:
        return _detail(request, one, refusal, 422 if refusal.field else 409)
    messages.success(request, _("Saved. The person is told by e-mail."))
    return redirect("evaluations:teach_back", pk)


def _judged(request, pk):
    """A teach-back that the reader may rate: 404 for everybody else, the person themselves included."""
    return get_object_or_404(
        TeachBack.objects.judged_by(request.user).select_related("enrollment__cohort", "enrollment__user"), pk=pk
    )


def _title(one):
    activity = outline_of(one.enrollment.cohort).find(one.activity_key)
    return activity.title() if activity else _("Teach-back")
