"""The two-minute review: a few questions that come back, what was right and why, and the person's own weekly goal."""

import logging
import re
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum.models import Enrollment
from evaluations import review
from evaluations.forms import AnswerForm, sent_id
from evaluations.models import ReviewItem
from evaluations.refusals import Refused

logger = logging.getLogger(__name__)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    enrollment = _enrollment(request)
    if request.method == "POST":
        return _sent(request, enrollment)
    items = review.due(enrollment) if enrollment and enrollment.may_study else []
    return _page(request, enrollment, _asked(items), uuid.uuid4())


def _sent(request, enrollment):
    client_id = sent_id(request.POST)
    if client_id is None:
        raise BadRequest("client_id")
    if enrollment is None:
        return _page(request, None, [], client_id, status=403)
    if review.answers_of(request.user, client_id):  # sent before: the same result again
        return redirect("evaluations:review_result", client_id)
    asked = _asked(_items_sent(request, enrollment), request.POST)
    if not all(row["form"].is_valid() for row in asked):
        return _page(request, enrollment, asked, client_id, status=422)
    values = {row["item"]: row["form"].cleaned_data["answer"] for row in asked}
    try:
        review.answer(enrollment, values, client_id)
    except Refused as refusal:
        return _page(request, enrollment, asked, client_id, refusal, refusal.status)
    return redirect("evaluations:review_result", client_id)


def _items_sent(request, enrollment):
    """The items that the form names: one's own whose key may be shown. 404 for anything else."""
    names = request.POST.getlist("item")
    if not 1 <= len(names) <= review.MOST or not all(re.fullmatch(r"[0-9]{1,18}", name) for name in names):
        raise BadRequest("item")
    pks = {int(name) for name in names}
    found = review.showable(ReviewItem.objects.accessible_to(request.user).filter(enrollment=enrollment, pk__in=pks))
    items = list(found)
    if len(items) != len(pks):
        raise Http404
    return items


def _asked(items, data=None):
    """`[{"item", "question", "form"}]`; a question that cannot be drawn is left out and reported, the others stay."""
    rows = []
    for item in items:
        try:
            question = item.question
            question.required = True  # in a review nothing is left out
            form = AnswerForm(question, data, prefix=f"item-{item.pk}")
            rows.append({"item": item, "question": question, "form": form})
        except (KeyError, TypeError, ValueError, AttributeError, ValidationError):
            logger.exception("A question of the review could not be drawn: %s", item.pk)
    return rows


def _page(request, enrollment, asked, client_id, refusal=None, status=200):
    errors = [
        {"anchor": _anchor(row["form"]), "text": f"{number}. {error}"}
        for number, row in enumerate(asked, start=1)
        for error in row["form"].errors.get("answer", [])
    ]
    context = {
        "enrollment": enrollment, "asked": asked, "client_id": client_id, "errors": errors, "refusal": refusal,
        "page_has_errors": bool(errors or refusal), **_standing(enrollment, asked),
    }  # fmt: skip
    return render(request, "evaluations/review/index.html", context, status=status)


def _anchor(form):
    field = form["answer"]
    return f"{field.auto_id}_0" if form.many else field.id_for_label or field.auto_id


def _standing(enrollment, asked):
    """The weekly goal and, where there is nothing to review, until when."""
    if enrollment is None or not enrollment.may_study:
        return {}
    standing = {"week": review.week_of(enrollment), "goals": review.GOALS}
    if not asked:
        standing["next_due"] = review.next_due_at(enrollment)
        standing["next_weekday"] = _weekday(standing["next_due"], enrollment.user.zone)
    return standing


def _weekday(instant, zone):
    if instant is None:
        return ""
    name = date_format(timezone.localtime(instant, zone), "l")
    return name if get_language() == "en" else name.lower()


@login_required
@require_safe
def result(request, client_id):
    """What one review brought, with the reasons. Only one's own."""
    answers = review.answers_of(request.user, client_id)
    if not answers:
        raise Http404
    rows = [
        {
            "question": answer.item.question,
            "right": answer.right,
            "answer": answer.item.question.answer_text(answer.value),
            "options": answer.item.question.feedback(answer.value),
            "retired": answer.item.retired_at,
            "due_at": answer.item.due_at,
        }
        for answer in answers
    ]
    enrollment = _enrollment(request)
    context = {"rows": rows, "right": sum(row["right"] for row in rows), **_standing(enrollment, rows)}
    return render(request, "evaluations/review/result.html", context)


@login_required
@require_POST
def goal(request):
    enrollment = _enrollment(request)
    if enrollment is None:
        return _page(request, None, [], uuid.uuid4(), status=403)
    days = request.POST.get("days", "")
    try:
        review.set_goal(enrollment, int(days) if re.fullmatch(r"[0-9]", days) else None)
    except Refused as refusal:
        return _page(request, enrollment, _asked(review.due(enrollment)), uuid.uuid4(), refusal, 422)
    messages.success(request, _("Saved."))
    return redirect("evaluations:review")


def _enrollment(request):
    """The person's trainee enrolment in use, as on the Today page: the chosen one, else the newest that may study, else a paused one."""
    mine = Enrollment.objects.accessible_to(request.user).members().filter(user=request.user)
    mine = list(mine.select_related("cohort", "user").order_by("-enrolled_at", "-pk"))
    preferred = request.session.get("enrollment")
    mine.sort(key=lambda enrollment: (enrollment.pk != preferred, not enrollment.may_study))
    return mine[0] if mine else None
