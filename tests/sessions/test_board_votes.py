"""Votes on a board: one per note and person, so many per person, counted where a note was merged into."""

import pytest

from sessions.acts.board import tally
from sessions.models import Event, Note, NoteVote
from sessions.tallies import current
from tests.sessions.boards import open_board, refused, write
from tests.sessions.rooms import do, meeting_of, person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of()


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


@pytest.fixture
def ana(meeting):
    return person_in(meeting, user__country="BR")


@pytest.fixture
def luis(meeting):
    return person_in(meeting, user__country="")


@pytest.fixture
def board(meeting, trainer):
    return open_board(meeting, trainer)


def counts(meeting, *notes):
    found = {tally.id: tally for tally in current(meeting.pk, {("note", note.pk) for note in notes})}
    return [found[note.pk].n for note in notes]


def test_one_vote_per_note_taken_back_and_given_again(meeting, ana, luis, trainer, board):
    note = write(meeting, ana, "a", "actions")
    refused("closed", meeting, luis, "board.vote", {"id": note.pk})
    do(meeting, trainer, "board.phase", {"phase": "vote"})
    for _time in (1, 2):
        do(meeting, luis, "board.vote", {"id": note.pk})
    do(meeting, ana, "board.vote", {"id": note.pk, "up": True})
    assert counts(meeting, note) == [2]
    for _time in (1, 2):
        do(meeting, luis, "board.vote", {"id": note.pk, "up": False})
    assert counts(meeting, note) == [1]
    assert Note.objects.get(pk=note.pk).rev == 3
    assert not Event.objects.filter(kind="board.vote").exists()
    do(meeting, trainer, "board.lock", {"locked": True})
    refused("closed", meeting, luis, "board.vote", {"id": note.pk})


def test_nobody_has_more_votes_than_the_board_gives(meeting, ana, trainer):
    open_board(meeting, trainer, "vote", votes_each=2)
    one, two, three = (write(meeting, trainer, text) for text in "abc")
    do(meeting, ana, "board.vote", {"id": one.pk})
    do(meeting, ana, "board.vote", {"id": two.pk})
    refused("closed", meeting, ana, "board.vote", {"id": three.pk})
    do(meeting, ana, "board.vote", {"id": one.pk, "up": False})
    do(meeting, ana, "board.vote", {"id": three.pk})
    do(meeting, trainer, "board.remove", {"id": two.pk})
    do(meeting, ana, "board.vote", {"id": one.pk})
    assert counts(meeting, one, three) == [1, 1]


def test_votes_go_with_the_note_into_a_cluster_and_who_voted_twice_has_one_free_again(meeting, ana, luis, trainer):
    open_board(meeting, trainer, "vote", votes_each=2)
    head, member, other = (write(meeting, trainer, text) for text in "abc")
    for user, notes in [(ana, (head, member)), (luis, (member,))]:
        for note in notes:
            do(meeting, user, "board.vote", {"id": note.pk})
    do(meeting, trainer, "board.cluster", {"ids": [member.pk], "into": head.pk})
    assert counts(meeting, head, member) == [2, 0]
    do(meeting, ana, "board.vote", {"id": other.pk})
    do(meeting, trainer, "board.vote", {"id": member.pk})
    assert counts(meeting, head, member, other) == [3, 0, 1]


def test_who_comes_in_gets_the_counts_of_all_boards_in_one_query(meeting, ana, trainer, board, django_assert_num_queries):
    write(meeting, ana, "nobody voted")
    noted = write(meeting, ana, "a")
    do(meeting, trainer, "board.phase", {"phase": "vote"})
    do(meeting, ana, "board.vote", {"id": noted.pk})
    with django_assert_num_queries(1):
        told = tally(meeting.pk, None)
    assert [(one.stream, one.kind, one.id, one.n) for one in told] == [("main", "note", noted.pk, 1)]
    assert tally(meeting_of().pk, None) == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_votes_of_one_person_at_once_keep_to_the_cap_and_to_one_per_note(in_parallel):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, "trainer"), person_in(meeting)
    open_board(meeting, trainer, "vote", votes_each=3)
    notes = [write(meeting, trainer, str(number)) for number in range(5)]
    in_parallel(lambda number: do(meeting, ana, "board.vote", {"id": notes[number % 5].pk}))
    assert NoteVote.objects.filter(user=ana).count() == 3
    assert len(set(NoteVote.objects.values_list("note_id", "user_id"))) == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_people_vote_at_once_and_each_vote_counts(in_parallel):
    meeting = meeting_of()
    trainer, people = person_in(meeting, "trainer"), [person_in(meeting) for _number in range(10)]
    open_board(meeting, trainer, "vote")
    note = write(meeting, trainer, "a", "actions")
    results = in_parallel(lambda number: do(meeting, people[number], "board.vote", {"id": note.pk}))
    assert not [one for one in results if isinstance(one, Exception)]
    assert (counts(meeting, note), Note.objects.get(pk=note.pk).rev) == ([10], 10)
