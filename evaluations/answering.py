"""Opening, answering and sending. A response is open until it is sent; closed is closed, and the server's clock decides.

Every "one per person" rule leans on a constraint of the database: one open response per activity, one response per
attempt, one standing answer per question, one version per id made by the client.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curriculum import progress
from evaluations import branching, clock, wave_hours
from evaluations.closing import close, close_ended, hold, hold_wave, values_of
from evaluations.models import Answer, AnswerVersion, Instrument, Response
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of
from evaluations.refusals import Closed, Conflict, Incomplete, NotAllowed, NotAsked, Refused, TimeEnded

CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Attempts:
    """Where a person stands in one activity: responses from the first on, and whether another may be opened."""

    responses: tuple[Response, ...]
    left: int | None  # None means as many as wanted
    opens_at: datetime | None

    @property
    def open(self):
        return next((response for response in self.responses if not response.submitted_at), None)

    @property
    def last(self):
        return next((response for response in reversed(self.responses) if response.submitted_at), None)

    @property
    def finished(self):
        """The passed attempt, or the sent survey."""
        return next((response for response in self.responses if response.submitted_at and response.passed is not False), None)

    @property
    def may_open(self):
        return not self.finished and self.left != 0 and self.opens_at is None


def attempts(enrollment, page):
    """One query. An attempt whose time is over is closed by this look."""
    responses = Response.objects.filter(enrollment=enrollment, activity_key=page.translation_key).order_by("attempt")
    responses = tuple(close_ended(response) if clock.has_ended(response) else response for response in responses)
    left = max(page.max_attempts - len(responses), 0) if page.max_attempts else None
    failed_at = max((clock.ended_at(response) for response in responses if response.submitted_at), default=None)
    opens_at = failed_at + timedelta(hours=page.retry_after_hours) if failed_at and page.retry_after_hours else None
    return Attempts(responses, left, opens_at if opens_at and opens_at > timezone.now() else None)


def newest_instrument(key):
    """The version a new response takes, or `None`."""
    return Instrument.objects.filter(key=key, archived_at__isnull=True, questions__isnull=False).distinct().first()


def open_response(enrollment, page, language):
    """The open response of this activity, a new one if there is none. Ten parallel calls open one.

    Raises `NotAllowed` (paused or ended enrolment, locked module) and `Refused` (passed or sent already, no attempt
    left, too early, nothing to ask). A response keeps the version of the instrument with which it was opened.
    """
    require_studying(enrollment)
    lock = progress.locked_because(enrollment, page.translation_key)
    if lock:
        raise NotAllowed(lock.text, lock.url)
    page = page_of(page.translation_key) or page
    wave = wave_hours.wave_of(enrollment, page.translation_key)
    state = attempts(enrollment, page)
    if state.open:
        return state.open
    _require_another_attempt(state)
    require_wave_open(wave, enrollment)
    instrument = wave.instrument if wave else newest_instrument(page.instrument_key)
    if instrument is None:
        raise Refused(_("There are no questions here yet. Your trainer can tell you when it opens."))
    return open_once(
        enrollment, instrument, page.translation_key, language,
        attempt=len(state.responses) + 1, wave=wave, deadline_at=clock.deadline_after(page.time_limit_minutes),
    )  # fmt: skip


def open_once(enrollment, instrument, activity_key, language, attempt=1, **also):
    """Creates the response, or gives back the one that somebody else created in the meantime. `also`: its wave, its deadline."""
    own = {"enrollment": enrollment, "activity_key": activity_key}
    new = {"attempt": attempt, "instrument": instrument, "language": language or "", **also}
    try:
        with transaction.atomic():
            return Response.objects.create(**own, **new)
    except IntegrityError:
        return Response.objects.filter(**own).latest("attempt")


def save_answer(response, question, raw, client_id=None, client_time=None):
    """Stores one version of an answer and lets the newest by the client's clock stand. Returns the standing `Answer`.

    The same `client_id` again changes nothing; with another value or question it raises `Conflict`. Without a
    `client_time` (a form sent by a person who sees it) the value is the newest. Raises `Closed` after the response was
    sent, `NotAllowed` for an enrolment that may not study, `ValidationError` for a value that the question refuses.
    """
    if question.instrument_id != response.instrument_id:
        raise ValidationError(_("This question belongs to another questionnaire."), code="foreign_question")
    value = question.clean_answer(raw)
    client_id = client_id or uuid4()
    with transaction.atomic():
        response = hold(response)
        if response.submitted_at is None and not clock.has_ended(response) and not _wave_shut(response):
            require_studying(response.enrollment)
            _require_asked(response, question, client_id)
            version = add_version(response, question, value, client_id, sane_time(client_time, response, question))
            if version:
                return _let_stand(version)
        return _replayed(response, question, value, client_id)


def add_version(response, question, value, client_id, client_time):
    """A new row, or `None` where the id is known. The first row of an instrument locks it against edits."""
    try:
        with transaction.atomic():
            version = AnswerVersion.objects.create(
                response=response, question=question, client_id=client_id, value=value, client_time=client_time
            )
    except IntegrityError:
        return None
    Instrument.objects.filter(pk=response.instrument_id, locked_at__isnull=True).update(locked_at=timezone.now())
    return version


def submit(response):
    """Closes the response, scores it and completes the activity. Sending twice is the same as once.

    Raises `Incomplete` with the required questions that have no answer, and `NotAllowed` (then nothing is closed). When the time of
    a timed attempt is over, what was saved counts and nothing is asked for any more.
    """
    with transaction.atomic():
        response = hold(response)
        if response.submitted_at:
            return response
        if clock.has_ended(response):
            return close_ended(response)
        require_studying(response.enrollment)
        hold_wave(response)
        require_wave_open(response.wave, response.enrollment)
        values = values_of(response)
        questions = branching.asked(questions_of(response.instrument_id), values)
        missing = [question for question in questions if question.required and not is_answered(values.get(question.pk))]
        if missing:
            raise Incomplete(missing)
        return close(response, questions, values)


def is_answered(value):
    return value not in (None, "", [], {})


def first_open_number(questions, values):
    """The number (from 1, among all) of the first question that is asked and has no answer, or `None`."""
    asked = {question.pk for question in branching.asked(questions, values)}
    for number, question in enumerate(questions, start=1):
        if question.pk not in asked:
            continue
        if question.pk not in values or (question.required and not is_answered(values[question.pk])):
            return number
    return None


def started_activities(enrollment) -> set[UUID]:
    """Activities with a response, sent or not. A provider of `settings.ACTIVITY_STATES`."""
    return set(Response.objects.filter(enrollment=enrollment).values_list("activity_key", flat=True))


def _wave_shut(response):
    return wave_hours.shut_because(response.wave, response.enrollment.user)


def require_wave_open(wave, enrollment):
    """Raises `Closed` with the reason where the wave does not take answers from this person now."""
    text = wave_hours.shut_because(wave, enrollment.user)
    if text:
        raise Closed(text)


def require_studying(enrollment):
    if not enrollment.may_study:
        raise NotAllowed(_("Your place in this cohort is not active, so answers cannot be saved. Write to your trainer."))


def _require_asked(response, question, client_id):
    """An id that came before was let in then, and is acknowledged again."""
    if not question.show_if or AnswerVersion.objects.filter(response=response, client_id=client_id).exists():
        return
    if not branching.is_asked(question, questions_of(response.instrument_id), values_of(response)):
        raise NotAsked(_("After your other answers this question is not asked, so this answer was not added."))


def _require_another_attempt(state):
    if state.finished:
        text = _("You have passed already.") if state.finished.passed else _("Your answers were sent already.")
        raise Refused(text)
    if state.left == 0:
        raise Refused(_("There are no attempts left. Write to your trainer."))
    if state.opens_at:
        raise Refused(_("The next attempt opens on %(when)s.") % {"when": _in_words(state.opens_at, state.last.enrollment)})


def sane_time(client_time, response, question):
    """The client's time, not in the far future and not before the response was opened."""
    now = timezone.now()
    if client_time is None:
        standing = Answer.objects.filter(response=response, question=question).values_list("client_time", flat=True).first()
        return max(now, standing or now)
    return max(min(client_time, now + CLOCK_TOLERANCE), response.opened_at)


