"""The end of a response: it is held, scored and closed, and completes its activity. The person sends it, or the clock ends it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import progress
from evaluations import branching, clock, commitments, review, scoring, wave_hours
from evaluations.models import Answer, Response, Wave
from evaluations.moore import snapshots
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of
from evaluations.refusals import NotAllowed


def hold(response):
    """The row as it is now, held until the transaction ends."""
    related = ("enrollment__cohort", "enrollment__user", "wave__cohort")
    return Response.objects.select_for_update(of=("self",)).select_related(*related).get(pk=response.pk)


def hold_wave(response):
    """The wave as it is now, held until the transaction ends: what is sent is sent before or after the closing, never across it."""
    if response.wave_id:
        response.wave = (
            Wave.objects.select_for_update(of=("self",), no_key=True).select_related("cohort").get(pk=response.wave_id)
        )


def values_of(response):
    """`{question id: standing value}`."""
    return dict(Answer.objects.filter(response=response).values_list("question_id", "value"))


def close(response, questions, values):
    """Closes a held response with the `questions` that were asked and what was answered. What is missing earns nothing.

    `submitted_at` is the instant of this act, also where the clock had ended the attempt before: figures that move in steps need
    the order in which responses came in. Raises `NotAllowed` where the activity cannot be completed.
    """
    _close_and_score(response, questions, values)
    complete(response)
    return response


def close_ended(response):
    """Closes a timed attempt whose time is over, with what was saved; otherwise changes nothing. Returns the row as it is.

    Whether the person came back does not matter, and ten calls are the same as one. What cannot be completed now (a paused place, a
    module locked meanwhile) is completed when the person next looks: `catch_up`.
    """
    with transaction.atomic():
        response = hold(response)
        if not clock.has_ended(response):
            return response
        hold_wave(response)
        values = values_of(response)
        _close_and_score(response, branching.asked(questions_of(response.instrument_id), values), values)
        complete_if_possible(response)
        return response


def catch_up(response):
    """Completes an activity that was passed when nothing could be completed: by the clock, or by a regrade."""
    if response.deadline_at or response.scored_with_id not in (None, response.instrument_id):
        complete_if_possible(response)


def complete(response):
    """Completes the activity of a closed response that did not fail. What is not in the cohort's outline counts for nothing, and
    that is no fault. Raises `NotAllowed`."""
    if response.passed is False or page_of(response.activity_key) is None:
        return
    percent = scoring.percent(response.score, response.max_score)
    evidence = {"response": response.pk, "score": None if percent is None else round(percent, 1)}
    try:
        progress.complete(response.enrollment, response.activity_key, evidence=evidence)
    except progress.NotInOutline:
        return
    except progress.Locked as locked:
        raise NotAllowed(locked.lock.text, locked.lock.url) from locked
    except progress.NotStudying as error:
        raise NotAllowed(_("Your place in this cohort is not active.")) from error


def complete_if_possible(response):
    """The same where "not now" is no reason to stop."""
    try:
        complete(response)
    except NotAllowed:
        return


def _close_and_score(response, questions, values):
    _let_go_of_unasked(response, questions)
    page = page_of(response.activity_key)
    result = scoring.score(questions, values)
    response.score, response.max_score = result.score, result.max_score
    response.scored_with_id = response.instrument_id
    response.passed = scoring.passes(result, page.pass_mark if page else None)
    response.submitted_at = timezone.now()
    _remember_sender(response)
    fields = ["score", "max_score", "scored_with", "passed", "submitted_at", "late", "country", "profession"]
    response.save(update_fields=fields)
    review.remember_response(response, questions, values)
    commitments.keep(response)
    if response.wave_id:
        snapshots.refresh_soon(response.wave.cohort_id)


def _remember_sender(response):
    """What figures by group read, as it is at this moment; and whether it came in the late days of its wave. What the clock closed
    after the wave had shut counts as late too: late responses move figures in steps only."""
    person = response.enrollment.user
    shut = bool(wave_hours.shut_because(response.wave, person, response.submitted_at))
    response.late = shut or wave_hours.is_late(response.wave, person, response.submitted_at)
    response.country, response.profession = person.country, person.profession


def _let_go_of_unasked(response, asked):
    """What was answered behind a branch that was left stays in the versions and stands for nothing: no figure may read it."""
    Answer.objects.filter(response=response).exclude(question__in=[question.pk for question in asked]).delete()
