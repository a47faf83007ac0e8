"""Votes, upvotes, dots and reactions of one room, as last told: read when something changed, at most four times a second."""

import logging

from sessions import tallies, threads

log = logging.getLogger(__name__)
PASSING = ("reaction",)  # who comes later needs none


class Counts:
    """`serial` rises with each change, so that a poller can be told what is new since its last question."""

    def __init__(self, meeting_id):
        self.meeting_id, self.known, self.changed, self.serial = meeting_id, {}, set(), 0

    async def refresh(self, everything=False):
        """Reads the changed ones, or all; returns those that are new."""
        changed, self.changed = (None if everything else self.changed), set()
        try:
            found = await threads.reading(tallies.current, self.meeting_id, changed)
        except Exception:
            self.changed |= changed or set()
            raise
        return self._take(found)

    def _take(self, found):
        news = [one for one in found if self._is_news(one)]
        if news:
            self.serial += 1
            self.known |= {(one.kind, one.id, one.stream): (one, self.serial) for one in news}
        return news

    def _is_news(self, tally):
        known = self.known.get((tally.kind, tally.id, tally.stream))
        return known is None or tally.rev > known[0].rev

    def look(self, revs):
        """`revs` is {poll id: rev} as it stands in the database: what differs was missed."""
        known = {pk: one.rev for (kind, pk, _stream), (one, _serial) in self.known.items() if kind == "poll"}
        self.changed |= {("poll", pk) for pk, rev in revs.items() if rev > known.get(pk, 0)}

    def since(self, serial=0):
        return [one for one, at in self.known.values() if at > serial and one.kind not in PASSING]


def frames_for(found, streams):
    """Only of streams that are heard; whoever may have the parts of a count does not get the bare number as well."""
    mine = [one for one in found if one.stream in streams]
    full = {(one.kind, one.id) for one in mine if one.counts is not None}
    return [one.frame() for one in mine if one.counts is not None or (one.kind, one.id) not in full]
