"""What a group needs: for each area how important it is to people and how able they feel. The gap is the difference.

A questionnaire is a needs assessment when its questions say so: each area (`construct`) is asked once with the aspect
"ability" and once with "importance", on the same scale. "Does not apply" is no number: it leaves the area out for that
person, and is counted.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from curriculum.models import Enrollment, EnrollmentChange
from curriculum.outline import outline_of, url_of
from evaluations.constructs import AREAS, MODULE_OF_AREA, name_of
from evaluations.models import Answer, Question

ABILITY, IMPORTANCE = "ability", "importance"
LOWEST, HIGHEST = 1, 5


# --- one person ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """A module in a person's suggested order, with the areas that brought it there. Nothing is locked by it."""

    module_key: UUID
    title: str
    url: str | None
    areas: tuple[tuple[str, int], ...]  # name, gap

    @property
    def gap(self):
        return max((gap for _name, gap in self.areas), default=0)


def ratings_in(questions, values):
    """`{(area, aspect): value}` of one response."""
    return {(question.construct, question.aspect): values.get(question.pk) for question in questions if question.aspect}


def ratings_of(enrollment):
    """The same of the person's first sent needs assessment; empty where there is none. One query."""
    return next(iter(_ratings(response__enrollment=enrollment).values()), {})


def gaps_of(ratings):
    """`{area: importance − ability}`, without the areas that do not apply."""
    pairs = {area: (ratings.get((area, IMPORTANCE)), ratings.get((area, ABILITY))) for area, _aspect in ratings}
    return {
        area: importance - ability
        for area, (importance, ability) in pairs.items()
        if isinstance(importance, int) and isinstance(ability, int)
    }


def suggested_order(enrollment, ratings):
    """Modules by the person's largest gap first, those without a gap left out; ties in the order of the curriculum."""
    by_module = defaultdict(list)
    for area, gap in gaps_of(ratings).items():
        if gap > 0:
            by_module[MODULE_OF_AREA.get(area)].append((name_of(area), gap))
    outline = outline_of(enrollment.cohort)
    suggestions = [
        Suggestion(
            module.key,
            module.title(),
            url_of(module.key, outline.curriculum_key),
            tuple(sorted(by_module[module.slug], key=lambda area: -area[1])),
        )
        for module in outline.modules
        if module.slug in by_module
    ]
    return sorted(suggestions, key=lambda suggestion: -suggestion.gap)


# --- a cohort --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AreaNeed:
    """One area in a group: its figures are of `n` people; `left_out` did not rate it (it does not apply to them).

    `n` too grows in steps of the minimum: where somebody left the area out, the ratings beyond the last full step wait.
    `hidden` when fewer people than the minimum rated it; then no figure of it may be shown.
    """

    area: str
    n: int
    left_out: int
    importance: float | None
    ability: float | None

    @property
    def name(self):
        return name_of(self.area)

    @property
    def hidden(self):
        return self.importance is None

    @property
    def gap(self):
        return None if self.hidden else self.importance - self.ability

    @property
    def few_left_out(self):
        """A handful was left out: their number is not shown."""
        return 0 < self.left_out < settings.MIN_GROUP_SIZE


@dataclass(frozen=True)
class CohortNeeds:
    """`answered` of `people` (trainees who are enrolled, paused or certified) have sent the assessment. `counted` of all `sent`
    responses are in the figures: they move only in steps of the minimum, and stay when somebody leaves, so that no single
    answer can be worked out from a change."""

    people: int
    answered: int
    sent: int
    counted: int
    areas: tuple[AreaNeed, ...]

    @property
    def shown(self):
        return self.counted > 0

    @property
    def widest(self):
        return next((area for area in self.areas if not area.hidden), None)


