"""The board as a whole: opened, locked, moved on from phase to phase, voted on. Its notes: notes.py; merging and linking: clusters.py;
what comes from groups: gathering.py.

People write while the board collects and discusses, and vote while it votes; hosts may write at any time. A vote on an action says
that it was effective.
"""

from django.db.models import Count, F
from django.utils.translation import gettext as _

from sessions.acts import act
from sessions.acts.board_shapes import COLUMNS, Lock, Phase, Setup, Vote
from sessions.models import Board, Note, NoteVote
from sessions.refusals import Refusal
from sessions.tallies import Tally


@act("board.setup", Setup)
def setup(here, body):
    """Opens the board of the room or of a group, or changes its columns: none that holds notes may go."""
    board = _board(here.stream) or _new_board(here)
    if body.columns is not None:
        columns = [column.model_dump() for column in body.columns]
        _keep_used_columns(board, columns)
        board.columns = columns
    board.votes_each = body.votes_each or board.votes_each
    board.save()
    return board_as_told(board)


@act("board.lock", Lock)
def lock(here, body):
    board = opened(here)
    board.locked = body.locked
    board.save(update_fields=["locked"])
    return {"locked": board.locked}


@act("board.phase", Phase)
def phase(here, body):
    board = opened(here)
    board.phase = body.phase
    board.save(update_fields=["phase"])
    return {"phase": board.phase}


def board_as_told(board):
    return {"columns": board.columns, "phase": board.phase, "locked": board.locked, "votes_each": board.votes_each}


def opened(here):
    """The board of this stream; refuses before a host has opened it."""
    board = _board(here.stream)
    if board is None:
        raise Refusal("closed", _("The board has not been opened yet."))
    return board


def _board(stream):
    return Board.objects.filter(stream=stream).first()


def _new_board(here):
    groups = [f"group:{pk}" for pk in here.meeting.groups.values_list("pk", flat=True)]
    if here.stream.name not in ("main", *groups):
        raise Refusal("invalid", _("This group does not exist."))
    return Board(stream=here.stream, columns=COLUMNS)


def _keep_used_columns(board, columns):
    used = set(standing(board).order_by().values_list("column", flat=True).distinct()) if board.pk else set()
    before, after = ({column["key"]: column["role"] for column in some} for some in (board.columns, columns))
    if any(after.get(key) != before.get(key) for key in used):
        raise Refusal("invalid", _("There are notes in a column that would go. Move them first."))


# --- what the acts on notes share --------------------------------------------------------------------------------------


def standing(board):
    return Note.objects.filter(board=board, removed_at=None)


def role_of(board, key):
    """The role of a column; refuses one that the board does not have."""
    roles = {column["key"]: column["role"] for column in board.columns}
    if key not in roles:
        raise Refusal("invalid", _("This column does not exist."))
    return roles[key]


def open_for_writing(here):
    board = opened(here)
    if here.seat.hosts:
        return board
    if board.locked:
        raise Refusal("closed", _("The board is locked for the moment."))
    if board.phase == Board.Phase.VOTE:
        raise Refusal("closed", _("Notes stay as they are while people vote."))
    if board.phase == Board.Phase.CLOSED:
        raise Refusal("closed", _("The board is closed."))
    return board


def note_of(here, pk):
    note = Note.objects.filter(board__stream=here.stream, pk=pk, removed_at=None).select_related("cluster").first()
    if note is None:
        raise Refusal("invalid", _("This note does not exist any more."))
    return note


# --- votes -------------------------------------------------------------------------------------------------------------


@act("board.vote", Vote)
def vote(here, body):
    """One per note and person, at most `votes_each` per person on a board. For a merged note it counts where that was merged into."""
    board = opened(here)
    if board.phase != Board.Phase.VOTE or (board.locked and not here.seat.hosts):
        raise Refusal("closed", _("The board is not voting now."))
    note = note_of(here, body.id)
    note = note.cluster or note
    if _give(here, board, note) if body.up else _take(here, note):
        _count_again(here, {note.pk})


def _give(here, board, note):
    """Under the lock of the stream: nobody votes on this board between counting and writing."""
    own = list(NoteVote.objects.filter(note__board=board, user_id=here.seat.user_id).values_list("note_id", flat=True))
    if note.pk in own:
        return False
    if len(own) >= board.votes_each:
        raise Refusal("closed", _("You have used all your votes. Take one back to give it to another note."))
    NoteVote.objects.create(note=note, user_id=here.seat.user_id, cid=here.cid)
    return True


def _take(here, note):
    return NoteVote.objects.filter(note=note, user_id=here.seat.user_id).delete()[0] > 0


def _count_again(here, ids):
    Note.objects.filter(pk__in=ids).update(rev=F("rev") + 1)
    for pk in ids:
        here.tally("note", pk)


def move_votes(here, ids, head):
    """Who voted for several of them has one vote for what they have become; the others are free again."""
    voters = set(head.votes.values_list("user_id", flat=True))
    votes = list(NoteVote.objects.filter(note__in=ids).order_by("pk"))
    if not votes:
        return
    moved = []
    for one in votes:
        if one.user_id not in voters:
            voters.add(one.user_id)
            moved.append(one.pk)
    NoteVote.objects.filter(pk__in=moved).update(note=head)
    NoteVote.objects.filter(note__in=ids).delete()
    _count_again(here, {one.note_id for one in votes} | {head.pk})


def tally(meeting_id, ids):
    """See sessions/tallies.py: of the room's board and of each group's, to the stream that the note is on. One query."""
    found = Note.objects.filter(board__stream__meeting_id=meeting_id, removed_at=None).order_by()
    found = found.filter(rev__gt=0) if ids is None else found.filter(pk__in=ids)
    rows = found.annotate(count=Count("votes")).values_list("board__stream__name", "pk", "rev", "count")
    return [Tally(stream, "note", pk, rev, count) for stream, pk, rev, count in rows]
