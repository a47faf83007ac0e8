"""Which responses count in figures. One rule for the report, its exports and its charts.

- A wave with a last day counts when that day has ended everywhere (or the wave was closed): all that were sent in time. Late ones
  count in steps of MIN_GROUP_SIZE, in the order in which they came.
- A rolling wave (no last day) counts in steps of MIN_GROUP_SIZE in the order in which they came, also after it was closed.
- An open wave with a last day does not count yet: only how many have answered is known.
- An anonymous wave counts once it is closed: before, its rows could still be told apart by their order.
- Of several attempts the first one counts.
- A pair counts when both its responses count. Pairs with a late or rolling response count in steps too, in the order in which they
  became complete.
So a figure never moves by fewer than MIN_GROUP_SIZE people, and no single answer can be worked out from two days' figures.
"""

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, F, Max, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from evaluations.models import AnonymousResponse, Response, Wave
from evaluations.models.wave import LAST_ZONE

OPEN, ROLLING, CLOSED = "open", "rolling", "closed"


@dataclass(frozen=True)
class CountedWave:
    """A wave and what of it counts. `answered` have sent, `n` of them count; `left_out` are the ids that wait for their step.

    `people` are the counted ones by (country, profession), all under ("", "") where the wave is anonymous. `as_of` is the day of
    the newest counted response (of an anonymous wave: of its end). `final`: nothing can be added any more, late answers included."""

    wave: Wave
    state: str
    answered: int
    n: int
    moving: bool = False
    left_out: tuple[int, ...] = ()
    final: bool = False
    people: dict = field(default_factory=dict)
    as_of: date | None = None

    @property
    def counts(self):
        return self.n > 0


def counted_waves(cohort, now=None):
    """The cohort's waves in order, each a `CountedWave`. Five queries whatever the number of waves and people."""
    now = now or timezone.now()
    waves = list(Wave.objects.filter(cohort=cohort).select_related("instrument"))
    sent = _sent(waves)
    waiting = _waiting(waves, sent, now)
    anonymous = _anonymous(waves)
    counted = [_anonymous_wave(w, anonymous, now) if w.anonymous else _linked_wave(w, sent, waiting, now) for w in waves]
    return _with_people(counted)


def counting(waves):
    """The filter (a `Q` on `Response`) for the counted responses of these `CountedWave`s. Nothing where none counts."""
    linked = [counted for counted in waves if counted.counts and not counted.wave.anonymous]
    left_out = [pk for counted in linked for pk in counted.left_out]
    sent = Q(wave__in=[counted.wave.pk for counted in linked], submitted_at__isnull=False, attempt=1)
    return sent & ~Q(pk__in=left_out) if left_out else sent


def through(relation, condition):
    """The same condition as seen from a row that has the response as its `relation`."""
    if isinstance(condition, Q):
        moved = Q(*[through(relation, child) for child in condition.children], _connector=condition.connector)
        return ~moved if condition.negated else moved
    return Q(**{f"{relation}__{condition[0]}": condition[1]})


def pairs_left_out(before, after):
    """Enrolments whose pair waits for its step: fewer than MIN_GROUP_SIZE. One query, none where nothing moves any more."""
    moving = [counted for counted in (*before, *after) if counted.moving]
    if not moving or not before or not after:
        return []
    rolling = [counted.wave.pk for counted in moving if counted.state == ROLLING]
    rows = (
        Response.objects.filter(counting([*before, *after]))
        .order_by()
        .values("enrollment_id")
        .annotate(
            first=Count("pk", filter=Q(wave__in=[counted.wave.pk for counted in before])),
            second=Count("pk", filter=Q(wave__in=[counted.wave.pk for counted in after])),
            moved=Count("pk", filter=Q(late=True) | Q(wave__in=rolling)),
            complete_at=Max("submitted_at"),
        )
        .filter(first__gt=0, second__gt=0, moved__gt=0)
        .order_by("complete_at", "enrollment_id")
        .values_list("enrollment_id", flat=True)
    )
    ids = list(rows)
    return ids[len(ids) - len(ids) % settings.MIN_GROUP_SIZE :]


