"""What this process knows of one stream: its head, the last events as text, and who listens.

An event is a line `(seq, kind, JSON text)`; it is encoded once, wherever it was made.
"""

from collections import deque
from itertools import islice

from sessions import protocol

LONGEST = 128 * 1024  # characters of a frame; daphne sends no more than 1 MiB
TAKES_BACK = (".redact", ".remove")  # kinds after which earlier text must not come from memory


def line(event):
    """`event` is a frame's event (room.as_frame)."""
    return event["s"], event["k"], protocol.dump(event)


def frames_of(name, epoch, lines):
    """`ev` frames as text, none much longer than `LONGEST`."""
    frames, texts, size = [], [], 0
    for _seq, _kind, text in lines:
        if size + len(text) > LONGEST and texts:
            frames.append(_frame(name, epoch, texts))
            texts, size = [], 0
        texts.append(text)
        size += len(text)
    return [*frames, _frame(name, epoch, texts)] if texts else frames


def _frame(name, epoch, texts):
    return f'{{"t":"ev","st":{protocol.dump(name)},"e":"{epoch}","ev":[{",".join(texts)}]}}'


class Reel:
    """`head` is the last number that was handed to the listeners, `wanted` the highest that anybody spoke of."""

    def __init__(self, name, epoch="", head=0, lines=()):
        self.name, self.epoch, self.head, self.wanted = name, epoch, head, head
        self.ring = deque(lines, maxlen=protocol.REPLAY_LIMIT)
        self.live, self.coming = set(), set()  # members; those who still get what was before are coming
        self.snap, self.taken_back = None, 0  # (seq, frames as text) of the last snapshot made; how often words left the log
        self.filling = False

    def take(self, lines):
        """Hands on what follows the head; lines from before are dropped. The lines handed on; sets `wanted` when some are missing."""
        fresh = [one for one in lines if one[0] > self.head]
        if not fresh:
            return []
        count = next((place for place, one in enumerate(fresh) if one[0] != self.head + 1 + place), len(fresh))
        self.wanted = max(self.wanted, fresh[-1][0])
        if count:
            self._hand_on(fresh[:count])
        return fresh[:count]

    def _hand_on(self, lines):
        self.head = lines[-1][0]
        self.wanted = max(self.wanted, self.head)
        back = max((place for place, (_seq, kind, _text) in enumerate(lines) if kind.endswith(TAKES_BACK)), default=None)
        if back is not None:
            self.forget_words()
        self.ring.extend(lines[back or 0 :])  # what was taken back may have come in the same breath
        for text in frames_of(self.name, self.epoch, lines):
            for member in tuple(self.live):
                member.pipe.push(text)

    def forget_words(self):
        """Words were taken back: nothing older comes from memory any more."""
        self.ring.clear()
        self.snap = None
        self.taken_back += 1

    def after(self, seq):
        """Lines above `seq` from memory, or `None` where the log must be read."""
        if seq >= self.head:
            return []
        if not self.ring or self.ring[0][0] > seq + 1:
            return None
        return list(islice(self.ring, seq + 1 - self.ring[0][0], None))

    def restart(self, epoch, head):
        """The log was restored: other epoch, other numbers."""
        self.forget_words()
        self.epoch, self.head, self.wanted = epoch, head, head

    def go_live(self, member):
        self.coming.discard(member)
        self.live.add(member)

    def leave(self, member):
        self.live.discard(member)
        self.coming.discard(member)

    @property
    def is_empty(self):
        return not self.live and not self.coming
