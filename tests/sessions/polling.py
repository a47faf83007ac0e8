"""Polls for tests: prepared, opened, voted on, closed."""

from types import SimpleNamespace

from sessions import tallies
from sessions.models import Event, Poll
from sessions.polling_questions import prepare_poll
from tests.sessions.rooms import do, meeting_of, person_in

UNO, DOS = "a", "b"


def room_with(people=5, **fields):
    """A live meeting with a host and trainees: `.meeting`, `.host`, `.people`."""
    meeting = meeting_of(**fields)
    return SimpleNamespace(
        meeting=meeting,
        host=person_in(meeting, "trainer", user__language="en"),
        people=[person_in(meeting, user__language="en") for _number in range(people)],
    )


def prepared(meeting, kind="single-choice", text="¿Cuál?", choices=("Uno", "Dos"), promise="anonymous", **also):
    return prepare_poll(meeting, kind=kind, text=text, choices=choices, promise=promise, **also)


def opened(here, **about):
    poll = prepared(here.meeting, **about)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    return poll


def vote(here, user, poll, value=UNO, **also):
    return do(here.meeting, user, "poll.vote", {"id": poll.pk, "value": value}, **also)


def close(here, poll):
    return do(here.meeting, here.host, "poll.close", {"id": poll.pk})


def voted_and_closed(here, values, **about):
    poll = opened(here, **about)
    for user, value in zip(here.people, values, strict=False):
        vote(here, user, poll, value)
    close(here, poll)
    return Poll.objects.get(pk=poll.pk)


def counts(meeting, poll):
    """`{stream: (n, counts)}` of the poll's tallies now."""
    return {one.stream: (one.n, one.counts) for one in tallies.current(meeting.pk, {("poll", poll.pk)})}


def bodies(kind):
    return list(Event.objects.filter(kind=kind).order_by("pk").values_list("body", flat=True))


def result_of(poll):
    """What hosts were told at the last close."""
    return [body for body in bodies("poll.result") if body["id"] == poll.pk][-1]