def basis_of(waves):
    """`{wave id as text: counted}`, what a snapshot stands on."""
    return {str(counted.wave.pk): counted.n for counted in waves if counted.counts}


# --- linked waves ----------------------------------------------------------------------------------------------------


def _state(wave, now):
    if wave.closes_on is None:
        return ROLLING
    return CLOSED if wave.closed_at or now >= wave.closes_at(LAST_ZONE) else OPEN


def _sent(waves):
    """`{wave id: (in time, late, newest)}`."""
    rows = (
        Response.objects.filter(wave__in=waves, submitted_at__isnull=False, attempt=1)
        .order_by()
        .values("wave_id")
        .annotate(in_time=Count("pk", filter=Q(late=False)), after=Count("pk", filter=Q(late=True)), newest=Max("submitted_at"))
    )
    return {row["wave_id"]: (row["in_time"], row["after"], row["newest"]) for row in rows}


def _steps(wave, sent, now):
    """How many responses of the wave move in steps."""
    in_time, late, _newest = sent.get(wave.pk, (0, 0, None))
    return in_time + late if _state(wave, now) == ROLLING else late


def _waiting(waves, sent, now):
    """`{wave id: ids}` of the newest responses beyond the last full step."""
    step = settings.MIN_GROUP_SIZE
    beyond = {wave.pk: _steps(wave, sent, now) % step for wave in waves if not wave.anonymous}
    unfinished = [pk for pk, number in beyond.items() if number]
    rolling = [wave.pk for wave in waves if _state(wave, now) == ROLLING]
    newest_first = Window(RowNumber(), partition_by="wave_id", order_by=[F("submitted_at").desc(), F("pk").desc()])
    rows = (
        Response.objects.filter(Q(late=True) | Q(wave__in=rolling), wave__in=unfinished, submitted_at__isnull=False, attempt=1)
        .annotate(place=newest_first)
        .filter(place__lt=step)
        .order_by("wave_id", "place")
        .values_list("wave_id", "pk", "place")
    )
    ids = {}
    for wave_id, pk, place in rows if unfinished else ():
        if place <= beyond[wave_id]:
            ids.setdefault(wave_id, []).append(pk)
    return ids


def _linked_wave(wave, sent, waiting, now):
    in_time, late, newest = sent.get(wave.pk, (0, 0, None))
    answered, state = in_time + late, _state(wave, now)
    left_out = tuple(waiting.get(wave.pk, ()))
    n = 0 if state == OPEN else answered - len(left_out)
    moving = n > 0 and bool(_steps(wave, sent, now))
    final = bool(wave.closed_at or (wave.over_at and now >= wave.over_at))
    return CountedWave(wave, state, answered, n, moving, left_out, final, as_of=newest.date() if newest and n else None)


def _with_people(counted):
    rows = (
        Response.objects.filter(counting(counted))
        .order_by()
        .values_list("wave_id", "country", "profession")
        .annotate(people=Count("pk"))
    )
    people = {}
    for wave_id, country, profession, number in rows:
        people.setdefault(wave_id, {})[country or "", profession] = number
    for one in counted:
        one.people.update({("", ""): one.n} if one.wave.anonymous and one.n else people.get(one.wave.pk, {}))
    return counted


# --- anonymous waves -------------------------------------------------------------------------------------------------


def _anonymous(waves):
    asked = [wave.pk for wave in waves if wave.anonymous]
    if not asked:
        return {}
    rows = AnonymousResponse.objects.filter(wave__in=asked).order_by().values_list("wave_id").annotate(Count("pk"))
    return dict(rows)


def _anonymous_wave(wave, anonymous, now):
    closed, answered = bool(wave.closed_at), anonymous.get(wave.pk, 0)
    if not closed:
        answered -= answered % settings.MIN_GROUP_SIZE  # nobody shall see by the count who has just sent
    day = wave.closed_at.date() if closed else None
    return CountedWave(wave, CLOSED if closed else OPEN, answered, answered if closed else 0, as_of=day if answered else None)
