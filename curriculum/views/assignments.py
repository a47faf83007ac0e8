"""Assignments: what the person reads and hands in, and what trainers and leads of the cohort judge."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import assignments, plaintext, progress, roles, serving
from curriculum.enrollment_states import Refused
from curriculum.models import AssignmentPage, HandIn
from curriculum.outline import outline_of, url_of
from curriculum.views.cohorts import posted, run_by
from curriculum.views.reading import activity, studied

State = HandIn.State
PER_PAGE = 50


class HandInForm(forms.Form):
    """Carries the text; what it may hold is decided by the act. `forms.Field` leaves it as it was sent."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.Field(
        label=gettext_lazy("Your text"), widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
        error_messages={"required": gettext_lazy("Write your answer.")},
    )  # fmt: skip

    def __init__(self, data=None, *, longest, initial=None):
        super().__init__(data, initial={"client_id": uuid.uuid4(), **(initial or {})})
        words = _("Do not write patients' data.") + " " + _("At most %(limit)s characters, without formatting.")
        self.fields["text"].help_text = words % {"limit": longest}


class JudgeForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        widget=forms.RadioSelect,
        choices=[(State.ACCEPTED, gettext_lazy("Accept")), (State.RETURNED, gettext_lazy("Return to be revised"))],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose whether to accept or to return the text.")),
    )  # fmt: skip
    comment = forms.Field(
        label=gettext_lazy("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("The person reads it. Needed when you return the text."),
    )  # fmt: skip


# --- the person ------------------------------------------------------------------------------------------------------


def assignment_page(request, page):
    """Where Wagtail leads: the assignment for this reader, or a draft as learners will see it."""
    return activity(request, page, _show)


@login_required
@require_POST
def hand_in(request, key):
    enrollment, _activity = studied(request, key)
    page = _page_here(key)
    if page is None:
        raise Http404
    curriculum_key = enrollment.cohort.curriculum_key
    request.page_translations = serving.translations(key, curriculum_key)
    form = HandInForm(request.POST, longest=page.max_length)
    form.full_clean()
    sent = form.cleaned_data
    try:
        assignments.hand_in(enrollment, page, sent.get("text"), sent.get("client_id"))
    except progress.NotStudying:
        words = _("Your enrolment is paused, so nothing can be handed in. Write to the programme to continue.")
        return _again(request, page, enrollment, Refused(words), 403)
    except progress.Locked as refusal:
        return _again(request, page, enrollment, Refused(refusal.lock.text), 403)
    except Refused as refusal:
        return _again(request, page, enrollment, refusal, 422 if refusal.field else 409)
    messages.success(request, _("Your text is handed in. You get an e-mail when a trainer has looked at it."))
    return redirect((url_of(key, curriculum_key) or reverse("curriculum:programme")) + "#hand-in")


def _again(request, page, enrollment, refusal, status):
    """The page once more with the reason and the text as it was sent, in a form that counts as a new one."""
    initial = {"text": plaintext.showable(request.POST.get("text"))}
    form = HandInForm(longest=page.max_length, initial=initial)
    if refusal.field:  # bound only to carry its error: what is shown are the values above
        form = HandInForm({**initial, "client_id": form.initial["client_id"]}, longest=page.max_length)
        if not form.errors:
            form.add_error(refusal.field, refusal.text)
    lock = progress.locked_because(enrollment, page.translation_key)
    return _show(request, page, enrollment, form=form, refusal=refusal, status=status, lock=lock)


def _show(request, page, enrollment=None, form=None, refusal=None, status=200, lock=None, preview=False):
    key = page.translation_key
    sent = assignments.hand_ins_of(enrollment, key) if enrollment else []
    state = _state(enrollment, key, sent)
    if form is None and state in ("todo", State.RETURNED):
        form = HandInForm(longest=page.max_length, initial={"text": sent[0].text} if sent else None)
    context = {
        "page": page, "enrollment": enrollment, "hand_ins": sent, "state": state, "form": form, "refusal": refusal, "lock": lock,
        "preview": preview, "may_write": state in ("todo", State.RETURNED) and lock is None,
        "around": serving.surroundings(page), "page_has_errors": refusal is not None,
    }  # fmt: skip
    return render(request, "curriculum/assignment_page.html", context, status=status)


def _state(enrollment, key, sent):
    """A word that the template knows: guest, new, paused, todo, or the state of the newest hand-in."""
    if enrollment is None:
        return "guest"
    if sent and sent[0].state != State.RETURNED:
        return sent[0].state
    if enrollment.completions.filter(activity_key=key).exists():
        return State.ACCEPTED
    if outline_of(enrollment.cohort).find(key) is None:
        return "new"
    if not enrollment.may_study:
        return "paused"
    return State.RETURNED if sent else "todo"


def _page_here(key):
    """The live page in the reader's language, else in any; `None` without one."""
    pages = list(AssignmentPage.objects.live().filter(translation_key=key).select_related("locale"))
    pages.sort(key=lambda page: page.locale.language_code != get_language())
    return pages[0] if pages else None


# --- trainers and leads ----------------------------------------------------------------------------------------------


@login_required
@require_safe
def hand_ins(request, pk):
    cohort = run_by(request, pk)
    everything = HandIn.objects.filter(enrollment__cohort=cohort)
    counts = dict(everything.values_list("state").annotate(Count("pk")).order_by())
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in State.values else State.SENT
    rows = everything.filter(state=chosen).select_related("enrollment__user", "judged_by").defer("text", "comment")
    rows = rows.order_by("sent_at", "pk") if chosen == State.SENT else rows.order_by("-judged_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    titles = {activity.key: activity.title() for activity in outline_of(cohort).activities}
    context = {
        "cohort": cohort, "page": page, "chosen": chosen, "total": sum(counts.values()),
        "states": [(state.value, state.label, counts.get(state, 0)) for state in State],
        "rows": [(row, titles.get(row.activity_key) or _("Assignment")) for row in page],
    }  # fmt: skip
    return render(request, "curriculum/assignments/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request, pk):
    one = _find(request, pk)
    form, refusal = JudgeForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        roles.require(roles.judges(request.user, one))
        try:
            assignments.judge(one, request.user, said["decision"] == State.ACCEPTED, said["comment"])
        except Refused as error:
            one, refusal = _find(request, pk), error
            form = JudgeForm({"decision": said["decision"], "comment": plaintext.showable(said["comment"])})
            if error.field:
                form.add_error(error.field, error.text)
        else:
            messages.success(request, _("Saved. The person is told by e-mail."))
            return redirect("curriculum:hand_ins", one.enrollment.cohort_id)
    status = (422 if form.errors else 409) if form.errors or refusal else 200
    return render(request, "curriculum/assignments/judge.html", _to_judge(request, one, form, refusal), status=status)


def _to_judge(request, one, form, refusal):
    cohort = one.enrollment.cohort
    activity = outline_of(cohort).find(one.activity_key)
    page = _page_here(one.activity_key)
    earlier = [row for row in assignments.hand_ins_of(one.enrollment, one.activity_key) if row.number < one.number]
    return {
        "hand_in": one, "cohort": cohort, "person": one.enrollment.user, "page": page, "form": form, "refusal": refusal,
        "title": activity.title() if activity else (page.title if page else _("Assignment")), "earlier": earlier,
        "may_judge": one.state == State.SENT and roles.judges(request.user, one), "page_has_errors": bool(refusal or form.errors),
    }  # fmt: skip


def _find(request, pk):
    """The hand-in, for whoever teaches its cohort; the person who wrote it sees it on the assignment's own page (403 here)."""
    mine = HandIn.objects.accessible_to(request.user).select_related("enrollment__cohort", "enrollment__user", "judged_by")
    one = get_object_or_404(mine, pk=pk)
    roles.require(roles.runs(request.user, one.enrollment.cohort))
    return one
