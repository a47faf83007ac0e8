"""One question per screen, check your answers, send, result. Every step works as a plain form."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from curriculum import outline
from evaluations import answering, needs, revisiting, scoring
from evaluations.constructs import name_of
from evaluations.forms import AnswerForm, sent_id, sent_time
from evaluations.models import Instrument, Response
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of


@login_required
@require_safe
def resume(request, pk):
    """Opens at the first question without an answer, else at the check."""
    response = _mine(request, pk)
    if response.submitted_at:
        return redirect("evaluations:result", pk)
    number = answering.first_open_number(questions_of(response.instrument_id), answering.values_of(response))
    return redirect("evaluations:question", pk, number) if number else redirect("evaluations:check_answers", pk)


@login_required
def question(request, pk, number):
    response = _mine(request, pk)
    questions = questions_of(response.instrument_id)
    if not 1 <= number <= len(questions):
        raise Http404
    if response.submitted_at:
        return redirect("evaluations:result", pk)
    if request.method == "POST":
        return _answer(request, response, questions, number)
    value = answering.values_of(response).get(questions[number - 1].pk)
    return _question_page(request, response, questions, number, AnswerForm(questions[number - 1], value=value))


def _answer(request, response, questions, number):
    asked = questions[number - 1]
    form = AnswerForm(asked, request.POST)
    leaving = "leave" in request.POST
    if leaving and not form.has_answer:
        return redirect(_start_url(response))
    if not form.is_valid():
        return _question_page(request, response, questions, number, form, status=422)
    try:
        _save(response, asked, form.cleaned_data["answer"], request.POST)
    except answering.Refused as refusal:
        return _question_page(request, response, questions, number, form, refusal, refusal.status)
    if leaving:
        return redirect(_start_url(response))
    if "check" in request.POST or number == len(questions):
        return redirect("evaluations:check_answers", response.pk)
    return redirect("evaluations:question", response.pk, number + 1)


def _save(response, asked, value, data):
    """What the person sees and sends is the newest, whatever the script saved under the same id before."""
    try:
        answering.save_answer(response, asked, value, sent_id(data), sent_time(data))
    except answering.Conflict:
        answering.save_answer(response, asked, value)


def _question_page(request, response, questions, number, form, refusal=None, status=200):
    checking = "check" in (request.POST if request.method == "POST" else request.GET)
    if checking:
        back = reverse("evaluations:check_answers", args=[response.pk])
    elif number > 1:
        back = reverse("evaluations:question", args=[response.pk, number - 1])
    else:
        back = _start_url(response)
    context = {
        "response": response, "question": questions[number - 1], "number": number, "total": len(questions),
        "form": form, "refusal": refusal, "checking": checking, "back": back,
    }  # fmt: skip
    return render(request, "evaluations/question.html", context, status=status)


@login_required
@require_safe
def check_answers(request, pk):
    response = _mine(request, pk)
    if response.submitted_at:
        return redirect("evaluations:result", pk)
    return _check_page(request, response)


def _check_page(request, response, refusal=None, status=200):
    values = answering.values_of(response)
    rows = []
    for number, asked in enumerate(questions_of(response.instrument_id), start=1):
        answered = answering.is_answered(values.get(asked.pk))
        rows.append(
            {
                "number": number,
                "question": asked,
                "answer": asked.answer_text(values[asked.pk]) if answered else "",
                "missing": asked.required and not answered,
            }
        )
    missing = [row for row in rows if row["missing"]]
    context = {"response": response, "rows": rows, "missing": missing, "refusal": refusal, "back": _start_url(response)}
    return render(request, "evaluations/check_answers.html", context, status=status)


@login_required
@require_POST
def submit(request, pk):
    response = _mine(request, pk)
    try:
        answering.submit(response)
    except answering.Refused as refusal:
        return _check_page(request, response, refusal, refusal.status)
    return redirect("evaluations:result", pk)


@login_required
@require_safe
def result(request, pk):
    """The confirmation of a survey, the result of a quiz with the reasons. The only door through which a key is shown."""
    response = _mine(request, pk)
    if not response.submitted_at:
        return redirect("evaluations:resume", pk)
    questions, values = questions_of(response.instrument_id), answering.values_of(response)
    context = {"response": response, "instrument": response.instrument, "start_url": _start_url(response)}
    if response.instrument.kind == Instrument.Kind.QUIZ:
        context |= _quiz_result(response, questions, values)
        return render(request, "evaluations/quiz_result.html", context)
    context["order"] = needs.suggested_order(response.enrollment, needs.ratings_in(questions, values))
    context["programme_url"] = outline.url_of(_curriculum(response), _curriculum(response))
    return render(request, "evaluations/survey_result.html", context)


def _quiz_result(response, questions, values):
    result = scoring.score(questions, values)
    page = page_of(response.activity_key)
    items = [_item(number, asked, values.get(asked.pk)) for number, asked in enumerate(questions, start=1)]
    missed = {item["question"].construct for item in items if item["right"] is False}
    return {
        "lines": [{"name": name_of(line.construct), "right": line.right, "total": line.total} for line in result.lines],
        "right": sum(line.right for line in result.lines),
        "total": sum(line.total for line in result.lines),
        "pass_mark": page.pass_mark if page else None,
        "items": items,
        "lessons": revisiting.lessons_for(response.enrollment, response.activity_key, missed) if missed else [],
        "attempts": answering.attempts(response.enrollment, page) if page else None,
    }


def _item(number, asked, value):
    right = None if asked.max_score is None else (asked.score(value) or 0) == asked.max_score
    return {
        "number": number,
        "question": asked,
        "right": right,
        "answer": asked.answer_text(value) if answering.is_answered(value) else "",
        "options": asked.feedback(value),
    }


def _mine(request, pk):
    """One's own response of a survey or quiz. Checks of a lesson are answered in the lesson."""
    responses = Response.objects.accessible_to(request.user).exclude(instrument__kind=Instrument.Kind.CHECK)
    return get_object_or_404(responses.select_related("instrument", "enrollment__cohort"), pk=pk)


def _curriculum(response):
    return response.enrollment.cohort.curriculum_key


def _start_url(response):
    return outline.url_of(response.activity_key, _curriculum(response)) or reverse("today")
