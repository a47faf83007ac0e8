"""From what a member has to what is: the tail of the log, or the state and the tail after it."""

import asyncio
import logging

from django.db import Error

from sessions import reading, threads
from sessions.reel import frames_of

log = logging.getLogger(__name__)
RESTART = 1012
STALE = 100  # events after which a state is folded anew for those who come


async def catch_up(hub, member, reel, since):
    """Sends what the member lacks, from memory or from the log; from then on it is served live."""
    try:
        epoch = reel.epoch
        while member in reel.coming:
            if since is None or reel.epoch != epoch:
                since, epoch = await _send_snapshot(hub, member, reel), reel.epoch
            missing = reel.after(since)
            if missing is None:
                missing = await threads.reading(reading.lines_after, hub.meeting_id, reel.name, since)
                missing = [one for one in missing if one[0] <= reel.head]
            for text in frames_of(reel.name, reel.epoch, missing):
                member.pipe.push(text)
            since = missing[-1][0] if missing else since
            if since >= reel.head or not missing:
                reel.go_live(member)
    except Exception as error:
        own = not isinstance(error, Error)  # the database being away is no riddle
        log.warning("meeting %s: %s could not be read: %r", hub.meeting_id, reel.name, error, exc_info=own)
        member.close(RESTART)


async def _send_snapshot(hub, member, reel):
    """The state as text, made once for all who come while the ring reaches back to it. Returns its number."""
    while reel.snap is None or reel.head - reel.snap[0] > STALE or reel.after(reel.snap[0]) is None:
        taken_back = reel.taken_back
        epoch, seq, frames = await threads.reading(reading.snapshot, hub.meeting_id, reel.name)
        if epoch != reel.epoch:
            hub.restart(reel, epoch, seq)
        elif taken_back == reel.taken_back:
            reel.snap = (seq, frames)
            await _reach(hub, reel, seq)
    for text in reel.snap[1]:
        member.pipe.push(text)
    return reel.snap[0]


async def _reach(hub, reel, seq):
    """Until the live side is as far as a snapshot that was read just now; else the reader would get its last events twice."""
    reel.wanted = max(reel.wanted, seq)
    for _time in range(100):
        if reel.head >= seq:
            return
        hub.fill(reel)
        await asyncio.sleep(0.02)
