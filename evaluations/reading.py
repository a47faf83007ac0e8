"""Opening one person's answers, and who has done so. The promise of the wave decides who may; each reading is noted first.

identified    trainers and leads of the wave's cohort
confidential  its evaluators by name (an operator is none), with a written reason
anonymous     nobody: there is nothing to open
What was answered before its wave was planned was given under another promise and stays closed.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from evaluations import branching
from evaluations.answering import is_answered, values_of
from evaluations.models import Instrument, Reading, Response, Wave
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of

SHORTEST_REASON, LONGEST_REASON = 10, 500
IDENTIFIED = "identified wave"


@dataclass(frozen=True)
class Line:
    number: int
    question: object
    text: str  # the answer in words; "" where there is none


def readable_by(user):
    """The sent responses of waves in cohorts that the person runs or evaluates: those of which it may be said that they exist."""
    return Response.objects.filter(wave__in=Wave.objects.run_by(user), submitted_at__isnull=False)


def may_open(user, wave):
    """Whether the promise of the wave lets this person open single answers."""
    if wave.promise == Wave.Promise.IDENTIFIED:
        return roles.runs(user, wave.cohort)
    return wave.promise == Wave.Promise.CONFIDENTIAL and roles.evaluates(user, wave.cohort)


def needs_reason(wave):
    return wave.promise == Wave.Promise.CONFIDENTIAL


def promised_since(wave):
    """From when on the promise of the wave was read; `None` for one that stands alone: nothing came before it."""
    return wave.created_at if page_of(wave.activity_key) else None


def was_promised(response):
    """Whether the person answered under the promise of the wave, and not before there was one."""
    since = promised_since(response.wave)
    return since is None or response.opened_at >= since


def open_answers(response, user, reason=""):
    """Notes who reads and why, then gives the answers as `Line`s; both or neither.

    Raises `Refused` (field "reason") for a reason of fewer than ten characters where one is needed, and for a response from before
    its promise. The caller has asked `may_open`.
    """
    if not may_open(user, response.wave):
        raise Refused(_("The promise to those who answered does not let you open their answers."))
    if not was_promised(response):
        raise Refused(_("These answers were given before this wave was planned, under another promise. They stay closed."))
    with transaction.atomic():
        Reading.objects.create(
            what=Reading.What.ANSWERS,
            reader=user,
            cohort=response.wave.cohort,
            response=response,
            reason=_reason(response, reason),
        )
        return _lines(response)


def _reason(response, reason):
    if not needs_reason(response.wave):
        return IDENTIFIED
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        text = _("Write why you need to open these answers, in at least %(n)s characters. The person can read it.")
        raise Refused(text % {"n": SHORTEST_REASON}, "reason")
    return reason[:LONGEST_REASON]


def _lines(response):
    values = values_of(response)
    asked = branching.asked(questions_of(response.instrument_id), values)
    answers = [(question, values.get(question.pk)) for question in asked]
    return [
        Line(number, question, question.answer_text(value) if is_answered(value) else "")
        for number, (question, value) in enumerate(answers, start=1)
    ]


def own_answers(user):
    """What the person has begun and sent, newest first, each with its `readings`. Two queries whatever their number."""
    readings = Prefetch("readings", Reading.objects.filter(what=Reading.What.ANSWERS).select_related("reader"))
    return (
        Response.objects.accessible_to(user)
        .exclude(instrument__kind=Instrument.Kind.CHECK)
        .select_related("instrument", "wave", "enrollment__cohort")
        .prefetch_related(readings)
        .order_by("-opened_at", "-pk")
    )


def exports_with_names(user):
    """Exports with names of the cohorts in which the person answers."""
    mine = Enrollment.objects.filter(user=user, role=Enrollment.Role.TRAINEE).values("cohort_id")
    return Reading.objects.filter(what=Reading.What.NAMES, cohort__in=mine).select_related("reader", "cohort")
