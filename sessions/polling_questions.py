"""Preparing polls: at the desk beforehand (`prepare_poll`, `edit_poll`, `remove_poll`, `copy_poll`) or from the control room.

Each poll has an instrument of its own (kind "poll") with one question; a poll whose votes count in a wave puts the wave's question.
Whatever is wrong is a `ValidationError` by field: kind, text, choices, promise, segment, wave. Hosts in the room are told at once.
"""

import uuid
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext
from evaluations.models import Instrument, Wave
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of
from sessions import room
from sessions.models import Poll
from sessions.polling_kinds import KINDS, told_to_hosts
from sessions.protocol import HOST
from sessions.seats import Seat

WORDED = ("single-choice", "multiple-choice", "ordering")
LONGEST_TEXT, LONGEST_CHOICE, LONGEST_WORDS = 300, 120, 60
FEWEST_CHOICES, MOST_CHOICES = 2, 10
LETTERS = "abcdefghij"
MOST_POLLS = 60


# --- polls -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def prepare_poll(meeting, *, promise, kind=None, text=None, choices=(), segment=None, wave=None, wave_question=None):
    """A new `Poll`. `text` and each choice: words in the meeting's language, or `{language: words}`.

    With `wave` and `wave_question` (see `wave_questions`) kind, text and choices are those of the question, and votes carry names.
    """
    poll, question = new_poll(
        meeting, promise=promise, kind=kind, text=text, choices=choices, segment=segment, wave=wave, wave_question=wave_question
    )
    _tell_hosts(poll, question)
    return poll


def new_poll(meeting, *, promise, segment=None, **asked):
    """`(poll, question)`, inside a transaction; nobody is told."""
    there = Poll.objects.filter(meeting_id=meeting.pk).aggregate(order=Max("order"))["order"] or 0
    if Poll.objects.filter(meeting_id=meeting.pk).count() >= MOST_POLLS:
        raise ValidationError({"text": _("This meeting has %(most)d polls already. Remove one first.") % {"most": MOST_POLLS}})
    poll = Poll(meeting_id=meeting.pk, order=there + 1)
    question = _fill(poll, meeting, promise, segment, **asked)
    poll.save()
    return poll, question


@transaction.atomic
def edit_poll(poll, *, promise, segment=None, **asked):
    """The same arguments as `prepare_poll`. Only while it is prepared: what people were asked stays as it was."""
    poll = _hold_prepared(poll)
    former = poll.question
    question = _fill(poll, poll.meeting, promise, segment, **asked)
    poll.save(update_fields=["question", "promise", "segment", "wave"])
    if former.pk != question.pk:
        drop(former)
    _tell_hosts(poll, question)
    return poll


@transaction.atomic
def remove_poll(poll):
    """Only while it is prepared. In the hosts' state it stays with the state "removed"."""
    poll = _hold_prepared(poll)
    question, document = poll.question, {"id": poll.pk, "state": "removed"}
    poll.delete()
    drop(question)
    _tell(poll.meeting, document)


@transaction.atomic
def copy_poll(poll, meeting, segment=None):
    """The same poll, prepared, for another meeting; without its wave, which belongs to a cohort and a moment."""
    made = Poll.objects.create(
        meeting_id=meeting.pk, segment=segment, order=poll.order, promise=poll.promise, question=copy(poll.question)
    )
    _tell_hosts(made, made.question)
    return made


def _fill(poll, meeting, promise, segment, kind=None, text=None, choices=(), wave=None, wave_question=None):
    if segment is not None and segment.meeting_id != meeting.pk:
        raise ValidationError({"segment": _("This item belongs to another meeting.")})
    if wave is not None:
        require_fitting(meeting, wave, wave_question)
        promise, question = Poll.Promise.IDENTIFIED, wave_question
    elif promise not in Poll.Promise.values:
        raise ValidationError({"promise": _("Say who sees the votes.")})
    else:
        question = make(meeting, kind, text, choices)
    poll.promise, poll.segment, poll.wave, poll.question = promise, segment, wave, question
    return question


def _hold_prepared(poll):
    poll = Poll.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=poll.pk)
    if poll.state != Poll.State.PREPARED:
        raise ValidationError({"text": _("This poll was opened already, so it stays as it is. Prepare a new one.")})
    return poll


def _tell_hosts(poll, question):
    _tell(poll.meeting, told_to_hosts(poll, question))


def _tell(meeting, document):
    cid = f"poll-{document['id']}-{uuid.uuid4().hex[:12]}"
    room.append_as_server(meeting, "hosts", "poll.prepare", document, Seat(meeting.pk, None, "", "", HOST), cid)


# --- their questions ---------------------------------------------------------------------------------------------------


