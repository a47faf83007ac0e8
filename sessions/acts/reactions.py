"""Reactions: counted over the last ten seconds, one of each kind per person in that time."""

import time
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import Count

from sessions.acts import Shape, act
from sessions.models import Reaction
from sessions.tallies import Tally

KINDS = ("thanks", "agree", "applause", "idea")
SLOT_SECONDS = 10


class Send(Shape):
    kind: Literal["thanks", "agree", "applause", "idea"]


@act("react.send", Send)
def send(here, body):
    try:
        with transaction.atomic():
            Reaction.objects.create(
                meeting_id=here.meeting.pk, user_id=here.seat.user_id, kind=body.kind, slot=_slot(here.now.timestamp())
            )
    except IntegrityError:
        return
    here.tally("reaction", body.kind)


def tally(meeting_id, ids):
    """See sessions/tallies.py. `id` is the kind; a joiner needs none. `rev` is the slot and the count, so that it rises."""
    if ids is None:
        return []
    slot = _slot(time.time())
    rows = Reaction.objects.filter(meeting_id=meeting_id, kind__in=ids, slot=slot).values_list("kind").annotate(Count("pk"))
    return [Tally("main", "reaction", kind, slot * 10_000 + count, count) for kind, count in rows]


def _slot(seconds):
    return int(seconds) // SLOT_SECONDS
