"""Notes on a board: one idea each, written, changed, moved, removed."""

from django.db.models import Max
from django.utils.translation import gettext as _

from sessions import room
from sessions.acts import act
from sessions.acts.board import note_of, open_for_writing, opened, role_of, standing
from sessions.acts.board_shapes import GAP, MOST, MOST_EACH, Add, Edit, Move, Which
from sessions.acts.clusters import cut, fits, links_of, members_of
from sessions.models import Note
from sessions.refusals import Refusal


@act("board.note", Add)
def add(here, body):
    """One idea, under the country of its author unless it says another."""
    board = open_for_writing(here)
    role_of(board, body.column)
    authors = list(standing(board).order_by().values_list("author_id", flat=True))
    if len(authors) >= MOST or (authors.count(here.seat.user_id) >= MOST_EACH and not here.seat.hosts):
        raise Refusal("closed", _("The board is full. Merge or remove notes first."))
    country = here.seat.country if body.country is None else body.country
    note = Note.objects.create(
        board=board, column=body.column, text=body.text, country=country, author_id=here.seat.user_id,
        author_name=here.seat.name, order=next_place(board), at=here.now,
    )  # fmt: skip
    return note_as_told(note)


@act("board.edit", Edit)
def edit(here, body):
    open_for_writing(here)
    note = _unchanged(here, _own(here, body.id))
    note.text, note.version = body.text, note.version + 1
    told = {"id": note.pk, "text": note.text, "version": note.version}
    if body.country is not None:
        note.country = told["country"] = body.country
    note.save(update_fields=["text", "version", "country"])
    return told


@act("board.move", Move)
def move(here, body):
    """To a column, at its end or at a place (a number among the `order` of the others). A note leaves its cluster; one that heads a
    cluster takes it along. Links that no longer go from an action to a challenge are cut."""
    board = open_for_writing(here)
    note = _unchanged(here, _own(here, body.id))
    role_of(board, body.column)
    members = members_of([note.pk]) if body.column != note.column else []
    note.column, note.cluster, note.version = body.column, None, note.version + 1
    note.order = next_place(board) if body.order is None else body.order
    note.save(update_fields=["column", "cluster", "version", "order"])
    if members:
        Note.objects.filter(pk__in=members).update(column=body.column)
        here.also(here.stream.name, "board.move", {"ids": members, "column": body.column})
    cut(here, [link for link in links_of([note.pk, *members]) if not fits(board, link.action, link.challenge)])
    return {"id": note.pk, "column": note.column, "order": note.order, "version": note.version, "into": None}


@act("board.remove", Which)
def remove(here, body):
    """One's own words at any time, anybody's for hosts. They leave the board and the log; what was merged into them stays."""
    opened(here)
    note = _own(here, body.id)
    members = members_of([note.pk])
    if members:
        Note.objects.filter(pk__in=members).update(cluster=None)
        here.also(here.stream.name, "board.cluster", {"ids": members, "into": None})
    cut(here, links_of([note.pk]))
    note.votes.all().delete()
    Note.objects.filter(pk=note.pk).update(text="", cluster=None, removed_at=here.now)
    for kind in ("board.note", "board.edit"):
        room.redact(here.stream, kind, "id", note.pk)
    return {"id": note.pk}


def next_place(board):
    return (standing(board).aggregate(last=Max("order"))["last"] or 0) + GAP


def note_as_told(note):
    told = {
        "id": note.pk, "column": note.column, "text": note.text, "country": str(note.country), "version": note.version,
        "order": note.order,
    }  # fmt: skip
    return {**told, "into": note.cluster_id} if note.cluster_id else told


def _own(here, pk):
    note = note_of(here, pk)
    if note.author_id != here.seat.user_id and not here.seat.hosts:
        raise Refusal("forbidden", _("Only its author and those who run the meeting may change a note."))
    return note


def _unchanged(here, note):
    if here.base != note.version:
        raise Refusal("conflict", current=note.version)
    return note
