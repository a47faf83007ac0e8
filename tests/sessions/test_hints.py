"""Several processes, PostgreSQL and Redis as in production: what one does the others hear, Redis or no Redis."""

import contextlib
import threading
import time

import psycopg
import pytest
from websockets.sync.client import connect

from sessions import hints
from tests.servers.room_servers import RoomServers
from tests.sessions.sockets import Phone, until

# --- in one process ----------------------------------------------------------------------------------------------------


def test_a_hint_never_raises_and_never_waits(settings):
    """Redis at an address where nobody answers."""
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": "redis://127.0.0.1:1/0", "socket_timeout": None}]},
        }
    }
    began = time.monotonic()
    for number in range(3000):
        hints.send(1, {"main": [{"s": number, "k": "chat.post", "b": {"text": "x"}}]}, [("poll", 1)])
    hints.kick(1)
    assert time.monotonic() - began < 3
    until(lambda: len(hints._publisher_of_this_process().waiting) <= hints.WAITING)


def test_a_hint_that_cannot_be_written_stops_nobody(caplog):
    hints.send(1, {"main": [{"s": 1, "k": "x", "b": object()}]})
    assert "was not sent" in caplog.text


# --- two daphne, PostgreSQL, Redis -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers():
    with RoomServers(processes=2) as running:
        running.rooms = running.ask("fill(6, 3)")
        yield running


@pytest.fixture
def enter(servers):
    """`enter(room, place or "trainer", number of the daphne)`: a welcomed phone."""
    phones = []

    def come(room, place, number, cur=None):
        seat = room["trainer"] if place == "trainer" else room["seats"][place]
        port = servers.daphnes[number].port
        socket = connect(
            servers.socket_url(room["meeting"], number), origin=f"http://127.0.0.1:{port}", legacy=True, compression=None,
            additional_headers={"Cookie": seat["cookie"]}, open_timeout=20,
        )  # fmt: skip
        phone = Phone(socket)
        phones.append(phone)
        phone.say("hello", v=1, tab="t", cur=cur or {}, caps=["rtc"])
        phone.welcome = phone.hear("welcome")
        phone.hear("pres")
        return phone

    yield come
    for phone in phones:
        phone.leave()


def post(phone, number, text="x"):
    phone.act("chat.post", {"text": text}, cid=f"cid-{number:08d}")
    return phone.hear("ack", cid=f"cid-{number:08d}", seconds=20)["s"]


