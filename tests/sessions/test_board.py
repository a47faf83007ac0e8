"""The board: what people may write, change, merge, link and vote for, and what is refused."""

import pytest

from sessions import room
from sessions.models import Board, Event, Meeting, Note, NoteLink, NoteVote, Snapshot, Stream
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


# --- opening -----------------------------------------------------------------------------------------------------------


def test_before_a_host_opens_it_there_is_no_board(meeting, trainer, ana):
    refused("closed", meeting, ana, "board.note", {"column": "challenges", "text": "Sin densitómetro"})
    refused("closed", meeting, trainer, "board.phase", {"phase": "vote"})
    refused("forbidden", meeting, ana, "board.setup")
    assert not Board.objects.exists()


def test_the_default_columns_are_the_three_questions_in_three_languages(meeting, board):
    told = state_of(meeting)["board"]
    assert [column["role"] for column in told["columns"]] == ["challenge", "action", "effective"]
    assert all(set(column["title"]) == {"es", "pt-br", "en"} for column in told["columns"])
    assert (told["phase"], told["locked"], told["votes_each"]) == ("collect", False, 3)
    the_state_equals_the_rows(meeting)


def test_opening_it_again_changes_nothing_that_is_not_asked_for(meeting, trainer, ana, board):
    write(meeting, ana, "Registro en papel")
    do(meeting, trainer, "board.phase", {"phase": "discuss"})
    do(meeting, trainer, "board.setup", {"votes_each": 5})
    told = state_of(meeting)["board"]
    assert (told["phase"], told["votes_each"], len(told["columns"])) == ("discuss", 5, 3)


COLUMN = {"key": "ideas", "title": {"es": "Ideas"}, "role": ""}


@pytest.mark.parametrize(
    "body",
    [
        {"columns": []},
        {"columns": [COLUMN, COLUMN]},
        {"columns": [{**COLUMN, "key": "No Good"}]},
        {"columns": [{**COLUMN, "role": "boss"}]},
        {"columns": [{**COLUMN, "title": {"fr": "Idées"}}]},
        {"columns": [{**COLUMN, "title": {}}]},
        {"columns": [{**COLUMN, "title": {"es": ""}}]},
        {"columns": [{**COLUMN, "key": f"c{number}"} for number in range(7)]},
        {"votes_each": 0},
        {"votes_each": 21},
        {"votes_each": True},
    ],
)
def test_columns_that_make_no_board_are_refused(meeting, trainer, body):
    refused("invalid", meeting, trainer, "board.setup", body)
    assert not Board.objects.exists()


def test_a_column_that_holds_notes_stays_what_it_is(meeting, trainer, ana, board):
    note = write(meeting, ana, "Registro en papel")
    refused("invalid", meeting, trainer, "board.setup", {"columns": [COLUMN]})
    renamed = {**board.columns[0], "title": {"es": "Obstáculos"}}
    do(meeting, trainer, "board.setup", {"columns": [renamed, COLUMN]})
    refused("invalid", meeting, trainer, "board.setup", {"columns": [{**renamed, "role": "action"}]})
    do(meeting, ana, "board.remove", {"id": note.pk})
    do(meeting, trainer, "board.setup", {"columns": [COLUMN]})
    the_state_equals_the_rows(meeting)


def test_there_is_no_board_of_a_group_that_does_not_exist(meeting, trainer):
    refused("invalid", meeting, trainer, "board.setup", st="group:999")
    refused("invalid", meeting, trainer, "board.setup", st="group:x")


# --- notes -------------------------------------------------------------------------------------------------------------


def test_a_note_has_the_country_of_its_author_unless_it_says_another(meeting, ana, luis, board):
    codes = [
        str(write(meeting, ana, "uno").country),
        str(write(meeting, ana, "dos", country="CO").country),
        str(write(meeting, ana, "tres", country="").country),
        str(write(meeting, luis, "cuatro").country),
    ]
    assert codes == ["BR", "CO", "", ""]
    the_state_equals_the_rows(meeting)


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "\u200b\u200b"},
        {"text": "x" * 141},
        {"text": "a\x00b"},
        {"text": 5},
        {"country": "XX"},
        {"country": "br"},
        {"country": "BRA"},
        {"column": "nowhere"},
        {"column": None},
        {"author": 1},
    ],
)
def test_a_note_that_cannot_stand_is_refused(meeting, ana, board, body):
    refused("invalid", meeting, ana, "board.note", {"column": "challenges", "text": "Registro en papel", **body})
    assert not Note.objects.exists()


