"""Polls: prepared, open, closed, shown. Results stay hidden until somebody who runs the meeting shows them.

Anonymous: while it is open everybody sees how many have voted and nobody sees for what. At the close the counts go to those who run
the meeting, if `MIN_GROUP_SIZE` people besides them voted; opening again after that begins a new round with empty ballots, so that no two counts of
one round can be compared. Below that size the ballots stay, and opening again goes on with them.
"""

from typing import Annotated, Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints

from sessions import poll_waves, voting
from sessions.acts import Shape, act
from sessions.instants import milliseconds
from sessions.models import Ballot, Poll
from sessions.models.poll import new_secret
from sessions.poll_results import counts_of, hosts_may_see, is_small, results_of
from sessions.polling_kinds import KINDS, clean_vote, question_of, questions_by_id, told, told_to_hosts
from sessions.polling_questions import lock, new_poll
from sessions.refusals import Refusal
from sessions.tallies import Tally

PREPARED, OPEN, CLOSED, SHOWN = Poll.State.PREPARED, Poll.State.OPEN, Poll.State.CLOSED, Poll.State.SHOWN
Words = Annotated[str, StringConstraints(max_length=500)]
PerLanguage = Words | dict[Words, Words]


class Prepare(Shape):
    """`text` and choices: words in the meeting's language, or `{language: words}`."""

    kind: Literal[tuple(KINDS)]
    text: PerLanguage
    choices: Annotated[list[PerLanguage], Field(max_length=20)] = []
    promise: Literal["anonymous", "identified"] = "anonymous"


class Which(Shape):
    id: int


class Vote(Which):
    """`round`, if given, is the one that the person saw: what was meant for an earlier one does not count in a later one."""

    value: Words | int | list[Words] | dict[Words, Words | int]
    round: int | None = None


@act("poll.prepare", Prepare)
def prepare(here, body):
    try:
        poll, question = new_poll(here.meeting, kind=body.kind, text=body.text, choices=body.choices, promise=body.promise)
    except ValidationError as error:
        raise Refusal("invalid", error.messages[0]) from error
    return told_to_hosts(poll, question)


@act("poll.open", Which)
def open_(here, body):
    """Also again. A round whose counts were disclosed is over; the next one begins with empty ballots."""
    poll = _held(here, body.id)
    if poll.state == OPEN:
        raise Refusal("closed", _("This poll is open already."))
    if shut := poll_waves.shut_because(poll, here.seat.user_id):
        raise Refusal("closed", shut)
    question = question_of(poll)
    lock(question)
    _set(poll, state=OPEN, opened_at=here.now, closed_at=None, shown_at=None, **_round_of(poll))
    here.tally("poll", poll.pk)
    return {**told(poll, question), "opened_at": milliseconds(here.now)}


def _round_of(poll):
    """The same round goes on unless its counts were told, or its ballots were sealed (a meeting that was taken up again)."""
    if poll.results is None and poll.secret:
        return {}
    return {"round": poll.round + 1, "results": None, "secret": poll.secret or new_secret()}


@act("poll.vote", Vote)
def vote(here, body):
    """One per person and round; it may be changed while the poll is open."""
    poll = _held(here, body.id)
    ballots = voting.ballots_of(poll, here.seat.user_id)
    if voting.was_cast(ballots, here.cid):
        return
    if poll.state == PREPARED:
        raise Refusal("closed", _("This poll is not open yet."))
    if poll.state != OPEN or body.round not in (None, poll.round):
        raise Refusal("closed", _("The poll was closed before your vote arrived."))
    question = question_of(poll)
    value = _cleaned(question, body.value)
    if voting.cast(poll, here.seat.user_id, value, here.cid, here.now, ballots):
        here.tally("poll", poll.pk)
    if poll.wave_id:
        here.notice = poll_waves.save(poll, question, here.seat.user_id, value, here.cid)


