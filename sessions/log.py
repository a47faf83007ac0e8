"""The log of a room, read: frames of its events, heads, snapshots; and words taken out of it for good. Appending is sessions/room.py's."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions import protocol
from sessions.fold import fold
from sessions.instants import milliseconds
from sessions.models import Event, Snapshot, Stream


def as_frame(event):
    """The event as in an `ev` frame; `at` in milliseconds since 1970."""
    return {
        "s": event.seq, "at": milliseconds(event.at), "u": event.actor_id, "n": event.actor_name, "k": event.kind,
        "b": event.body, "cid": event.cid,
    }  # fmt: skip


def events_after(stream, seq, upto=None, limit=protocol.REPLAY_LIMIT):
    """Frames of the events above `seq`, in order, at most `limit`."""
    found = Event.objects.filter(stream=stream, seq__gt=seq).order_by("seq")
    if upto is not None:
        found = found.filter(seq__lte=upto)
    return [as_frame(event) for event in found[:limit]]


def heads(meeting_ids):
    """`{(meeting id, stream name): (epoch, last_seq)}` in one query."""
    rows = Stream.objects.filter(meeting_id__in=meeting_ids).values_list("meeting_id", "name", "epoch", "last_seq")
    return {(meeting, name): (epoch, last) for meeting, name, epoch, last in rows}


def snapshot(stream):
    """`(seq, state)` of the stream now. Reads the last stored snapshot and the events after it."""
    seq, state = _stored(stream)
    head = Stream.objects.filter(pk=stream.pk).values_list("last_seq", flat=True).get()
    events = events_after(stream, seq, head, limit=None)
    return head, fold(state or beginning(stream), events)


def beginning(stream):
    """The state before the first event."""
    return {"session": {"state": protocol.LOBBY}} if stream.name == "main" else {}


def _stored(stream):
    stored = Snapshot.objects.filter(stream=stream).order_by("-seq").values_list("seq", "state").first()
    return stored or (0, None)


def keep_snapshot(stream_id):
    """Stores the state of now. Under the lock of the stream, so that no redaction slips between reading and storing."""
    with transaction.atomic():
        stream = Stream.objects.select_for_update().get(pk=stream_id)
        seq, state = snapshot(stream)
        try:
            with transaction.atomic():
                Snapshot.objects.create(stream=stream, seq=seq, state=state)
        except IntegrityError:
            return


# --- taking words out --------------------------------------------------------------------------------------------------


def empty(event):
    """Takes the words out of an event for good: its body says only that something was redacted. Stored snapshots that held it go."""
    event.body = {**{key: value for key, value in event.body.items() if not isinstance(value, str)}, "text": "", "redacted": True}
    event.redacted_at = timezone.now()
    event.save(update_fields=["body", "redacted_at"])
    Snapshot.objects.filter(stream_id=event.stream_id, seq__gte=event.seq).delete()


def redact(stream, kind, key, value):
    """`empty`s every event of a kind whose body has this value: earlier versions of a text that is taken back."""
    for event in stream.events.filter(kind=kind, **{f"body__{key}": value}):
        empty(event)
