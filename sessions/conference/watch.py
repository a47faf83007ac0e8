"""What is wished stands in the log; this makes it so. One task per process looks each second whether the log of a room with calls has
grown, reads what concerns calls, and tells each line. It renews places too. Hints may be lost: nothing here depends on them.
"""

import asyncio
import logging
import time
import weakref
from dataclasses import replace

from django.contrib.auth import get_user_model

from sessions import room, threads
from sessions.acts.groups import are_at_work
from sessions.conference import rights
from sessions.conference.roster import RENEWAL
from sessions.models import Event, GroupMember, Meeting
from sessions.seats import seat_for

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds
CONCERNS = ("media.policy", "role.set", "group.plan", "group.place", "group.open", "group.recall", "group.close", "session.end")
_watches = weakref.WeakKeyDictionary()


def watch():
    """The one of this process (of this event loop)."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


class Watch:
    def __init__(self):
        self.lines, self.seen, self.task = set(), {}, None

    def remember(self, line, head):
        """From now on this line hears of what is above `head` in the log."""
        self.lines.add(line)
        self.seen.setdefault(line.seat.meeting_id, head)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._run())

    def forget(self, line):
        self.lines.discard(line)
        meeting = line.seat.meeting_id
        if not any(one.seat.meeting_id == meeting for one in self.lines):
            self.seen.pop(meeting, None)

    async def _run(self):
        renewed = time.monotonic()
        while self.lines:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
            except Exception:
                log.exception("conference: the watch failed")
            if time.monotonic() - renewed > RENEWAL:
                renewed = time.monotonic()
                for line in self.lines:
                    line.do("_renew")

    async def _look(self):
        news = await threads.reading(news_since, dict(self.seen))
        for meeting, (head, changed) in news.items():
            if meeting in self.seen:
                self.seen[meeting] = head
            if changed:
                await self._tell(meeting, changed)

    async def _tell(self, meeting, changed):
        lines = [line for line in self.lines if line.seat.meeting_id == meeting]
        seats, policy = await threads.reading(standing, meeting, [line.seat for line in lines], changed)
        for line in lines:
            line.do("_reconcile", (seats.get(line.seat.user_id), policy))


def news_since(seen):
    """`{meeting: (head, [(kind, body)])}` of rooms whose log has grown. One query, one more per room that has."""
    heads = {meeting: head for (meeting, name), (_epoch, head) in room.heads(list(seen)).items() if name == "main"}
    return {meeting: (head, _concerning(meeting, seen[meeting])) for meeting, head in heads.items() if head != seen[meeting]}


def _concerning(meeting, after):
    told = Event.objects.filter(stream__meeting_id=meeting, stream__name="main", seq__gt=after, kind__in=CONCERNS)
    return list(told.values_list("kind", "body"))


def standing(meeting_id, seats, changed):
    """`({user id: Seat or None}, policy)`: seats of those whose part changed are read anew, groups of all with one query."""
    if any(kind == "session.end" for kind, _body in changed):
        return {}, rights.policy_of(meeting_id)
    groups = _groups(meeting_id)
    known = {seat.user_id: replace(seat, group=groups.get(seat.user_id)) for seat in seats}
    parts = {body.get("id") for kind, body in changed if kind == "role.set"} & known.keys()
    meeting = Meeting.objects.get(pk=meeting_id) if parts else None
    for user in get_user_model().objects.filter(pk__in=parts):
        seat = seat_for(user, meeting)
        known[user.pk] = seat and replace(seat, group=groups.get(user.pk))
    return known, rights.policy_of(meeting_id)


def _groups(meeting_id):
    """`{user id: group id}` of those who are in a group now."""
    if not are_at_work(meeting_id):
        return {}
    return dict(GroupMember.objects.filter(meeting_id=meeting_id).values_list("user_id", "group_id"))