def make(meeting, kind, text, choices=()):
    """A new question on an instrument of its own. `text` and each choice: words in the meeting's language, or `{language: words}`.

    Raises `ValidationError` by field: `kind`, `text`, `choices`.
    """
    if kind not in KINDS:
        raise ValidationError({"kind": _("Choose one of the kinds of poll.")})
    words = _words(meeting, text, LONGEST_TEXT, "text", _("Write the question."))
    own = _own_fields(kind, meeting, choices)
    with transaction.atomic():
        instrument = Instrument.objects.create(key=f"poll-{uuid.uuid4().hex}", kind=Instrument.Kind.POLL, title=words)
        return KINDS[kind].objects.create(instrument=instrument, key="answer", order=1, text=words, **own)


def copy(question):
    """The same question on an instrument of its own, without what was right."""
    with transaction.atomic():
        title = question.text
        instrument = Instrument.objects.create(key=f"poll-{uuid.uuid4().hex}", kind=Instrument.Kind.POLL, title=title)
        own = {"text": question.text, "hint": question.hint}
        for field in ("items", "choices"):
            if hasattr(question, field):
                own[field] = [{"key": one["key"], "text": one["text"]} for one in getattr(question, field)]
        for field in ("max_length", "allow_not_applicable"):
            if hasattr(question, field):
                own[field] = getattr(question, field)
        return type(question).objects.create(instrument=instrument, key="answer", order=1, **own)


def drop(question):
    """Deletes a question that was made for a poll, with its instrument; that of a wave stays."""
    Instrument.objects.filter(pk=question.instrument_id, kind=Instrument.Kind.POLL).delete()


def lock(question):
    """The wording stays as it was put to people."""
    own = Instrument.objects.filter(pk=question.instrument_id, kind=Instrument.Kind.POLL, locked_at__isnull=True)
    own.update(locked_at=timezone.now())


def _own_fields(kind, meeting, choices):
    if kind not in WORDED:
        return {"max_length": LONGEST_WORDS} if kind == "short-text" else {}
    rows = _choices(meeting, choices)
    return {"items" if kind == "ordering" else "choices": rows}


def _choices(meeting, given):
    given = [one for one in given if one and (not isinstance(one, dict) or any(one.values()))]
    if not FEWEST_CHOICES <= len(given) <= MOST_CHOICES:
        words = _("Write %(fewest)d to %(most)d choices.") % {"fewest": FEWEST_CHOICES, "most": MOST_CHOICES}
        raise ValidationError({"choices": words})
    clean = partial(_words, meeting, longest=LONGEST_CHOICE, field="choices", missing=_("Write each choice."))
    rows = [{"key": key, "text": clean(one)} for key, one in zip(LETTERS, given, strict=False)]
    for language in {code for row in rows for code in row["text"]}:
        said = [row["text"][language].casefold() for row in rows if language in row["text"]]
        if len(set(said)) < len(said):
            raise ValidationError({"choices": _("Two choices say the same.")})
    return rows


def _words(meeting, given, longest, field, missing):
    given = given if isinstance(given, dict) else {meeting.language: given}
    try:
        words = {code: plaintext.clean(given.get(code), longest) for code, _name in settings.LANGUAGES}
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    words = {code: text for code, text in words.items() if text}
    if not words:
        raise ValidationError({field: missing})
    return words


# --- questions of a wave -----------------------------------------------------------------------------------------------


def wave_questions(meeting):
    """`[(wave, [questions])]` that a poll of this meeting may put: identified, still standing surveys of its cohort."""
    waves = Wave.objects.filter(
        cohort_id=meeting.cohort_id, cohort__isnull=False, promise=Wave.Promise.IDENTIFIED, closed_at__isnull=True,
        instrument__kind=Instrument.Kind.SURVEY,
    )  # fmt: skip
    found = [
        (wave, [one for one in questions_of(wave.instrument_id) if _fits(one)]) for wave in waves.select_related("instrument")
    ]
    return [(wave, questions) for wave, questions in found if questions]


def require_fitting(meeting, wave, question):
    """Raises `ValidationError` under `wave`. Trainers see identified votes by name, so no other promise could be kept; a vote must
    not start the clock of a timed attempt nor give away a test, so it has to be a survey without a limit of time."""
    if wave.cohort_id != meeting.cohort_id or wave.closed_at or wave.instrument.kind != Instrument.Kind.SURVEY:
        raise ValidationError({"wave": _("Choose a questionnaire of this cohort that is still open.")})
    if wave.promise != Wave.Promise.IDENTIFIED:
        raise ValidationError(
            {"wave": _("Votes with names would break the promise of that questionnaire. Choose an identified one.")}
        )
    page = page_of(wave.activity_key)
    if page and page.time_limit_minutes:
        raise ValidationError({"wave": _("That questionnaire has a limit of time, so a vote cannot count in it.")})
    if question is None or question.instrument_id != wave.instrument_id or not _fits(question):
        raise ValidationError({"wave": _("Choose a question of that questionnaire that a poll can put to everybody.")})


def _fits(question):
    return question.kind in KINDS and not question.show_if
