"""The promise of an anonymous poll, attacked with everything that the database holds."""

import hashlib
import hmac
import json

import pytest
from django.apps import apps
from django.core.serializers import serialize

from sessions import room, voting
from sessions.models import Ballot, Event, Lease, Meeting, Poll
from tests.sessions.polling import DOS, UNO, opened, room_with, vote
from tests.sessions.rooms import do

pytestmark = pytest.mark.django_db
NAMED = ("live.lease", "live.event", "lms.user")


def whole_database():
    """Every row of every table as text, but those that are about people and never about votes."""
    rows = [row for model in apps.get_models() if model._meta.label_lower not in NAMED for row in model._default_manager.all()]
    return serialize("json", rows)


def voted(people=8, **about):
    here = room_with(people)
    poll = opened(here, **about)
    for number, user in enumerate(here.people):
        Lease.objects.create(meeting=here.meeting, user=user, conn=f"conn-{user.pk}", tab=f"tab-{user.pk}")
        vote(here, user, poll, UNO if number else DOS, cid=f"tab-{user.pk}-vote")
    return here, Poll.objects.get(pk=poll.pk)


def tokens_of(poll, people):
    """Who could be behind a ballot, computed as an operator would who has the secret of the poll."""
    made = {}
    for user in people:
        words = f"{poll.pk}:{poll.round}:{user.pk}".encode()
        made[hmac.new(bytes.fromhex(poll.secret), words, hashlib.sha256).hexdigest()] = user.pk
    return made


def test_while_it_is_open_a_ballot_names_nobody():
    here, _poll = voted()
    assert not Ballot.objects.exclude(user=None).exists() and not Ballot.objects.exclude(at=None).exists()
    assert {str(user.pk) for user in here.people}.isdisjoint(Ballot.objects.values_list("voter", flat=True))


def test_the_attack_works_before_the_end_and_not_after():
    """Planted: with the secret the operator can link, so the check below is one that can fail."""
    here, poll = voted()
    tokens = tokens_of(poll, here.people)
    assert {tokens.get(ballot.voter) for ballot in Ballot.objects.filter(value=DOS)} == {here.people[0].pk}
    do(here.meeting, here.host, "session.end")
    left = whole_database()
    assert poll.secret not in left and not any(token in left for token in tokens)
    assert Ballot.objects.count() == 8 and Ballot.objects.filter(value=DOS).count() == 1


def test_no_id_of_an_act_leads_from_a_ballot_to_a_device():
    here, _poll = voted()
    do(here.meeting, here.host, "session.end")
    assert not any(ballot.cids for ballot in Ballot.objects.all())
    assert "-vote" not in whole_database()


def test_votes_are_not_in_the_log_of_the_room():
    here, _poll = voted()
    do(here.meeting, here.host, "session.end")
    mine = Event.objects.filter(actor__in=here.people)
    assert not mine.exists()
    assert "poll.vote" not in json.dumps(list(Event.objects.values_list("kind", flat=True)))


def test_the_order_of_the_rows_says_nothing_after_the_end(monkeypatch):
    here, _poll = voted()
    before = list(Ballot.objects.order_by("pk").values_list("value", flat=True))
    assert before == [DOS] + [UNO] * 7
    monkeypatch.setattr(voting.CHANCE, "shuffle", lambda rows: rows.reverse())
    voting.seal_polls(here.meeting)
    assert list(Ballot.objects.order_by("pk").values_list("value", flat=True)) == before[::-1]


def test_sealing_twice_is_the_same_as_once():
    here, _poll = voted()
    voting.seal_polls(here.meeting)
    sealed = list(Ballot.objects.order_by("pk").values())
    voting.seal_polls(here.meeting)
    assert list(Ballot.objects.order_by("pk").values()) == sealed
    assert voting.own_votes(here.meeting, here.people[0].pk) == {}
    assert voting.ballots_of(Poll.objects.get(), here.people[0].pk) == []


def test_votes_with_names_keep_them():
    here, _poll = voted(promise="identified")
    do(here.meeting, here.host, "session.end")
    assert set(Ballot.objects.values_list("user_id", flat=True)) == {user.pk for user in here.people}
    assert voting.turnout(Poll.objects.get()).voted[0][1] in ("Uno", "Dos")


def test_two_rounds_of_one_person_have_nothing_in_common():
    here, poll = voted()
    for kind in ("poll.close", "poll.open"):
        do(here.meeting, here.host, kind, {"id": poll.pk})
    for user in here.people:
        vote(here, user, poll, UNO)
    voters = [set(Ballot.objects.filter(round=number).values_list("voter", flat=True)) for number in (1, 2)]
    assert len(voters[1]) == 8 and voters[0].isdisjoint(voters[1])


def test_a_batch_of_votes_tells_others_no_more_than_the_poll(monkeypatch, django_capture_on_commit_callbacks):
    here, poll = voted(people=1)
    told = []
    monkeypatch.setattr("sessions.hints.send", lambda *all_of_it: told.append(all_of_it))
    with django_capture_on_commit_callbacks(execute=True):
        vote(here, here.people[0], poll, UNO)
    assert told == [(here.meeting.pk, {}, [("poll", poll.pk)])]
    assert room.snapshot(room.stream_of(here.meeting.pk, f"user:{here.people[0].pk}"))[1] == {}


def test_a_meeting_taken_up_again_votes_under_a_new_secret():
    here, poll = voted()
    do(here.meeting, here.host, "session.end")
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(state="live")
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    again = Poll.objects.get()
    vote(here, here.people[0], poll, UNO)
    vote(here, here.people[0], poll, DOS)
    assert again.secret not in ("", poll.secret) and again.round == 2
    assert Ballot.objects.filter(round=1).count() == 8 and Ballot.objects.filter(round=2).count() == 1
