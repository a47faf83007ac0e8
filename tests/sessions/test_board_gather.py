"""What the groups wrote is brought to the board of the room: each note once, with clusters and links, by a host."""

import pytest

from sessions import room
from sessions.models import Event, Group, Note, NoteLink
from tests.sessions.boards import open_board, refused, the_state_equals_the_rows, write
from tests.sessions.rooms import do, meeting_of, new_cid, person_in, seat, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of()


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


@pytest.fixture
def people(meeting):
    return [person_in(meeting, user__country=code) for code in ("MX", "BR")]


@pytest.fixture
def groups(meeting, trainer, people):
    """Two groups at work, a person in each."""
    open_board(meeting, trainer)
    do(meeting, trainer, "group.plan", {"groups": [{"people": [user.pk]} for user in people]})
    do(meeting, trainer, "group.open")
    return [f"group:{group.pk}" for group in Group.objects.all()]


def gather(meeting, trainer, **body):
    return room.perform(seat(meeting, trainer), {"cid": new_cid(), "st": "main", "k": "board.gather", "b": body})


def on_main():
    return Note.objects.filter(board__stream__name="main", removed_at=None).order_by("order")


def test_each_note_comes_once_with_its_country_cluster_and_links(meeting, trainer, people, groups):
    ana, bea = people
    member, head = write(meeting, ana, "papel", st=groups[0]), write(meeting, ana, "Registro en papel", st=groups[0])
    action = write(meeting, bea, "Hoja compartida", "actions", st=groups[1])
    challenge = write(meeting, bea, "Sin registro", st=groups[1])
    do(meeting, ana, "board.cluster", {"ids": [member.pk], "into": head.pk}, st=groups[0])
    do(meeting, bea, "board.link", {"action": action.pk, "challenge": challenge.pk}, st=groups[1])
    assert "4" in str(gather(meeting, trainer).text)
    found = {note.text: note for note in on_main()}
    assert {text: (note.author_id, str(note.country), note.column) for text, note in found.items()} == {
        "papel": (ana.pk, "MX", "challenges"),
        "Registro en papel": (ana.pk, "MX", "challenges"),
        "Hoja compartida": (bea.pk, "BR", "actions"),
        "Sin registro": (bea.pk, "BR", "challenges"),
    }
    assert found["papel"].cluster == found["Registro en papel"]
    assert NoteLink.objects.filter(action=found["Hoja compartida"], challenge=found["Sin registro"]).count() == 1
    the_state_equals_the_rows(meeting)
    state = state_of(meeting)
    numbers = [int(name.partition(":")[2]) for name in groups]
    assert state["board"]["gathered"] == numbers
    assert {note["group"] for note in state["notes"].values()} == set(numbers)


def test_again_brings_only_what_is_new_and_never_what_a_host_removed(meeting, trainer, people, groups):
    head = write(meeting, people[0], "uno", st=groups[0])
    action = write(meeting, people[0], "hecho", "actions", st=groups[0])
    gather(meeting, trainer)
    gather(meeting, trainer)
    assert [note.text for note in on_main()] == ["uno", "hecho"]
    do(meeting, trainer, "board.remove", {"id": on_main().get(text="hecho").pk})
    member = write(meeting, people[0], "uno más", st=groups[0])
    do(meeting, people[0], "board.cluster", {"ids": [member.pk], "into": head.pk}, st=groups[0])
    do(meeting, people[0], "board.link", {"action": action.pk, "challenge": head.pk}, st=groups[0])
    gather(meeting, trainer)
    assert {note.text: note.cluster and note.cluster.text for note in on_main()} == {"uno": None, "uno más": "uno"}
    the_state_equals_the_rows(meeting)


def test_some_groups_first_and_what_was_moved_since_stays_where_it_is(meeting, trainer, people, groups):
    head = write(meeting, people[0], "uno", st=groups[0])
    write(meeting, people[1], "otro", st=groups[1])
    gather(meeting, trainer, groups=[int(groups[0].partition(":")[2])])
    copy = on_main().get()
    do(meeting, trainer, "board.move", {"id": copy.pk, "column": "actions"}, base=1)
    member = write(meeting, people[0], "uno más", st=groups[0])
    do(meeting, people[0], "board.cluster", {"ids": [member.pk], "into": head.pk}, st=groups[0])
    gather(meeting, trainer)
    assert {note.text: (note.column, note.cluster) for note in on_main()} == {
        "uno": ("actions", None),
        "uno más": ("challenges", None),
        "otro": ("challenges", None),
    }
    the_state_equals_the_rows(meeting)


def test_a_column_that_the_room_does_not_have_becomes_the_one_of_its_role_or_the_first(meeting, trainer, people, groups):
    columns = [
        {"key": "hechos", "title": {"es": "Hechos"}, "role": "action"},
        {"key": "ideas", "title": {"es": "Ideas"}, "role": ""},
    ]
    do(meeting, trainer, "board.setup", {"columns": columns}, st=groups[0])
    write(meeting, people[0], "a", "hechos", st=groups[0])
    write(meeting, people[0], "b", "ideas", st=groups[0])
    gather(meeting, trainer)
    assert {note.text: note.column for note in on_main()} == {"a": "actions", "b": "challenges"}


def test_what_cannot_be_gathered_is_refused(meeting, trainer, people):
    refused("closed", meeting, trainer, "board.gather")
    open_board(meeting, trainer)
    do(meeting, trainer, "group.plan", {"groups": [{"people": [people[0].pk]}]})
    group = Group.objects.get()
    for wrong in ({"groups": [999_999]}, {"groups": []}, {"groups": [str(group.pk)]}):
        refused("invalid", meeting, trainer, "board.gather", wrong)
    refused("forbidden", meeting, people[0], "board.gather")
    refused("forbidden", meeting, trainer, "board.gather", st=f"group:{group.pk}")
    board = open_board(meeting, trainer)
    Note.objects.bulk_create([Note(board=board, column="challenges", text=str(n), author_name="—") for n in range(399)])
    for text in ("a", "b"):
        write(meeting, people[0], text, st=f"group:{group.pk}")
    refused("closed", meeting, trainer, "board.gather")
    assert on_main().count() == 399


def test_words_that_are_taken_back_on_the_room_s_board_leave_its_log(meeting, trainer, people, groups):
    write(meeting, people[0], "paciente Maria", st=groups[0])
    gather(meeting, trainer)
    do(meeting, people[0], "board.remove", {"id": on_main().get().pk})
    assert "Maria" not in str(list(Event.objects.filter(stream__name="main").values_list("body")))


def test_two_hundred_notes_take_as_many_queries_as_two(meeting, trainer, people, groups, django_assert_max_num_queries):
    for number in range(200):
        write(meeting, people[0], f"idea {number}", st=groups[0])
    with django_assert_max_num_queries(40):
        gather(meeting, trainer)
    assert on_main().count() == 200


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_hosts_gather_at_once_and_each_note_comes_once(in_parallel):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, "trainer"), person_in(meeting)
    open_board(meeting, trainer)
    do(meeting, trainer, "group.plan", {"groups": [{"people": [ana.pk]}]})
    write(meeting, ana, "una", st=f"group:{Group.objects.get().pk}")
    results = in_parallel(lambda number: gather(meeting, trainer))
    assert not [one for one in results if isinstance(one, Exception)]
    assert on_main().count() == 1
    the_state_equals_the_rows(meeting)
