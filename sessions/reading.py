"""What hubs read from the log. Synchronous, for threads of sessions.threads."""

from sessions import protocol, room
from sessions.models import Poll, Stream
from sessions.reel import LONGEST, Reel, line


def open_reels(meeting_id, names):
    """A `Reel` for each stream, its ring filled, so that most people who come back are served from memory."""
    rows = {row.name: row for row in Stream.objects.filter(meeting_id=meeting_id, name__in=names)}
    rows |= {name: room.stream_of(meeting_id, name) for name in names if name not in rows and _is_made_here(meeting_id, name)}
    return [_reel(name, rows.get(name)) for name in names]


def _is_made_here(meeting_id, name):
    """A person's stream begins with its first event. Hosts may ask for groups by any name, and only those that there are have one."""
    return name in ("main", "hosts") or room.is_group_of(meeting_id, name)


def _reel(name, row):
    if row is None:
        return Reel(name)
    tail = [line(event) for event in room.events_after(row, max(0, row.last_seq - protocol.REPLAY_LIMIT), row.last_seq)]
    return Reel(name, row.epoch, row.last_seq, tail)


def lines_after(meeting_id, name, seq):
    """The next lines above `seq`, at most 500."""
    row = Stream.objects.filter(meeting_id=meeting_id, name=name).first()
    return [line(event) for event in room.events_after(row, seq)] if row else []


def snapshot(meeting_id, name):
    """`(epoch, seq, snap frames as text)`."""
    row = Stream.objects.filter(meeting_id=meeting_id, name=name).first()
    if row is None:
        return "", 0, _snap(name, "", 0, room.beginning(Stream(name=name)))
    seq, state = room.snapshot(row)
    return row.epoch, seq, _snap(name, row.epoch, seq, state)


def _snap(name, epoch, seq, state):
    parts = _parts(state)
    frame = {"t": "snap", "st": name, "e": epoch, "s": seq, "of": len(parts)}
    return [protocol.dump({**frame, "part": number, "state": part}) for number, part in enumerate(parts, start=1)]


def _parts(state):
    """The state in pieces of bounded size; a collection may go on in the next piece."""
    parts, size = [{name: {} for name in state}], 0
    for name, collection in state.items():
        for key, value in collection.items():
            length = len(protocol.dump(value))
            if size + length > LONGEST and size:
                parts.append({})
                size = 0
            parts[-1].setdefault(name, {})[key] = value
            size += length
    return parts


def look(meeting_ids):
    """`(heads, revs)`: room.heads, and {meeting id: {poll id: rev}} of polls that are open. Two queries for all rooms."""
    revs = {meeting_id: {} for meeting_id in meeting_ids}
    polls = Poll.objects.filter(meeting_id__in=meeting_ids, state=Poll.State.OPEN).order_by()
    for meeting_id, pk, rev in polls.values_list("meeting_id", "pk", "rev"):
        revs[meeting_id][pk] = rev
    return room.heads(meeting_ids), revs
