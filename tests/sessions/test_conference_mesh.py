"""Mesh: who may send what to whom, kept by the server. Devices are lines with a fake relay; browsers are in tests/browser."""

import asyncio

import pytest
from django.core.cache import caches

from sessions.conference import mesh, watch
from sessions.conference.descriptions import hushed
from sessions.conference.roster import Roster
from sessions.models import Group, Meeting
from tests.sessions.calls import SDP, Wires
from tests.sessions.rooms import do, meeting_of, person_in, seat

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    caches["rooms"].clear()
    monkeypatch.setattr(watch, "EVERY", 0.05)
    monkeypatch.setattr(mesh, "GRACE", 0.2)


@pytest.fixture
async def wires():
    made = Wires()
    yield made
    await made.close()


async def in_thread(function, *arguments, **named):
    return await asyncio.to_thread(function, *arguments, **named)


async def world(people=2, engine="mesh", **fields):
    def make():
        meeting = meeting_of(engine=engine, **fields)
        users = [person_in(meeting, "trainer"), *(person_in(meeting) for _number in range(people - 1))]
        return meeting, users, [seat(meeting, user) for user in users]

    return await in_thread(make)


async def test_two_devices_meet_and_their_words_reach_only_each_other(wires):
    _meeting, _users, seats = await world(3)
    ana, ben, eva = (wires.device(one) for one in seats)
    first = await ana.join()
    second = await ben.join()
    assert first["feeds"] == []
    assert [feed["id"] for feed in second["feeds"]] == [first["id"]]
    assert second["engine"] == "mesh"
    assert second["may"] == {"audio": True, "camera": True, "screen": True}
    await ben.say("publish", to=first["id"], sdp=SDP, fresh=True)
    offer = await ana.hear("offer")
    assert offer["from"] == second["id"] and offer["fresh"] is True
    await ana.say("answer", to=second["id"], sdp=SDP)
    assert (await ben.hear("answer"))["from"] == first["id"]
    await ben.say("trickle", to=first["id"], c={"candidate": "candidate:1", "sdpMid": "0", "secret": "no"})
    assert (await ana.hear("trickle"))["c"] == {"candidate": "candidate:1", "sdpMid": "0"}
    assert eva.told == []


async def test_who_has_not_joined_cannot_speak_to_those_who_have(wires):
    _meeting, _users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    me = await ana.join()
    await ben.say("publish", to=me["id"], sdp=SDP)
    assert (await ben.hear("policy"))["refused"] == "join"
    await ana.quiet("offer")


@pytest.mark.parametrize("kind", ["companion", "screen"])
async def test_a_phone_beside_the_hall_s_loudspeakers_does_not_join(wires, kind):
    _meeting, _users, seats = await world(2)
    ana, ben = wires.device(seats[0]), wires.device(seats[1], kind)
    me = await ana.join()
    await ben.say("join")
    assert (await ben.hear("policy"))["refused"] == "forbidden"
    await ben.say("publish", to=me["id"], sdp=SDP)
    assert (await ben.hear("policy"))["refused"] == "join"
    await ana.quiet("offer")
    await ana.quiet("feeds", 0)


async def test_a_ninth_voice_and_a_fifth_camera_are_refused(wires):
    _meeting, users, seats = await world(9)
    devices = [wires.device(one) for one in seats]
    for device in devices[:8]:
        await device.join()
    await devices[8].say("join")
    assert (await devices[8].hear("policy"))["refused"] == "full"
    for device in devices[:4]:
        await device.turn_on(camera=True, audio=True)
    await devices[4].sees("camera", *users[:4])
    await devices[4].turn_on(camera=True, audio=True)
    assert (await devices[4].hear("policy"))["refused"] == "cameras"
    await devices[0].sees("audio", *users[:5])
    await devices[0].turn_on(audio=True)
    await devices[4].sees("camera", *users[1:4])
    await devices[4].turn_on(camera=True)
    await devices[0].sees("camera", *users[1:5])


