"""Counts of what is counted rather than told one by one: votes, upvotes, dots, reactions. Hubs send them at most four times a second."""

from dataclasses import dataclass

from django.utils.module_loading import import_string

# Each is `tally(meeting_id, ids) -> list[Tally]`; `ids` is a set, or None for everything worth knowing to somebody who just came in.
COUNTERS = {
    "poll": "sessions.acts.polls.tally",
    "question": "sessions.acts.questions.tally",
    "note": "sessions.acts.board.tally",
    "reaction": "sessions.acts.reactions.tally",
}


@dataclass(frozen=True)
class Tally:
    """The newest count wins (`rev` rises). `stream` says who may have it; `counts` is per choice, where that may be shown."""

    stream: str
    kind: str
    id: int | str
    rev: int
    n: int
    counts: list | None = None

    def frame(self):
        frame = {"t": "tally", "k": self.kind, "id": self.id, "rev": self.rev, "n": self.n}
        return frame if self.counts is None else {**frame, "c": self.counts}


def current(meeting_id, changed=None):
    """`changed` is a set of (kind, id); `None` for all that is worth knowing. Synchronous, one or two queries per kind."""
    wanted = dict.fromkeys(COUNTERS) if changed is None else {}
    for kind, pk in changed or ():
        wanted.setdefault(kind, set()).add(pk)
    return [tally for kind, ids in wanted.items() for tally in import_string(COUNTERS[kind])(meeting_id, ids)]
