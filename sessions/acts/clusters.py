"""Notes that say the same become one; actions are linked to the challenges they answer."""

from django.db.models import Q
from django.utils.translation import gettext as _

from sessions.acts import act
from sessions.acts.board import move_votes, note_of, open_for_writing, role_of, standing
from sessions.acts.board_shapes import ACTION, CHALLENGE, Link, Merge, Unlink
from sessions.models import Note, NoteLink
from sessions.refusals import Refusal


@act("board.cluster", Merge)
def cluster(here, body):
    """Merges notes that say the same: they and what they headed stand under `into`, with their votes. `into: null` takes apart."""
    board = open_for_writing(here)
    ids = set(body.ids)
    if standing(board).filter(pk__in=ids).count() < len(ids):
        raise Refusal("invalid", _("This note does not exist any more."))
    everything = sorted(ids | set(members_of(ids)))
    notes = Note.objects.filter(pk__in=everything)
    if body.into is None:
        notes.update(cluster=None)
        return {"ids": everything, "into": None}
    target = note_of(here, body.into)
    head = target.cluster or target
    if {head.pk, target.pk} & ids:
        raise Refusal("invalid", _("A note cannot be merged into itself."))
    if notes.exclude(column=head.column).exists():
        raise Refusal("invalid", _("Only notes of one column can be merged."))
    notes.update(cluster=head)
    move_votes(here, everything, head)
    return {"ids": everything, "into": head.pk}


def members_of(ids):
    return list(Note.objects.filter(cluster__in=ids).order_by("pk").values_list("pk", flat=True))


@act("board.link", Link)
def link(here, body):
    """The action answers the challenge."""
    board = open_for_writing(here)
    action, challenge = note_of(here, body.action), note_of(here, body.challenge)
    if not fits(board, action, challenge):
        raise Refusal("invalid", _("A link goes from an action to a challenge."))
    made, _created = NoteLink.objects.get_or_create(action=action, challenge=challenge)
    return link_as_told(made)


@act("board.unlink", Unlink)
def unlink(here, body):
    board = open_for_writing(here)
    action, challenge = body.id.split("-")
    found = NoteLink.objects.filter(action__board=board, action=int(action), challenge=int(challenge)).first()
    if found is None:
        raise Refusal("invalid", _("This link does not exist any more."))
    found.delete()
    return {"id": body.id}


def link_as_told(one):
    return {"id": _key(one), "action": one.action_id, "challenge": one.challenge_id}


def fits(board, action, challenge):
    return role_of(board, action.column) == ACTION and role_of(board, challenge.column) == CHALLENGE


def _key(one):
    return f"{one.action_id}-{one.challenge_id}"


def links_of(ids):
    return list(NoteLink.objects.filter(Q(action__in=ids) | Q(challenge__in=ids)).select_related("action", "challenge"))


def cut(here, links):
    if links:
        NoteLink.objects.filter(pk__in=[one.pk for one in links]).delete()
        here.also(here.stream.name, "board.unlink", {"ids": sorted(_key(one) for one in links)})
