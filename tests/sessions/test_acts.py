"""What may happen in a room and what may not: chat, hands, questions, agenda, timers, roles, outcomes, reactions, the meeting itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions import control_state, room, room_state
from sessions.models import Event, Meeting, MeetingPerson, Reaction, RoomQuestion, Segment, Upvote
from sessions.refusals import Refusal
from sessions.seats import seat_for
from sessions.tallies import current
from tests.factories import UserFactory
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of()


@pytest.fixture
def ana(meeting):
    return person_in(meeting)


@pytest.fixture
def luis(meeting):
    return person_in(meeting)


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


def refused(why, *args, **kwargs):
    with pytest.raises(Refusal) as refusal:
        do(*args, **kwargs)
    assert refusal.value.why == why
    assert refusal.value.text
    return refusal.value


# --- who has a seat ----------------------------------------------------------------------------------------------------


def test_a_stranger_has_no_seat_and_who_was_removed_loses_it(meeting, ana):
    assert seat_for(UserFactory(), meeting) is None
    assert seat_for(ana, meeting).role == "participant"
    MeetingPerson.objects.create(meeting=meeting, user=ana, part="removed")
    assert seat_for(ana, meeting) is None


def test_only_those_who_run_it_hear_the_hosts(meeting, ana, trainer):
    assert "hosts" in seat_for(trainer, meeting).streams
    assert not seat_for(ana, meeting).may_hear("hosts")
    refused("forbidden", meeting, ana, "chat.post", {"text": "Hola"}, st="hosts")
    refused("forbidden", meeting, ana, "chat.post", {"text": "Hola"}, st="group:99")


# --- the meeting -------------------------------------------------------------------------------------------------------


def test_it_opens_pauses_goes_on_and_ends(trainer, meeting, ana):
    Meeting.objects.filter(pk=meeting.pk).update(state="scheduled", started_at=None)
    Segment.objects.create(meeting=meeting, title="Bienvenida", minutes=5)
    refused("forbidden", meeting, ana, "session.open")
    do(meeting, trainer, "session.open")
    assert state_of(meeting)["session"]["state"] == "live"
    assert [item["title"] for item in state_of(meeting)["agenda"]["items"]] == ["Bienvenida"]
    started = Meeting.objects.get(pk=meeting.pk).started_at
    do(meeting, trainer, "session.pause")
    do(meeting, trainer, "session.open")
    assert Meeting.objects.get(pk=meeting.pk).started_at == started
    do(meeting, trainer, "session.end")
    assert Meeting.objects.get(pk=meeting.pk).state == "ended"
    refused("closed", meeting, ana, "chat.post", {"text": "tarde"})
    refused("closed", meeting, trainer, "session.open")


def test_nothing_happens_in_a_room_that_has_not_begun_but_chat_and_questions(meeting, ana):
    Meeting.objects.filter(pk=meeting.pk).update(state="scheduled", started_at=None)
    refused("closed", meeting, ana, "hand.up")
    do(meeting, ana, "chat.post", {"text": "Buenos días"})
    do(meeting, ana, "qa.ask", {"text": "¿Se graba?"})


# --- chat --------------------------------------------------------------------------------------------------------------


def test_one_changes_ones_own_message_for_five_minutes(meeting, ana, luis):
    seq = do(meeting, ana, "chat.post", {"text": "Hola"}).seq
    refused("forbidden", meeting, luis, "chat.edit", {"id": seq, "text": "Adiós"})
    do(meeting, ana, "chat.edit", {"id": seq, "text": "Hola a todos"})
    assert state_of(meeting)["chat"][str(seq)]["text"] == "Hola a todos"
    Event.objects.filter(seq=seq).update(at=timezone.now() - timedelta(minutes=6))
    refused("closed", meeting, ana, "chat.edit", {"id": seq, "text": "x"})
    refused("invalid", meeting, ana, "chat.edit", {"id": 999, "text": "x"})


def test_hosts_take_out_anybodys_words_and_others_do_not(meeting, ana, luis, trainer):
    seq = do(meeting, ana, "chat.post", {"text": "datos de una paciente"}).seq
    refused("forbidden", meeting, luis, "chat.redact", {"id": seq})
    do(meeting, trainer, "chat.redact", {"id": seq})
    assert "paciente" not in str(state_of(meeting))
    refused("closed", meeting, ana, "chat.edit", {"id": seq, "text": "otra vez"})


def test_the_state_keeps_the_last_messages_only(meeting, ana, monkeypatch):
    monkeypatch.setitem(__import__("sessions.fold", fromlist=["KEPT"]).KEPT, "chat", 3)
    for number in range(5):
        do(meeting, ana, "chat.post", {"text": str(number)})
    assert [message["text"] for message in state_of(meeting)["chat"].values()] == ["2", "3", "4"]


# --- questions ---------------------------------------------------------------------------------------------------------


def test_one_upvote_per_account_and_none_for_oneself(meeting, ana, luis):
    do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    question = RoomQuestion.objects.get()
    for _time in (1, 2):
        do(meeting, luis, "qa.upvote", {"id": question.pk})
    refused("forbidden", meeting, ana, "qa.upvote", {"id": question.pk})
    assert [tally.n for tally in current(meeting.pk, {("question", question.pk)})] == [1]
    do(meeting, luis, "qa.upvote", {"id": question.pk, "up": False})
    assert [tally.n for tally in current(meeting.pk)] == [0]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_upvotes_of_one_account_at_once_are_one(in_parallel):
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    do(meeting, ana, "qa.ask", {"text": "¿Cuándo?"})
    question = RoomQuestion.objects.get()
    results = in_parallel(lambda number: do(meeting, luis, "qa.upvote", {"id": question.pk}))
    assert not [result for result in results if isinstance(result, Exception)]
    assert Upvote.objects.count() == 1


def test_merging_carries_the_votes_over_once_per_person(meeting, ana, luis, trainer):
    for text in ("¿Cuándo?", "¿A qué hora?"):
        do(meeting, ana, "qa.ask", {"text": text})
    first, second = RoomQuestion.objects.all()
    for question in (first, second):
        do(meeting, luis, "qa.upvote", {"id": question.pk})
    refused("forbidden", meeting, ana, "qa.merge", {"ids": [second.pk], "into": first.pk})
    refused("invalid", meeting, trainer, "qa.merge", {"ids": [first.pk], "into": first.pk})
    refused("invalid", meeting, trainer, "qa.merge", {"ids": [12345], "into": first.pk})
    do(meeting, trainer, "qa.merge", {"ids": [second.pk], "into": first.pk})
    assert state_of(meeting)["questions"][str(second.pk)]["into"] == first.pk
    assert first.upvotes.count() == 1
    refused("closed", meeting, luis, "qa.upvote", {"id": second.pk})


def test_answers_are_told_and_words_can_be_taken_back(meeting, ana, luis, trainer):
    do(meeting, ana, "qa.ask", {"text": "¿Mi paciente María?"})
    question = RoomQuestion.objects.get()
    refused("forbidden", meeting, luis, "qa.answer", {"id": question.pk, "text": "Sí"})
    do(meeting, trainer, "qa.answer", {"id": question.pk, "text": "Sí, María"})
    refused("forbidden", meeting, luis, "qa.redact", {"id": question.pk})
    do(meeting, ana, "qa.redact", {"id": question.pk})
    question.refresh_from_db()
    assert "María" not in str([*Event.objects.values_list("body"), state_of(meeting), question.text, question.answer])


# --- hands, timers, agenda ---------------------------------------------------------------------------------------------


def test_hands_stand_in_order_and_others_do_not_lower_them(meeting, ana, luis, trainer):
    do(meeting, luis, "hand.up")
    do(meeting, ana, "hand.up")
    hands = state_of(meeting)["hands"]
    assert sorted(hands, key=lambda key: hands[key]["s"]) == [str(luis.pk), str(ana.pk)]
    refused("forbidden", meeting, ana, "hand.down", {"id": luis.pk})
    refused("forbidden", meeting, ana, "hand.call", {"id": ana.pk})
    do(meeting, trainer, "hand.call", {"id": luis.pk})
    assert state_of(meeting)["hands"][str(luis.pk)]["called"]
    do(meeting, trainer, "hand.down", {"id": luis.pk})
    do(meeting, ana, "hand.down")
    assert state_of(meeting)["hands"] == {}


def test_a_timer_is_a_deadline(meeting, trainer, ana):
    before = timezone.now().timestamp() * 1000
    do(meeting, trainer, "timer.set", {"seconds": 60, "label": "Café"})
    (key, timer), *_none = state_of(meeting)["timers"].items()
    assert 59_000 < timer["ends_at"] - before < 70_000
    refused("forbidden", meeting, ana, "timer.set", {"seconds": 60})
    refused("invalid", meeting, trainer, "timer.set", {"seconds": 0})
    do(meeting, trainer, "timer.clear", {"id": int(key)})
    assert state_of(meeting)["timers"] == {}


def test_the_agenda_knows_what_should_have_begun_when(meeting, trainer):
    segments = [Segment.objects.create(meeting=meeting, title=str(n), order=n, minutes=10) for n in range(3)]
    do(meeting, trainer, "agenda.goto", {"segment": segments[0].pk})
    do(meeting, trainer, "agenda.goto", {"segment": segments[2].pk})
    agenda = state_of(meeting)["agenda"]
    assert agenda["current"] == segments[2].pk
    assert agenda["planned_start"] == round(meeting.starts_at.timestamp() * 1000) + 20 * 60_000
    assert [bool(one.ended_at) for one in meeting.segments.all()] == [True, False, False]
    refused("invalid", meeting, trainer, "agenda.goto", {"segment": 999_999})


def test_both_pages_tell_the_same_delay(meeting, trainer, ana):
    """Counted from the announced start, whenever the meeting was really begun."""
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=now - timedelta(minutes=17, seconds=50), started_at=now - timedelta(minutes=9)
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    segments = [Segment.objects.create(meeting=meeting, title=str(n), order=n, minutes=10) for n in range(2)]
    for segment in segments:
        do(meeting, trainer, "agenda.goto", {"segment": segment.pk})
    own = room_state.agenda_of(room_state.read(meeting, seat_for(ana, meeting)))
    assert own["late"] == control_state.run_of(meeting, state_of(meeting), timezone.now())["late"] == 7


# --- roles -------------------------------------------------------------------------------------------------------------


def test_the_room_is_handed_on_and_taken_back(meeting, trainer, ana):
    refused("forbidden", meeting, ana, "role.set", {"id": ana.pk, "role": "host"})
    do(meeting, trainer, "role.set", {"id": ana.pk, "role": "host"})
    do(meeting, ana, "session.pause")
    refused("forbidden", meeting, ana, "role.set", {"id": trainer.pk, "role": "removed"})
    refused("forbidden", meeting, trainer, "role.set", {"id": trainer.pk, "role": "participant"})
    do(meeting, trainer, "role.set", {"id": ana.pk, "role": "removed"})
    assert seat_for(ana, meeting) is None
    do(meeting, trainer, "role.set", {"id": ana.pk, "role": "participant"})
    assert seat_for(ana, meeting).role == "participant"


def test_a_stranger_is_not_let_in_by_a_role(meeting, trainer):
    refused("invalid", meeting, trainer, "role.set", {"id": UserFactory().pk, "role": "host"})


# --- outcomes, reactions -----------------------------------------------------------------------------------------------


def test_what_was_decided_is_written_changed_and_removed(meeting, trainer, ana):
    refused("forbidden", meeting, ana, "outcome.add", {"what": "action", "text": "Escribir"})
    refused("invalid", meeting, trainer, "outcome.add", {"what": "action", "text": "x", "due": "2027-02-31"})
    refused("invalid", meeting, trainer, "outcome.add", {"what": "action", "text": "x", "owner": UserFactory().pk})
    do(meeting, trainer, "outcome.add", {"what": "action", "text": "Escribir", "due": "2027-03-05", "owner": ana.pk})
    outcome = meeting.outcomes.get()
    do(meeting, trainer, "outcome.edit", {"id": outcome.pk, "done": True})
    told = state_of(meeting)["outcomes"][str(outcome.pk)]
    assert told["due"] == "2027-03-05" and told["done"] and told["owner"] == ana.pk
    do(meeting, trainer, "outcome.remove", {"id": outcome.pk})
    refused("invalid", meeting, trainer, "outcome.edit", {"id": outcome.pk, "done": True})


def test_a_reaction_counts_once_in_ten_seconds(meeting, ana, luis):
    for user in (ana, ana, luis):
        do(meeting, user, "react.send", {"kind": "applause"})
    assert Reaction.objects.count() in (2, 3)  # three only where ten seconds ended between two of them
    assert not Event.objects.exists()
    refused("invalid", meeting, ana, "react.send", {"kind": "dislike"})


# --- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cid", ["", "short", "x" * 37, "with space 1", "ñandú-ñandú", None, 12345678, "a\n" * 5])
def test_an_id_that_is_none_is_refused(meeting, ana, cid):
    operation = {"t": "op", "cid": cid, "st": "main", "k": "chat.post", "b": {"text": "x"}}
    with pytest.raises(Refusal):
        room.perform(seat_for(ana, meeting), operation)


def test_two_people_may_use_the_same_id(meeting, ana, luis):
    seqs = [do(meeting, user, "chat.post", {"text": "x"}, cid="same-id-1").seq for user in (ana, luis)]
    assert seqs == [1, 2]


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800"])
def test_characters_that_no_database_takes_are_refused(meeting, ana, text):
    refused("invalid", meeting, ana, "chat.post", {"text": text})


@pytest.mark.parametrize(
    "body", [{"id": 2**63}, {"id": -(2**63)}, {"id": 1.5}, {"id": True}, {"id": [[[[[1]]]]]}, {"id": {}}, [], 7]
)
def test_numbers_that_are_no_ids_are_refused(meeting, trainer, body):
    refused("invalid", meeting, trainer, "qa.dismiss", body)
