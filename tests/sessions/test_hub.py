"""The hub through its door: nothing lost, nothing twice, the same order, whatever happens to hints and readers."""

import json
import time

import pytest
from django.db import connection

from sessions import hints, protocol, room
from sessions.models import Event, Snapshot, Stream
from tests.sessions.rooms import do, meeting_of, person_in
from tests.sessions.sockets import on_loop, the_house, until

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]


@pytest.fixture
def deaf(monkeypatch):
    """All hints are lost."""
    monkeypatch.setattr(hints, "send", lambda *arguments: None)


def post(meeting, user, count):
    for number in range(count):
        do(meeting, user, "chat.post", {"text": f"text {number}"})


# --- hints -------------------------------------------------------------------------------------------------------------


def test_with_every_hint_lost_everything_arrives_in_order(door, deaf):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone, other = door.enter(ana, meeting), door.enter(luis, meeting)
    for number in range(1, 6):
        phone.act("chat.post", {"text": "x"}, cid=f"cid-{number:08d}")
        time.sleep(0.1)
    assert other.hear_events(5, seconds=4) == [1, 2, 3, 4, 5]
    assert phone.hear_events(5, seconds=4) == [1, 2, 3, 4, 5]


def test_counts_arrive_with_every_hint_lost(door, deaf, monkeypatch):
    from sessions.house import House

    monkeypatch.setattr(House, "RECOUNT", 1)
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone = door.enter(ana, meeting)
    do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    pk = meeting.questions.get().pk
    do(meeting, luis, "qa.upvote", {"id": pk})
    assert phone.hear("tally", k="question", id=pk, seconds=5)["n"] == 1


def test_hints_doubled_out_of_order_and_invented_change_nothing(door, monkeypatch):
    sent = []
    monkeypatch.setattr(hints, "send", lambda *arguments: sent.append(arguments))
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    post(meeting, ana, 6)
    monkeypatch.undo()
    for arguments in (sent[3], sent[1], sent[1], sent[5], sent[0], sent[0], sent[2]):
        hints.send(*arguments)
    on_loop(the_house().take, {"type": "grown", "m": meeting.pk, "lines": {}, "heads": {"main": 10**6}, "tallies": []})
    on_loop(the_house().take, {"type": "nonsense", "m": meeting.pk})
    assert phone.hear_events(6) == [1, 2, 3, 4, 5, 6]
    post(meeting, ana, 1)
    assert phone.hear_events(7) == [7]


def test_a_large_hint_travels_as_a_number_only():
    lines = {"main": [(number, "chat.post", "x" * 30_000) for number in range(1, 4)]}
    bounded = hints._bounded({"type": "grown", "m": 1, "lines": lines, "tallies": []})
    assert bounded["lines"] == {} and bounded["heads"] == {"main": 3}
    assert hints._bounded({"lines": {"main": lines["main"][:1]}})["lines"]


# --- resuming ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [True, False])
def test_who_comes_back_gets_what_was_missed_and_nothing_else(door, memory):
    meeting = meeting_of()
    ana = person_in(meeting)
    post(meeting, ana, 10)
    phone = door.enter(ana, meeting)
    epoch = phone.welcome["streams"]["main"]["e"]
    if not memory:
        on_loop(the_house().hubs[meeting.pk].reels["main"].ring.clear)
    back = door.enter(ana, meeting, cur={"main": {"e": epoch, "s": 4}})
    assert back.welcome["streams"]["main"] == {"e": epoch, "head": 10, "mode": "replay"}
    assert back.hear_events(10) == [5, 6, 7, 8, 9, 10]
    assert not any(frame["t"] == "snap" and frame["st"] == "main" for frame in back.heard)