@act("poll.close", Which)
def close(here, body):
    poll = _held(here, body.id)
    if poll.state != OPEN:
        raise Refusal("closed", _("This poll is not open."))
    return _close(here, poll)


def close_all(here):
    """The meeting ends: what is open closes, and nothing ties anonymous votes to people any more."""
    for poll in Poll.objects.select_for_update().filter(meeting_id=here.meeting.pk, state=OPEN).order_by("pk"):
        here.also("main", "poll.close", _close(here, poll))
    voting.seal_polls(here.meeting)


def _close(here, poll):
    """Counts, and discloses what may be; the body of the event for all.

    Hosts get the number as `voters` too: in a folded state `n` of what was put is the name of whoever did it.
    """
    question, values = question_of(poll), voting.values_of(poll)
    n = len(values)
    apart = n - voting.given_by_hosts(poll)
    results = results_of(question, values) if hosts_may_see(poll, question, apart) else None
    _set(poll, state=CLOSED, results=results, closed_at=here.now)
    hidden = {} if results else {"hidden": "small_group"}
    here.also("hosts", "poll.result", {"id": poll.pk, "round": poll.round, "n": n, "voters": n, "results": results, **hidden})
    here.tally("poll", poll.pk)
    return {"id": poll.pk, "state": "closed", "n": n}


@act("poll.reveal", Which)
def reveal(here, body):
    """To everybody. What a small group chose is shown to nobody, with names or without."""
    poll = _held(here, body.id)
    if poll.state != CLOSED:
        raise Refusal("closed", _("The results are shown already.") if poll.state == SHOWN else _("Close the poll first."))
    if poll.results is None or is_small(poll.results["n"]):
        least = {"least": settings.MIN_GROUP_SIZE}
        raise Refusal("forbidden", _("Fewer than %(least)d people voted, so the results stay hidden.") % least)
    _set(poll, state=SHOWN, shown_at=here.now)
    return {"id": poll.pk, "state": "shown", "n": poll.results["n"], "results": poll.results}


def _held(here, pk):
    poll = voting.hold(here.meeting.pk, pk)
    if poll is None:
        raise Refusal("invalid", _("This poll does not exist."))
    return poll


def _set(poll, **values):
    """Every change of state raises `rev`: a tally of before is old then."""
    Poll.objects.filter(pk=poll.pk).update(rev=F("rev") + 1, **values)
    for name, value in values.items():
        setattr(poll, name, value)


def _cleaned(question, raw):
    try:
        return clean_vote(question, raw)
    except ValidationError as error:
        raise Refusal("invalid", error.messages[0]) from error


# --- counts ------------------------------------------------------------------------------------------------------------


def tally(meeting_id, ids):
    """See sessions/tallies.py. One query; three where votes carry names: then hosts get counts besides, while the poll is open.

    Hosts hear both streams and the higher `rev` wins, so theirs is one above everybody's.
    """
    polls = Poll.objects.filter(meeting_id=meeting_id).exclude(state=PREPARED)
    polls = polls if ids is None else polls.filter(pk__in=ids)
    polls = list(polls.annotate(count=Count("ballots", filter=Q(ballots__round=F("round")))).order_by("pk"))
    found = [Tally("main", "poll", poll.pk, 2 * poll.rev, poll.count) for poll in polls]
    return found + _with_counts([poll for poll in polls if poll.promise == Poll.Promise.IDENTIFIED])


def _with_counts(polls):
    if not polls:
        return []
    questions, values = questions_by_id({poll.question_id for poll in polls}), {}
    for poll_id, number, value in Ballot.objects.filter(poll__in=polls).values_list("poll_id", "round", "value"):
        values.setdefault((poll_id, number), []).append(value)
    found = []
    for poll in polls:
        given = values.get((poll.pk, poll.round), [])
        found.append(Tally("hosts", "poll", poll.pk, 2 * poll.rev + 1, len(given), counts_of(questions[poll.question_id], given)))
    return found
