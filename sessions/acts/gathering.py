"""What the groups wrote comes to the board of the room: for the plenary. Whose note it was stays known, each comes once.

Only a host brings it, because the board of a group is the group's own until then. Votes stay behind: the room votes anew.
"""

from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field

from sessions.acts import Shape, act
from sessions.acts.board import opened, standing
from sessions.acts.board_shapes import GAP, MOST, Id
from sessions.acts.clusters import fits, link_as_told
from sessions.acts.notes import next_place, note_as_told
from sessions.models import Note, NoteLink
from sessions.refusals import Refusal


class Gather(Shape):
    groups: Annotated[list[Id], Field(min_length=1, max_length=50)] | None = None


@act("board.gather", Gather)
def gather(here, body):
    """Copies what stands on the boards of the groups (all, or some) and has not been brought before, with clusters and links."""
    board = opened(here)
    groups = _groups(here, body.groups)
    notes = _originals(here, groups, board)
    if standing(board).count() + len(notes) > MOST:
        raise Refusal("closed", _("The board would be too full. Merge or remove notes first, or bring fewer groups."))
    copies = _copied(board, notes, here.now)
    for note, copy in zip(notes, copies, strict=True):
        group = int(note.board.stream.name.partition(":")[2])
        here.also("main", "board.note", {**note_as_told(copy), "group": group})
    for link in _linked(board, copies):
        here.also("main", "board.link", link_as_told(link))
    here.notice = ngettext("%(count)d note was brought.", "%(count)d notes were brought.", len(copies)) % {"count": len(copies)}
    return {"gathered": sorted({*_gathered(board), *groups})}


def _groups(here, wanted):
    known = set(here.meeting.groups.values_list("pk", flat=True))
    if wanted is not None and not set(wanted) <= known:
        raise Refusal("invalid", _("This group does not exist."))
    return known if wanted is None else set(wanted)


def _originals(here, groups, board):
    """Heads of clusters before their members, so that a member finds the copy of its head."""
    names = [f"group:{pk}" for pk in groups]
    found = Note.objects.filter(board__stream__meeting_id=here.meeting.pk, board__stream__name__in=names, removed_at=None)
    return list(found.exclude(copies__board=board).select_related("board__stream").order_by("board_id", "order", "pk"))


def _copied(board, notes, now):
    place = next_place(board)
    copies = [
        Note(
            board=board, column=_column_for(board, note), text=note.text, country=note.country, author_id=note.author_id,
            author_name=note.author_name, copied_from=note, order=place + number * GAP, at=now,
        )
        for number, note in enumerate(notes)
    ]  # fmt: skip
    Note.objects.bulk_create(copies)
    _cluster_alike(board, notes, copies)
    return copies


def _column_for(board, note):
    """The same column; where the room's board has none of that key, one of the same role, or the first."""
    role = next((one["role"] for one in note.board.columns if one["key"] == note.column), "")
    keys = [one["key"] for one in board.columns]
    same_role = [one["key"] for one in board.columns if one["role"] == role]
    return note.column if note.column in keys else (same_role or keys)[0]


def _cluster_alike(board, notes, copies):
    heads = {copy.copied_from_id: copy for copy in _copies_of(board, {note.cluster_id for note in notes} - {None})}
    joined = []
    for note, copy in zip(notes, copies, strict=True):
        head = heads.get(note.cluster_id)
        if head is not None and head.column == copy.column:
            copy.cluster_id = head.cluster_id or head.pk
            joined.append(copy)
    Note.objects.bulk_update(joined, ["cluster"])


def _copies_of(board, originals):
    return standing(board).filter(copied_from__in=originals)


def _linked(board, copies):
    """New links between the copies of notes that are linked, where they still go from an action to a challenge."""
    by_original = {copy.copied_from_id: copy for copy in standing(board).exclude(copied_from=None)}
    new = {copy.copied_from_id for copy in copies}
    pairs = NoteLink.objects.filter(action__in=by_original, challenge__in=by_original).values_list("action", "challenge")
    wanted = [(by_original[a], by_original[c]) for a, c in pairs.order_by("pk") if a in new or c in new]
    links = [NoteLink(action=action, challenge=challenge) for action, challenge in wanted if fits(board, action, challenge)]
    return NoteLink.objects.bulk_create(links)


def _gathered(board):
    names = (
        standing(board).exclude(copied_from=None).values_list("copied_from__board__stream__name", flat=True).order_by().distinct()
    )
    return {int(name.partition(":")[2]) for name in names}