def test_one_idea_is_one_line_of_plain_text(meeting, ana, board):
    note = write(meeting, ana, "  <b>Sin</b>\n densitómetro \u202e ")
    assert note.text == "<b>Sin</b> densitómetro"
    assert len(write(meeting, ana, "x" * 140).text) == 140


def test_a_board_holds_four_hundred_notes(meeting, ana, board):
    rows = [Note(board=board, column="challenges", text=str(number), author_name="—") for number in range(399)]
    Note.objects.bulk_create(rows)
    note = write(meeting, ana, "la última")
    refused("closed", meeting, ana, "board.note", {"column": "challenges", "text": "una más"})
    do(meeting, ana, "board.remove", {"id": note.pk})
    write(meeting, ana, "otra")


def test_one_changes_ones_own_note_and_hosts_change_any(meeting, ana, luis, trainer, board):
    note = write(meeting, ana, "Registro")
    refused("forbidden", meeting, luis, "board.edit", {"id": note.pk, "text": "Otro"}, base=1)
    do(meeting, ana, "board.edit", {"id": note.pk, "text": "Registro en papel", "country": "AR"}, base=1)
    do(meeting, trainer, "board.edit", {"id": note.pk, "text": "Registro en papel."}, base=2)
    note.refresh_from_db()
    assert (note.text, note.version, str(note.country)) == ("Registro en papel.", 3, "AR")
    the_state_equals_the_rows(meeting)


@pytest.mark.parametrize("base", [None, 0, 1, 3])
@pytest.mark.parametrize("kind", ["board.edit", "board.move"])
def test_a_change_against_another_version_is_refused_with_the_one_that_stands(meeting, ana, board, kind, base):
    note = write(meeting, ana, "Registro")
    do(meeting, ana, "board.edit", {"id": note.pk, "text": "Registro en papel"}, base=1)
    body = {"board.edit": {"id": note.pk, "text": "tarde"}, "board.move": {"id": note.pk, "column": "actions"}}[kind]
    assert refused("conflict", meeting, ana, kind, body, base=base).current == 2
    note.refresh_from_db()
    assert (note.text, note.column) == ("Registro en papel", "challenges")


