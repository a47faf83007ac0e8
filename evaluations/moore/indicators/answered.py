"""The counted answers as counts: what people said once, and what they said before and after. SQL adds up; Python gets counts only."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Q, Sum
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
    if not any(one.counts for one in pair.before) or not any(one.counts for one in pair.after):
        return {}
    parts = _parts(pair, field, shares)
    found = {}
    for place, country, profession, *sums, people in _rows(pair, parts):
        name = list(parts)[place]
        sides = [_value(parts[name], sums, after) for after in (False, True)]
        table = found.setdefault(name, {}).setdefault((country or "", profession or ""), {})
        table[tuple(sides)] = table.get(tuple(sides), 0) + people
    return found


@dataclass(frozen=True)
class Part:
    """What one wave asks of one name: `always` questions count for everybody, `extra` ones only where they were answered."""

    wave: int
    after: bool
    always: tuple
    extra: tuple

    @property
    def counts_extra(self):
        """Whether the answered ones must be counted: a single one was answered where there is a sum at all."""
        return len(self.extra) > 1 or bool(self.extra and self.always)


def _parts(pair, field, shares):
    """`{(level, name): [Part, …]}` of the waves that count."""
    parts = {}
    for counted in pair.waves:
        names = {}
        for question in pair.questions[counted.wave.pk] if counted.counts else ():
            names.setdefault((question.moore if shares else "", getattr(question, field)), []).append(question)
        for name, asked in names.items():
            extra = tuple(question.pk for question in asked if question.show_if or not shares)
            always = tuple(question.pk for question in asked if question.pk not in extra)
            parts.setdefault(name, []).append(Part(counted.wave.pk, counted in pair.after, always, extra))
    return {name: found for name, found in parts.items() if len({part.after for part in found}) == 2}


def _value(parts, sums, after):
    """Points of those to be had, over the waves of one side in which the person answered. `sums` holds points and extras by turns."""
    points, of = 0.0, 0
    for part, earned, extra in zip(parts, sums[::2], sums[1::2], strict=False):
        if part.after is after and earned is not None:
            answered = extra if part.counts_extra else len(part.extra)
            points, of = points + earned, of + (len(part.always) + answered) * SAME_FOR_ALL
    return round(points / of, 9)


def _rows(pair, parts):
    """`[(place of the name, country, profession, points and extras by turns …, people)]`: counts only leave the database.

    One line per person with a sum for each part, added up by the database in one pass; from these lines one GROUP BY for each name.
    Grouping by person and name instead would make ten times the groups, and take three times as long.
    """
    asked = {pk for found in parts.values() for part in found for pk in (*part.always, *part.extra)}
    if not asked:
        return []
    lines = (
        Answer.objects.filter(through("response", counting([one for one in pair.waves if one.counts])), measure__isnull=False)
        .filter(question__in=asked)
        .exclude(response__enrollment__in=pair.left_out)
        .order_by()
        .values(person=F("response__enrollment_id"))
        .annotate(
            answered_in=Max("response_id", filter=Q(response__wave__in=[one.wave.pk for one in pair.after])), **_sums(parts)
        )
    )
    inner, parameters = lines.query.sql_with_params()
    width = 2 * max(map(len, parts.values()))
    groups = [_group(place, found, width) for place, found in enumerate(parts.values())]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH lines AS MATERIALIZED ({inner}) {' UNION ALL '.join(groups)}", parameters)
        return cursor.fetchall()


def _sums(parts):
    sums = {}
    for place, found in enumerate(parts.values()):
        for number, part in enumerate(found):
            of_wave = Q(response__wave=part.wave)
            sums[f"p{place}_{number}"] = Sum("measure", filter=of_wave & Q(question__in=[*part.always, *part.extra]))
            if part.counts_extra:
                sums[f"e{place}_{number}"] = Count("pk", filter=of_wave & Q(question__in=part.extra))
    return sums


def _group(place, parts, width):
    """The SELECT for one name. All have the same width, with nothing in the columns that a name does not need."""
    nothing = "CAST(NULL AS double precision)"
    columns = []
    for number, part in enumerate(parts):
        columns += [f"l.p{place}_{number}", f"l.e{place}_{number}" if part.counts_extra else nothing]
    sides = [[f"l.p{place}_{number}" for number, part in enumerate(parts) if part.after is after] for after in (False, True)]
    both = " AND ".join(f"COALESCE({', '.join([*side, 'NULL'])}) IS NOT NULL" for side in sides)
    picked = ", ".join(["r.country", "r.profession", *columns, *[nothing] * (width - len(columns))])
    by = ", ".join(["r.country", "r.profession", *(column for column in columns if column != nothing)])
    table = Response._meta.db_table
    return f"SELECT {place}, {picked}, COUNT(*) FROM lines l JOIN {table} r ON r.id = l.answered_in WHERE {both} GROUP BY {by}"  # noqa: S608 -- names from our code


def people_of_pairs(pair):
    """`{construct: ids of enrolments}` that have a value on both sides. One query."""
    sides = {}
    rows = (
        Answer.objects.filter(through("response", counting([one for one in pair.waves if one.counts])), measure__isnull=False)
        .filter(question__in=[question.pk for found in pair.questions.values() for question in found])
        .exclude(response__enrollment__in=pair.left_out)
        .order_by()
        .values_list("question__construct", "response__enrollment_id", "response__wave_id")
    )
    after = {one.wave.pk for one in pair.after}
    for construct, person, wave in rows:
        sides.setdefault(construct, (set(), set()))[wave in after].add(person)
    return {construct: before & later for construct, (before, later) in sides.items()}


def pair_items(tables, labels, low, high):
    """`Item`s of {name: atoms}, in the order of `labels` (`{name: label}`)."""
    return [
        Item(key=name or "all", label=labels[name], construct=name, atoms=tables[name], low=low, high=high)
        for name in labels
        if name in tables
    ]
