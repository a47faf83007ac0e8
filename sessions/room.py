"""The log of a room is written here: every write of a room goes through `perform`. Reading is sessions/log.py's.

The row of the stream is locked, the act checks and writes, its event gets the next number, all commits together; only then is
anybody told. So the order of numbers is the order of commits, and what was acknowledged is there (live-rooms design, rule 1).
"""

import contextlib
import functools
import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from django.db import DataError, Error, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from sessions import hints, protocol
from sessions.acts import ACTS
from sessions.log import as_frame, beginning, empty, events_after, heads, keep_snapshot, redact, snapshot
from sessions.models import Event, Group, Meeting, Stream
from sessions.refusals import Refusal, in_words
from sessions.seats import Seat

__all__ = ["CID", "STATES", "Ack", "Here", "append_as_server", "as_frame", "beginning", "empty", "events_after", "heads", "is_group_of",
           "keep_snapshot", "perform", "perform_all", "redact", "snapshot", "stream_of"]  # fmt: skip
log = logging.getLogger(__name__)
CID = re.compile(r"[0-9A-Za-z_-]{8,36}\Z")
STATES = {"scheduled": "lobby", "draft": "lobby", "live": "live", "paused": "paused", "ended": "ended", "cancelled": "ended"}
SUBJECTS = ("session", "chat", "questions", "polls", "hands", "agenda", "slides", "timers", "board", "notes", "clusters", "gathering",
            "groups", "roles", "media", "outcomes", "reactions")  # fmt: skip
LOCK_ORDER = ("main", "hosts", "group", "user")


@dataclass
class Here:
    """Where an act happens: everything under the lock. Times are aware datetimes; `stream.meeting` is the meeting's base row.

    `base` is the version of the object that the person saw, where edits collide. An act may leave a sentence for its own person in
    `notice`: what was done, but not all of it; it comes with the acknowledgement.
    """

    stream: Stream
    seat: Seat
    cid: str
    now: datetime
    base: int | None = None
    notice: str = ""
    others: list = field(default_factory=list)
    tallies: list = field(default_factory=list)

    @property
    def meeting(self):
        return self.stream.meeting

    def also(self, stream_name, kind, body):
        """A second event of the same act: on the same stream, or one locked later (main, then hosts, then groups, then people)."""
        own, other = (LOCK_ORDER.index(protocol.audience(name)) for name in (self.stream.name, stream_name))
        if stream_name != self.stream.name and other <= own:
            raise ValueError(f"{stream_name} is locked before {self.stream.name}")
        self.others.append((stream_name, kind, body))

    def tally(self, kind, pk):
        """The count of `kind` ("poll", "question", "note", "reaction") with this id has changed; hubs send it a few times a second."""
        self.tallies.append((kind, pk))


@dataclass(frozen=True)
class Ack:
    cid: str
    stream: str
    seq: int
    text: str = ""

    def frame(self):
        frame = {"t": "ack", "cid": self.cid, "st": self.stream, "s": self.seq}
        return {**frame, "text": self.text} if self.text else frame


def stream_of(meeting_id, name):
    """The row of a stream, made on first use."""
    return Stream.objects.get_or_create(meeting_id=meeting_id, name=name)[0]


def is_group_of(meeting_id, name):
    """Whether `group:<id>` names a group of the meeting, written the one way it is written."""
    part, _colon, number = name.partition(":")
    known = part == "group" and number.isascii() and number.isdigit() and len(number) < 18 and number == str(int(number))
    return known and Group.objects.filter(meeting_id=meeting_id, pk=int(number)).exists()


# --- writing -----------------------------------------------------------------------------------------------------------


