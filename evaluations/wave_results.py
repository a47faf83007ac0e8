"""What a person sees after sending: right answers when the wave allows it, and privately how able they felt before and after."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from evaluations.constructs import AREAS, name_of
from evaluations.models import Answer, Instrument, Wave

ABILITY = "ability"


def shows_key(wave):
    """Whether the right answers of a wave may be seen now by those who have sent theirs."""
    if wave.feedback == Wave.Feedback.AT_ONCE:
        return True
    return wave.feedback == Wave.Feedback.AFTER_PAIR and _closing_test_is_over(wave)


def holding_back(response):
    """The wave for which the key of a quiz that was sent outside every wave stays closed, or `None`: the same questions are asked in
    the person's cohort, and who sent them before the wave was planned could tell the others. One query."""
    waves = Wave.objects.filter(cohort=response.enrollment.cohort_id, instrument__key=response.instrument.key)
    return next((wave for wave in waves if not shows_key(wave)), None)


def _closing_test_is_over(wave):
    """The closing test of the cohort has ended for everybody, late days included. Without one the key stays closed."""
    closing = Wave.objects.filter(
        cohort=wave.cohort_id,
        moment=Wave.Moment.POST,
        instrument__kind=Instrument.Kind.QUIZ,
        promise=Wave.Promise.IDENTIFIED,
    )
    ends = [one.closed_at or one.over_at for one in closing]
    return bool(ends) and all(end and end <= timezone.now() for end in ends)


@dataclass(frozen=True)
class Arrow:
    """One area: how able the person felt before and after, on the same scale; `before_at` and `after_at` are places in an SVG."""

    area: str
    before: float
    after: float
    before_at: str
    after_at: str

    @property
    def name(self):
        return name_of(self.area)


def arrows(response):
    """The person's own areas in the order of the curriculum: true before against after, each asked in its own time. Two queries.

    Empty unless the response is to a wave after the training and the same person sent ratings of ability before.
    """
    if response.wave.moment != Wave.Moment.POST:
        return []
    after, before = _abilities(response), _abilities_before(response)
    order = [area for area in AREAS if area in after] + sorted(set(after) - set(AREAS))
    return [_arrow(area, before[area], after[area]) for area in order if area in before]


def _arrow(area, before, after):
    (value, span), (later, later_span) = before, after
    return Arrow(area, value, later, place(value, span), place(later, later_span))


def place(value, span):
    """Where a rating stands on the row, away from the edges so that its mark is whole: a string with a point, never localised."""
    low, high = span
    return f"{2 + 96 * (value - low) / ((high - low) or 1):.2f}%"


def _abilities(response):
    return _read(Answer.objects.filter(response=response))


def _abilities_before(response):
    earlier = Answer.objects.filter(
        Q(response__wave__isnull=True) | Q(response__wave__moment=Wave.Moment.PRE),
        response__enrollment=response.enrollment_id,
        response__submitted_at__lt=response.submitted_at,
    ).exclude(response=response.pk)
    first = earlier.filter(question__aspect=ABILITY).order_by("response__submitted_at", "response_id")
    number = first.values_list("response_id", flat=True).first()
    return _read(earlier.filter(response=number)) if number else {}


def _read(answers):
    """`{area: (rating, (lowest, highest))}`; "does not apply" is no rating."""
    rated = answers.filter(question__aspect=ABILITY, measure__isnull=False).prefetch_related("question")
    found = {answer.question.construct: (answer.measure, answer.question.measure_range) for answer in rated}
    return {area: pair for area, pair in found.items() if area and pair[1]}
