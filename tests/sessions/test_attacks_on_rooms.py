"""Attacks that once worked: on the list of people, on the log, on other people's sockets, on memory. Each is tried through its door."""

import json
import time
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from sessions import inbox, presence, reel, transcript_pdf
from sessions.acts import notes, questions
from sessions.conference.descriptions import candidate, description, hushed
from sessions.conference.trouble import Trouble
from sessions.models import Event, Lease, Meeting
from tests.sessions.boards import open_board, refused, write
from tests.sessions.calls import SDP
from tests.sessions.polling import close, opened, result_of, room_with, vote
from tests.sessions.rooms import do, meeting_of, person_in, seat, state_of
from tests.sessions.sockets import until
from tests.sessions.test_long_poll import ask

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]


def act(client, meeting, **fields):
    return client.post(reverse("live:act", args=[meeting.pk]), fields)


# --- streams that nobody made ------------------------------------------------------------------------------------------


@pytest.fixture
def grouped():
    """A live meeting with a host and one group: (meeting, host, name of the group's stream)."""
    meeting = meeting_of()
    host, ana = person_in(meeting, "trainer"), person_in(meeting)
    do(meeting, host, "group.plan", {"groups": [{"people": [ana.pk]}]})
    do(meeting, host, "group.open")
    return meeting, host, f"group:{meeting.groups.get().pk}"


def other_names(name):
    """Of no group, of none of this meeting, and other ways to write the one that there is."""
    number = int(name.partition(":")[2])
    wide = "".join(chr(0xFF10 + int(digit)) for digit in str(number))
    elsewhere = meeting_of().groups.create(number=1)
    return [
        "group:",
        "group:abc",
        "group:99999999",
        f"group:{elsewhere.pk}",
        f"group:0{number}",
        f"group:{wide}",
        f"group:{'9' * 30}",
    ]


def test_hosts_make_no_streams_by_naming_groups(grouped):
    meeting, host, name = grouped
    for other in other_names(name):
        assert refused("invalid", meeting, host, "chat.post", {"text": "Hola"}, st=other)
    assert do(meeting, host, "chat.post", {"text": "Hola"}, st=name).seq == 1
    assert set(meeting.streams.filter(name__startswith="group").values_list("name", flat=True)) == {name}


def test_hosts_make_no_streams_by_listening_to_groups(door, grouped):
    meeting, host, name = grouped
    others = other_names(name)
    phone = door.enter(host, meeting)
    for other in others:
        phone.say("sync", st=other, s=0)
    phone.say("sync", st=name, s=0)
    assert phone.hear("snap", st=name)
    status, _frames = ask(door, meeting, door.cookie(host), "?" + urlencode([("st", one) for one in others] + [("tab", "t")]))
    assert status == 200
    assert set(meeting.streams.filter(name__startswith="group").values_list("name", flat=True)) == {name}


# --- the list of people ------------------------------------------------------------------------------------------------


def test_a_participant_does_not_listen_unseen(door):
    """Screens of a hall are nobody in the list of people."""
    meeting = meeting_of()
    ana, host = person_in(meeting), person_in(meeting, "trainer")
    for device in ("screen", "polling"):
        door.enter(ana, meeting, device=device)
    door.enter(host, meeting, device="screen")
    until(lambda: Lease.objects.count() == 3)
    assert [one["u"] for one in presence.present(meeting.pk)] == [ana.pk]
    assert set(Lease.objects.filter(user=ana).values_list("device", flat=True)) == {"browser"}


