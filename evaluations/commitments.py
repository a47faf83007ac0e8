"""Commitments to change: kept when answers are sent; which day is which for the person who made them; and counts of what became of
them. Reminders and follow-ups: evaluations/following_up.py.
"""

import datetime
from collections import Counter

from django.utils import timezone

from curriculum.models import Enrollment
from evaluations.models import Commitment, CommitmentFollowUp
from evaluations.words import in_language
from notifications import clocks

Status, Barrier = CommitmentFollowUp.Status, CommitmentFollowUp.Barrier
REMINDER = 21
# The day on which a follow-up opens, and the one on which it can no longer be changed: when the next opens, or 90 days later.
FOLLOW_UPS = {90: 180, 180: 270}


def keep(response):
    """Makes a `Commitment` of each line of the sent answers to questions for commitments. Doing it again adds nothing. One query
    for a questionnaire that asks for none."""
    answers = response.answers.filter(question__commitmentquestion__isnull=False).values_list("question_id", "value")
    rows = [
        Commitment(
            response=response, question_id=question_id, number=number, choice=line["choice"], text=line["text"],
            confidence=line["confidence"], due_on=datetime.date.fromisoformat(line["due"]), made_at=response.submitted_at,
        )
        for question_id, value in answers
        for number, line in enumerate(value or [], start=1)
    ]  # fmt: skip
    Commitment.objects.bulk_create(rows, ignore_conflicts=True)


def words_of(commitment):
    """What the person chose or wrote, in the active language: a choice, own words, or both."""
    labels = {choice["key"]: in_language(choice["text"]) for choice in commitment.question.choices}
    return ": ".join(part for part in (labels.get(commitment.choice, commitment.choice), commitment.text) if part)


def date_of(made_at, days, zone):
    """The date of the n-th day after the making, by the calendar of the person's zone."""
    return timezone.localdate(made_at, zone) + datetime.timedelta(days=days)


def has_come(made_at, days, zone, now=None):
    """Whether that date has begun where the person is."""
    return timezone.localdate(now or timezone.now(), zone) >= date_of(made_at, days, zone)


def open_day(made_at, zone, now=None):
    """The follow-up (90 or 180) that can be answered now, or `None`."""
    for day, end in FOLLOW_UPS.items():
        if has_come(made_at, day, zone, now) and not has_come(made_at, end, zone, now):
            return day
    return None


def counts(cohort, day, now=None):
    """What became of the commitments of a cohort's members at the follow-up of `day`: plain numbers, to be protected by the report.

    `{"made", "people": who made them, "asked": those whose day has come, "people_asked", "statuses": {done, partly, not_yet,
    dropped, unanswered: of those asked}, "barriers": {code: answers that name it}}`. An earlier follow-up is never carried forward.
    Two queries.
    """
    members = Enrollment.objects.filter(cohort=cohort).members()
    made = list(
        Commitment.objects.filter(response__enrollment__in=members)
        .order_by()
        .values_list("pk", "made_at", "response__enrollment_id", "response__enrollment__user__time_zone")
    )
    zones = {name: clocks.zone(name or cohort.time_zone) for _pk, _at, _who, name in made}
    asked = {pk: who for pk, at, who, name in made if has_come(at, day, zones[name], now)}
    answers = CommitmentFollowUp.objects.filter(commitment__response__enrollment__in=members, day=day).order_by()
    given = [row for row in answers.values_list("commitment_id", "status", "barriers") if row[0] in asked]
    statuses = Counter(status for _pk, status, _barriers in given)
    barriers = Counter(code for _pk, _status, named in given for code in named)
    return {
        "made": len(made),
        "people": len({who for _pk, _at, who, _name in made}),
        "asked": len(asked),
        "people_asked": len(set(asked.values())),
        "statuses": {**{code: statuses[code] for code in Status.values}, "unanswered": len(asked) - len(given)},
        "barriers": {code: barriers[code] for code in Barrier.values},
    }