def _let_stand(version):
    own = {"response": version.response, "question": version.question}
    new = {"value": version.value, "client_time": version.client_time, "saved_at": timezone.now()}
    new |= measures(version.question, version.value)
    if not Answer.objects.filter(**own, client_time__lte=version.client_time).update(**new):
        Answer.objects.get_or_create(**own, defaults=new)
    return Answer.objects.get(**own)


def measures(question, value):
    """The numbers that statistics read, as fields of an `Answer`."""
    return {"measure": question.measure(value), "measure_before": question.measure_before(value)}


def _replayed(response, question, value, client_id):
    """What an id that came before stands for. Raises `Conflict` or, where it never came, `Closed`."""
    version = AnswerVersion.objects.filter(response=response, client_id=client_id).first()
    if version is None:
        raise _why_closed(response)
    if version.question_id != question.pk or version.value != value:
        raise Conflict(_("This answer was saved before with another value."))
    standing = Answer.objects.filter(response=response, question=question).first()
    return standing or Answer(response=response, question=question, value=value, saved_at=version.received_at)


def _why_closed(response):
    if clock.has_ended(response) or clock.was_ended_by_clock(response):
        when = {"when": _in_words(response.deadline_at, response.enrollment)}
        return TimeEnded(_("The time ended on %(when)s, so this answer was not added. What was saved before counts.") % when)
    if response.submitted_at is None:
        return Closed(_wave_shut(response))
    when = {"when": _in_words(response.submitted_at, response.enrollment)}
    return Closed(_("This questionnaire was sent on %(when)s, so this answer was not added.") % when)


def _in_words(instant, enrollment):
    """A moment in the person's own zone; months are lower-case outside English."""
    words = formats.date_format(timezone.localtime(instant, getattr(enrollment.user, "zone", None)), "DATETIME_FORMAT")
    return words if get_language() == "en" else words.lower()
