"""The log: numbers without holes, each act once, refusals that leave nothing."""

import pytest

from sessions import room
from sessions.models import Event
from sessions.refusals import Refusal
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


def test_a_message_gets_the_next_number_and_is_in_the_state():
    meeting = meeting_of()
    ana = person_in(meeting)
    assert [do(meeting, ana, "chat.post", {"text": f"Hola {number}"}).seq for number in (1, 2)] == [1, 2]
    assert [message["text"] for message in state_of(meeting)["chat"].values()] == ["Hola 1", "Hola 2"]


def test_the_same_act_twice_is_acknowledged_with_the_same_number_and_stored_once():
    meeting = meeting_of()
    ana = person_in(meeting)
    first, again = (do(meeting, ana, "chat.post", {"text": "Hola"}, cid="same-cid-1") for _time in (1, 2))
    assert first == again
    assert Event.objects.count() == 1


def test_redacted_words_leave_log_and_state():
    meeting = meeting_of()
    ana = person_in(meeting)
    seq = do(meeting, ana, "chat.post", {"text": "secret words"}).seq
    do(meeting, ana, "chat.edit", {"id": seq, "text": "secret words 2"})
    room.keep_snapshot(room.stream_of(meeting.pk, "main").pk)
    do(meeting, ana, "chat.redact", {"id": seq})
    stream = room.stream_of(meeting.pk, "main")
    assert "secret" not in str([*stream.events.values_list("body"), *stream.snapshots.values_list("state"), state_of(meeting)])
    assert state_of(meeting)["chat"][str(seq)]["redacted"]


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("chat.post", {"text": ""}, "invalid"),
        ("chat.post", {"text": "x" * 1001}, "invalid"),
        ("chat.post", {"text": "x", "more": 1}, "invalid"),
        ("chat.post", "x", "invalid"),
        ("poll.result", {}, "invalid"),
        ("no.such", {}, "invalid"),
        ("session.end", {}, "forbidden"),
    ],
)
def test_what_is_refused_leaves_nothing(kind, body, why):
    meeting = meeting_of()
    ana = person_in(meeting)
    with pytest.raises(Refusal) as refusal:
        do(meeting, ana, kind, body)
    assert refusal.value.why == why
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_people_at_once_get_ten_numbers_without_a_hole(in_parallel):
    meeting = meeting_of()
    people = [person_in(meeting) for _number in range(10)]
    acks = in_parallel(lambda number: do(meeting, people[number], "chat.post", {"text": str(number)}))
    assert sorted(ack.seq for ack in acks) == list(range(1, 11))