@pytest.mark.services
@pytest.mark.timeout(400)
class TestTwoProcesses:
    def test_what_one_process_does_the_other_hears_at_once(self, servers, enter):
        room = servers.rooms[0]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        post(here, 1)
        there.hear_events(1)  # the group of the other process is joined by now
        began = time.monotonic()
        seq = post(here, 2)
        assert there.hear_events(seq)[-1] == seq
        assert time.monotonic() - began < 0.7
        there.say("eph", k="typing", b={})
        assert here.hear("eph", k="typing")
        until(lambda: {one["u"] for one in here.hear("pres")["add"]}, 10)

    def test_a_frame_for_another_connection_finds_its_process(self, servers, enter):
        """Sound and picture between two processes: the one hears that the other joined, or why it may not."""
        room = servers.rooms[0]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        here.say("rtc", k="join")
        there.say("rtc", k="join")
        assert here.hear("rtc", seconds=10) and there.hear("rtc", seconds=10)

    def test_a_slow_commit_makes_nobody_skip_a_number(self, servers, enter):
        """Somebody holds the lock of the stream for a second and commits late: readers on both sides see every number, in order."""
        room = servers.rooms[1]
        readers = [enter(room, 0, 0), enter(room, 1, 1)]
        writer = enter(room, 2, 0)
        for round_ in range(3):
            first = post(writer, round_ * 10 + 1)
            slow = threading.Thread(target=self.commit_late, args=(servers, room))
            slow.start()
            time.sleep(0.3)
            for number in range(4):
                writer.act("chat.post", {"text": "x"}, cid=f"cid-{round_ * 10 + 2 + number:08d}")
            slow.join()
            last = max(writer.hear("ack", seconds=20)["s"] for _number in range(4))
            assert last == first + 5
        for reader in readers:
            assert reader.hear_events(last) == list(range(1, last + 1))

    @staticmethod
    def commit_late(servers, room):
        port = servers.postgresql.port
        with psycopg.connect(f"postgres://puente@127.0.0.1:{port}/postgres") as connection, connection.cursor() as cursor:
            find = "SELECT id, last_seq FROM live_stream WHERE meeting_id = %s AND name = 'main' FOR UPDATE"
            stream, last = cursor.execute(find, [room["meeting"]]).fetchone()
            cursor.execute(
                "INSERT INTO live_event (stream_id, seq, at, actor_id, actor_name, cid, kind, body)"
                " VALUES (%s, %s, now(), %s, 'late', %s, 'chat.post', '{\"text\": \"late\"}')",
                [stream, last + 1, room["trainer"]["user"], f"late-{last:08d}"],
            )
            cursor.execute("UPDATE live_stream SET last_seq = %s WHERE id = %s", [last + 1, stream])
            time.sleep(1)

    def test_a_person_put_out_in_one_process_leaves_the_other(self, servers, enter):
        room = servers.rooms[2]
        host, phone = enter(room, "trainer", 0), enter(room, 0, 1)
        host.act("role.set", {"id": room["seats"][0]["user"], "role": "removed"})
        assert phone.close_code(5) == 4403

    def test_six_sockets_over_two_processes_are_five(self, servers, enter):
        room = servers.rooms[2]
        phones = [enter(room, 1, number % 2) for number in range(5)]
        time.sleep(1.5)  # their leases are written
        enter(room, 1, 1)
        assert phones[0].close_code(8) == 4409

    def test_a_restarted_server_is_entered_again_without_loss(self, servers, enter):
        room = servers.rooms[3]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        epoch = here.welcome["streams"]["main"]["e"]
        for number in (1, 2):
            post(there, number)
        here.hear_events(2)
        servers.daphnes[0].kill()
        post(there, 3)
        servers.daphnes[0].start()
        back = enter(room, 0, 0, cur={"main": {"e": epoch, "s": 2}})
        assert back.welcome["streams"]["main"]["mode"] == "replay" and back.hear_events(3) == [3]

    def test_a_server_that_stops_says_when_to_come_back(self, servers, enter):
        room = servers.rooms[3]
        phone = enter(room, 2, 0)
        servers.daphnes[0].process.terminate()
        try:
            assert 0 <= phone.hear("bye", seconds=10)["in"] <= 10_000
            assert phone.close_code() in (1012, 1006)
        finally:
            servers.daphnes[0].process.wait(20)
            servers.daphnes[0].start()
        assert servers.ask(f"open_leases({room['meeting']}, {room['seats'][2]['user']})") == 0

    def test_redis_frozen_acts_are_acknowledged_and_heard_elsewhere(self, servers, enter):
        room = servers.rooms[4]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        post(here, 1)
        servers.redis.freeze()
        try:
            for number in range(2, 8):
                began = time.monotonic()
                post(here, number)
                assert time.monotonic() - began < 1.5
            newcomer = enter(room, 2, 1)  # a room is entered without Redis as well
            assert newcomer.hear_events(7, seconds=5)[-1] == 7
            assert there.hear_events(7, seconds=5) == list(range(1, 8))
        finally:
            servers.redis.thaw()
        time.sleep(1)
        began = time.monotonic()
        seq = post(here, 8)
        assert there.hear_events(seq)[-1] == 8 and time.monotonic() - began < 5

    def test_redis_killed_and_flushed_nobody_stays_deaf(self, servers, enter):
        room = servers.rooms[5]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        post(here, 1)
        servers.redis.kill()
        post(here, 2)
        servers.redis.start()
        post(here, 3)
        assert there.hear_events(3, seconds=5) == [1, 2, 3]
        until(lambda: self.seconds_across(here, there) < 0.5, 30)

    @staticmethod
    def seconds_across(here, there, numbers=iter(range(100, 999))):  # noqa: B008 -- goes on from call to call
        began = time.monotonic()
        there.hear_events(post(here, next(numbers)))
        return time.monotonic() - began

    def test_a_quiet_socket_on_redis_lives(self, servers, enter):
        """Half a minute; the ten minutes belong to `make faults`. With redis-py's own time limit it would die after five seconds."""
        room = servers.rooms[5]
        here, there = enter(room, 0, 0), enter(room, 1, 1)
        head = here.welcome["streams"]["main"]["head"]
        until_ = time.monotonic() + 31
        while time.monotonic() < until_:
            with contextlib.suppress(TimeoutError):
                there.next(1)
        seq = post(here, 5000)
        assert seq == head + 1
        assert there.hear_events(seq)[-1] == seq
