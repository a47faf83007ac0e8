"""Who is asked by a wave and who has answered: numbers for lists, names only of those who have not answered. Never what."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from curriculum.models import Enrollment
from evaluations import wave_hours
from evaluations.models import AnonymousResponse, Asked, Response, Wave
from evaluations.models.wave import FIRST_ZONE, LAST_ZONE
from evaluations.wave_plan import moment_words
from notifications.models import Message

LOW_RATE = 0.6


@dataclass(frozen=True)
class Row:
    """One wave of a cohort. `answered` of `asked`; of an open anonymous wave only those marked so far, in batches.

    `state`: planned, open, late or closed, for the cohort as a whole: the first zone opens it and the last one closes it.
    """

    wave: Wave
    state: str
    asked: int
    answered: int

    @property
    def moment(self):
        return moment_words(self.wave.moment, self.wave.number)

    @property
    def rate(self):
        return self.answered / self.asked if self.asked else None

    @property
    def low(self):
        """Too few answered to speak for the group; said once nobody can answer in time any more."""
        return self.state in ("late", "closed") and self.rate is not None and self.rate < LOW_RATE


def state_of(wave, now=None):
    now = now or timezone.now()
    if wave.closed_at or (wave.over_at and wave.over_at <= now):
        return "closed"
    if wave.opens_at(FIRST_ZONE) > now:
        return "planned"
    return "late" if wave.closes_on and wave.closes_at(LAST_ZONE) <= now else "open"


def rows_of(cohort):
    """A `Row` for each wave of the cohort, in the order of opening. Five queries whatever their number."""
    waves = list(Wave.objects.filter(cohort=cohort).select_related("cohort", "instrument"))
    people, senders = _people(cohort), _senders(cohort, waves)
    anonymous = _anonymous_counts([wave.pk for wave in waves if wave.anonymous])
    return [_row(wave, people, senders[wave.pk], anonymous) for wave in waves]


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: what is open now, how many have answered, and the way to all waves."""
    rows = rows_of(cohort)
    context = {"cohort": cohort, "open": [row for row in rows if row.state in ("open", "late")], "planned": len(rows)}
    return {"order": 20, "template": "evaluations/waves/insight.html", "context": context}


def _row(wave, people, senders, anonymous):
    state, asked = state_of(wave), _asked(wave, people)
    if wave.anonymous:
        given, marked, arrived = anonymous[wave.pk]
        return Row(wave, state, given, arrived) if wave.closed_at else Row(wave, state, len(asked), marked)
    return Row(wave, state, len(asked | senders), len(senders))


def _people(cohort):
    trainees = Enrollment.objects.filter(cohort=cohort, role=Enrollment.Role.TRAINEE, status__in=Enrollment.MEMBER_STATES)
    return list(trainees.order_by().values_list("pk", "status", "enrolled_at"))


def _asked(wave, people):
    """Those who belong to the audience, without people who came after it had closed."""
    states, end = wave_hours.states_asked(wave), wave.closed_at
    return {pk for pk, status, since in people if status in states and not (end and since and since > end)}


def _senders(cohort, waves):
    """`{wave id: enrolments that sent}`. What an activity took before it had a wave is an answer too."""
    by_key = {wave.activity_key: wave.pk for wave in waves}
    sent = Response.objects.filter(
        Q(wave__in=by_key.values()) | Q(wave__isnull=True, enrollment__cohort=cohort, activity_key__in=list(by_key)),
        submitted_at__isnull=False,
    )
    senders = defaultdict(set)
    for wave_id, key, enrollment in sent.order_by().values_list("wave_id", "activity_key", "enrollment_id"):
        senders[wave_id or by_key[key]].add(enrollment)
    return senders


def _anonymous_counts(ids):
    """`{wave id: (given the form, marked as answered, arrived)}`."""
    given = Asked.objects.filter(wave__in=ids).order_by().values_list("wave_id")
    given = {pk: (n, m) for pk, n, m in given.annotate(given=Count("pk"), marked=Count("pk", filter=Q(answered=True)))}
    arrived = dict(AnonymousResponse.objects.filter(wave__in=ids).order_by().values_list("wave_id").annotate(Count("pk")))
    return {pk: (*given.get(pk, (0, 0)), arrived.get(pk, 0)) for pk in ids}


# --- one wave --------------------------------------------------------------------------------------------------------


def audience(wave):
    """The enrolments that the wave asks, with their people."""
    return Enrollment.objects.filter(
        cohort=wave.cohort_id,
        role=Enrollment.Role.TRAINEE,
        status__in=wave_hours.states_asked(wave),
        user__is_active=True,
    ).select_related("user", "cohort")


def waiting(wave):
    """Those of the audience who have not answered; of an anonymous wave, those who are not marked as having answered."""
    if wave.anonymous:
        return audience(wave).exclude(pk__in=Asked.objects.filter(wave=wave, answered=True).values("enrollment_id"))
    sent = Response.objects.filter(activity_key=wave.activity_key, submitted_at__isnull=False)
    return audience(wave).exclude(pk__in=sent.values("enrollment_id"))


@dataclass(frozen=True)
class Waiting:
    enrollment: Enrollment
    reminded_at: datetime | None


def unanswered(wave):
    """A `Waiting` for each person who has not answered, by name. Two queries. Never for an anonymous wave."""
    if wave.anonymous:
        return []
    reminders = Message.objects.filter(dedupe_key__startswith=f"{nudge_key(wave)}:").order_by("created_at")
    reminded = {key.split(":")[2]: at for key, at in reminders.values_list("dedupe_key", "created_at")}
    return [Waiting(enrollment, reminded.get(str(enrollment.pk))) for enrollment in waiting(wave)]


def nudge_key(wave):
    """What the keys of the wave's reminders begin with."""
    return f"wave-nudge:{wave.pk}"
