"""Commitments come back: in a mail with the person's own words after 21 days, and as two questions after 90 and 180.

Mails leave from eight in the morning where the person is. A worker that was down catches up; what is two weeks late is left out.
People who are no longer in the programme, or paused, are not written to.
"""

import datetime
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from evaluations.answering import require_studying
from evaluations.commitments import FOLLOW_UPS, REMINDER, Barrier, date_of, has_come, open_day, words_of
from evaluations.models import Commitment, CommitmentFollowUp, Response
from evaluations.refusals import Closed, Refused
from evaluations.wave_hours import zone_of
from notifications import outbox
from notifications.models import Message
from notifications.readers import language_for, written_date

MAIL_AT = datetime.time(8)
CATCH_UP = datetime.timedelta(days=14)
ONE_DAY = datetime.timedelta(days=1)
STUDYING = ("enrolled", "certified")
MONTHS = {90: 3, 180: 6}


# --- what a person sees -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promised:
    """The commitments of one sent questionnaire. `open_day` is the follow-up that can be answered now, `next_on` the date of the next.

    `unanswered` says whether that follow-up still waits for its first answer.
    """

    response: Response
    commitments: list
    open_day: int | None
    until: datetime.date | None
    next_on: datetime.date | None

    @property
    def unanswered(self):
        return bool(self.open_day) and any(self.open_day not in _days_answered(one) for one in self.commitments)

    @property
    def made_at(self):
        return self.commitments[0].made_at


def promised_by(user, now=None):
    """All that a person has committed to, the newest first: a list of `Promised`. A fixed number of queries."""
    related = ("response__enrollment__user", "response__enrollment__cohort", "response__instrument")
    follow_ups = Prefetch("follow_ups", CommitmentFollowUp.objects.order_by("day"))
    rows = Commitment.objects.accessible_to(user).select_related(*related).prefetch_related("question", follow_ups)
    grouped = groupby(rows.order_by("-response_id", "question__order", "number"), key=lambda row: row.response)
    return [_promised(response, list(commitments), now) for response, commitments in grouped]


def _promised(response, commitments, now):
    zone, made_at = zone_of(response.enrollment.user, response.enrollment.cohort), commitments[0].made_at
    here = open_day(made_at, zone, now) if response.enrollment.may_study else None
    following = next((day for day in FOLLOW_UPS if not has_come(made_at, day, zone, now)), None)
    return Promised(
        response,
        commitments,
        here,
        last_day(response, here, made_at) if here else None,
        date_of(made_at, following, zone) if following and response.enrollment.may_study else None,
    )


def waiting_for(enrollment, now=None):
    """`[(response id, day)]` of follow-ups that are open and have no answer to something yet, for the Today page. One query."""
    now = now or timezone.now()
    span = (now - datetime.timedelta(days=max(FOLLOW_UPS.values()) + 1), now - datetime.timedelta(days=min(FOLLOW_UPS) - 1))
    rows = Commitment.objects.filter(response__enrollment=enrollment, made_at__range=span).order_by("response_id", "pk")
    found = {}
    for response, commitment, made_at, day in rows.values_list("response_id", "pk", "made_at", "follow_ups__day"):
        here = open_day(made_at, zone_of(enrollment.user, enrollment.cohort), now)
        if here:
            found.setdefault((response, here), {}).setdefault(commitment, set()).add(day)
    return [key for key, commitments in found.items() if any(key[1] not in days for days in commitments.values())]


def require_open(response, day, made_at, now=None):
    """Raises `NotAllowed` (paused or ended), `Refused` (not yet) or `Closed` (the time to change it is over)."""
    enrollment = response.enrollment
    require_studying(enrollment)
    zone = zone_of(enrollment.user, enrollment.cohort)
    if not has_come(made_at, day, zone, now):
        raise Refused(_("These questions open on %(day)s.") % {"day": written_date(date_of(made_at, day, zone))})
    if has_come(made_at, FOLLOW_UPS[day], zone, now):
        words = _("These answers could be given and changed until %(day)s.")
        raise Closed(words % {"day": written_date(last_day(response, day, made_at))})