def cohort_needs(cohort):
    """The group's needs, widest gap first, hidden areas last. Two queries whatever the number of people."""
    by_response = _ratings(sent_in=cohort.pk)
    people = set(Enrollment.objects.members().filter(cohort=cohort).values_list("pk", flat=True))
    ratings = list(_counted(by_response).values())
    counted = len(ratings)
    found = {area for rating in ratings for area, _aspect in rating}
    order = [area for area in AREAS if area in found] + sorted(found - set(AREAS))
    areas = [_area_need(area, ratings) for area in order]
    areas.sort(key=lambda need: (need.hidden, -(need.gap or 0)))
    return CohortNeeds(len(people), len(people & by_response.keys()), len(by_response), counted, tuple(areas))


def raters_of(cohort):
    """`{area: ids of enrolments}` whose ratings are in the cohort's figures. One query."""
    ratings = _counted(_ratings(sent_in=cohort.pk))
    areas = {area for rating in ratings.values() for area, _aspect in rating}
    rated = {area: [person for person, rating in ratings.items() if _pair_in(rating, area)] for area in areas}
    return {area: set(people[: _full_steps(people)]) for area, people in rated.items()}


def _counted(ratings):
    """The same up to the last full step."""
    return dict(list(ratings.items())[: _full_steps(ratings)])


def _full_steps(people):
    return len(people) - len(people) % settings.MIN_GROUP_SIZE


def _pair_in(rating, area):
    """(importance, ability) as numbers, or `None` where one of them is missing."""
    pair = rating.get((area, IMPORTANCE)), rating.get((area, ABILITY))
    return pair if all(isinstance(value, int) for value in pair) else None


def _ratings(**whose):
    """`{enrolment id: {(area, aspect): value}}` of each person's first sent needs assessment, in the order of sending."""
    rows = (
        Answer.objects.filter(
            response__submitted_at__isnull=False,
            response__instrument__in=_needs_assessments(),
            question__aspect__in=(ABILITY, IMPORTANCE),
        )
        .annotate(sent_in=_where_sent())
        .filter(**whose)
        .order_by("response__submitted_at", "response_id")
        .values_list("response__enrollment_id", "response_id", "question__construct", "question__aspect", "value")
    )
    first, ratings = {}, {}
    for enrollment, response, area, aspect, value in rows:
        if first.setdefault(enrollment, response) == response:
            ratings.setdefault(enrollment, {})[area, aspect] = value
    return ratings


def _needs_assessments():
    """Instruments that ask for importance too. Later questionnaires ask for the ability again, which is no need."""
    return Question.objects.non_polymorphic().filter(aspect=IMPORTANCE).order_by().values("instrument_id")


def _where_sent():
    """The cohort in which the person studied when sending. Responses move with a transfer and only trainees send any, so without
    this a lead could take single answers out of the figures, or put them in, by transfers and changes of role."""
    left = EnrollmentChange.objects.filter(
        enrollment__user=OuterRef("response__enrollment__user"),
        enrollment__cohort__curriculum_key=OuterRef("response__enrollment__cohort__curriculum_key"),
        to_status=Enrollment.Status.TRANSFERRED,
        at__gt=OuterRef("response__submitted_at"),
    )
    return Coalesce(
        Subquery(left.order_by("at").values("enrollment__cohort")[:1]),
        "response__enrollment__cohort_id",
        output_field=BigIntegerField(),
    )


def _area_need(area, ratings):
    rated = [pair for rating in ratings if (pair := _pair_in(rating, area))]
    left_out, counted = len(ratings) - len(rated), _full_steps(rated)
    if not counted:
        return AreaNeed(area, len(rated), left_out, None, None)
    importance, ability = (sum(values) / counted for values in zip(*rated[:counted], strict=True))
    return AreaNeed(area, counted, left_out, importance, ability)


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: the widest gap in one sentence and a link, for those who run the cohort."""
    needs = cohort_needs(cohort)
    return {
        "order": 30,
        "title": _("What the group needs"),
        "template": "evaluations/insight.html",
        "context": {"cohort": cohort, "needs": needs, "min_group": settings.MIN_GROUP_SIZE},
    }
