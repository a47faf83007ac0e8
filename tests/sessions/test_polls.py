"""Polls: prepared, open, closed, shown; who is told what, and when not."""

import json

import pytest
from django.utils import translation

from evaluations.models import Instrument, OrderingQuestion
from sessions import room
from sessions.fold import fold
from sessions.models import Ballot, Event, Poll
from sessions.polling_kinds import document
from sessions.refusals import Refusal
from tests.sessions.polling import DOS, UNO, bodies, close, counts, opened, prepared, result_of, room_with, vote, voted_and_closed
from tests.sessions.rooms import do, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


QUESTION = {
    "kind": "single-choice", "text": {"es": "¿Cuál?"}, "hint": {},
    "choices": [{"key": "a", "text": {"es": "Uno"}}, {"key": "b", "text": {"es": "Dos"}}],
}  # fmt: skip


def refused(why, act, *args, **kwargs):
    events = Event.objects.count()
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    assert refusal.value.why == why
    assert Event.objects.count() == events
    return str(refusal.value.text)


# --- the life of a poll ------------------------------------------------------------------------------------------------


def test_a_poll_from_the_control_room_to_the_results_on_every_screen():
    here = room_with(5)
    body = {"kind": "single-choice", "text": "¿Cuál?", "choices": ["Uno", "Dos"]}
    do(here.meeting, here.host, "poll.prepare", body, st="hosts")
    poll = Poll.objects.get()
    waiting = state_of(here.meeting, "hosts")["polls"][str(poll.pk)]
    assert waiting["state"] == "prepared" and waiting["question"] == QUESTION and waiting["promise"] == "anonymous"
    assert "polls" not in state_of(here.meeting)

    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    told = state_of(here.meeting)["polls"][str(poll.pk)]
    assert told["state"] == "open" and told["question"] == QUESTION and told["round"] == 1 and told["opened_at"] > 10**12
    for user, value in zip(here.people, [UNO, UNO, UNO, DOS, DOS], strict=True):
        vote(here, user, poll, value)

    close(here, poll)
    told = state_of(here.meeting)["polls"][str(poll.pk)]
    assert (told["state"], told["n"]) == ("closed", 5) and "results" not in told
    results = state_of(here.meeting, "hosts")["results"][str(poll.pk)]["results"]
    assert [(row["key"], row["count"], row["share"]) for row in results["rows"]] == [("a", 3, 0.6), ("b", 2, 0.4)]

    do(here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    told = state_of(here.meeting)["polls"][str(poll.pk)]
    assert (told["state"], told["results"], told["n"]) == ("shown", results, 5)


def test_everybody_ends_in_the_same_state_whenever_they_came():
    here = room_with(5)
    poll = prepared(here.meeting)
    seen = []
    for kind in ("poll.open", "vote", "poll.close", "poll.reveal", "poll.open", "poll.close"):
        if kind == "vote":
            for user in here.people:
                vote(here, user, poll)
        else:
            do(here.meeting, here.host, kind, {"id": poll.pk})
        seen.append({name: room.snapshot(room.stream_of(here.meeting.pk, name)) for name in ("main", "hosts")})
    for name in ("main", "hosts"):
        stream = room.stream_of(here.meeting.pk, name)
        now = state_of(here.meeting, name)
        assert fold(room.beginning(stream), room.events_after(stream, 0, limit=None)) == now
        for taken in seen:
            seq, state = taken[name]
            assert fold(state, room.events_after(stream, seq, limit=None)) == now


def test_the_end_of_the_meeting_closes_what_is_open():
    here = room_with(5)
    poll = opened(here)
    for user in here.people:
        vote(here, user, poll)
    do(here.meeting, here.host, "session.end")
    poll.refresh_from_db()
    assert poll.state == "closed" and poll.results["n"] == 5 and poll.secret == ""
    assert state_of(here.meeting)["polls"][str(poll.pk)]["n"] == 5
    do(here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    assert state_of(here.meeting)["polls"][str(poll.pk)]["results"]["n"] == 5
    refused("closed", do, here.meeting, here.host, "poll.open", {"id": poll.pk})
    refused("closed", vote, here, here.people[0], poll)


# --- refusals ----------------------------------------------------------------------------------------------------------


def test_votes_out_of_time_are_refused_in_words():
    here = room_with(2)
    poll = prepared(here.meeting)
    ana = here.people[0]
    assert "not open yet" in refused("closed", vote, here, ana, poll)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    close(here, poll)
    assert "closed before your vote arrived" in refused("closed", vote, here, ana, poll)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    body = {"id": poll.pk, "value": UNO, "round": 7}
    refused("closed", do, here.meeting, ana, "poll.vote", body)
    assert not Ballot.objects.exists()


def test_wrong_states_are_refused():
    here = room_with(0)
    poll = prepared(here.meeting)
    act = {"id": poll.pk}
    refused("closed", do, here.meeting, here.host, "poll.close", act)
    refused("closed", do, here.meeting, here.host, "poll.reveal", act)
    do(here.meeting, here.host, "poll.open", act)
    refused("closed", do, here.meeting, here.host, "poll.open", act)
    refused("closed", do, here.meeting, here.host, "poll.reveal", act)
    close(here, poll)
    refused("closed", do, here.meeting, here.host, "poll.close", act)


def test_results_shown_once_are_shown():
    here = room_with(5)
    poll = voted_and_closed(here, [UNO] * 5)
    do(here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    assert "already" in refused("closed", do, here.meeting, here.host, "poll.reveal", {"id": poll.pk})


@pytest.mark.parametrize("kind", ["poll.open", "poll.close", "poll.reveal"])
def test_only_those_who_run_the_meeting_steer_a_poll(kind):
    here = room_with(1)
    poll = prepared(here.meeting)
    refused("forbidden", do, here.meeting, here.people[0], kind, {"id": poll.pk})


def test_participants_prepare_nothing():
    here = room_with(1)
    body = {"kind": "confidence", "text": "¿Cuánto?"}
    refused("forbidden", do, here.meeting, here.people[0], "poll.prepare", body, st="hosts")
    refused("forbidden", do, here.meeting, here.host, "poll.prepare", body)


@pytest.mark.parametrize("kind", ["poll.open", "poll.vote", "poll.close", "poll.reveal"])
@pytest.mark.parametrize("pk", [0, -1, 999_999, 10**30])
def test_a_poll_that_does_not_exist_here(kind, pk):
    here, other = room_with(1), room_with(0)
    body = {"value": UNO} if kind == "poll.vote" else {}
    refused("invalid", do, here.meeting, here.host, kind, {"id": pk, **body})
    refused("invalid", do, here.meeting, here.host, kind, {"id": prepared(other.meeting).pk, **body})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "single-choice", "text": ""},
        {"kind": "single-choice", "text": "¿?", "choices": ["Uno"]},
        {"kind": "single-choice", "text": "¿?", "choices": ["Uno", "  "]},
        {"kind": "single-choice", "text": "¿?", "choices": ["Uno", "UNO"]},
        {"kind": "single-choice", "text": "¿?", "choices": [str(number) for number in range(11)]},
        {"kind": "single-choice", "text": "¿?", "choices": ["Uno", "x" * 121]},
        {"kind": "single-choice", "text": {"xx": "¿?"}, "choices": ["Uno", "Dos"]},
        {"kind": "likert", "text": "¿?"},
        {"kind": "short-text", "text": "x" * 301},
        {"kind": "short-text", "text": "x\x00"},
        {"kind": "short-text", "text": "¿?", "promise": "secret"},
        {"kind": "short-text", "text": "¿?", "correct": "a"},
        {"kind": ["short-text"], "text": "¿?"},
    ],
)
def test_what_cannot_be_a_poll_leaves_nothing(body):
    here = room_with(0)
    refused("invalid", do, here.meeting, here.host, "poll.prepare", body, st="hosts")
    assert not Poll.objects.exists() and not Instrument.objects.exists()


