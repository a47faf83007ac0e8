"""The room without sockets: long poll and server-sent events, read from the same hub."""

import http.client
import json
import threading
import time

import pytest

from sessions import protocol, room
from sessions.models import Lease
from tests.factories import UserFactory
from tests.sessions.rooms import do, meeting_of, person_in
from tests.sessions.sockets import the_house, until

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]


def ask(door, meeting, cookie, query="", method="GET", timeout=35, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=timeout)
    try:
        path = f"/ws/live/{getattr(meeting, 'pk', meeting)}/events{query}"
        connection.request(
            method, path, headers={"Cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read() or "[]")
    finally:
        connection.close()


def test_a_poll_brings_state_then_events_and_waits_in_between(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    cookie = door.cookie(ana)
    do(meeting, luis, "chat.post", {"text": "before"})
    status, frames = ask(door, meeting, cookie, "?st=main&since=0&e=&tab=t1")
    snap = next(one for one in frames if one["t"] == "snap")
    assert status == 200 and snap["s"] == 1 and frames[-1]["t"] == "hb" and frames[-1]["head"] == {"main": 1}
    answers = []
    query = f"?st=main&since=1&e={snap['e']}&tab=t1"
    waiting = threading.Thread(target=lambda: answers.append((*ask(door, meeting, cookie, query), time.monotonic())))
    began = time.monotonic()
    waiting.start()
    time.sleep(1)
    assert not answers
    do(meeting, luis, "chat.post", {"text": "while waiting"})
    waiting.join(10)
    status, frames, at = answers[0]
    assert status == 200 and 1 <= at - began < 4
    assert [event["b"]["text"] for one in frames if one["t"] == "ev" for event in one["ev"]] == ["while waiting"]


def test_what_was_missed_comes_at_once(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    epoch = room.stream_of(meeting.pk, "main").epoch
    for number in range(5):
        do(meeting, ana, "chat.post", {"text": str(number)})
    began = time.monotonic()
    _status, frames = ask(door, meeting, door.cookie(ana), f"?st=main&since=2&e={epoch}&tab=t1")
    assert [event["s"] for one in frames if one["t"] == "ev" for event in one["ev"]] == [3, 4, 5]
    assert time.monotonic() - began < 5


def test_a_poll_with_nothing_new_ends_by_itself(door, monkeypatch):
    from sessions import polling

    monkeypatch.setattr(polling, "LONGEST_WAIT", 1)
    meeting = meeting_of()
    ana = person_in(meeting)
    epoch = room.stream_of(meeting.pk, "main").epoch
    for _time in (1, 2):
        status, frames = ask(door, meeting, door.cookie(ana), f"?st=main&since=0&e={epoch}&tab=t1")
        assert status == 200 and frames[-1]["t"] == "hb"
    assert [one["t"] for one in frames if one["t"] != "pres"] == ["hb"]


def test_counts_wake_a_poll(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    pk, epoch = meeting.questions.get().pk, room.stream_of(meeting.pk, "main").epoch
    cookie = door.cookie(luis)
    ask(door, meeting, cookie, "?st=main&tab=t1")
    answers = []
    query = f"?st=main&since=1&e={epoch}&tab=t1"
    waiting = threading.Thread(target=lambda: answers.append(ask(door, meeting, cookie, query)))
    waiting.start()
    time.sleep(0.7)
    do(meeting, luis, "qa.upvote", {"id": pk})
    waiting.join(10)
    assert any(one["t"] == "tally" and one["id"] == pk and one["n"] == 1 for one in answers[0][1])


def test_polling_is_presence(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone = door.enter(luis, meeting)
    for _time in (1, 2):
        ask(door, meeting, door.cookie(ana), "?st=main&tab=t1")
    lease = Lease.objects.get(user=ana)
    assert lease.device == "polling" and lease.closed_at is None
    until(lambda: any(one["u"] == ana.pk for frame in (phone.hear("pres"),) for one in [*frame["add"], *frame["upd"]]), 5)


@pytest.mark.parametrize(
    ("device", "kept"),
    [("screen", "screen"), ("companion", "companion"), ("browser", "polling"), ("tv", "polling"), ("", "polling")],
)
def test_a_screen_stays_a_screen_where_sockets_are_blocked(door, monkeypatch, device, kept):
    from sessions import polling

    monkeypatch.setattr(polling, "LONGEST_WAIT", 0.5)
    meeting = meeting_of()
    trainer = person_in(meeting, "trainer")
    cookie = door.cookie(trainer)
    for _time in (1, 2):
        status, frames = ask(door, meeting, cookie, f"?st=main&since=0&e=&tab=t1&device={device}")
    assert status == 200
    assert list(Lease.objects.values_list("device", flat=True)) == [kept]
    people = next((one for one in frames if one["t"] == "pres"), {"add": []})["add"]
    assert kept != "screen" or people == []


@pytest.mark.parametrize(
    ("who", "query", "method", "status"),
    [
        ("nobody", "?st=main", "GET", 401), ("outsider", "?st=main", "GET", 404), ("ana", "?st=hosts", "GET", 403),
        ("ana", "?st=user:99999", "GET", 403), ("ana", "?st=main&since=x", "GET", 400), ("ana", "?st", "GET", 400),
        ("ana", "?st=main&tab=" + "x" * 60, "GET", 400), ("ana", "?" + "st=main&" * 60, "GET", 400), ("ana", "?st=main", "POST", 405),
        ("ana", "?st=main&since=" + "9" * 40, "GET", 200), ("ana", "?st=main&since=-1", "GET", 200),
    ],
)  # fmt: skip
def test_whoever_asks_wrongly_gets_a_plain_answer(door, who, query, method, status):
    meeting = meeting_of()
    ana = person_in(meeting)
    cookie = {"nobody": "", "outsider": door.cookie(UserFactory()), "ana": door.cookie(ana)}[who]
    assert ask(door, meeting, cookie, query, method)[0] == status


def test_other_addresses_beside_it_are_nobodys(door):
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
    for path in ("/ws/", "/ws/live/", "/ws/live/x/events", "/ws/live/1/"):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.status == 404
    connection.close()


def test_pages_of_others_cannot_poll(door):
    meeting = meeting_of()
    cookie = door.cookie(person_in(meeting))
    assert ask(door, meeting, cookie, "?st=main", Origin="https://evil.example")[0] == 403
    assert ask(door, meeting, cookie, "?st=main", Origin=door.origin)[0] == 200


def test_polls_are_limited_per_person(door, monkeypatch):
    from sessions import polling

    monkeypatch.setattr(polling, "POLLS_AT_ONCE", 3)
    monkeypatch.setattr(polling, "POLLS_PER_SECOND", 0.1)
    meeting = meeting_of()
    cookie = door.cookie(person_in(meeting))
    assert [ask(door, meeting, cookie, "?st=main&since=0&e=old")[0] for _time in range(8)].count(429) >= 4


def test_a_removed_person_polls_no_longer(door):
    meeting = meeting_of()
    ana, trainer = person_in(meeting), person_in(meeting, role="trainer")
    cookie = door.cookie(ana)
    assert ask(door, meeting, cookie, "?st=main")[0] == 200
    do(meeting, trainer, "role.set", {"id": ana.pk, "role": "removed"})
    until(lambda: ask(door, meeting, cookie, "?st=main")[0] == 403, 5)


def test_nobody_without_a_seat_makes_the_server_keep_anything(door):
    for number in range(900, 905):
        assert ask(door, number, "", "?st=main")[0] == 401
    assert not any(number in the_house().hubs for number in range(900, 905))


def test_server_sent_events_bring_the_same_frames_and_resume(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    cookie = door.cookie(ana)
    first = Stream(door, meeting, cookie)
    assert first.frame("snap", st="main")["s"] == 0
    do(meeting, luis, "chat.post", {"text": "one"})
    assert first.frame("ev")["ev"][0]["s"] == 1
    last = first.last_id()
    first.close()
    do(meeting, luis, "chat.post", {"text": "two"})
    again = Stream(door, meeting, cookie, last)
    assert [event["s"] for event in again.frame("ev")["ev"]] == [2]
    again.close()
    until(lambda: not [one for one in the_house().hubs[meeting.pk].members if one.seat.user_id == ana.pk], 5)


def test_who_listens_to_a_stream_is_there_all_the_time(door, monkeypatch):
    """Such a device sends nothing: what counts is that its connection stands."""
    monkeypatch.setattr(protocol, "HEARTBEAT", 0.2)
    meeting = meeting_of()
    ana = person_in(meeting)
    stream = Stream(door, meeting, door.cookie(ana))
    time.sleep(1.5)
    stream.close()
    lease = until(lambda: Lease.objects.filter(user=ana, closed_at__isnull=False).first())
    assert 1 <= (lease.seen_at - lease.opened_at).total_seconds() < 5


class Stream:
    def __init__(self, door, meeting, cookie, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
        headers = {"Cookie": cookie, "Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", f"/ws/live/{meeting.pk}/events", headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200 and self.response.headers["Content-Type"] == "text/event-stream"
        self.lines = []

    def line(self):
        self.lines.append(self.response.readline().decode().strip())
        return self.lines[-1]

    def frame(self, kind, **fields):
        while True:
            line = self.line()
            if line.startswith("data: "):
                frame = json.loads(line[6:])
                if frame["t"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    def last_id(self):
        while not self.line().startswith("id: "):
            pass
        return self.lines[-1][4:]

    def close(self):
        self.response.close()
        self.connection.close()
