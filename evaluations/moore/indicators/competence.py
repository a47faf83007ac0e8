"""Level 4: can they show it. What observers saw, and what people say of themselves beside it: lines of their own, never added up.

Ability is asked twice (needs assessment, evaluation after the training: a true pair) or once, looking back (a retrospective pair);
the two are never merged. Of observed marks each person counts with the mean of the raters; who was assessed again has a first and a
last one.
"""

from django.conf import settings
from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from curriculum.models import Enrollment
from evaluations import needs
from evaluations.models import Mark, Question, TeachBack
from evaluations.moore.indicators.answered import is_asked_once, pair_items, paired, pairing, people_of_pairs
from evaluations.moore.indicators.base import Gathered, Indicator, Item, count_by
from evaluations.moore.indicators.looking_back import looking_back
from evaluations.moore.indicators.opinions import per_wave
from evaluations.moore.indicators.pairs import construct_labels, construct_words, gathered_pairs
from evaluations.moore.moments import LARGEST
from evaluations.questions.reading import with_kinds

LEVEL = "4"
OUTCOMES = (TeachBack.Outcome.PASSED, TeachBack.Outcome.AGAIN)


def indicators():
    said = {"level": LEVEL, "evidence": "self-report", "source": _("Questionnaires")}
    return [
        Indicator(
            key="teach-back", level=LEVEL, name=_("Teach-back"), question=_("What did observers see?"), evidence="observed",
            source=_("Rubric of the teach-back, two raters"), unit="points", design="rated", gather=observed,
        ),
        Indicator(
            key="ability", name=_("Ability, asked before and after"), question=_("How able do people feel?"), unit="points",
            design="true_pre_post", gather=ability, **said,
        ),
        Indicator(
            key="ability-looking-back", name=_("Ability, looking back"), question=_("How able do people say they were, and are?"),
            unit="points", design="retro_pre_post", gather=lambda scope: looking_back(scope, _is_competence), **said,
        ),
        Indicator(
            key="confidence", name=_("Confidence"), question=_("How confident do people feel?"), unit="people",
            design="distribution", gather=lambda scope: per_wave(scope, _asks("confidence")), **said,
        ),
        Indicator(
            key="intention", name=_("Intention"), question=_("Do people mean to do it?"), unit="people", design="distribution",
            gather=lambda scope: per_wave(scope, _asks("intention")), **said,
        ),
    ]  # fmt: skip


def _asks(aspect):
    return lambda question: question.aspect == aspect and question.moore in ("", LEVEL)


def _is_competence(question):
    return question.moore in ("", LEVEL)


# --- what people say -------------------------------------------------------------------------------------------------


def ability(scope):
    """Ability in the needs assessment and in the evaluation after the training, by construct."""
    pair = pairing(scope, _is_ability, "ability")
    if pair is None:
        return []
    tables = {}
    for (_moore, construct), atoms in scope.once("ability pairs", lambda: paired(pair, shares=False)).items():
        tables[construct] = atoms
    asked = [question for found in pair.questions.values() for question in found]
    low, high = (pick(question.measure_range[side] for question in asked) for side, pick in enumerate((min, max)))
    items = pair_items(tables, construct_labels(pair), low, high)
    near = _near_the_needs(scope, pair, items)
    for item in items:
        item.facts["no_mean_before"] = item.construct in near
    return gathered_pairs(scope, pair, items)


def _near_the_needs(scope, pair, items):
    """Constructs whose pairs are nearly the people of the page of needs (evaluations/needs.py): two means of nearly the same people
    tell what the few answered in whom they differ. Two queries, none for groups so large that rounding covers a few people."""
    largest = max((sum(sum(table.values()) for table in item.atoms.values()) for item in items), default=0)
    if not 0 < largest <= LARGEST:
        return set()
    rated, paired_by = needs.raters_of(scope.cohort), people_of_pairs(pair)
    return {one for one, people in paired_by.items() if 0 < len(people ^ rated.get(one, set())) < settings.MIN_GROUP_SIZE}


def _is_ability(question):
    return question.aspect == "ability" and question.moore in ("", LEVEL) and is_asked_once(question)


# --- what observers saw ----------------------------------------------------------------------------------------------


def observed(scope):
    """One row per criterion, from settled teach-backs. Three queries."""
    tables = _marks(scope)
    if not tables:
        return []
    criteria = {question.key: question for question in with_kinds(_criteria(scope))}
    raters = _settled(scope).aggregate(raters=Count("rating__rater", distinct=True))["raters"]
    items = [_criterion(question, tables[key], raters) for key, question in criteria.items() if key in tables]
    people = max(({a: sum(t.values()) for a, t in item.atoms.items()} for item in items), key=lambda sizes: sum(sizes.values()))
    day = _settled(scope).aggregate(day=Max("rating__teach_back__settled_at"))["day"]
    return [
        Gathered(items=items, promise="identified", people=people, asked=scope.members, as_of=day.date() if day else None)
    ]  # fmt: skip


def _settled(scope):
    people = Enrollment.objects.members().filter(cohort=scope.cohort)
    return Mark.objects.filter(
        rating__submitted_at__isnull=False, rating__teach_back__enrollment__in=people,
        rating__teach_back__outcome__in=OUTCOMES, measure__isnull=False,
    )  # fmt: skip


def _criteria(scope):
    ids = _settled(scope).order_by().values("question").distinct()
    return Question.objects.filter(pk__in=ids).order_by("instrument__version", "order")


def _marks(scope):
    """`{criterion's key: {(country, profession): {(first or None, last, raters): people}}}`. One query."""
    later = TeachBack.objects.filter(
        enrollment=OuterRef("rating__teach_back__enrollment"), activity_key=OuterRef("rating__teach_back__activity_key"),
        outcome__in=OUTCOMES, attempt__gt=OuterRef("rating__teach_back__attempt"),
    )  # fmt: skip
    again = Q(rating__teach_back__attempt__gt=1)
    people = (
        _settled(scope)
        .order_by()
        .annotate(later=Exists(later))
        .values(
            person=F("rating__teach_back__enrollment"), name=F("question__key"),
            country=F("rating__teach_back__enrollment__user__country"),
            profession=F("rating__teach_back__enrollment__user__profession"),
        )
        .annotate(
            first=Avg("measure", filter=~again), last=Avg("measure", filter=Q(later=False)), attempts=Count("pk", filter=again),
            raters=Count("rating", filter=Q(later=False)),
        )
    )  # fmt: skip
    found = {}
    columns = ["name", "country", "profession", "first", "last", "attempts", "raters"]
    for name, country, profession, first, last, attempts, raters, number in count_by(people, columns):
        if last is None:
            continue  # not observed the last time
        key = round(first, 9) if attempts and first is not None else None, round(last, 9), raters
        counts = found.setdefault(name, {}).setdefault((country or "", profession), {})
        counts[key] = counts.get(key, 0) + number
    return found


def _criterion(question, atoms, raters):
    low, high = question.measure_range
    return Item(
        key=question.key, label=question.text, construct=question.construct, atoms=atoms, low=low, high=high,
        facts={"raters": raters, "construct_label": construct_words(question)},
    )  # fmt: skip