def perform(seat, operation):
    """One act: `operation` is an `op` frame (`cid`, `st`, `k`, `b`). Returns an `Ack`; raises `Refusal`."""
    result = perform_all(seat.meeting_id, [(seat, operation)])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def perform_all(meeting_id, operations):
    """Several acts on streams of one meeting in as few transactions as there are streams in a row. `[(seat, op)] → [Ack | Refusal]`."""
    results = []
    for name, batch in _by_stream(operations):
        try:
            results += _perform_on(meeting_id, name, batch)
        except (Error, OverflowError) as error:
            if len(batch) > 1 and not isinstance(error, OperationalError):
                # What cannot be stored must not take the others along.
                results += [result for one in batch for result in perform_all(meeting_id, [one])]
                continue
            log.warning("acts on %s of meeting %s were not saved", name, meeting_id, exc_info=True)
            unfit = isinstance(error, (DataError, OverflowError))
            results += [Refusal("invalid") if unfit else Refusal("retry", retry_ms=800)] * len(batch)
    return results


def _by_stream(operations):
    batches = []
    for seat, operation in operations:
        name = operation.get("st")
        if not batches or batches[-1][0] != name:
            batches.append((name, []))
        batches[-1][1].append((seat, operation))
    return batches


def _perform_on(meeting_id, name, batch):
    checked = [_checked(seat, operation, name) for seat, operation in batch]
    if all(isinstance(one, Refusal) for one in checked):
        return checked
    if protocol.audience(name) == "group" and not is_group_of(meeting_id, name):
        return [Refusal("invalid", _("This group does not exist."))] * len(batch)
    stream_of(meeting_id, name)
    with transaction.atomic():
        stream = Stream.objects.select_for_update(of=("self",)).select_related("meeting").get(meeting_id=meeting_id, name=name)
        known = _known(stream, [operation["cid"] for _seat, operation in batch if isinstance(operation.get("cid"), str)])
        told = {}
        results = [
            one if isinstance(one, Refusal) else _act(stream, seat, operation, one, known, told)
            for (seat, operation), one in zip(batch, checked, strict=True)
        ]
        _tell_after_commit(meeting_id, told)
    return results


def _speaking_to(seat):
    """Refusals are sentences in the person's language, whoever else's acts are in the same batch."""
    return translation.override(seat.language) if seat.language else contextlib.nullcontext()


def _checked(seat, operation, name):
    """(shape instance, function) or a Refusal; no database."""
    with _speaking_to(seat):
        return _check(seat, operation, name)


def _check(seat, operation, name):
    kind, cid, body = operation.get("k"), operation.get("cid"), operation.get("b", {})
    rule = protocol.KINDS.get(kind) if isinstance(kind, str) else None
    if rule is None or not rule.sent or kind not in _acts() or not isinstance(cid, str) or not CID.match(cid):
        return Refusal("invalid")
    if not isinstance(name, str) or protocol.audience(name) not in rule.on or not seat.may_hear(name) or not seat.may(rule.who):
        return Refusal("forbidden")
    if not protocol.is_storable(body):
        return Refusal("invalid", _("This holds characters that cannot be stored."))
    shape, function = _acts()[kind]
    try:
        return shape.model_validate(body), function
    except ValidationError as error:
        return Refusal("invalid", in_words(error))


def _act(stream, seat, operation, checked, known, told):
    cid, kind = operation["cid"], operation["k"]
    if (seat.user_id, cid) in known:
        return Ack(cid, stream.name, known[seat.user_id, cid])
    rule = protocol.KINDS[kind]
    state = STATES[stream.meeting.state]
    if state not in rule.states:
        return Refusal("closed")
    here = Here(stream, seat, cid, timezone.now(), _whole_number(operation.get("base")))
    shape, function = checked
    try:
        with _speaking_to(seat), transaction.atomic():
            body = function(here, shape)
            seq = stream.last_seq if rule.counted else _append(stream, here, kind, body, told, cid)
            _append_others(stream, here, told)
    except Refusal as refusal:
        stream.refresh_from_db(fields=["last_seq"])
        stream.meeting = Meeting.objects.non_polymorphic().get(pk=stream.meeting_id)
        return refusal
    told.setdefault("", []).extend(here.tallies)
    if not rule.counted:
        known[seat.user_id, cid] = seq
    return Ack(cid, stream.name, seq, here.notice)


