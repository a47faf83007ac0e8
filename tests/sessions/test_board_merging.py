"""Notes that become one, and actions linked to challenges."""

import pytest

from sessions.models import Note, NoteLink
from tests.sessions.boards import open_board, refused, the_state_equals_the_rows, write
from tests.sessions.rooms import do, meeting_of, person_in, state_of

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


def test_merging_into_a_merged_note_goes_to_the_head_and_takes_what_was_headed_along(meeting, ana, luis, board):
    a, b, c, d = (write(meeting, ana, text).pk for text in "abcd")
    do(meeting, luis, "board.cluster", {"ids": [b], "into": a})
    do(meeting, luis, "board.cluster", {"ids": [d], "into": c})
    do(meeting, luis, "board.cluster", {"ids": [c], "into": b})
    assert set(Note.objects.values_list("pk", "cluster")) == {(a, None), (b, a), (c, a), (d, a)}
    the_state_equals_the_rows(meeting)
    do(meeting, luis, "board.cluster", {"ids": [c], "into": None})
    assert set(Note.objects.values_list("pk", "cluster")) == {(a, None), (b, a), (c, None), (d, a)}
    do(meeting, luis, "board.cluster", {"ids": [a], "into": None})
    assert not Note.objects.exclude(cluster=None).exists()
    the_state_equals_the_rows(meeting)


def test_no_circles_and_no_merging_across_columns(meeting, ana, board):
    a, b = write(meeting, ana, "a").pk, write(meeting, ana, "b").pk
    action = write(meeting, ana, "c", "actions").pk
    do(meeting, ana, "board.cluster", {"ids": [b], "into": a})
    for body in (
        {"ids": [a], "into": a},
        {"ids": [a], "into": b},
        {"ids": [b], "into": b},
        {"ids": [action], "into": a},
        {"ids": [], "into": a},
        {"ids": [999_999], "into": a},
        {"ids": [b]},
        {"ids": [a, 999_999], "into": None},
    ):
        refused("invalid", meeting, ana, "board.cluster", body)
    the_state_equals_the_rows(meeting)


def test_a_head_that_moves_takes_its_cluster_along_and_links_that_fit_no_longer_are_cut(meeting, ana, board):
    head, member, challenge = write(meeting, ana, "a", "actions"), write(meeting, ana, "b", "actions"), write(meeting, ana, "c")
    do(meeting, ana, "board.cluster", {"ids": [member.pk], "into": head.pk})
    do(meeting, ana, "board.link", {"action": member.pk, "challenge": challenge.pk})
    do(meeting, ana, "board.move", {"id": head.pk, "column": "effective"}, base=1)
    assert set(Note.objects.filter(pk__in=[head.pk, member.pk]).values_list("column", "cluster")) == {
        ("effective", None),
        ("effective", head.pk),
    }
    assert not NoteLink.objects.exists()
    the_state_equals_the_rows(meeting)
    do(meeting, ana, "board.move", {"id": member.pk, "column": "effective"}, base=1)
    assert not Note.objects.exclude(cluster=None).exists()
    the_state_equals_the_rows(meeting)


def test_a_link_goes_from_an_action_to_a_challenge_once(meeting, ana, luis, board):
    action, challenge, other = (
        write(meeting, ana, "a", "actions"),
        write(meeting, ana, "b"),
        write(meeting, ana, "c", "effective"),
    )
    for _time in (1, 2):
        do(meeting, luis, "board.link", {"action": action.pk, "challenge": challenge.pk})
    assert NoteLink.objects.count() == 1
    for one, two in [(challenge, action), (action, other), (challenge, challenge), (action, action)]:
        refused("invalid", meeting, ana, "board.link", {"action": one.pk, "challenge": two.pk})
    refused("invalid", meeting, ana, "board.link", {"action": action.pk, "challenge": 999_999})
    key = f"{action.pk}-{challenge.pk}"
    assert list(state_of(meeting)["links"]) == [key]
    for wrong in ("", "1", "1-", "01-2", f"{challenge.pk}-{action.pk}", "1-2; drop", 5):
        refused("invalid", meeting, ana, "board.unlink", {"id": wrong})
    do(meeting, ana, "board.unlink", {"id": key})
    refused("invalid", meeting, ana, "board.unlink", {"id": key})
    the_state_equals_the_rows(meeting)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_merges_at_once_leave_flat_clusters_without_a_circle(in_parallel):
    meeting = meeting_of()
    trainer, people = person_in(meeting, "trainer"), [person_in(meeting) for _number in range(10)]
    open_board(meeting, trainer)
    notes = [write(meeting, trainer, str(number)).pk for number in range(10)]
    in_parallel(lambda n: do(meeting, people[n], "board.cluster", {"ids": [notes[n]], "into": notes[(n + 1) % 10]}))
    the_state_equals_the_rows(meeting)
    assert Note.objects.exclude(cluster=None).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_links_of_one_pair_at_once_are_one_link(in_parallel):
    meeting = meeting_of()
    trainer, people = person_in(meeting, "trainer"), [person_in(meeting) for _number in range(10)]
    open_board(meeting, trainer)
    action, challenge = write(meeting, trainer, "a", "actions"), write(meeting, trainer, "b")
    in_parallel(lambda n: do(meeting, people[n], "board.link", {"action": action.pk, "challenge": challenge.pk}))
    assert NoteLink.objects.count() == 1
    the_state_equals_the_rows(meeting)
