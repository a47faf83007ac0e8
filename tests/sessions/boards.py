"""Boards for tests: opened, written on, and compared with their rows."""

import pytest

from sessions.models import Board, Note, NoteLink
from sessions.refusals import Refusal
from tests.sessions.rooms import do, state_of


def refused(why, *args, **kwargs):
    """The act is refused for this reason, in words."""
    with pytest.raises(Refusal) as refusal:
        do(*args, **kwargs)
    assert refusal.value.why == why
    assert refusal.value.text
    return refusal.value


def open_board(meeting, trainer, phase="collect", *, st="main", **body):
    do(meeting, trainer, "board.setup", body, st=st)
    if phase != "collect":
        do(meeting, trainer, "board.phase", {"phase": phase}, st=st)
    return Board.objects.get(stream__meeting=meeting, stream__name=st)


def write(meeting, user, text, column="challenges", *, st="main", **body):
    """Writes a note and gives its row."""
    do(meeting, user, "board.note", {"column": column, "text": text, **body}, st=st)
    return Note.objects.latest("pk")


def the_state_equals_the_rows(meeting, name="main"):
    """What everybody folds from the log is what stands in the tables."""
    state = state_of(meeting, name)
    board = Board.objects.filter(stream__meeting=meeting, stream__name=name).first()
    told = {key: value for key, value in state.get("board", {}).items() if key != "gathered"}
    assert told == (_row(board) if board else {})
    fields = ("column", "text", "country", "version", "order", "into")
    folded = {int(key): {field: note.get(field) for field in fields} for key, note in state.get("notes", {}).items()}
    rows = Note.objects.filter(board=board, removed_at=None)
    assert folded == {
        note.pk: {
            "column": note.column, "text": note.text, "country": str(note.country), "version": note.version, "order": note.order,
            "into": note.cluster_id,
        }
        for note in rows
    }  # fmt: skip
    links = NoteLink.objects.filter(action__board=board)
    assert set(state.get("links", {})) == {f"{link.action_id}-{link.challenge_id}" for link in links}
    assert not [note for note in rows.select_related("cluster") if note.cluster and note.cluster.cluster_id]


def _row(board):
    return {"columns": board.columns, "phase": board.phase, "locked": board.locked, "votes_each": board.votes_each}
