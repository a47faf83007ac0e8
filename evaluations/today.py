"""Cards of the Today page: the questionnaire that is due, a quiz in progress, where to look first; else nothing."""

from django.db.models import Count

from curriculum.progress import next_activity
from evaluations import following_up, needs, review, wave_opening
from evaluations.models import Instrument, Response

DUE, WAVE, FOLLOW_UP, IN_PROGRESS, SUGGESTION = 5, 12, 13, 15, 45  # places among the other cards of the page; "continue" is 10
SUGGESTED = MOST_WAVES = 3


def cards(request, enrollment, progress):
    """A provider of `settings.TODAY_CARDS`: `[{"order", "template", "context"}]`. Five queries, one more for those with a weekly goal."""
    if enrollment is None or progress is None or not enrollment.may_study:
        return []
    begun = _begun(enrollment)
    following = next_activity(enrollment, progress=progress)
    key = following.activity.key if following else None
    asked = [*_due(progress, begun, key), *_waves(enrollment, begun), *_quizzes(progress, begun, key), *_commitments(enrollment)]
    return [*asked, *review.cards(enrollment), *_suggestion(enrollment, progress)]


def _begun(enrollment):
    """`{activity key: response}` of what is begun and not sent, with `answered` and `asked`."""
    responses = Response.objects.filter(enrollment=enrollment, submitted_at__isnull=True).exclude(
        instrument__kind=Instrument.Kind.CHECK
    )
    counted = responses.annotate(answered=Count("answers", distinct=True), asked=Count("instrument__questions", distinct=True))
    return {response.activity_key: response for response in counted}


def _due(progress, begun, following):
    """The first questionnaire that is open and not sent, unless the "continue" card leads there anyway."""
    for state in _open_states(progress, "survey"):
        key = state.activity.key
        if key == following:
            continue
        context = {"state": state, "begun": begun.get(key), "first": progress.done == 0}
        return [{"order": DUE, "template": "evaluations/today_survey.html", "context": context}]
    return []


def _waves(enrollment, begun):
    """What stands alone and is open for the person now, the next to close first."""
    return [
        {
            "order": WAVE,
            "template": "evaluations/waves/today.html",
            "context": {"open": wave, "begun": begun.get(wave.wave.activity_key)},
        }
        for wave in wave_opening.open_waves(enrollment)[:MOST_WAVES]
    ]


def _quizzes(progress, begun, following):
    return [
        {
            "order": IN_PROGRESS,
            "template": "evaluations/today_quiz.html",
            "context": {"state": state, "begun": begun[state.activity.key]},
        }
        for state in _open_states(progress, "quiz")
        if state.activity.key in begun and state.activity.key != following
    ]


def _commitments(enrollment):
    """What became of the commitments of three or six months ago, while that can be said and is not."""
    waiting = [{"response": response, "day": day} for response, day in following_up.waiting_for(enrollment)]
    return [{"order": FOLLOW_UP, "template": "evaluations/today_commitment.html", "context": one} for one in waiting]


def _suggestion(enrollment, progress):
    """Modules that matter to the person and are not finished yet, most wanted first."""
    ratings = needs.ratings_of(enrollment)
    if not ratings:
        return []
    unfinished = {item.module.key for item in progress.items if item.done < item.total}
    order = [found for found in needs.suggested_order(enrollment, ratings) if found.module_key in unfinished]
    if not order:
        return []
    return [{"order": SUGGESTION, "template": "evaluations/today_order.html", "context": {"order": order[:SUGGESTED]}}]


def _open_states(progress, kind):
    for item in progress.items:
        for state in item.activities:
            if state.activity.kind == kind and state.state in ("todo", "started") and state.url:
                yield state