def last_day(response, day, made_at):
    """The last date on which the follow-up of `day` can be given or changed."""
    return date_of(made_at, FOLLOW_UPS[day], zone_of(response.enrollment.user, response.enrollment.cohort)) - ONE_DAY


def answer(response, day, answers, now=None):
    """Stores what became of each commitment: `{commitment id: {"status", "barriers", "note"}}`, in place of what stood there.

    Raises as `require_open` does, and `KeyError` for a commitment that is not of this response.
    """
    made = {row.pk: row for row in Commitment.objects.filter(response=response)}
    require_open(response, day, min(row.made_at for row in made.values()), now)
    rows = [CommitmentFollowUp(commitment=made[pk], day=day, at=now or timezone.now(), **said) for pk, said in answers.items()]
    CommitmentFollowUp.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["commitment", "day"], update_fields=["status", "barriers", "note", "at"]
    )


def barrier_words(codes):
    """The barriers in words of the active language, in the order of the list."""
    return [str(label) for code, label in Barrier.choices if code in codes]


def _days_answered(commitment):
    return {follow_up.day for follow_up in commitment.follow_ups.all()}


# --- mails ------------------------------------------------------------------------------------------------------------


def tell(now=None):
    """Writes the mails that are due, each once; returns how many. Safe to run at any time and twice at the same time."""
    now = now or timezone.now()
    return sum(_tell(response, days, now) for days in (REMINDER, *FOLLOW_UPS) for response in _due(days, now))


def _due(days, now):
    """Responses whose commitments come back about now, in whatever zone, and of which nobody was told. A fixed number of queries."""
    latest = (
        now - datetime.timedelta(days=days) + ONE_DAY
    )  # made late in the evening, told at eight: less than `days` times 24 hours
    pks = (
        Commitment.objects.filter(made_at__range=(latest - CATCH_UP - 2 * ONE_DAY, latest))
        .order_by()
        .values_list("response_id", flat=True)
    )
    keys = {_mail_key(pk, days): pk for pk in pks}
    told = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True)) if keys else set()
    if not keys.keys() - told:
        return []
    people = {"enrollment__status__in": STUDYING, "enrollment__user__is_active": True}
    waiting = Response.objects.filter(pk__in=[pk for key, pk in keys.items() if key not in told], **people)
    own = Commitment.objects.order_by("question__order", "number").prefetch_related("question", "follow_ups")
    return (
        waiting.select_related("enrollment__user", "enrollment__cohort")
        .prefetch_related(Prefetch("commitments", own))
        .order_by("pk")
    )


def _tell(response, days, now):
    commitments = list(response.commitments.all())
    user, zone = response.enrollment.user, zone_of(response.enrollment.user, response.enrollment.cohort)
    made_at = commitments[0].made_at
    due_at = datetime.datetime.combine(date_of(made_at, days, zone), MAIL_AT, tzinfo=zone)
    answered = days in FOLLOW_UPS and all(days in _days_answered(one) for one in commitments)
    if answered or not due_at <= now < due_at + CATCH_UP:
        return 0
    with translation.override(language_for(user)):
        context = _context(response, days, commitments, zone)
    with transaction.atomic():
        what = "commitment_follow_up" if days in FOLLOW_UPS else "commitment_reminder"
        return int(outbox.enqueue(what, user, _mail_key(response.pk, days), context) is not None)


def _context(response, days, commitments, zone):
    """The person's words are for this mail alone: they are erased from the outbox once it has left."""
    context = {
        "secret_commitments": [words_of(one) for one in commitments],
        "made_on": timezone.localdate(commitments[0].made_at, zone).isoformat(),
    }
    if days not in FOLLOW_UPS:
        return {**context, "url": settings.SITE_BASE_URL + reverse("evaluations:commitments")}
    return {
        **context,
        "months": MONTHS[days],
        "until_on": last_day(response, days, commitments[0].made_at).isoformat(),
        "url": settings.SITE_BASE_URL + reverse("evaluations:follow_up", args=[response.pk, days]),
    }


def _mail_key(response_pk, days):
    return f"commitment:{response_pk}:{days}"
