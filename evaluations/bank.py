"""The item bank: what is known of one question from all answers to it, and where it is used.

What people answered is counted from first attempts of quizzes and first tries inside lessons, of waves that are over, and in steps of
MIN_GROUP_SIZE in the order of arrival: no figure moves by one person. Anonymous answers are not in it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from scipy import stats
from wagtail.models import ReferenceIndex

from evaluations import composing, conditions, usage
from evaluations.models import Answer, Instrument, Question
from evaluations.models.wave import LAST_ZONE
from evaluations.moore import suppression
from evaluations.moore.answer_tables import Table
from evaluations.questions.reading import questions_of

ENOUGH_FOR_DISCRIMINATION = 30


@dataclass(frozen=True)
class Cell:
    """How often one answer was given; `count` is `None` where it must not be told."""

    label: str
    count: int | None
    right: bool


@dataclass(frozen=True)
class Statistics:
    """`times`: all sent answers. `n`: those that count. `right`, `points`: shares from 0 to 1, `None` where they may not be told;
    then `bound` may say ">=80" or "<=20".

    `discrimination` is the corrected item-total correlation, `None` below 30 or where all did alike; `cells` are empty below the minimum.
    """

    times: int
    n: int
    keyed: bool
    right: float | None = None
    bound: str = ""
    points: float | None = None
    discrimination: float | None = None
    cells: tuple[Cell, ...] = ()
    minimum: int = 5
    enough: int = ENOUGH_FOR_DISCRIMINATION


def instruments():
    """All but the polls of live sessions: those are made for one meeting, and their votes are no answers."""
    return Instrument.objects.exclude(kind=Instrument.Kind.POLL)


def questions():
    """Rows of the bank, as plain questions."""
    return Question.objects.non_polymorphic().filter(instrument__in=instruments())


def _sent(answers):
    """Answers that were sent; tries inside a lesson are sent one by one."""
    check = Q(response__instrument__kind=Instrument.Kind.CHECK)
    return answers.filter(check | Q(response__submitted_at__isnull=False))


def counted(questions):
    """The queryset with `times`: how often each was answered."""
    times = (
        _sent(Answer.objects.filter(question=OuterRef("pk"))).order_by().values("question").annotate(n=Count("pk")).values("n")
    )
    return questions.annotate(times=Coalesce(Subquery(times, output_field=IntegerField()), 0))


def used(questions, how):
    """Those that were answered, that a lesson puts, or neither."""
    answered = Exists(_sent(Answer.objects.filter(question=OuterRef("pk"))))
    models = ReferenceIndex.objects.filter(to_content_type__app_label="evaluations", to_content_type__model="question")
    in_lessons = [int(pk) for pk in models.values_list("to_object_id", flat=True).distinct() if pk.isdigit()]
    lesson = Q(pk__in=in_lessons)
    return {"answered": questions.filter(answered), "lesson": questions.filter(lesson)}.get(
        how, questions.exclude(lesson).filter(~answered)
    )


def statistics(question):
    """The `Statistics` of one question. Three queries and one for the discrimination, whatever the number of answers."""
    keyed = question.max_score is not None and question.instrument.kind in (Instrument.Kind.QUIZ, Instrument.Kind.CHECK)
    answers = Answer.objects.filter(question=question)
    times, minimum = _sent(answers).count(), settings.MIN_GROUP_SIZE
    if not keyed:
        return Statistics(times, 0, keyed, minimum=minimum)
    rows = list(_settled(answers).values_list("response_id", "value", "measure"))
    rows = rows[: len(rows) - len(rows) % minimum]
    if len(rows) < minimum:
        return Statistics(times, len(rows), keyed, minimum=minimum)
    points = [(measure or 0.0) / question.max_score for _response, _value, measure in rows]
    return Statistics(
        times, len(rows), keyed, minimum=minimum,
        **_share_right([point == 1 for point in points], minimum),
        points=sum(points) / len(rows) if len(rows) >= suppression.MEAN_FROM and any(0 < point < 1 for point in points) else None,
        discrimination=_discrimination(question, rows),
        cells=tuple(_cells(question, [value for _response, value, _measure in rows], minimum)),
    )  # fmt: skip


def _settled(answers):
    """First attempts, in the order of arrival; of a wave with a last day only once it is over everywhere."""
    wave, today = "response__wave__", timezone.now().astimezone(LAST_ZONE).date()
    rolling = Q(**{f"{wave}closes_on__isnull": True})  # or no wave at all
    over = rolling | Q(**{f"{wave}closed_at__isnull": False}) | Q(**{f"{wave}closes_on__lt": today})
    return _sent(answers).filter(over, response__attempt=1).order_by("saved_at", "pk")


def _discrimination(question, rows):
    """The corrected item-total correlation: Pearson's r (for right or wrong: point-biserial) of the points in this question with the
    points in all others of the instrument. `None` below `ENOUGH_FOR_DISCRIMINATION` or where one of the two does not vary."""
    if len(rows) < ENOUGH_FOR_DISCRIMINATION or question.instrument.kind != Instrument.Kind.QUIZ:
        return None
    others = [
        other.pk for other in questions_of(question.instrument_id) if other.max_score is not None and other.pk != question.pk
    ]
    total = Answer.objects.filter(question__in=others, response__attempt=1, response__submitted_at__isnull=False).order_by()
    rest = dict(total.values("response").annotate(points=Sum("measure")).values_list("response", "points"))
    pairs = [(measure or 0.0, rest.get(response) or 0.0) for response, _value, measure in rows]
    own, theirs = zip(*pairs, strict=True)
    if len(set(own)) < 2 or len(set(theirs)) < 2:
        return None
    return float(stats.pearsonr(own, theirs).statistic)


def _share_right(rights, minimum):
    """As far as it may be told: not where a handful did otherwise than all others."""
    table = Table({("", ""): (rights.count(False), rights.count(True))}, (0.0, 1.0), True)
    shown = suppression.protect(table, minimum)[suppression.ALL]
    told = [part.count for part in shown.segments if part.classes == (1,)]
    return {"right": told[0] / len(rights) if told else None, "bound": shown.bound}


def _cells(question, values, minimum):
    """How often each choice was taken, as far as evaluations.moore.suppression lets it be told."""
    if not hasattr(question, "correct_keys"):
        return []
    counts, right, labels = question.summarise(values)["counts"], question.correct_keys(), dict(question.labels())
    if any(isinstance(value, list) for value in values):
        told = {key: _told({True: n, False: len(values) - n}, minimum).get(True) for key, n in counts.items()}
    else:
        told = _told(counts, minimum)
    return [Cell(labels[key], told.get(key), key in right) for key in counts]


def _told(counts, minimum):
    """`{key: count}` of what may be told by itself; the rest is one group."""
    keys = list(counts)
    shown = suppression.protect(Table({("", ""): tuple(counts.values())}, None, True), minimum)[suppression.ALL]
    return {keys[part.first]: part.count for part in shown.segments if len(part.classes) == 1}


def about(question, with_targets):
    """What the page of a question shows beside its wording; `targets` are instruments into which it may be copied."""
    targets = []
    if with_targets:
        fitting = [kind for kind, kinds in composing.FITTING.items() if question.kind in kinds]
        open_ones = Instrument.objects.filter(kind__in=fitting, locked_at=None, archived_at=None).exclude(
            key=question.instrument.key
        )
        targets = list(open_ones.exclude(questions__key=question.key))
    return {
        "statistics": statistics(question), "versions": usage.versions_with(question), "copies": usage.copies_of(question),
        "origin": usage.origin_of(question), "lessons": usage.lessons_with(question), "targets": targets,
        "shown_if": conditions.in_words(question, questions_of(question.instrument_id)),
    }  # fmt: skip