async def test_ten_who_come_at_once_get_eight_places_and_no_more(wires):
    """The limit holds where each device is served by another process: places are taken in the shared cache."""
    roster = Roster("mesh:race", 8)
    taken = await asyncio.gather(*(in_thread(roster.take, {"id": f"{number}"}) for number in range(10)))
    assert sorted(place for place in taken if place is not None) == list(range(8))


async def test_without_a_place_for_a_camera_no_picture_is_offered_to_others(wires):
    _meeting, users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    me = await ana.join()
    await ben.join()
    await ben.say("publish", to=me["id"], sdp=SDP)
    offer = await ana.hear("offer")
    assert offer["sdp"].count("a=sendrecv") == 1 and "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly" in offer["sdp"]
    await ben.turn_on(camera=True)
    await ben.sees("camera", users[1])
    await ben.say("publish", to=me["id"], sdp=SDP)
    assert (await ana.hear("offer"))["sdp"] == SDP


@pytest.mark.parametrize(
    ("section", "quiet"),
    [("a=sendrecv", "a=recvonly"), ("a=sendonly", "a=inactive"), ("a=recvonly", "a=recvonly"), ("a=inactive", "a=inactive")],
)
def test_directions_that_send_are_switched_off(section, quiet):
    sdp = f"v=0\r\nm=audio 9 X 0\r\n{section}\r\na=mid:0\r\n"
    assert hushed(sdp, {"audio": False, "video": False}) == f"v=0\r\nm=audio 9 X 0\r\n{quiet}\r\na=mid:0\r\n"


def test_a_section_or_a_session_without_direction_would_send_and_does_not():
    assert hushed("v=0\r\nm=video 9 X 0\r\na=mid:0\r\n", {"audio": True, "video": False}).endswith("a=mid:0\r\na=recvonly\r\n")
    assert "a=sendrecv" not in hushed("v=0\r\na=sendrecv\r\nm=video 9 X 0\r\n", {"audio": True, "video": False})


async def test_the_policy_of_the_log_takes_rights_away_from_devices_in_the_call(wires):
    meeting, users, seats = await world(2)
    trainer, ben = (wires.device(one) for one in seats)
    await trainer.join()
    await ben.join()
    await ben.turn_on(audio=True, camera=True)
    await trainer.sees("camera", users[1])
    await in_thread(do, meeting, users[0], "media.policy", {"publish": "hosts"})
    assert (await ben.hear("policy"))["may"] == {"audio": False, "camera": False, "screen": False}
    await trainer.sees("camera")
    await trainer.sees("audio")
    await ben.turn_on(audio=True)
    assert (await ben.hear("policy"))["refused"] == "muted"


async def test_a_muted_person_is_offered_to_nobody(wires):
    meeting, users, seats = await world(2)
    trainer, ben = (wires.device(one) for one in seats)
    me = await trainer.join()
    await ben.join()
    await in_thread(do, meeting, users[0], "media.policy", {"muted": [users[1].pk]})
    await ben.hear("policy")
    await ben.say("publish", to=me["id"], sdp=SDP)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly" in (await trainer.hear("offer"))["sdp"]


async def test_sound_is_in_one_tab_only(wires):
    _meeting, _users, seats = await world(2)
    first, second, ben = wires.device(seats[1]), wires.device(seats[1]), wires.device(seats[0])
    await ben.join()
    old = await first.join()
    await second.join()
    assert (await first.hear("reset"))["why"] == "elsewhere"
    assert (await ben.hear("gone"))["id"] == old["id"]
    await first.say("publish", to=ben.told and "x", sdp=SDP)
    assert (await first.hear("policy"))["refused"] == "join"


async def test_a_socket_that_breaks_and_comes_back_keeps_its_calls(wires):
    _meeting, users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    await ana.join()
    mine = await ben.join()
    await ben.turn_on(audio=True)
    await ana.sees("audio", users[1])
    await ben.line.closed()
    again = wires.device(seats[1])
    joined = await again.join(id=mine["id"])
    assert joined["id"] == mine["id"]
    await ana.quiet("gone", 0.5)
    await ana.sees("audio", users[1])


