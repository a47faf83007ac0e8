"""What single people contribute to a file: their completions, and their answers where the promise of the wave says "identified".

- Only responses that count in the report (moore/counted.py), and of a question only answers of a full group: MIN_GROUP_SIZE or more.
- Confidential and anonymous waves never give a line per person; texts and commitments of no wave do.
- Pseudonyms are drawn anew for each file. Completions and answers carry different ones, so that the country of the first never
  stands beside the second. Only a file with names, for which a lead has given a reason, lets a reader join them.
"""

import random
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q
from django.utils import translation
from django_countries import countries

from curriculum.models import Enrollment
from curriculum.outline import outline_of
from evaluations.constructs import name_of
from evaluations.models import Answer, Wave
from evaluations.moore.counted import counting, pairs_left_out, through
from evaluations.questions.reading import questions_of

PEOPLE = ("person", "role", "country", "completed", "required", "attendance")
ANSWERS = (
    "person", "wave", "moment", "instrument", "version", "item", "level", "construct", "aspect", "kind", "value", "value_text",
    "number", "number_before",
)  # fmt: skip
OTHER = "other"
PAIRED = ("true_pre_post", "retro_pre_post")
WITHOUT_LINES = {"short-text", "long-text", "commitment"}


@dataclass
class Pseudonyms:
    """`of(enrolment id)` is the same within one file and says nothing about the next one."""

    prefix: str
    named: dict = field(default_factory=dict)

    def draw(self, ids):
        order = sorted(ids)
        random.Random(secrets.randbits(128)).shuffle(order)  # noqa: S311 -- seeded by the system's generator
        width = max(2, len(str(len(order))))
        self.named = {pk: f"{self.prefix}{place:0{width}}" for place, pk in enumerate(order, start=1)}
        return self

    def of(self, pk):
        return self.named[pk]


# --- completions -----------------------------------------------------------------------------------------------------


def people(cohort, language, *, names):
    """One line per trainee, in the order of pseudonyms. Two queries."""
    required = outline_of(cohort).required_keys
    rows = list(
        Enrollment.objects.members()
        .filter(cohort=cohort)
        .select_related("user")
        .annotate(done=Count("completions", filter=Q(completions__activity_key__in=required)))
    )
    pseudonyms = Pseudonyms("P").draw([row.pk for row in rows])
    shown = shown_countries(Counter(str(row.user.country) for row in rows))
    lines = []
    with translation.override(language):
        for row in sorted(rows, key=lambda row: pseudonyms.of(row.pk)):
            line = {
                "person": pseudonyms.of(row.pk), "role": row.role, "country": country_words(str(row.user.country), shown),
                "completed": row.done, "required": len(required), "attendance": None,
            }  # fmt: skip
            lines.append({**line, "name": row.user.get_full_name()} if names else line)
    return lines


def shown_countries(sizes):
    """The countries that may stand beside a person: full groups, and what is left over is a full group too, or nobody."""
    least = settings.MIN_GROUP_SIZE
    shown = {country: people for country, people in sizes.items() if country and people >= least}
    while shown and 0 < sum(sizes.values()) - sum(shown.values()) < least:
        del shown[min(shown, key=lambda country: (shown[country], country))]
    return set(shown)


def country_words(code, shown):
    return str(countries.name(code)) if code in shown else OTHER


# --- answers ---------------------------------------------------------------------------------------------------------


@dataclass
class Answers:
    """The answers to identified waves that may stand in a file, one per person and question."""

    counted: list
    waves: dict
    questions: dict
    rows: list
    pseudonyms: Pseudonyms
    names: dict
    kept_back: set = field(default_factory=set)

    def lines(self, language, *, names):
        """Sorted by wave, person and the order of asking."""
        with translation.override(language):
            for wave, person, question, value, measure, before in self.rows:
                if (wave, question) in self.kept_back:
                    continue
                line = self._line(self.waves[wave], person, self.questions[question], value, measure, before)
                yield {**line, "name": self.names.get(person, "")} if names else line

    def left_out(self, indicator):
        """Enrolments whose pair does not count yet. At most one query."""
        sides = {Wave.Moment.PRE: [], Wave.Moment.POST: []}
        for one in self.counted:
            if one.counts and one.wave.pk in indicator["waves"]:
                sides.get(one.wave.moment, []).append(one)
        return set(pairs_left_out(*sides.values()))

    def _line(self, wave, person, question, value, measure, before):
        return {
            "person": self.pseudonyms.of(person), "wave": wave.pk, "moment": wave.moment, "instrument": wave.instrument.key,
            "version": wave.instrument.version, "item": question.key, "level": question.moore or None,
            "construct": question.construct or None, "aspect": question.aspect or None, "kind": question.kind,
            "value": "|".join(map(str, value)) if isinstance(value, list) else value, "value_text": question.answer_text(value),
            "number": measure, "number_before": before,
        }  # fmt: skip


def answers(counted, *, names):
    """The `Answers` of a cohort's `CountedWave`s. Two queries, and one for the questions of each identified instrument."""
    least = settings.MIN_GROUP_SIZE
    identified = [one for one in counted if one.wave.promise == Wave.Promise.IDENTIFIED and one.n >= least]
    questions = {question.pk: question for one in identified for question in questions_of(one.wave.instrument_id)}
    wanted = [pk for pk, question in questions.items() if question.kind not in WITHOUT_LINES]
    rows = (
        Answer.objects.filter(through("response", counting(identified)), question__in=wanted, value__isnull=False)
        .order_by()
        .values_list("response__wave_id", "response__enrollment_id", "question_id", "value", "measure", "measure_before")
    )
    found = list(rows.iterator(chunk_size=5000)) if identified else []
    sizes = Counter((wave, question) for wave, _person, question, *_rest in found)
    found = [row for row in found if sizes[row[0], row[2]] >= least]
    pseudonyms = Pseudonyms("A").draw({row[1] for row in found})
    order = {pk: place for place, pk in enumerate(questions)}
    found.sort(key=lambda row: (row[0], pseudonyms.of(row[1]), order[row[2]]))
    waves = {one.wave.pk: one.wave for one in identified}
    return Answers(counted, waves, questions, found, pseudonyms, names_of({row[1] for row in found}) if names else {})


