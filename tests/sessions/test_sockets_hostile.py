"""What no honest browser sends: a refusal or a close code, never 1011, never a traceback, and the room goes on."""

import logging
import threading
from contextlib import suppress

import pytest
from django.utils import translation
from websockets.exceptions import ConnectionClosed

from sessions.models import Event
from tests.sessions.rooms import meeting_of, person_in
from tests.sessions.sockets import the_house, until

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]
HELLO = '{"t":"hello","v":1,"tab":"t","cur":{},"caps":[]}'

MALFORMED = (
    "", "x", "[]", "{}", "null", "7", '"hello"', '{"t":"nothing"}', '{"t":["hello"]}', '{"t":"hello"}', HELLO, "[" * 8000, '{"a":' * 2500,
    '{"t":"op"}', '{"t":"op","cid":"x","st":"main","k":"chat.post"}', '{"t":"op","cid":7,"st":"main","k":"chat.post"}',
    '{"t":"op","cid":"\\ud800cccccccc","st":"main","k":"chat.post","b":{}}', '{"t":"sync","st":7}', '{"t":"sync","st":"main","s":-1}',
    '{"t":"sync","st":"main","s":1e999}', '{"t":"sync","st":"main","s":true}', '{"t":"sync","st":"main","s":' + "9" * 5000 + "}",
    '{"t":"hb","cur":7}', '{"t":"hb","cur":{"main":"x"}}', '{"t":"hb","cur":{"main":NaN}}', '{"t":"eph","k":"shout"}',
    '{"t":"eph","k":"typing","b":1e999}', '{"t":"eph","k":"typing","b":"\\ud800"}', '{"t":"eph","k":"typing","b":"' + "x" * 600 + '"}',
    b"\x00\x01", b"",
)  # fmt: skip


@pytest.mark.parametrize("frame", MALFORMED, ids=range(len(MALFORMED)))
def test_a_frame_that_is_not_of_the_protocol_closes_with_4400(door, caplog, frame):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.socket.send(frame)
    assert phone.close_code() == 4400
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "frame",
    ["x", '{"t":"hb"}', '{"t":"hello","v":2}', '{"t":"hello","v":1,"cur":[1]}', '{"t":"hello","v":1,"tab":"' + "x" * 99 + '"}',
     '{"t":"hello","v":1,"tab":"\\u0000"}', '{"t":"hello","v":1,"caps":{"a":1}}'],
)  # fmt: skip
def test_a_first_frame_that_is_no_hello_closes_with_4400(door, frame):
    meeting = meeting_of()
    phone = door.knock(meeting, door.cookie(person_in(meeting)))
    phone.socket.send(frame)
    assert phone.close_code() == 4400