def test_far_behind_the_state_comes_instead_of_the_replay(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    stream = room.stream_of(meeting.pk, "main")
    fill(stream, ana, protocol.REPLAY_LIMIT + 20)
    phone = door.enter(ana, meeting, cur={"main": {"e": stream.epoch, "s": 3}})
    assert phone.welcome["streams"]["main"]["mode"] == "snapshot"
    snap = phone.hear("snap", st="main")
    assert snap["s"] == protocol.REPLAY_LIMIT + 20 and len(snap["state"]["chat"]) == protocol.CHAT_KEPT
    post(meeting, ana, 1)
    assert phone.hear_events(snap["s"] + 1) == [snap["s"] + 1]


def fill(stream, user, count):
    Event.objects.bulk_create(
        Event(stream=stream, seq=number, actor=user, cid=f"old-{number:08d}", kind="chat.post", body={"text": "x"})
        for number in range(1, count + 1)
    )
    Stream.objects.filter(pk=stream.pk).update(last_seq=count)


def test_snapshot_and_tail_together_are_the_state(door):
    """Somebody posts without pause while others come in."""
    import threading

    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    stop = threading.Event()

    def talk():
        while not stop.is_set():
            do(meeting, ana, "chat.post", {"text": "x"})
        connection.close()

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        phones = [door.enter(luis, meeting) for _number in range(5)]
    finally:
        stop.set()
        talking.join()
    head = Stream.objects.get(meeting=meeting, name="main").last_seq
    for phone in phones:
        snap = next((one for one in phone.heard if one["t"] == "snap" and one["st"] == "main"), None) or phone.hear(
            "snap", st="main"
        )
        numbers = phone.hear_events(head) if snap["s"] < head else []
        assert numbers == list(range(snap["s"] + 1, head + 1))


def test_a_gap_is_filled_on_request(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    phone.hear("snap", st="main")
    post(meeting, ana, 5)
    phone.hear_events(5)
    phone.say("sync", st="main", s=2)
    assert phone.hear_events(5) == [3, 4, 5]
    phone.say("sync", st="main", s=0)
    snap = phone.hear("snap", st="main")
    assert snap["s"] == 5 or phone.hear_events(5) == list(range(snap["s"] + 1, 6))


def test_after_a_restore_everybody_gets_the_state_anew(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    phone.hear("snap", st="main")
    post(meeting, ana, 3)
    phone.hear_events(3)
    Event.objects.filter(seq__gt=1).delete()
    Stream.objects.filter(meeting=meeting, name="main").update(epoch="restored", last_seq=1)
    snap = phone.hear("snap", st="main", seconds=5)
    assert (snap["e"], snap["s"], len(snap["state"]["chat"])) == ("restored", 1, 1)
    post(meeting, ana, 1)
    assert phone.hear_events(2) == [2]


# --- words taken back --------------------------------------------------------------------------------------------------


def test_words_taken_back_are_told_to_nobody_any_more(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone = door.enter(ana, meeting)
    epoch = phone.welcome["streams"]["main"]["e"]
    seq = do(meeting, ana, "chat.post", {"text": "the-secret"}).seq
    door.enter(luis, meeting).hear("snap", st="main")
    do(meeting, ana, "chat.redact", {"id": seq})
    phone.hear_events(2)
    resumed = door.enter(luis, meeting, cur={"main": {"e": epoch, "s": 0}})
    fresh = door.enter(luis, meeting)
    resumed.hear_events(2)
    fresh.hear("snap", st="main")
    assert "the-secret" not in json.dumps(resumed.heard + fresh.heard)
    assert not Snapshot.objects.exists()


# --- slow readers ------------------------------------------------------------------------------------------------------


def test_who_does_not_read_is_closed_and_comes_back_complete(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    slow = door.enter(luis, meeting, cur={})
    epoch = slow.welcome["streams"]["main"]["e"]
    slow.hear("snap", st=f"user:{luis.pk}")
    stream = room.stream_of(meeting.pk, "main")
    stream.refresh_from_db()
    for number in range(1, 61):  # 1.2 MB in frames that nobody confirms
        tell(stream, ana, number, "x" * 20_000)
    assert until(lambda: not the_house().hubs[meeting.pk].members, 10)
    assert slow.close_code() in (4408, 1006)  # the code waits behind what was not read, for a second
    seen = [event["s"] for frame in slow.heard if frame["t"] == "ev" for event in frame["ev"]]
    assert seen == list(range(1, len(seen) + 1)) and len(seen) < 60
    back = door.enter(luis, meeting, cur={"main": {"e": epoch, "s": seen[-1]}})
    assert back.hear_events(60) == list(range(seen[-1] + 1, 61))


def test_who_reads_and_says_so_stays(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone = door.enter(luis, meeting)
    phone.hear("pres")
    stream = room.stream_of(meeting.pk, "main")
    for number in range(1, 61):
        tell(stream, ana, number, "x" * 20_000)
        phone.hear_events(number)
        if number % 8 == 0:
            phone.say("hb", cur={"main": number, f"user:{luis.pk}": 0})
            phone.hear("hb")
    phone.act("chat.post", {"text": "still here"})
    assert phone.hear("ack")


def tell(stream, user, number, text):
    event = Event.objects.create(
        stream=stream, seq=number, actor=user, cid=f"old-{number:08d}", kind="chat.post", body={"text": text}
    )
    Stream.objects.filter(pk=stream.pk).update(last_seq=number)
    hints.send(stream.meeting_id, {stream.name: [room.as_frame(event)]})


# --- the database ------------------------------------------------------------------------------------------------------


def test_while_the_database_is_away_acts_are_refused_for_now_and_sockets_stay(door, monkeypatch):
    from django.db import OperationalError

    from sessions import reading

    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)

    def away(*arguments):
        raise OperationalError("the server closed the connection")

    for module, name in ((room, "perform_all"), (room, "heads"), (reading, "look")):
        monkeypatch.setattr(module, name, away)
    phone.act("chat.post", {"text": "Hola"})
    nack = phone.hear("nack")
    assert nack["why"] == "retry" and nack["retry_ms"] > 0
    monkeypatch.undo()
    phone.act("chat.post", {"text": "Hola"})
    assert phone.hear("ack")["s"] == 1
    assert phone.hear_events(1) == [1]


def test_acts_that_arrive_together_are_written_together(door, monkeypatch):
    sizes, perform_all = [], room.perform_all

    def counting(meeting_id, operations):
        sizes.append(len(operations))
        time.sleep(0.05)
        return perform_all(meeting_id, operations)

    monkeypatch.setattr(room, "perform_all", counting)
    meeting = meeting_of()
    people = [person_in(meeting) for _number in range(4)]
    phones = [door.enter(person, meeting) for person in people]
    for number in range(10):
        for place, phone in enumerate(phones):
            phone.act("chat.post", {"text": "x"}, cid=f"cid-{place}-{number:06d}")
    for phone in phones:
        assert phone.hear_events(40) == list(range(1, 41))
        until(lambda: sum(one["t"] == "ack" for one in phone.heard) == 10 or phone.listen(0.1) is None, 5)  # noqa: B023 -- now
        acks = [one["s"] for one in phone.heard if one["t"] == "ack"]
        assert len(acks) == 10 and acks == sorted(acks)
    assert sum(sizes) == 40 and max(sizes) > 5


def test_an_event_is_encoded_once_for_everybody(door, monkeypatch):
    encoded, dump = [], protocol.dump

    def counting(frame):
        if isinstance(frame, dict) and frame.get("k") == "chat.post":
            encoded.append(frame)
        return dump(frame)

    meeting = meeting_of()
    people = [person_in(meeting) for _number in range(6)]
    phones = [door.enter(person, meeting) for person in people]
    monkeypatch.setattr(protocol, "dump", counting)
    do(meeting, people[0], "chat.post", {"text": "x"})
    for phone in phones:
        assert phone.hear_events(1) == [1]
    assert len(encoded) == 1
