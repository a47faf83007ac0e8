"""The counted answers as counts: what people said once, and what they said before and after. SQL adds up; Python gets counts only."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Q, Sum, Value
from django.utils import translation

from evaluations.models import Answer, Question, Response, Wave
from evaluations.moore.counted import counting, pairs_left_out, through
from evaluations.moore.indicators.base import Item
from evaluations.questions.likert import NOT_APPLICABLE
from evaluations.questions.reading import with_kinds

RETROSPECTIVE = "retrospective"
SHOWN_AS_SAID = ("satisfaction", "confidence", "intention", "performance")
SAME_FOR_ALL = 1  # each scored question is worth one point (evaluations/questions/base.py)


def questions(scope):
    """`{instrument id: [question, …]}` of everything the cohort was asked, each as its own kind. One query."""

    def read():
        rows = Question.objects.filter(instrument__in={counted.wave.instrument_id for counted in scope.waves})
        found = {}
        for question in with_kinds(rows):
            found.setdefault(question.instrument_id, []).append(question)
        return found

    return scope.once("questions", read)


def asked_in(scope, counted, wants):
    """The questions of a wave for which `wants(question)` holds, in their order."""
    return [question for question in questions(scope).get(counted.wave.instrument_id, ()) if wants(question)]


def points_of(question):
    """`[{"value", "text": {language: text}}]`, low to high, of a question on a worded scale; empty where it has none."""
    if hasattr(question, "scale"):
        return sorted(question.scale, key=lambda point: point["value"])
    if question.measure_range is None or question.max_score is not None or not hasattr(question, "labels"):
        return []
    points = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for key, text in question.labels():
                points.setdefault(key, {})[language] = str(text)
    return [{"value": int(key), "text": text} for key, text in sorted(points.items()) if key != NOT_APPLICABLE]


def is_asked_once(question):
    """A point of a worded scale, as of now: not a retrospective pair, which is read for its change."""
    return bool(points_of(question)) and question.kind != RETROSPECTIVE


# --- what was said once ----------------------------------------------------------------------------------------------


def said(scope):
    """`{(wave id, question id): {(country, profession): {(before or None, now or None): people}}}` of answers to scaled
    questions that are shown as said, in linked waves.

    One query for all indicators. `now` is `None` for "does not apply"; `before` is filled in retrospective pairs only.
    """
    return scope.once("said", lambda: _said(scope))


def _is_shown_as_said(question):
    """Ability and importance are read as pairs and gaps only: leaving them out here halves the work."""
    return bool(points_of(question)) and (question.aspect in SHOWN_AS_SAID or question.kind == RETROSPECTIVE)


def _said(scope):
    ids = [question.pk for found in questions(scope).values() for question in found if _is_shown_as_said(question)]
    waves = [counted for counted in scope.waves if counted.counts]
    rows = (
        Answer.objects.filter(through("response", counting(waves)), question__in=ids, value__isnull=False)
        .order_by()
        .values_list("response__wave_id", "question_id", "response__country", "response__profession", "measure_before", "measure")
        .annotate(people=Count("pk"))
    )
    found = {}
    for wave, question, country, profession, before, now, people in rows:
        found.setdefault((wave, question), {}).setdefault((country or "", profession), {})[before, now] = people
    return found


# --- before and after ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairing:
    """Two sets of counted waves, and the questions that are asked in them."""

    before: tuple
    after: tuple
    questions: dict  # wave id → questions
    left_out: list

    @property
    def waves(self):
        return (*self.before, *self.after)

    def only(self, keys):
        """The same with the questions of these keys alone."""
        asked = {wave: [question for question in found if question.key in keys] for wave, found in self.questions.items()}
        return replace(self, questions=asked)


def pairing(scope, wants, name):
    """The waves before and after the training that ask what `wants`; `None` where one side is missing."""

    def read():
        asks = {counted.wave.pk: asked_in(scope, counted, wants) for counted in scope.waves if not counted.wave.anonymous}
        before = _at(scope, Wave.Moment.PRE, asks)
        after = _at(scope, Wave.Moment.POST, asks)
        counting_before, counting_after = ([one for one in side if one.counts] for side in (before, after))
        left_out = pairs_left_out(counting_before, counting_after)
        return Pairing(tuple(before), tuple(after), asks, left_out) if before and after else None

    return scope.once(("pairing", name), read)


def _at(scope, moment, asks):
    return [counted for counted in scope.waves if counted.wave.moment == moment and asks.get(counted.wave.pk)]


def paired(pair, field="construct", shares=True):
    """`{(Moore level, name): {(country, profession): {(before, after): people}}}`; a name is the question's `field`. One query.

    With `shares` a side is the share of the points that were to be had (an unanswered question earns nothing, one that a branch hid
    counts for nothing); without, it is the mean of what was answered, whatever level the questions name. Who answered nothing of a
    name on one side has no pair there.
    """
    sides = [[one.wave.pk for one in side if one.counts] for side in (pair.before, pair.after)]
    if not all(sides):
        return {}
    most, waves, found = _most(pair, field) if shares else {}, [*sides[0], *sides[1]], {}
    for level, name, country, profession, b_points, a_points, b_extra, a_extra, *marks, people in _sums(
        pair, sides, field, shares
    ):
        taken = [wave for wave, mark in zip(waves, marks or [1, 1], strict=True) if mark]
        full = [sum(most.get((wave, level, name), 0) for wave in taken if wave in side) for side in sides]
        values = _value(b_points, full[0] + b_extra), _value(a_points, full[1] + a_extra)
        table = found.setdefault((level, name), {}).setdefault((country or "", profession or ""), {})
        table[values] = table.get(values, 0) + people
    return found


def _value(points, of):
    return round(points / of, 9)


def _most(pair, field):
    """Points to be had per (wave, level, name), without the questions that depend on an answer."""
    most = {}
    for wave, asked in pair.questions.items():
        for question in asked:
            if not question.show_if:
                key = wave, question.moore, getattr(question, field)
                most[key] = most.get(key, 0) + SAME_FOR_ALL
    return most


def _sums(pair, sides, field, shares):
    """People by what they earned on both sides: a GROUP BY over a GROUP BY, so that only counts leave the database.

    Where a side has several waves, who took part in which comes as a mark for each.
    """
    asked = [question for side in sides for wave in side for question in pair.questions[wave]]
    before, after = (Q(response__wave__in=side) for side in sides)
    extra = {question.pk for question in asked if question.show_if or not shares}
    sums = {"b_points": Sum("measure", filter=before), "a_points": Sum("measure", filter=after)}
    sums |= {"b_extra": _number(extra, before), "a_extra": _number(extra, after)}
    if sum(map(len, sides)) > 2:
        sums |= {f"in_{wave}": Count("pk", filter=Q(response__wave=wave)) for side in sides for wave in side}
    people = (
        Answer.objects.filter(through("response", counting([one for one in pair.waves if one.counts])), measure__isnull=False)
        .filter(question__in=[question.pk for question in asked])
        .exclude(response__enrollment__in=pair.left_out)
        .order_by()
        .values(
            person=F("response__enrollment_id"), level=F("question__moore") if shares else Value(""), name=F(f"question__{field}")
        )
        .annotate(answered_in=Max("response_id", filter=after), **sums)
        .filter(b_points__isnull=False, a_points__isnull=False)
    )
    return count_by_people_of(people, ["level", "name"], list(sums))


def _number(questions, side):
    return Count("pk", filter=side & Q(question__in=questions)) if questions else Value(0)


def count_by_people_of(rows, names, sums):
    """`count_by` with the country and profession of the response whose id is in `answered_in`: `[(*names, country, profession, *sums, people)]`."""
    inner, parameters = rows.query.sql_with_params()
    wanted = ", ".join([*(f"p.{name}" for name in names), "r.country", "r.profession", *(f"p.{name}" for name in sums)])
    sql = f"SELECT {wanted}, COUNT(*) FROM ({inner}) p JOIN {Response._meta.db_table} r ON r.id = p.answered_in GROUP BY {wanted}"  # noqa: S608 -- names from our code
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def pair_items(tables, labels, low, high):
    """`Item`s of {name: atoms}, in the order of `labels` (`{name: label}`)."""
    return [
        Item(key=name or "all", label=labels[name], construct=name, atoms=tables[name], low=low, high=high)
        for name in labels
        if name in tables
    ]