async def test_a_socket_that_does_not_come_back_is_told(wires):
    _meeting, _users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    await ana.join()
    mine = await ben.join()
    await ben.line.closed()
    assert (await ana.hear("gone", 3))["id"] == mine["id"]


async def test_nobody_takes_an_id_that_is_not_theirs(wires):
    _meeting, _users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    mine = await ana.join()
    assert (await ben.join(id=mine["id"]))["id"] != mine["id"]


async def test_groups_have_calls_of_their_own_and_people_are_moved_there_and_back(wires):
    meeting, users, seats = await world(3)
    trainer, ben, eva = (wires.device(one) for one in seats)
    plan = {"groups": [{"people": [users[1].pk]}, {"people": [users[2].pk]}]}
    await in_thread(do, meeting, users[0], "group.plan", plan)
    for device in (trainer, ben, eva):
        assert (await device.join())["room"] == "main"
    first, second = await in_thread(lambda: list(Group.objects.filter(meeting=meeting).values_list("pk", flat=True)))
    await in_thread(do, meeting, users[0], "group.open")
    for device, group in ((ben, first), (eva, second)):
        assert (await device.hear("reset"))["why"] == "moved"
        joined = await device.join()
        assert joined["room"] == f"group:{group}" and joined["feeds"] == []
    assert (await eva.join(room=f"group:{first}"))["room"] == f"group:{second}"
    visit = await trainer.join(room=f"group:{first}")
    assert visit["room"] == f"group:{first}" and [feed["u"] for feed in visit["feeds"]] == [users[1].pk]
    await in_thread(do, meeting, users[0], "group.close")
    assert (await ben.hear("reset"))["why"] == "moved"
    assert (await ben.join())["room"] == "main"


async def test_the_end_of_the_meeting_ends_the_call(wires):
    meeting, users, seats = await world(2)
    ben = wires.device(seats[1])
    await ben.join()
    await in_thread(do, meeting, users[0], "session.end")
    assert (await ben.hear("reset"))["why"] == "ended"
    await ben.say("join")
    assert (await ben.hear("policy"))["refused"] == "forbidden"


@pytest.mark.parametrize(
    "frame",
    [
        {"k": "publish", "sdp": 5}, {"k": "publish", "sdp": "x" * 20_000}, {"k": "answer"}, {"k": "trickle", "c": "x"},
        {"k": "trickle", "c": {"candidate": {}}}, {"k": "state", "on": []}, {"k": "subscribe", "want": []}, {"k": "no.such"}, {"k": 5},
        {"k": ["join"]}, {},
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused_and_the_line_lives_on(wires, frame):
    _meeting, users, seats = await world(2)
    ana, ben = (wires.device(one) for one in seats)
    me = await ana.join()
    await ben.join()
    await ben.line.receive({"t": "rtc", "to": me["id"], **frame})
    assert (await ben.hear("policy"))["refused"] == "invalid"
    await ben.turn_on(audio=True)
    await ana.sees("audio", users[1])


async def test_a_flood_is_refused_and_memory_stays_bounded(wires):
    _meeting, _users, seats = await world(1)
    ana = wires.device(seats[0])
    await ana.join()
    for _number in range(3000):
        await ana.line.receive({"t": "rtc", "k": "trickle", "to": "x", "c": None})
    assert (await ana.hear("policy"))["refused"] == "rate"
    assert ana.line._waiting.qsize() <= 400


@pytest.mark.parametrize("state", [Meeting.State.ENDED, Meeting.State.CANCELLED])
async def test_no_call_outside_of_an_open_meeting(wires, state):
    _meeting, _users, seats = await world(1, state=state)
    ana = wires.device(seats[0])
    await ana.say("join")
    assert (await ana.hear("policy"))["refused"] == "forbidden"


@pytest.mark.parametrize("engine", ["none", "link", "janus", "no-such"])
async def test_no_call_where_the_engine_is_not_ours_or_not_set_up(wires, engine):
    _meeting, _users, seats = await world(1, engine=engine)
    ana = wires.device(seats[0])
    await ana.say("join")
    assert (await ana.hear("policy"))["refused"] == "engine"