def test_a_note_moves_to_the_end_of_a_column_or_to_a_place(meeting, ana, luis, board):
    first, second, third = (write(meeting, ana, text, "actions") for text in "abc")
    moved = write(meeting, ana, "d")
    refused("forbidden", meeting, luis, "board.move", {"id": moved.pk, "column": "actions"}, base=1)
    refused("invalid", meeting, ana, "board.move", {"id": moved.pk, "column": "nowhere"}, base=1)
    do(meeting, ana, "board.move", {"id": moved.pk, "column": "actions", "order": (first.order + second.order) // 2}, base=1)
    do(meeting, ana, "board.move", {"id": first.pk, "column": "actions"}, base=1)
    assert [note.text for note in Note.objects.filter(column="actions")] == ["d", "b", "c", "a"]
    assert third.order < Note.objects.get(pk=first.pk).order
    the_state_equals_the_rows(meeting)


def test_one_removes_ones_own_words_at_any_time_and_they_leave_the_log(meeting, ana, luis, trainer, board):
    note = write(meeting, ana, "patient Maria Lopez")
    do(meeting, ana, "board.edit", {"id": note.pk, "text": "patient Maria Lopez, 74"}, base=1)
    room.keep_snapshot(Stream.objects.get(name="main").pk)
    do(meeting, trainer, "board.lock", {"locked": True})
    refused("forbidden", meeting, luis, "board.remove", {"id": note.pk})
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="ended")
    do(meeting, ana, "board.remove", {"id": note.pk})
    kept = [*Event.objects.values_list("body"), *Snapshot.objects.values_list("state"), *Note.objects.values_list("text")]
    assert "Maria" not in str([*kept, state_of(meeting)])
    refused("invalid", meeting, ana, "board.remove", {"id": note.pk})
    the_state_equals_the_rows(meeting)


def test_a_host_removes_anybodys_note_with_its_links_and_votes_and_frees_what_was_merged_into_it(meeting, ana, trainer, board):
    head, member = write(meeting, ana, "a"), write(meeting, ana, "b")
    action = write(meeting, ana, "c", "actions")
    do(meeting, ana, "board.cluster", {"ids": [member.pk], "into": head.pk})
    do(meeting, ana, "board.link", {"action": action.pk, "challenge": head.pk})
    do(meeting, trainer, "board.phase", {"phase": "vote"})
    do(meeting, ana, "board.vote", {"id": head.pk})
    do(meeting, trainer, "board.remove", {"id": head.pk})
    assert (NoteLink.objects.count(), NoteVote.objects.count(), Note.objects.get(pk=member.pk).cluster) == (0, 0, None)
    the_state_equals_the_rows(meeting)


def test_a_note_of_another_board_is_out_of_reach(meeting, ana, trainer, board):
    other = meeting_of()
    boss = person_in(other, "trainer")
    open_board(other, boss)
    foreign, own = write(other, boss, "ajena"), write(meeting, ana, "propia")
    refused("invalid", meeting, trainer, "board.edit", {"id": foreign.pk, "text": "x"}, base=1)
    refused("invalid", meeting, trainer, "board.remove", {"id": foreign.pk})
    refused("invalid", meeting, trainer, "board.cluster", {"ids": [foreign.pk], "into": own.pk})
    refused("invalid", meeting, trainer, "board.cluster", {"ids": [own.pk], "into": foreign.pk})
    do(meeting, trainer, "board.phase", {"phase": "vote"})
    refused("invalid", meeting, ana, "board.vote", {"id": foreign.pk})


# --- who may write when ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gate", [("board.lock", {"locked": True}), ("board.phase", {"phase": "vote"}), ("board.phase", {"phase": "closed"})]
)
def test_while_it_is_locked_voting_or_closed_only_hosts_write(meeting, ana, trainer, board, gate):
    one, two, action = write(meeting, ana, "a"), write(meeting, ana, "b"), write(meeting, ana, "c", "actions")
    do(meeting, ana, "board.link", {"action": action.pk, "challenge": two.pk})
    do(meeting, trainer, *gate)
    acts = [
        ("board.note", {"column": "challenges", "text": "tarde"}, None),
        ("board.edit", {"id": one.pk, "text": "tarde"}, 1),
        ("board.move", {"id": one.pk, "column": "challenges"}, 2),
        ("board.cluster", {"ids": [two.pk], "into": one.pk}, None),
        ("board.link", {"action": action.pk, "challenge": one.pk}, None),
        ("board.unlink", {"id": f"{action.pk}-{one.pk}"}, None),
    ]
    for kind, body, base in acts:
        refused("closed", meeting, ana, kind, body, base=base)
        do(meeting, trainer, kind, body, base=base)
    the_state_equals_the_rows(meeting)


def test_people_write_while_it_is_discussed(meeting, ana, trainer, board):
    do(meeting, trainer, "board.phase", {"phase": "discuss"})
    write(meeting, ana, "a")
    for kind, body in [("board.phase", {"phase": "vote"}), ("board.lock", {"locked": True}), ("board.gather", {})]:
        refused("forbidden", meeting, ana, kind, body)
    refused("invalid", meeting, trainer, "board.phase", {"phase": "party"})


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_changes_of_one_version_at_once_and_one_of_them_stands(in_parallel):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, "trainer"), person_in(meeting)
    open_board(meeting, trainer)
    note = write(meeting, ana, "a")
    results = in_parallel(lambda number: do(meeting, ana, "board.edit", {"id": note.pk, "text": f"idea {number}"}, base=1))
    assert sorted(getattr(one, "why", "stands") for one in results) == ["conflict"] * 9 + ["stands"]
    the_state_equals_the_rows(meeting)