def test_nor_by_long_poll(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    assert ask(door, meeting, door.cookie(ana), "?st=main&tab=t&device=screen")[0] == 200
    assert [one["u"] for one in presence.present(meeting.pk)] == [ana.pk]


# --- growing without end -----------------------------------------------------------------------------------------------


def test_another_tab_at_each_request_makes_no_more_leases():
    meeting = meeting_of()
    ana = person_in(meeting)
    for number in range(40):
        presence.keep_polling(seat(meeting, ana), f"tab-{number}")
    assert Lease.objects.count() == 5
    later = timezone.now() + presence.SILENCE / 2
    presence.keep_polling(seat(meeting, ana), "tab-99", later)
    assert Lease.objects.filter(seen_at=later).count() == 1
    assert Lease.objects.count() == 5


def test_who_comes_and_goes_without_end_has_to_wait(door, monkeypatch):
    monkeypatch.setattr("sessions.house.ARRIVALS_AT_ONCE", 4)
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    for _time in range(4):
        door.enter(ana, meeting).leave()
    phone = door.knock(meeting, door.cookie(ana))
    phone.say("hello", v=1, tab="t", cur={}, caps=[])
    assert phone.close_code() == 4429
    assert ask(door, meeting, door.cookie(ana), "?st=main&tab=t", Accept="text/event-stream")[0] == 429
    assert door.enter(luis, meeting).welcome


def test_asking_for_the_state_again_and_again_is_cut_short(door, monkeypatch):
    """Each answer may be the whole state, and who confirms what it never reads is not found out by the pipe."""
    monkeypatch.setattr(inbox, "SYNCS_AT_ONCE", 3)
    monkeypatch.setattr(inbox, "STRIKES", 2)
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    phone.hear("pres")
    phone.socket.send(json.dumps({"t": "hb", "cur": {"main": 2**61}}))
    with suppress(ConnectionClosed):
        for _time in range(12):
            phone.socket.send(json.dumps({"t": "sync", "st": "main", "s": 2**61}))
    assert phone.close_code() == 4429
    assert sum(frame["t"] == "snap" for frame in phone.heard) <= 5


def test_one_person_does_not_use_up_the_questions_of_all(monkeypatch):
    monkeypatch.setattr(questions, "MOST_EACH", 3)
    meeting = meeting_of()
    ana, luis, host = person_in(meeting), person_in(meeting), person_in(meeting, "trainer")
    for number in range(3):
        do(meeting, ana, "qa.ask", {"text": f"¿Pregunta {number}?"})
        do(meeting, ana, "qa.redact", {"id": meeting.questions.latest("pk").pk})
    refused("closed", meeting, ana, "qa.ask", {"text": "¿Otra más?"})
    do(meeting, luis, "qa.ask", {"text": "¿Y yo?"})
    for number in range(5):
        do(meeting, host, "qa.ask", {"text": f"¿De la sala {number}?"})


def test_one_person_does_not_fill_the_board_of_all(monkeypatch):
    monkeypatch.setattr(notes, "MOST_EACH", 3)
    meeting = meeting_of()
    ana, luis, host = person_in(meeting), person_in(meeting), person_in(meeting, "trainer")
    open_board(meeting, host)
    for number in range(3):
        write(meeting, ana, f"Idea {number}")
    refused("closed", meeting, ana, "board.note", {"column": "challenges", "text": "Otra"})
    write(meeting, luis, "La mía")
    for number in range(5):
        write(meeting, host, f"De la sala {number}")


# --- other people's sockets --------------------------------------------------------------------------------------------


HALF = "\ud800"


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (description, SDP + f"a=x:{HALF}\r\n"),
        (description, SDP.replace("a=mid:1\r\n", "a=mid:1\ra=sendrecv\r\n")),
        (candidate, {"candidate": f"candidate:1{HALF}"}),
        (candidate, {"candidate": "candidate:1", "sdpMid": HALF}),
        (candidate, {"candidate": "candidate:1", "sdpMLineIndex": 10**400}),
    ],
)
def test_what_no_socket_can_carry_is_passed_on_to_nobody(check, value):
    with pytest.raises(Trouble):
        check(value)
    assert description(SDP) == SDP
    assert candidate({"candidate": "candidate:1", "sdpMLineIndex": 1}) == {"candidate": "candidate:1", "sdpMLineIndex": 1}


def test_nobody_throws_another_out_of_the_room_by_half_a_character(door):
    meeting = meeting_of(engine="mesh")
    ana, luis = (door.enter(person_in(meeting), meeting) for _time in (1, 2))
    ana.say("rtc", k="join")
    target = ana.hear("rtc", k="joined")["id"]
    luis.say("rtc", k="join")
    luis.hear("rtc", k="joined")
    luis.socket.send('{"t":"rtc","k":"trickle","to":"%s","c":{"candidate":"x\\ud800"}}' % target)  # noqa: UP031 -- braces
    luis.socket.send('{"t":"rtc","k":"publish","to":"%s","sdp":"v=0\\r\\ns=\\ud800\\r\\n"}' % target)  # noqa: UP031
    assert luis.hear("rtc", k="policy")["refused"] == luis.hear("rtc", k="policy")["refused"] == "invalid"
    ana.act("chat.post", {"text": "still here"})
    assert ana.hear("ack")


@pytest.mark.parametrize("line", ["a=sendrecv ", "a=sendrecv:x", "a=sendonly\t"])
def test_no_way_of_writing_gets_a_picture_through_that_was_not_granted(line):
    """WebRTC takes the last direction of a section, and "a=sendrecv " or "a=sendrecv:x" for one."""
    head = "v=0\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"
    for sdp in (f"{head}a=inactive\r\n{line}\r\n", f"{head}{line}\r\n", f"{head}{line}\r\na=recvonly\r\n{line}\r\n"):
        quiet = hushed(sdp, {"audio": True, "video": False})
        assert "a=send" not in quiet and ("a=recvonly" in quiet or "a=inactive" in quiet)


def test_what_is_just_not_too_deep_to_be_read_closes_as_the_rest_does(door, caplog):
    meeting = meeting_of()
    ana = person_in(meeting)
    cookie, codes = door.cookie(ana), set()
    for depth in range(900, 1000, 1):
        phone = door.enter(ana, meeting, cookie=cookie)
        phone.socket.send('{"t":"eph","k":"typing","b":' + "[" * depth + "]" * depth + "}")
        codes.add(phone.close_code())
    assert codes == {4400}
    assert "Traceback" not in caplog.text


# --- words that were taken back ----------------------------------------------------------------------------------------