def withhold(document, taken):
    """Keeps back the answers from which a pair could be made that the report hides: fewer than the minimum made that pair. Where it
    hides an item below a construct, all of the construct's answers: from the others and the pair the hidden one would follow."""
    hidden = [
        (row, indicator)
        for level in document["levels"]
        for indicator in level["indicators"]
        if indicator["design"] in PAIRED
        for row in ([{}] if indicator.get("hidden") else indicator["rows"])
        if any(_protects(one.get("hidden")) for one in (indicator, row, *(row.get("items") or [])))
    ]
    taken.kept_back = {
        (wave, pk)
        for wave, pk in {(line[0], line[2]) for line in taken.rows}
        for row, indicator in hidden
        if wave in indicator["waves"] and _is_of(taken.questions[pk], row, indicator)
    }
    return taken


def _protects(hidden):
    return bool(hidden) and hidden["reason"] in ("small_group", "complementary")


def names_of(enrollments):
    people = Enrollment.objects.filter(pk__in=enrollments).select_related("user")
    return {row.pk: row.user.get_full_name() for row in people}


# --- pairs -----------------------------------------------------------------------------------------------------------

PAIRS = ("person", "indicator", "level", "construct", "construct_name", "design", "unit", "before", "after")


def pairs(document, taken, language, *, names):
    """The pairs that the report draws, person by person: identified waves only, all people.

    The values are the document's. Whose they are is worked out from the answers; where that does not give exactly the document's
    pairs (answers have moved since the snapshot), they stay without a pseudonym.
    """
    lines = []
    for level in document["levels"]:
        for indicator in level["indicators"]:
            for row in [] if indicator.get("hidden") else indicator.get("rows") or []:
                if row.get("people") and isinstance(row["people"], list) and not row.get("hidden"):
                    lines += _pairs_of(row, indicator, taken, language, names)
    return lines


def _pairs_of(row, indicator, taken, language, names):
    with translation.override(language):
        construct_name = name_of(row["construct"]) if row.get("construct") else ""
    common = {
        "indicator": indicator["key"], "level": indicator["level"], "construct": row.get("construct") or row["key"],
        "construct_name": construct_name, "design": indicator["design"], "unit": indicator["unit"],
    }  # fmt: skip
    for person, before, after in _persons(row, indicator, taken):
        line = {**common, "person": taken.pseudonyms.of(person) if person else None, "before": before, "after": after}
        yield {**line, "name": taken.names.get(person, "")} if names else line


def _persons(row, indicator, taken):
    """`(enrolment id or None, before, after)` of the row, in the order of pseudonyms."""
    waiting = taken.left_out(indicator)
    found = {person: pair for person, pair in _worked_out(row, indicator, taken).items() if person not in waiting}
    same = sorted([before, after] for before, after in found.values()) == sorted(list(pair) for pair in row["people"])
    if not same:
        return [(None, before, after) for before, after in row["people"]]
    return sorted(((person, *pair) for person, pair in found.items()), key=lambda one: taken.pseudonyms.of(one[0]))


def _worked_out(row, indicator, taken):
    """`{enrolment id: (before, after)}` from the answers, by the rule of moore/indicators/answered.py: shares of the points, or means."""
    before, after, full = defaultdict(list), defaultdict(list), defaultdict(set)
    for wave, person, pk, _value, measure, measure_before in taken.rows:
        question = taken.questions[pk]
        if measure is None or wave not in indicator["waves"] or not _is_of(question, row, indicator):
            continue
        if indicator["design"] == "retro_pre_post":
            before[person].append(measure_before)
            after[person].append(measure)
        elif question.kind != "retrospective":
            side = {Wave.Moment.PRE: before, Wave.Moment.POST: after}.get(taken.waves[wave].moment)
            if side is not None:
                side[person].append(measure)
                full[id(side), person].add(wave)
    both = before.keys() & after.keys()
    if indicator["unit"] != "share":
        return {person: (_mean(before[person]), _mean(after[person])) for person in both}
    return {
        person: (
            _share(before[person], _most(row, indicator, taken, full[id(before), person])),
            _share(after[person], _most(row, indicator, taken, full[id(after), person])),
        )
        for person in both
    }


def _is_of(question, row, indicator):
    """Without a key the row stands for all rows of the indicator."""
    if indicator["design"] == "retro_pre_post":
        return question.kind == "retrospective" and row.get("key", question.key) == question.key
    if row and question.construct != (row.get("construct") or ""):
        return False
    if indicator["unit"] == "share":
        return question.max_score is not None and question.moore == indicator["level"]
    return question.aspect == "ability"


def _most(row, indicator, taken, waves):
    """Points to be had: every question of the row in the instruments of these waves that depends on no other answer."""
    instruments = [taken.waves[wave].instrument_id for wave in waves]
    asked = [question for question in taken.questions.values() if _is_of(question, row, indicator) and not question.show_if]
    return sum(instruments.count(question.instrument_id) for question in asked)


def _share(points, most):
    return round(sum(points) / most, 4) if most else None


def _mean(values):
    return round(sum(values) / len(values), 4)
