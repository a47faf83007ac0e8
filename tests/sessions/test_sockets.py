"""The socket door: who comes in, what an act does, who must leave."""

import time

import pytest
from websockets.exceptions import InvalidStatus

from sessions import hints
from sessions.models import Event, Meeting, MeetingPerson
from tests.factories import UserFactory
from tests.sessions.rooms import do, meeting_of, person_in, state_of
from tests.sessions.sockets import until

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]


# --- coming in ---------------------------------------------------------------------------------------------------------


def test_a_person_comes_in_acts_and_everybody_hears(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    first, second = door.enter(ana, meeting), door.enter(luis, meeting)
    assert first.welcome["me"]["u"] == ana.pk and first.welcome["me"]["role"] == "participant"
    assert set(first.welcome["streams"]) == {"main", f"user:{ana.pk}"}
    assert first.hear("snap", st="main")["state"]["session"]["state"] == "lobby"
    first.act("chat.post", {"text": "Hola"})
    assert first.hear("ack")["s"] == 1
    event = second.hear("ev", st="main")["ev"][0]
    assert (event["s"], event["k"], event["b"], event["u"]) == (1, "chat.post", {"text": "Hola"}, ana.pk)


def test_an_act_sent_twice_is_acknowledged_twice_and_stored_once(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    for _time in (1, 2):
        phone.act("chat.post", {"text": "Hola"}, cid="the-same-cid")
        assert phone.hear("ack")["s"] == 1
    assert Event.objects.count() == 1


def test_a_form_elsewhere_is_heard_in_the_room(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    do(meeting, ana, "chat.post", {"text": "from a form"})
    assert phone.hear("ev", st="main")["ev"][0]["b"]["text"] == "from a form"


def test_counts_and_people_come_with_the_greeting(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    question = do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    pk = int(next(iter(state_of(meeting)["questions"])))
    do(meeting, luis, "qa.upvote", {"id": pk})
    phone = door.enter(luis, meeting)
    assert phone.hear("tally", k="question", id=pk)["n"] == 1
    assert question.seq == 1
    add = phone.hear("pres")["add"] or phone.hear("pres")["add"]
    assert [one["u"] for one in add] == [luis.pk]


def test_votes_are_told_as_counts(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    pk = int(next(iter(state_of(meeting)["questions"])))
    phone = door.enter(luis, meeting)
    phone.act("qa.upvote", {"id": pk})
    assert phone.hear("ack")
    assert phone.hear("tally", k="question", id=pk)["n"] == 1


@pytest.mark.parametrize(
    ("who", "code"),
    [("nobody", 4401), ("outsider", 4404), ("removed", 4403), ("deactivated", 4401), ("expired", 4401), ("no such room", 4404),
     ("a number too large", 4404), ("cancelled", 4410)],
)  # fmt: skip
def test_who_may_not_come_in_learns_why(door, who, code):
    meeting = meeting_of()
    ana = person_in(meeting)
    cookie, room = door.cookie(ana), meeting.pk
    if who == "nobody":
        cookie = ""
    elif who == "outsider":
        cookie = door.cookie(UserFactory())
    elif who == "removed":
        MeetingPerson.objects.create(meeting=meeting, user=ana, part="removed")
    elif who == "deactivated":
        type(ana).objects.filter(pk=ana.pk).update(is_active=False)
    elif who == "expired":
        client = door.client(ana)
        client.session.flush()
        cookie = door.cookie(client=client)
    elif who == "cancelled":
        Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="cancelled")
    else:
        room = 99_999 if who == "no such room" else 10**30
    assert door.knock(room, cookie).close_code() == code


def test_hosts_need_their_second_factor_where_the_site_asks_for_one(door, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    meeting = meeting_of()
    trainer = person_in(meeting, role="trainer")
    client = door.client(trainer)
    assert door.knock(meeting, door.cookie(client=client)).close_code() == 4403
    session = client.session
    session["second_factor_seen"] = True
    session.save()
    assert door.enter(trainer, meeting, cookie=door.cookie(client=client)).welcome["me"]["role"] == "host"


# --- origin ------------------------------------------------------------------------------------------------------------

HOSTILE = (
    "https://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:9", "https://127.0.0.1:{port}", "http://localhost:{port}",
    "http://127.0.0.1.evil.example:{port}", "http://evil@127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.example",
    "ws://127.0.0.1:{port}", "file://", "http://[", "http://127.0.0.1:{port}/path",
)  # fmt: skip


@pytest.mark.parametrize("origin", HOSTILE)
def test_pages_of_others_open_no_socket(door, origin):
    meeting = meeting_of()
    with pytest.raises(InvalidStatus) as refused:
        door.knock(meeting, door.cookie(person_in(meeting)), origin=origin.format(port=door.port))
    assert refused.value.response.status_code in (400, 403)


def test_a_trusted_origin_may_have_a_wildcard(door, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org"]
    meeting = meeting_of()
    cookie = door.cookie(person_in(meeting))
    assert door.knock(meeting, cookie, origin="https://rooms.example.org")
    with pytest.raises(InvalidStatus):
        door.knock(meeting, cookie, origin="https://rooms.example.org.evil.example")


# --- audiences ---------------------------------------------------------------------------------------------------------


def test_what_hosts_say_among_themselves_never_reaches_a_participant(door):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, role="trainer"), person_in(meeting)
    host, phone = door.enter(trainer, meeting), door.enter(ana, meeting)
    phone.say("sync", st="hosts", s=0)
    phone.act("chat.post", {"text": "let me in"}, st="hosts")
    assert phone.hear("nack")["why"] == "forbidden"
    host.act("chat.post", {"text": "among us"}, st="hosts")
    host.hear("ev", st="hosts")
    host.act("chat.post", {"text": "to all"}, cid="cid-00000002")
    phone.hear("ev", st="main")
    assert "among us" not in str(phone.heard) and not any(frame.get("st") == "hosts" for frame in phone.heard)


def test_a_new_host_hears_the_hosts_and_a_former_one_no_longer(door):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, role="trainer"), person_in(meeting)
    host, phone = door.enter(trainer, meeting), door.enter(ana, meeting)
    host.act("role.set", {"id": ana.pk, "role": "host"})
    phone.hear("snap", st="hosts", seconds=5)
    host.act("role.set", {"id": ana.pk, "role": "participant"}, cid="cid-00000002")
    host.hear("ack", cid="cid-00000002")
    time.sleep(1.5)
    host.act("chat.post", {"text": "among us"}, st="hosts", cid="cid-00000003")
    host.hear("ack", cid="cid-00000003")
    host.act("chat.post", {"text": "to all"}, cid="cid-00000004")
    phone.hear_events(3)
    assert "among us" not in str(phone.heard)


def test_whoever_is_removed_leaves_at_once(door):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, role="trainer"), person_in(meeting)
    host, phone = door.enter(trainer, meeting), door.enter(ana, meeting)
    host.act("role.set", {"id": ana.pk, "role": "removed"})
    assert phone.close_code(5) == 4403


# --- sessions end ------------------------------------------------------------------------------------------------------


def test_signing_out_closes_the_sockets_of_that_browser_only(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    client, other = door.client(ana), door.client(ana)
    phone, laptop = (door.enter(ana, meeting, cookie=door.cookie(client=one)) for one in (client, other))
    cookie = door.cookie(client=client)
    client.post("/es/accounts/logout/")
    assert phone.close_code(5) == 4401
    assert door.knock(meeting, cookie).close_code(5) == 4401
    laptop.act("chat.post", {"text": "still here"})
    assert laptop.hear("ack")


def test_a_browser_that_signs_out_cannot_slip_in_while_its_session_still_ends(door):
    """Django tells of the sign-out before it deletes the session."""
    meeting = meeting_of()
    ana = person_in(meeting)
    client = door.client(ana)
    cookie = door.cookie(client=client)
    phone = door.enter(ana, meeting, cookie=cookie)
    hints.kick(ana.pk, web_session=client.session.session_key)
    assert phone.close_code(5) == 4401
    late = door.knock(meeting, cookie)
    late.say("hello", v=1, tab="t", cur={}, caps=[])
    assert late.close_code(5) == 4401


def test_deactivation_closes_all_sockets(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    ana.is_active = False
    ana.save()
    assert phone.close_code(5) == 4401


@pytest.mark.parametrize(
    ("what", "code"), [("session", 4401), ("password", 4401), ("account", 4401), ("enrolment", 4403), ("cancelled", 4410)]
)
def test_a_right_that_ends_without_a_word_ends_the_socket(door, monkeypatch, what, code):
    """No hint at all, as with Redis away: the check finds it (here sooner than after twenty seconds)."""
    from sessions.house import House

    monkeypatch.setattr(House, "CHECK_SEATS", 0.5)
    meeting = meeting_of()
    ana = person_in(meeting)
    client = door.client(ana)
    phone = door.enter(ana, meeting, cookie=door.cookie(client=client))
    time.sleep(0.8)
    if what == "session":
        client.session.flush()
    elif what == "password":
        type(ana).objects.filter(pk=ana.pk).update(password="another")
    elif what == "account":
        type(ana).objects.filter(pk=ana.pk).update(is_active=False)
    elif what == "enrolment":
        ana.enrollments.update(status="withdrawn")
    else:
        Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(state="cancelled")
    assert phone.close_code(5) == code


def test_checking_the_seats_takes_the_same_queries_for_one_and_for_many(door, django_assert_num_queries):
    from sessions import guard

    meeting = meeting_of()
    people = [person_in(meeting) for _number in range(8)]
    visitors = [_visitor(door, meeting, person) for person in people]
    for some in (visitors[:1], visitors):
        with django_assert_num_queries(6):
            assert guard.check(meeting.pk, some) == some


def _visitor(door, meeting, person):
    from django.http import parse_cookie

    from sessions import guard

    return guard.admit(parse_cookie(door.cookie(person)), meeting.pk)


# --- ephemeral, heartbeat ----------------------------------------------------------------------------------------------


def test_typing_is_told_and_nowhere_stored(door):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    phone, other = door.enter(ana, meeting), door.enter(luis, meeting)
    for _time in range(20):
        phone.say("eph", k="typing", b={"on": True})
    assert other.hear("eph", k="typing")["u"] == ana.pk
    assert len([one for one in other.listen(1.2) if one["t"] == "eph"]) <= 2
    assert not Event.objects.exists()


def test_a_heartbeat_is_answered_with_the_heads(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    do(meeting, ana, "chat.post", {"text": "Hola"})
    phone.hear_events(1)
    phone.say("hb", cur={"main": 1})
    assert phone.hear("hb")["head"]["main"] == 1


def test_an_empty_phone_is_called_by_the_server_in_time(door, monkeypatch):
    from sessions import members

    monkeypatch.setattr(members.protocol, "HEARTBEAT", 1)
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    assert until(lambda: phone.hear("hb", seconds=4))