def _whole_number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lock(meeting, name):
    stream_of(meeting.pk, name)
    stream = Stream.objects.select_for_update().get(meeting_id=meeting.pk, name=name)
    stream.meeting = meeting
    return stream


def _append(stream, here, kind, body, told, cid=None):
    """`cid` is the device's for the event of the act itself, one made from it for those that come along."""
    stream.last_seq += 1
    cid = cid or f"{here.cid[:29]}+{stream.last_seq % 10**6}"
    event = Event.objects.create(
        stream=stream, seq=stream.last_seq, at=here.now, actor_id=here.seat.user_id, actor_name=here.seat.name,
        cid=cid, kind=kind, body=body,
    )  # fmt: skip
    Stream.objects.filter(pk=stream.pk).update(last_seq=stream.last_seq)
    told.setdefault(stream.name, []).append(event)
    return stream.last_seq


def _append_others(stream, here, told):
    """What came along. The same few queries for one event and for three hundred people who move into their groups."""
    if not here.others:
        return
    streams = _lock_all(stream.meeting, {name for name, _kind, _body in here.others} - {stream.name}) | {stream.name: stream}
    events = []
    for name, kind, body in here.others:
        other = streams[name]
        other.last_seq += 1
        event = Event(
            stream=other, seq=other.last_seq, at=here.now, actor_id=here.seat.user_id, actor_name=here.seat.name,
            cid=f"{here.cid[:29]}+{other.last_seq % 10**6}", kind=kind, body=body,
        )  # fmt: skip
        events.append(event)
        told.setdefault(name, []).append(event)
    Event.objects.bulk_create(events)
    grown = {event.stream for event in events}
    Stream.objects.bulk_update(sorted(grown, key=lambda one: one.pk), ["last_seq"], batch_size=200)


def _lock_all(meeting, names):
    """`{name: Stream}`, made where missing, locked in LOCK_ORDER and then by name."""
    Stream.objects.bulk_create([Stream(meeting=meeting, name=name) for name in sorted(names)], ignore_conflicts=True)
    found = {}
    for audience in LOCK_ORDER:
        wanted = [name for name in names if protocol.audience(name) == audience]
        locked = Stream.objects.select_for_update().filter(meeting=meeting, name__in=wanted).order_by("name") if wanted else ()
        found |= {stream.name: stream for stream in locked}
    for stream in found.values():
        stream.meeting = meeting
    return found


def _known(stream, cids):
    found = Event.objects.filter(stream=stream, cid__in=cids).values_list("actor_id", "cid", "seq")
    return {(actor, cid): seq for actor, cid, seq in found}


def _tell_after_commit(meeting_id, told):
    tallies = told.pop("", [])
    grown = {name: [as_frame(event) for event in events] for name, events in told.items()}
    if grown or tallies:
        transaction.on_commit(lambda: hints.send(meeting_id, grown, tallies), robust=True)
    for events in told.values():
        last = events[-1]
        if any(event.seq % protocol.SNAPSHOT_EVERY == 0 for event in events):
            transaction.on_commit(lambda stream_id=last.stream_id: keep_snapshot(stream_id), robust=True)


def append_as_server(meeting, name, kind, body, seat, cid):
    """An event that no device asked for (the clock, a page of the site), exactly once per `cid`. Inside or outside a transaction."""
    with transaction.atomic():
        stream = _lock(meeting, name)
        known = _known(stream, [cid])
        if known:
            return next(iter(known.values()))
        told = {}
        seq = _append(stream, Here(stream, seat, cid, timezone.now()), kind, body, told, cid)
        _tell_after_commit(meeting.pk, told)
    return seq


@functools.cache
def _acts():
    """Loaded on first use: the acts import this module."""
    for subject in SUBJECTS:
        import_module(f"sessions.acts.{subject}")
    return ACTS
