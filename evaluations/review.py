"""Questions that come back (spaced review): 12 days after a wrong answer, 24 after a right one, until two right in a row.

A question comes from a quiz that was sent or from a check in a lesson (its first answer). Only answers that lie apart count towards
the two: a right one before the day changes nothing. Tests of a wave never come back: their keys are not shown before their time.
Nothing here touches a completion or a score.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Completion, Enrollment
from evaluations.models import AnswerVersion, Instrument, ReviewAnswer, ReviewItem, Wave
from evaluations.refusals import NotAllowed, Refused

AFTER_WRONG, AFTER_RIGHT = timedelta(days=12), timedelta(days=24)
ENOUGH = 2  # right answers in a row
LEAST, MOST = 2, 4  # questions in one review
SOON = timedelta(days=3)  # what is due by then may keep a single due question company
GOALS = (0, 1, 3, 5)  # days a week; 0 is no goal
CARD, SIDE_CARD = 20, 44  # places on the Today page


# --- what comes back -------------------------------------------------------------------------------------------------


def remember_response(response, questions, values):
    """Takes note of the keyed questions of a closed quiz that have an answer. A few queries, whatever their number."""
    if response.wave_id is None and response.instrument.kind == Instrument.Kind.QUIZ:
        given = [(question, values[question.pk]) for question in questions if question.pk in values]
        _remember(response.enrollment, response.instrument, given)


def remember_check(enrollment, question, value):
    """Takes note of the first answer to a check in a lesson."""
    _remember(enrollment, question.instrument, [(question, value)])


def comes_back(question):
    """Whether a question stands on its own and can be right: it has a key, tells no case and hangs on no other question."""
    return question.max_score is not None and not question.story_here and not question.show_if


def _remember(enrollment, instrument, given):
    given = [(question, value) for question, value in given if comes_back(question) and value not in (None, "", [], {})]
    if not given or _is_test(instrument):
        return
    rows = ReviewItem.objects.select_for_update(of=("self",)).filter(
        enrollment=enrollment, question__instrument__key=instrument.key
    )
    known = {item.question_key: item for item in rows.annotate(question_key=F("question__key"))}
    now, new = timezone.now(), []
    for question, value in given:
        item = known.get(question.key)
        if item is None:
            item = ReviewItem(enrollment=enrollment, question=question)
            _advance(item, _is_right(question, value), now)
            new.append(item)
        else:
            item.question = question  # of the newest version that the person met
            _meet(item, _is_right(question, value), now)
    ReviewItem.objects.bulk_create(new, ignore_conflicts=True)


def _is_test(instrument):
    return Wave.objects.filter(instrument__key=instrument.key).exists()


def _is_right(question, value):
    return question.score(value) == question.max_score


def _meet(item, right, now):
    """One more answer to a question that is waiting to come back."""
    if not right or item.due_at <= now + SOON:
        _advance(item, right, now)
    item.save(update_fields=["question", "due_at", "streak", "retired_at"])


def _advance(item, right, now):
    item.streak = min(item.streak + 1, ENOUGH) if right else 0
    item.due_at = now + (AFTER_RIGHT if right else AFTER_WRONG)
    item.retired_at = now if item.streak >= ENOUGH else None


# --- a review --------------------------------------------------------------------------------------------------------


def showable(items):
    """Those of `items` whose key may be shown: not asked in a wave meanwhile, and not withdrawn."""
    tests = Wave.objects.values("instrument__key")
    return items.filter(question__instrument__archived_at__isnull=True).exclude(question__instrument__key__in=tests)


def waiting(enrollment):
    """What still comes back to a person, the earliest first."""
    return showable(ReviewItem.objects.filter(enrollment=enrollment, retired_at__isnull=True))


def due(enrollment, now=None):
    """The questions of one review: up to four that are due; a single one takes along what is due soon. Empty if none is due."""
    now = now or timezone.now()
    soonest = list(waiting(enrollment).filter(due_at__lte=now + SOON)[:MOST])
    ready = [item for item in soonest if item.due_at <= now]
    return (soonest[:LEAST] if len(ready) < LEAST else ready) if ready else []


def next_due_at(enrollment):
    """When the next question comes back, or `None`. Meant for when nothing is due."""
    return waiting(enrollment).values_list("due_at", flat=True).first()


def answer(enrollment, values, client_id):
    """Records one review: `values` maps items to cleaned values. The same `client_id` again changes nothing.

    Raises `NotAllowed` for an enrolment that may not study.
    """
    if not enrollment.may_study:
        raise NotAllowed(_("Your place in this cohort is not active, so answers cannot be saved. Write to your trainer."))
    given, now = {item.pk: value for item, value in values.items()}, timezone.now()
    with transaction.atomic():
        for item in ReviewItem.objects.select_for_update(of=("self",)).filter(pk__in=given, enrollment=enrollment).order_by("pk"):
            value = given[item.pk]
            right = _is_right(item.question, value)
            _row, made = ReviewAnswer.objects.get_or_create(
                item=item, client_id=client_id, defaults={"value": value, "right": right, "at": now}
            )
            if made:
                _meet(item, right, now)


def answers_of(user, client_id):
    """What one review brought, in the order in which it was asked."""
    mine = ReviewAnswer.objects.filter(item__in=ReviewItem.objects.accessible_to(user), client_id=client_id)
    return list(mine.select_related("item").order_by("item__question__order", "item_id"))


def move_to(questions):
    """After a regrade what comes back is asked with the corrected key. `questions` maps old question ids to new ones."""
    for old, new in questions.items():
        has_new = ReviewItem.objects.filter(question=new).values("enrollment_id")
        ReviewItem.objects.filter(question=old).exclude(
            enrollment_id__in=list(has_new.values_list("enrollment_id", flat=True))
        ).update(question=new)
        ReviewItem.objects.filter(question=old, retired_at__isnull=True).update(retired_at=timezone.now())


# --- the weekly goal -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """On how many days of this week (from Monday, in the person's zone) the person did anything, and how many they wanted."""

    days: int
    goal: int

    @property
    def counted(self):
        return min(self.days, self.goal)


def week_of(enrollment):
    """One query, none without a goal: without one nothing is counted."""
    if not enrollment.weekly_goal:
        return Week(0, 0)
    zone = enrollment.user.zone
    today = timezone.localdate(timezone=zone)
    monday = datetime.combine(today - timedelta(days=today.weekday()), time.min, tzinfo=zone)
    answered = AnswerVersion.objects.filter(response__enrollment=enrollment, received_at__gte=monday).order_by()
    reviewed = ReviewAnswer.objects.filter(item__enrollment=enrollment, at__gte=monday).order_by()
    done = Completion.objects.filter(enrollment=enrollment, at__gte=monday).order_by()
    instants = answered.values_list("received_at").union(reviewed.values_list("at"), done.values_list("at"), all=True)
    return Week(len({timezone.localdate(instant, zone) for (instant,) in instants}), enrollment.weekly_goal)


def set_goal(enrollment, days):
    """Keeps the person's own goal. Raises `Refused` for what is not offered."""
    if days not in GOALS:
        raise Refused(_("Choose one of the goals shown."))
    Enrollment.objects.filter(pk=enrollment.pk).update(weekly_goal=days)
    enrollment.weekly_goal = days


def cards(enrollment):
    """The review on the Today page: when something is due; a goal alone stands in the side column. Two queries."""
    ready = len(due(enrollment))
    if not ready and not enrollment.weekly_goal:
        return []
    context = {"ready": ready, "week": week_of(enrollment)}
    return [{"order": CARD if ready else SIDE_CARD, "template": "evaluations/review/today.html", "context": context}]