# --- kinds -------------------------------------------------------------------------------------------------------------

WRONG = [None, "", "z", 7, True, 1.5, [], {}, ["a", "z"], [["a"]], {"a": {}}, {"K1": "1"}, "x" * 501, [None]]
KINDS = {
    "single-choice": ("a", [*WRONG, ["a"]]),
    "multiple-choice": (["a", "b"], [*WRONG, "a"]),
    "confidence": (4, [one for one in WRONG if one != 7] + [0, 6, "9"]),
    "short-text": ("Comunicación", [None, "", "   ", 7, [], {}, "x" * 61, "a\x00"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_fits_counts_and_what_does_not_is_refused_in_words(kind):
    good, wrong = KINDS[kind]
    here = room_with(1)
    poll = opened(here, kind=kind, choices=("Uno", "Dos", "Tres"))
    for value in wrong:
        assert refused("invalid", vote, here, here.people[0], poll, value)
    assert not Ballot.objects.exists()
    vote(here, here.people[0], poll, good)
    assert Ballot.objects.get().value == good


def test_steps_are_put_in_order_under_names_that_tell_nothing():
    here = room_with(5)
    poll = opened(here, kind="ordering", choices=("Primero", "Segundo", "Tercero"))
    told = state_of(here.meeting)["polls"][str(poll.pk)]["question"]
    names = {item["text"]["es"]: item["key"] for item in told["items"]}
    assert [item["text"]["es"] for item in told["items"]] != ["Primero", "Segundo", "Tercero"]
    assert not set(names.values()) & set("abc")
    order = [names["Segundo"], names["Primero"], names["Tercero"]]
    for value in [["a", "b", "c"], order[:2], [order[0]] * 3, "a", dict.fromkeys(order, "1"), []]:
        refused("invalid", vote, here, here.people[0], poll, value)
    for user in here.people[:4]:
        vote(here, user, poll, order)
    vote(here, here.people[4], poll, {name: str(place) for place, name in enumerate(order, start=1)})
    assert [ballot.value for ballot in Ballot.objects.all()] == [["b", "a", "c"]] * 5
    close(here, poll)
    rows = result_of(poll)["results"]["rows"]
    assert [(row["key"], row["count"], row["mean"]) for row in rows] == [
        (order[0], 5, 1.0),
        (order[1], 0, 2.0),
        (order[2], 0, 3.0),
    ]


def test_a_scale_is_told_with_its_words_and_counted_by_point():
    here = room_with(5)
    poll = voted_and_closed(here, [5, "5", 4, 4, 1], kind="confidence")
    scale = state_of(here.meeting)["polls"][str(poll.pk)]["question"]["scale"]
    assert [point["value"] for point in scale] == [1, 2, 3, 4, 5] and set(scale[0]["text"]) == {"es", "pt-br", "en"}
    assert [row["count"] for row in result_of(poll)["results"]["rows"]] == [1, 0, 0, 2, 2]


def test_several_answers_are_counted_by_voter():
    here = room_with(5)
    poll = voted_and_closed(here, [["a", "b"], ["a"], ["a"], ["a"], ["b"]], kind="multiple-choice")
    assert [(row["count"], row["share"]) for row in result_of(poll)["results"]["rows"]] == [(4, 0.8), (2, 0.4)]


def test_words_are_merged_and_stand_by_how_often_they_came():
    here = room_with(6)
    given = ["Escucha", " escucha. ", "ESCUCHA", "Diálogo", "diálogo", "Apoyo\n mutuo"]
    poll = voted_and_closed(here, given, kind="short-text")
    words = result_of(poll)["results"]["words"]
    assert words == [{"text": "escucha", "count": 3}, {"text": "diálogo", "count": 2}, {"text": "apoyo mutuo", "count": 1}]


@pytest.mark.parametrize("promise", ["anonymous", "identified"])
def test_words_of_a_small_group_are_not_shown(promise):
    here = room_with(4)
    poll = voted_and_closed(here, ["Escucha"] * 4, kind="short-text", promise=promise)
    assert result_of(poll) == {"id": poll.pk, "round": 1, "n": 4, "voters": 4, "results": None, "hidden": "small_group"}


def test_nothing_of_a_key_leaves_the_server():
    instrument = Instrument.objects.create(key="poll-x", kind="poll")
    items = [
        {"key": f"step-{number}-tells", "text": {"es": f"Paso {number}"}, "reason": {"es": "canario"}} for number in (1, 2, 3)
    ]
    question = OrderingQuestion.objects.create(instrument=instrument, key="answer", text={"es": "¿Orden?"}, items=items)
    here = room_with(5)
    poll = prepared(here.meeting, kind="ordering", choices=("x", "y"))
    Poll.objects.filter(pk=poll.pk).update(question=question)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    order = [item["key"] for item in document(question)["items"]]
    for user in here.people:
        vote(here, user, poll, order)
    close(here, poll)
    do(here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    told = json.dumps([*Event.objects.values_list("body", flat=True)])
    assert "canario" not in told and "tells" not in told and '"right"' not in told and "Paso 1" in told


# --- small groups and rounds -------------------------------------------------------------------------------------------


def test_a_small_group_stays_hidden_and_goes_on_in_the_same_round():
    here = room_with(5)
    poll = voted_and_closed(here, [UNO] * 4)
    assert result_of(poll)["results"] is None and result_of(poll)["hidden"] == "small_group"
    assert "Fewer than 5" in refused("forbidden", do, here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    vote(here, here.people[4], poll, DOS)
    close(here, poll)
    assert [row["count"] for row in result_of(poll)["results"]["rows"]] == [4, 1]
    assert Poll.objects.get().round == 1


def test_with_names_hosts_see_a_small_group_and_nobody_else_does():
    here = room_with(2)
    poll = voted_and_closed(here, [UNO, DOS], promise="identified")
    assert result_of(poll)["results"]["n"] == 2
    refused("forbidden", do, here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    assert "results" not in state_of(here.meeting)["polls"][str(poll.pk)]


@pytest.mark.parametrize("shown", [True, False])
def test_after_counts_were_told_opening_again_begins_a_new_round(shown):
    here = room_with(6)
    poll = voted_and_closed(here, [UNO] * 5)
    if shown:
        do(here.meeting, here.host, "poll.reveal", {"id": poll.pk})
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    told = state_of(here.meeting)["polls"][str(poll.pk)]
    assert (told["state"], told["round"]) == ("open", 2) and "results" not in told and told["n"] == here.host.full_name
    vote(here, here.people[5], poll, DOS)
    assert counts(here.meeting, poll) == {"main": (1, None)}
    close(here, poll)
    assert result_of(poll)["results"] is None


def test_no_two_counts_of_one_round_are_ever_told():
    here = room_with(8)
    poll = prepared(here.meeting)
    for voters in (4, 6, 5, 8, 3, 7):
        do(here.meeting, here.host, "poll.open", {"id": poll.pk})
        for user in here.people[:voters]:
            vote(here, user, poll)
        close(here, poll)
    told = [(body["round"], body["n"]) for body in bodies("poll.result") if body["results"]]
    assert len({number for number, _n in told}) == len(told) == 4


# --- tallies -----------------------------------------------------------------------------------------------------------


def test_while_it_is_open_everybody_knows_how_many_and_nobody_what():
    here = room_with(6)
    poll = opened(here)
    for user in here.people:
        vote(here, user, poll)
    assert counts(here.meeting, poll) == {"main": (6, None)}
    assert not bodies("poll.result")
    close(here, poll)
    assert counts(here.meeting, poll) == {"main": (6, None)}


def test_with_names_hosts_have_counts_while_it_is_open():
    here = room_with(2)
    poll = opened(here, promise="identified", choices=("Uno", "Dos", "Tres"))
    vote(here, here.people[0], poll, DOS)
    assert counts(here.meeting, poll) == {"main": (1, None), "hosts": (1, [0, 1, 0])}


def test_whoever_comes_in_gets_the_counts_of_all_but_prepared_polls(django_assert_num_queries):
    from sessions import tallies

    here = room_with(2)
    polls = [opened(here, promise=promise) for promise in ("anonymous", "identified", "identified")]
    prepared(here.meeting)
    with django_assert_num_queries(3):
        from sessions.acts.polls import tally

        found = tally(here.meeting.pk, None)
    assert {one.id for one in found} == {poll.pk for poll in polls} and len(found) == 5
    assert {one.id for one in tallies.current(here.meeting.pk) if one.kind == "poll"} == {poll.pk for poll in polls}


def test_rev_rises_with_every_change_and_hosts_come_last():
    here = room_with(2)
    poll = opened(here, promise="identified")
    from sessions.acts.polls import tally

    seen = []
    for value in (UNO, DOS, DOS):
        vote(here, here.people[0], poll, value)
        seen.append([one.rev for one in tally(here.meeting.pk, {poll.pk})])
    assert seen[0] < seen[1] == seen[2] and all(main < hosts for main, hosts in seen)
    close(here, poll)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    again = tally(here.meeting.pk, {poll.pk})
    assert again[0].rev > seen[2][1] and again[0].n == 0
