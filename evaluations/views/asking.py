"""One question per screen, check your answers, send, result. Every step works as a plain form."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from curriculum import outline
from evaluations import answering, branching, clock, closing, needs, regrading, respondents, revisiting
from evaluations.constructs import name_of
from evaluations.forms import AnswerForm, sent_id, sent_time
from evaluations.models import Instrument
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of
from evaluations.views.waves_asked import sent_page


@respondents.required
@require_safe
def resume(request, pk):
    """Opens at the first question without an answer, else at the check."""
    response = _mine(request, pk)
    if response.submitted_at:
        return redirect("evaluations:result", pk)
    number = answering.first_open_number(questions_of(response.instrument_id), answering.values_of(response))
    return redirect("evaluations:question", pk, number) if number else redirect("evaluations:check_answers", pk)


@respondents.required
def question(request, pk, number):
    response = _mine(request, pk)
    questions = questions_of(response.instrument_id)
    if not 1 <= number <= len(questions):
        raise Http404
    if response.submitted_at and not (request.method == "POST" and clock.was_ended_by_clock(response)):
        return redirect("evaluations:result", pk)
    if request.method == "POST":
        return _answer(request, response, questions, number)
    asked, values = questions[number - 1], answering.values_of(response)
    if not branching.is_asked(asked, questions, values):
        return redirect("evaluations:resume", pk)
    return _question_page(request, response, questions, number, AnswerForm(asked, value=values.get(asked.pk)), values)


def _answer(request, response, questions, number):
    asked = questions[number - 1]
    form = AnswerForm(asked, request.POST)
    leaving = "leave" in request.POST
    if leaving and not form.has_answer:
        return redirect(_start_url(response))
    values = answering.values_of(response)
    if not form.is_valid():
        return _question_page(request, response, questions, number, form, values, status=422)
    try:
        _save(response, asked, form.cleaned_data["answer"], request.POST)
    except answering.Refused as refusal:
        return _question_page(request, response, questions, number, form, values, refusal, refusal.status)
    if leaving:
        return redirect(_start_url(response))
    following = branching.place_of(asked, questions, answering.values_of(response)).next_number
    if "check" in request.POST or following is None:
        return redirect("evaluations:check_answers", response.pk)
    return redirect("evaluations:question", response.pk, following)


def _save(response, asked, value, data):
    """What the person sees and sends is the newest, whatever the script saved under the same id before."""
    try:
        answering.save_answer(response, asked, value, sent_id(data), sent_time(data))
    except answering.Conflict:
        answering.save_answer(response, asked, value)


def _question_page(request, response, questions, number, form, values, refusal=None, status=200):
    asked, checking = questions[number - 1], "check" in (request.POST if request.method == "POST" else request.GET)
    place = branching.place_of(asked, questions, values, response.instrument.sections)
    if checking:
        back = reverse("evaluations:check_answers", args=[response.pk])
    elif place.previous_number:
        back = reverse("evaluations:question", args=[response.pk, place.previous_number])
    else:
        back = _start_url(response)
    context = {
        "response": response, "question": asked, "number": number, "place": place, "case": place.case,
        "form": form, "refusal": refusal, "checking": checking, "back": back, "seconds_left": clock.seconds_left(response),
    }  # fmt: skip
    return render(request, "evaluations/question.html", context, status=status)


@respondents.required
@require_safe
def check_answers(request, pk):
    response = _mine(request, pk)
    if response.submitted_at:
        return redirect("evaluations:result", pk)
    return _check_page(request, response)


def _check_page(request, response, refusal=None, status=200):
    values, questions, rows = answering.values_of(response), questions_of(response.instrument_id), []
    numbers = {asked.pk: number for number, asked in enumerate(questions, start=1)}
    for nth, asked in enumerate(branching.asked(questions, values), start=1):
        answered = answering.is_answered(values.get(asked.pk))
        rows.append(
            {
                "nth": nth,
                "number": numbers[asked.pk],
                "question": asked,
                "answer": asked.answer_text(values[asked.pk]) if answered else "",
                "missing": asked.required and not answered,
            }
        )
    missing = [row for row in rows if row["missing"]]
    context = {
        "response": response, "rows": rows, "missing": missing, "refusal": refusal, "back": _start_url(response),
        "seconds_left": clock.seconds_left(response),
    }  # fmt: skip
    return render(request, "evaluations/check_answers.html", context, status=status)


@respondents.required
@require_POST
def submit(request, pk):
    response = _mine(request, pk)
    try:
        answering.submit(response)
    except answering.Refused as refusal:
        return _check_page(request, response, refusal, refusal.status)
    return redirect("evaluations:result", pk)


@respondents.required
@require_safe
def result(request, pk):
    """The confirmation of a survey, the result of a quiz with the reasons. The only door through which a key is shown."""
    response = _mine(request, pk)
    if not response.submitted_at:
        return redirect("evaluations:resume", pk)
    closing.catch_up(response)
    if sent := sent_page(request, response):
        return sent
    values = answering.values_of(response)
    questions = branching.asked(questions_of(response.instrument_id), values)
    context = {"response": response, "instrument": response.instrument, "start_url": _start_url(response)}
    if response.instrument.kind == Instrument.Kind.QUIZ:
        context |= _quiz_result(response, questions, values)
        return render(request, "evaluations/quiz_result.html", context)
    context["order"] = needs.suggested_order(response.enrollment, needs.ratings_in(questions, values))
    context["programme_url"] = outline.url_of(_curriculum(response), _curriculum(response))
    return render(request, "evaluations/survey_result.html", context)


def _quiz_result(response, questions, values):
    keys, result = regrading.key_questions(response, questions), regrading.result_of(response, questions, values)
    page = page_of(response.activity_key)
    items = [_item(number, asked, keys.get(asked.pk), values.get(asked.pk)) for number, asked in enumerate(questions, start=1)]
    missed = {item["question"].construct for item in items if item["right"] is False}
    return {
        "lines": [{"name": name_of(line.construct), "right": line.right, "total": line.total} for line in result.lines],
        "right": sum(line.right for line in result.lines),
        "points": result.score,
        "most_points": result.max_score,
        "total": sum(line.total for line in result.lines),
        "pass_mark": page.pass_mark if page else None,
        "items": items,
        "lessons": revisiting.lessons_for(response.enrollment, response.activity_key, missed) if missed else [],
        "attempts": answering.attempts(response.enrollment, page) if page else None,
        "ended_by_clock": clock.was_ended_by_clock(response),
        "regrades": response.score_changes.select_related("regrade").order_by("-pk"),
    }


def _item(number, asked, key, value):
    """`key` is the question of the version that scored the answer, `None` where that version does not ask it."""
    points = (key.score(value) or 0) if key and key.max_score is not None else None
    right = None if points is None else points == key.max_score
    return {
        "number": number,
        "question": asked,
        "right": right,
        "partly": right is False and points > 0,
        "answer": asked.answer_text(value) if answering.is_answered(value) else "",
        "options": key.feedback(value) if key else [],
    }


def _mine(request, pk):
    """One's own response of a survey or quiz, or that of a mailed link. Checks of a lesson are answered in the lesson."""
    responses = respondents.responses_for(request).exclude(instrument__kind=Instrument.Kind.CHECK)
    response = get_object_or_404(responses.select_related("instrument", "enrollment__cohort", "wave__cohort"), pk=pk)
    return closing.close_ended(response) if clock.has_ended(response) else response


def _curriculum(response):
    return response.enrollment.cohort.curriculum_key


def _start_url(response):
    page_url = outline.url_of(response.activity_key, _curriculum(response))
    return page_url or (reverse("evaluations:wave", args=[response.wave_id]) if response.wave_id else reverse("today"))
