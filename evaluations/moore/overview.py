"""The list of cohorts for those who read results: how far each is, and who has not answered. Few queries, however many cohorts."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from curriculum import cohort_overview
from curriculum.models import Cohort, Enrollment
from evaluations.models import AnonymousResponse, Instrument, Response, Wave
from evaluations.models.wave import FIRST_ZONE
from evaluations.wave_plan import moment_words

FOLLOW_UPS = (Wave.Moment.M3, Wave.Moment.M6, Wave.Moment.M12, Wave.Moment.M24)


@dataclass(frozen=True)
class Answered:
    """`n` of `asked` people have sent a wave."""

    wave: Wave
    n: int
    asked: int

    @property
    def moment(self):
        return moment_words(self.wave.moment, self.wave.number)

    @property
    def missing(self):
        return max(self.asked - self.n, 0)


@dataclass(frozen=True)
class ResultsRow:
    """`needs` is (n, of) or `None`; `post` and `follow_up` an `Answered` or `None`; `nudges` the open waves with people missing."""

    cohort: Cohort
    people: int
    needs: tuple | None
    post: Answered | None
    follow_up: Answered | None
    certificates: int
    nudges: list = field(default_factory=list)


def rows_of(cohorts):
    cohorts = list(cohorts)
    waves = _answered_waves(cohorts)
    return [_row(row, waves.get(row.cohort.pk, [])) for row in cohort_overview.rows_of(cohorts)]


def _row(row, answered):
    needs = next(
        (one for one in answered if one.wave.moment == Wave.Moment.PRE and one.wave.instrument.kind == Instrument.Kind.SURVEY),
        None,
    )
    assessed = (needs.n, needs.asked) if needs else (row.assessed, row.members) if row.assessed is not None else None
    post = [one for one in answered if one.wave.moment == Wave.Moment.POST and one.wave.instrument.kind == Instrument.Kind.SURVEY]
    follow = [one for one in answered if one.wave.moment in FOLLOW_UPS]
    nudges = [one for one in answered if one.missing and is_open(one.wave)]
    return ResultsRow(row.cohort, row.members, assessed, _last(post), _last(follow), row.certificates, nudges)


def _last(answered):
    return answered[-1] if answered else None


def is_open(wave, now=None):
    """Open somewhere in the world, and not closed for everybody."""
    now = now or timezone.now()
    over = wave.over_at
    return wave.closed_at is None and wave.opens_at(FIRST_ZONE) <= now and (over is None or now < over)


def _answered_waves(cohorts):
    """`{cohort id: [Answered, …]}` of the waves that have opened, in their order. Four queries."""
    ids = [cohort.pk for cohort in cohorts]
    waves = list(Wave.objects.filter(cohort__in=ids, opens_on__lte=timezone.localdate()).select_related("instrument"))
    sent = dict(
        Response.objects.filter(wave__cohort__in=ids, submitted_at__isnull=False)
        .order_by()
        .values_list("wave")
        .annotate(Count("enrollment", distinct=True))
    )
    arrived = dict(AnonymousResponse.objects.filter(wave__cohort__in=ids).order_by().values_list("wave").annotate(Count("pk")))
    sent |= {wave.pk: _in_batches(wave, arrived.get(wave.pk, 0)) for wave in waves if wave.anonymous}
    asked = _asked(ids)
    found = {}
    for wave in waves:
        people = asked.get((wave.cohort_id, wave.audience), 0)
        found.setdefault(wave.cohort_id, []).append(Answered(wave, sent.get(wave.pk, 0), people))
    return found


def _in_batches(wave, arrived):
    """Nobody shall see by the count of an open anonymous wave who has just sent."""
    return arrived if wave.closed_at else arrived - arrived % settings.MIN_GROUP_SIZE


def _asked(ids):
    rows = (
        Enrollment.objects.members()
        .filter(cohort__in=ids)
        .order_by()
        .values_list("cohort")
        .annotate(trainees=Count("pk"), mentors=Count("pk", filter=Q(status=Enrollment.Status.CERTIFIED)))
    )
    found = {}
    for cohort, trainees, mentors in rows:
        found[cohort, Wave.Audience.TRAINEES], found[cohort, Wave.Audience.MENTORS] = trainees, mentors
    return found


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: the way from the cohort to its results, with what waits for answers."""
    waiting = [one for one in _answered_waves([cohort]).get(cohort.pk, []) if one.missing and is_open(one.wave)]
    return {
        "order": 20,
        "template": "evaluations/results/insight.html",
        "context": {"cohort": cohort, "waiting": waiting[:3]},
    }