def test_a_removed_decision_leaves_the_log():
    meeting = meeting_of()
    host = person_in(meeting, "trainer")
    do(meeting, host, "outcome.add", {"text": "La paciente Canario", "owner_name": "Canario"})
    pk = meeting.outcomes.get().pk
    do(meeting, host, "outcome.edit", {"id": pk, "text": "Canario, otra vez"})
    do(meeting, host, "outcome.remove", {"id": pk})
    assert "Canario" not in json.dumps(list(Event.objects.values_list("body", flat=True)))
    assert state_of(meeting)["outcomes"] == {}


def test_memory_keeps_nothing_that_came_in_the_same_breath_as_its_redaction():
    told = reel.Reel("main", "e", 0)
    told.take([(1, "chat.post", '{"text":"Canario"}'), (2, "chat.redact", "{}"), (3, "chat.post", "{}")])
    assert told.after(1) == [(2, "chat.redact", "{}"), (3, "chat.post", "{}")]
    assert told.after(0) is None


# --- words that show more, or less, than was written -------------------------------------------------------------------


@pytest.mark.parametrize("text", ["\u200b", "\u2060 \ufeff", "\u202e", "\u3164"])
def test_words_that_nobody_sees_are_none(text):
    meeting = meeting_of()
    refused("invalid", meeting, person_in(meeting), "chat.post", {"text": text})


def test_nobody_turns_the_direction_of_what_others_read():
    meeting = meeting_of()
    ana = person_in(meeting)
    do(meeting, ana, "chat.post", {"text": "Hola\u202e a \u2066todos"})
    do(meeting, ana, "qa.ask", {"text": "¿Quién\u202e?"})
    state = state_of(meeting)
    assert state["chat"]["1"]["text"] == "Hola a todos"
    assert [one["text"] for one in state["questions"].values()] == ["¿Quién?"]


def test_a_form_may_have_lines(client):
    """Browsers post them with carriage returns, which no act takes."""
    meeting = meeting_of()
    client.force_login(person_in(meeting))
    assert act(client, meeting, k="chat.post", text="una\r\ndos").status_code == 302
    assert state_of(meeting)["chat"]["1"]["text"] == "una\ndos"


# --- counts -----------------------------------------------------------------------------------------------------------


def test_hosts_do_not_make_a_small_group_large_with_votes_of_their_own():
    """They would know the rest by subtraction."""
    here = room_with(5)
    do(here.meeting, here.host, "role.set", {"id": here.people[4].pk, "role": "host"})
    poll = opened(here)
    for user in (here.host, here.people[4], *here.people[:3]):
        vote(here, user, poll)
    close(here, poll)
    assert (result_of(poll)["n"], result_of(poll)["results"]) == (5, None)
    do(here.meeting, here.host, "role.set", {"id": here.people[4].pk, "role": "participant"})
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    vote(here, here.people[3], poll, "b")
    close(here, poll)
    assert result_of(poll)["results"]["n"] == 6


# --- doors -------------------------------------------------------------------------------------------------------------


def test_digits_that_are_no_numbers_are_left_aside(client):
    meeting = meeting_of()
    client.force_login(person_in(meeting, "trainer"))
    for fields in ({"person-²": "1"}, {"person-1": "²"}, {"person-١": "1"}, {"person-": ""}):
        assert client.post(reverse("live:plan_groups", args=[meeting.pk]), fields).status_code == 302
    assert not meeting.groups.exists()


def test_a_signature_that_is_no_text_of_ours_is_refused(client, settings):
    settings.ZOOM_ACCOUNT_ID, settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = "acc", "cid", "cs"
    settings.ZOOM_HOST, settings.ZOOM_WEBHOOK_SECRET = "host@example.org", "whs"
    headers = {"x-zm-request-timestamp": str(int(time.time())), "x-zm-signature": "v0=ñ"}
    answer = client.post(reverse("live:conference_hook", args=["zoom"]), b"{}", content_type="application/json", headers=headers)
    assert answer.status_code == 403


def test_a_meeting_that_is_over_gives_no_relay_away(client, settings):
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example.org"], "canary"
    meeting = meeting_of(engine="mesh")
    client.force_login(person_in(meeting))
    url = reverse("live:devices", args=[meeting.pk])
    assert "turn.example.org" in client.get(url).content.decode()
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="ended")
    assert "turn.example.org" not in client.get(url).content.decode()


def test_signs_that_no_font_has_do_not_draw_the_transcript_twenty_times(client, monkeypatch):
    drawn = []
    compile_ = transcript_pdf._compile
    monkeypatch.setattr(transcript_pdf, "_compile", lambda *args, **more: drawn.append(1) or compile_(*args, **more))
    meeting = meeting_of()
    ana = person_in(meeting)
    for number in range(20):
        do(meeting, ana, "chat.post", {"text": f"ñandú {chr(0x0E01 + number)}{chr(0x0905 + number)}"})
    client.force_login(ana)
    answer = client.get(reverse("live:transcript_pdf", args=[meeting.pk]))
    assert answer.status_code == 200 and len(drawn) <= 4