def test_cursors_of_another_world_are_answered_with_the_state(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    for cursor in ({"e": "zzz", "s": 5}, {"e": None}, "x", {"e": "zzz", "s": "x"}, [1]):
        phone = door.enter(ana, meeting, cur={"main": cursor, "hosts": {"e": "a", "s": 1}, "nowhere": 1})
        assert phone.welcome["streams"]["main"]["mode"] == "snapshot" and "hosts" not in phone.welcome["streams"]
        phone.leave()


def test_a_frame_that_is_too_large_closes(door):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.act("chat.post", {"text": "x" * 20_000})
    assert phone.close_code() in (1009, 4400)


BODIES = (
    {"text": "\x00"}, {"text": "a\ud800b"}, {"text": ["x"]}, {"text": None}, {"text": 7}, {}, [], "x", 7, None, {"text": "x", "more": 1},
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_an_act_that_cannot_be_read_is_refused_and_the_socket_stays(door, body):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.say("op", cid="cid-00000001", st="main", k="chat.post", b=body)
    assert phone.hear("nack")["why"] == "invalid"
    phone.act("chat.post", {"text": "fine"}, cid="cid-00000002")
    assert phone.hear("ack")["s"] == 1


@pytest.mark.parametrize(
    ("st", "k"), [("main", "no.such"), ("main", ["x"]), (7, "chat.post"), (["main"], "chat.post"), ("nowhere", "chat.post")]
)
def test_an_act_without_an_address_is_refused(door, st, k):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.say("op", cid="cid-00000001", st=st, k=k, b={"text": "x"})
    assert phone.hear("nack")["why"] in ("invalid", "forbidden")


@pytest.mark.parametrize("number", [2**63, 10**30, -1])
def test_numbers_no_database_holds_are_refused(door, number):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.act("chat.redact", {"id": number})
    assert phone.hear("nack")["why"] == "invalid"


def test_refusals_are_in_the_language_of_their_person(door):
    meeting = meeting_of()
    people = {language: person_in(meeting, user__language=language) for language in ("es", "pt-br", "en")}
    texts = {}
    for language, person in people.items():
        phone = door.enter(person, meeting)
        phone.act("chat.redact", {"id": 99})
        texts[language] = phone.hear("nack")["text"]
    for language, text in texts.items():
        with translation.override(language):
            assert text == translation.gettext("This message does not exist.")


def test_a_flood_is_slowed_down_and_then_cut_off(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone, other = door.enter(ana, meeting), door.enter(luis, meeting)
    frame = '{"t":"op","cid":"cid-00000001","st":"main","k":"chat.post","b":{"text":"x"}}'

    def flood():
        with suppress(ConnectionClosed):
            for _number in range(200_000):
                phone.socket.send(frame)

    flooding = threading.Thread(target=flood, daemon=True)
    flooding.start()
    hub = the_house().hubs[meeting.pk]
    until(lambda: [member.seat.user_id for member in hub.members] == [luis.pk], 4)
    other.act("chat.post", {"text": "the room goes on"}, cid="cid-00000002")
    assert other.hear("ack")
    assert phone.close_code() in (4429, 1006)
    refused = [one for one in phone.heard if one["t"] == "nack"]
    assert refused and all(one["why"] == "rate" and one["retry_ms"] > 0 for one in refused)
    assert Event.objects.count() == 2
    flooding.join(30)


def test_more_acts_than_fit_are_refused_with_the_time_to_wait(door):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    for number in range(30):
        phone.act("chat.post", {"text": "x"}, cid=f"cid-{number:08d}")
    answers = [frame for frame in phone.listen(2) if frame["t"] in ("ack", "nack")]
    acked = [one for one in answers if one["t"] == "ack"]
    assert len(answers) == 30 and 20 <= len(acked) <= 24
    assert all(one["why"] == "rate" and one["retry_ms"] for one in answers if one["t"] == "nack")


def test_a_hundred_tabs_leave_the_last_five(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    cookie = door.cookie(ana)
    phones = [door.enter(ana, meeting, cookie=cookie) for _number in range(100)]
    assert [phone.close_code() for phone in phones[:95]] == [4409] * 95
    phones[-5].act("chat.post", {"text": "x"})
    assert phones[-1].hear("ev", st="main")


def test_an_act_with_a_fault_of_its_own_is_refused_and_takes_nobody_along(door, monkeypatch, caplog):
    from sessions.acts import ACTS, Nothing

    def broken(here, body):
        raise RuntimeError("a fault of ours")

    room_acts = dict(ACTS)
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone, other = door.enter(ana, meeting), door.enter(luis, meeting)
    phone.act("chat.post", {"text": "loads the acts"})
    phone.hear("ack")
    monkeypatch.setitem(ACTS, "hand.up", (Nothing, broken))
    assert room_acts is not ACTS
    with caplog.at_level(logging.CRITICAL):
        phone.act("hand.up", {}, cid="cid-00000002")
        other.act("chat.post", {"text": "x"}, cid="cid-00000003")
        assert phone.hear("nack")["why"] == "invalid"
        assert other.hear("ack", cid="cid-00000003")
