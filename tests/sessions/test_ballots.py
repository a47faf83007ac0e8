"""Ballots: one per voter and round, whatever the network does; votes and the closing come one after another."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions import room, voting
from sessions.models import Ballot, Event, Poll
from sessions.refusals import Refusal
from tests.sessions.polling import DOS, UNO, bodies, close, counts, opened, prepared, room_with, vote, voted_and_closed
from tests.sessions.rooms import do, meeting_of, new_cid, person_in, seat

pytestmark = pytest.mark.django_db
PER_VOTE = 8


def values():
    return list(Ballot.objects.order_by("pk").values_list("round", "value"))


def test_a_vote_can_be_changed_while_the_poll_is_open():
    here = room_with(1)
    poll = opened(here)
    for value in (UNO, DOS, UNO, DOS):
        vote(here, here.people[0], poll, value)
    assert values() == [(1, DOS)] and counts(here.meeting, poll)["main"] == (1, None)


def test_the_same_act_again_changes_nothing_and_is_acknowledged():
    here = room_with(1)
    poll = opened(here)
    vote(here, here.people[0], poll, UNO, cid="cid-of-uno")
    before = Poll.objects.get()
    vote(here, here.people[0], poll, UNO, cid="cid-of-uno")
    assert Poll.objects.get().rev == before.rev and values() == [(1, UNO)]


def test_an_older_vote_that_comes_late_a_second_time_does_not_come_back():
    here = room_with(1)
    poll = opened(here)
    vote(here, here.people[0], poll, UNO, cid="cid-of-uno")
    vote(here, here.people[0], poll, DOS, cid="cid-of-dos")
    rev = Poll.objects.get().rev
    vote(here, here.people[0], poll, UNO, cid="cid-of-uno")
    assert values() == [(1, DOS)] and Poll.objects.get().rev == rev


def test_a_vote_whose_acknowledgement_got_lost_is_acknowledged_after_the_close_too():
    here = room_with(2)
    poll = opened(here)
    vote(here, here.people[0], poll, UNO, cid="cid-of-ana")
    close(here, poll)
    vote(here, here.people[0], poll, UNO, cid="cid-of-ana")
    with pytest.raises(Refusal):
        vote(here, here.people[1], poll, UNO, cid="cid-of-ana")


def test_a_vote_of_an_earlier_round_does_not_slip_into_the_next():
    here = room_with(5)
    poll = opened(here)
    for number, user in enumerate(here.people):
        vote(here, user, poll, UNO, cid=f"cid-round-one-{number}")
    close(here, poll)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    vote(here, here.people[0], poll, UNO, cid="cid-round-one-0")
    assert not Ballot.objects.filter(round=2).exists()
    vote(here, here.people[0], poll, DOS)
    assert values() == [(1, UNO)] * 5 + [(2, DOS)]


def test_what_was_chosen_is_given_back_to_its_person_only():
    here = room_with(5)
    first, second = opened(here), opened(here, kind="ordering", choices=("x", "y", "z"))
    names = [
        item["key"]
        for item in room.snapshot(room.stream_of(here.meeting.pk, "main"))[1]["polls"][str(second.pk)]["question"]["items"]
    ]
    vote(here, here.people[0], first, DOS)
    vote(here, here.people[0], second, names[::-1])
    assert voting.own_votes(here.meeting, here.people[0].pk) == {first.pk: DOS, second.pk: names[::-1]}
    assert voting.own_votes(here.meeting, here.people[1].pk) == {}


def test_own_votes_are_those_of_the_present_round(django_assert_num_queries):
    here = room_with(5)
    poll = voted_and_closed(here, [UNO] * 5)
    opened(here)
    with django_assert_num_queries(3):
        assert voting.own_votes(here.meeting, here.people[0].pk) == {poll.pk: UNO}
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    assert voting.own_votes(here.meeting, here.people[0].pk) == {}


def test_hosts_see_who_has_voted_with_names_and_who_has_not(django_assert_max_num_queries):
    here = room_with(3)
    poll = opened(here, promise="identified")
    vote(here, here.people[0], poll, DOS)
    with django_assert_max_num_queries(8):
        turnout = voting.turnout(Poll.objects.get())
    assert turnout.voted == [(here.people[0], "Dos")]
    assert turnout.missing == here.people[1:]


def test_of_an_anonymous_poll_nobody_sees_who_has_voted():
    here = room_with(3)
    poll = opened(here)
    vote(here, here.people[0], poll, DOS)
    assert voting.turnout(Poll.objects.get()) == voting.Turnout([], [])


# --- cost --------------------------------------------------------------------------------------------------------------


def operation(poll, value=UNO):
    return {"t": "op", "cid": new_cid(), "st": "main", "k": "poll.vote", "b": {"id": poll.pk, "value": value}}


def test_three_hundred_votes_are_all_counted_and_cheap():
    """In batches as the hub writes them: what a batch costs once, and what each vote adds (its savepoint included)."""
    meeting = meeting_of()
    host, voters = person_in(meeting, "trainer"), [person_in(meeting) for _number in range(300)]
    poll = prepared(meeting)
    do(meeting, host, "poll.open", {"id": poll.pk})
    batches = [[(seat(meeting, user), operation(poll)) for user in voters[at : at + 30]] for at in range(0, 300, 30)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        acks = [ack for batch in batches for ack in room.perform_all(meeting.pk, batch)]
    assert all(isinstance(ack, room.Ack) for ack in acks)
    assert Ballot.objects.count() == 300 and Poll.objects.get().rev == 301
    per_vote = len(queries) / 300
    assert per_vote <= PER_VOTE, per_vote


def test_a_single_vote_costs_a_fixed_number_of_queries():
    here = room_with(12)
    poll = opened(here)
    seats = [seat(here.meeting, user) for user in here.people]
    costs = []
    for one in seats:
        with CaptureQueriesContext(connection) as queries:
            room.perform(one, operation(poll))
        costs.append(len(queries))
    assert len(set(costs)) == 1 and costs[0] <= PER_VOTE + 5, costs


# --- at once -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_parallel_votes_of_one_person_are_one_ballot(in_parallel):
    here = room_with(1)
    poll = opened(here)
    results = in_parallel(lambda number: vote(here, here.people[0], poll, UNO if number % 2 else DOS))
    assert all(isinstance(result, room.Ack) for result in results), results
    assert Ballot.objects.count() == 1 and counts(here.meeting, poll)["main"][0] == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_parallel_close_counts_exactly_the_votes_that_were_acknowledged(in_parallel):
    here = room_with(9)
    poll = opened(here, promise="identified")
    acts = [*here.people[:5], None, *here.people[5:]]
    results = in_parallel(lambda number: close(here, poll) if acts[number] is None else vote(here, acts[number], poll))
    acknowledged = {user.pk for user, result in zip(acts, results, strict=True) if user and isinstance(result, room.Ack)}
    late = [result for user, result in zip(acts, results, strict=True) if user and not isinstance(result, room.Ack)]
    assert all(isinstance(result, Refusal) and result.why == "closed" for result in late), late
    assert set(Ballot.objects.values_list("user_id", flat=True)) == acknowledged
    assert bodies("poll.close")[0]["n"] == bodies("poll.result")[0]["n"] == len(acknowledged)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_poll_is_opened_once_by_ten_parallel_hands(in_parallel):
    here = room_with(0)
    poll = prepared(here.meeting)
    results = in_parallel(lambda number: do(here.meeting, here.host, "poll.open", {"id": poll.pk}))
    assert sum(isinstance(result, room.Ack) for result in results) == 1
    assert Event.objects.filter(kind="poll.open").count() == 1
