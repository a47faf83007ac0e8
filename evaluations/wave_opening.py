"""From the start page of a wave to its response: where a person stands, and opening it."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from curriculum.outline import outline_of
from evaluations import answering, wave_hours
from evaluations.models import Answer, Asked, Instrument, Question, Response, Wave
from evaluations.pages import page_of
from evaluations.wave_hours import Hours

SECONDS_A_QUESTION, SECONDS_A_TASK = 25, 75  # to say what one thinks; to read and solve


@dataclass(frozen=True)
class Standing:
    """Where one person stands in one wave. `state`: early, open, late, closed, begun, sent, paused or empty (no questions).

    `begun` is open or late with answers already; `hours.state()` tells which.
    """

    state: str
    hours: Hours
    response: Response | None
    answered: int
    count: int
    minutes: int


def standing(enrollment, wave):
    """Three queries at most."""
    hours = wave_hours.hours_of(wave, enrollment.user)
    response = response_to(enrollment, wave)
    instrument_id = response.instrument_id if response else wave.instrument_id
    count = Question.objects.non_polymorphic().filter(instrument_id=instrument_id).count()
    answered = Answer.objects.filter(response=response).count() if response else 0
    state = _state(enrollment, hours, response, count)
    return Standing(state, hours, response, answered, count, minutes_for(wave.instrument, count))


def _state(enrollment, hours, response, count):
    if response and response.submitted_at:
        return "sent"
    now = hours.state()
    if now in ("early", "closed"):
        return now
    if not enrollment.may_study:
        return "paused"
    return "empty" if not count else "begun" if response else now


@dataclass(frozen=True)
class OpenWave:
    """A wave that the person can answer now. `count` questions, `late` after its last day."""

    wave: Wave
    hours: Hours
    count: int

    @property
    def late(self):
        return self.hours.state() == "late"

    @property
    def minutes(self):
        return minutes_for(self.wave.instrument, self.count)


def open_waves(enrollment):
    """What stands alone, is open for the person and is not sent, the next to close first. Two queries whatever their number.

    Of an anonymous wave only the batches of `anonymous.mark_answered` are known.
    """
    sent = Response.objects.filter(enrollment=enrollment, submitted_at__isnull=False).values("activity_key")
    marked = Asked.objects.filter(enrollment=enrollment, answered=True).values("wave_id")
    waves = (
        Wave.objects.filter(cohort=enrollment.cohort_id, closed_at__isnull=True)
        .exclude(activity_key__in=sent)
        .exclude(pk__in=marked)
        .select_related("cohort", "instrument")
        .annotate(count=Count("instrument__questions"))
    )
    in_programme = {activity.key for activity in outline_of(enrollment.cohort).activities}
    found = [
        OpenWave(wave, wave_hours.hours_of(wave, enrollment.user), wave.count)
        for wave in waves
        if wave.activity_key not in in_programme and wave_hours.asks(wave, enrollment)
    ]
    found = [one for one in found if one.hours.state() in ("open", "late")]
    return sorted(found, key=lambda one: (one.hours.closes_at is None, one.hours.closes_at or one.hours.opens_at))


def response_to(enrollment, wave):
    """The newest response of the person to what the wave asks, or `None`."""
    return Response.objects.filter(enrollment=enrollment, activity_key=wave.activity_key).order_by("-attempt").first()


def minutes_for(instrument, questions):
    """How long that many questions take, in whole minutes, at least one."""
    seconds = SECONDS_A_TASK if instrument.kind == Instrument.Kind.QUIZ else SECONDS_A_QUESTION
    return max(1, round(questions * seconds / 60))


def open_wave(enrollment, wave, language):
    """The response to the wave, a new one if there is none. Ten parallel calls open one.

    Raises `answering.NotAllowed` (paused or ended enrolment, not asked), `Closed` (too early, too late) and `Refused` (sent
    already). A wave that asks through an activity of the programme is opened by the rules of its page. An anonymous wave never has
    a response: evaluations/anonymous.py.
    """
    if wave.anonymous or not wave_hours.asks(wave, enrollment):
        raise answering.NotAllowed(_("This questionnaire does not ask you."))
    page = page_of(wave.activity_key)
    if page:
        return answering.open_response(enrollment, page, language)
    return _open_alone(enrollment, wave, language)


def _open_alone(enrollment, wave, language):
    answering.require_studying(enrollment)
    known = response_to(enrollment, wave)
    if known and known.submitted_at:
        raise answering.Refused(_("Your answers were sent already."))
    answering.require_wave_open(wave, enrollment)
    try:
        return known or answering.open_once(enrollment, wave.instrument, wave.activity_key, language, wave=wave)
    except Response.DoesNotExist:  # the wave went in the meantime, so nothing was opened, here or elsewhere
        raise answering.Refused(_("This questionnaire is not there any more.")) from None
