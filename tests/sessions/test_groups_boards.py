"""The board of a breakout group: like the room's, its own, locked when the group goes home."""

import pytest

from sessions.models import Board, Group
from tests.sessions.boards import open_board, refused, write
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of()


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


@pytest.fixture
def people(meeting):
    return [person_in(meeting) for _number in range(4)]


def plan(meeting, trainer, *groups, **fields):
    body = {"groups": [{"people": [user.pk for user in group], **fields} for group in groups]}
    do(meeting, trainer, "group.plan", body)
    return list(Group.objects.filter(dissolved_at=None))


def test_a_group_has_a_board_like_the_room_s_which_is_locked_when_it_closes(meeting, trainer, people):
    open_board(meeting, trainer, votes_each=5)
    group = plan(meeting, trainer, people)[0]
    name = f"group:{group.pk}"
    assert state_of(meeting, name)["board"] == state_of(meeting)["board"]
    do(meeting, trainer, "group.open")
    write(meeting, people[0], "Registro en papel", st=name)
    do(meeting, trainer, "group.close")
    refused("closed", meeting, people[0], "board.note", {"column": "challenges", "text": "tarde"}, st=name)
    do(meeting, trainer, "group.open")
    write(meeting, people[0], "Registro en papel", st=name)
    assert Board.objects.count() == 2


def test_a_board_that_the_room_opened_later_comes_to_the_groups_when_they_open(meeting, trainer, people):
    group = plan(meeting, trainer, people)[0]
    assert not Board.objects.exists()
    open_board(meeting, trainer)
    do(meeting, trainer, "group.open")
    assert state_of(meeting, f"group:{group.pk}")["board"]["phase"] == "collect"


def test_people_of_one_group_do_not_reach_the_board_of_another(meeting, trainer, people):
    open_board(meeting, trainer)
    first, second = plan(meeting, trainer, people[:2], people[2:])
    do(meeting, trainer, "group.open")
    body = {"column": "challenges", "text": "ajena"}
    refused("forbidden", meeting, people[0], "board.note", body, st=f"group:{second.pk}")
    write(meeting, trainer, "de visita", st=f"group:{second.pk}")
    write(meeting, people[0], "propia", st=f"group:{first.pk}")
