"""Rows for load and fault runs of rooms, and what the database holds afterwards. Called in a process of its own (room_servers.ask)."""

import hashlib
import json
import uuid
from collections import defaultdict

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from curriculum.models import Cohort, Enrollment
from sessions import polling_questions, room
from sessions.models import Ballot, Lease, Meeting, Stream, TrainingSession
from sessions.seats import seat_for


def fill(meetings, people):
    """`meetings` live rooms with `people` trainees and one trainer each: [{"meeting", "trainer": seat, "seats": [seat]}]; seat is
    {"user", "cookie"}."""
    return [_room(number, people) for number in range(meetings)]


def _room(number, people):
    today = timezone.localdate()
    cohort = Cohort.objects.create(
        name=f"Room {number}", curriculum_key="0" * 32, starts_on=today, ends_on=today, capacity=people + 1, status="running"
    )
    meeting = TrainingSession.objects.create(
        cohort=cohort, title=f"Room {number}", state="live", starts_at=timezone.now(), started_at=timezone.now(), minutes=90
    )
    trainer = _seat(cohort, f"trainer-{number}@example.org", "trainer")
    seats = [_seat(cohort, f"p{place}-{number}@example.org", "trainee") for place in range(people)]
    return {"meeting": meeting.pk, "trainer": trainer, "seats": seats}


def _seat(cohort, email, role):
    user = get_user_model().objects.create(email=email, full_name=email.split("@")[0], password="!")
    Enrollment.objects.create(user=user, cohort=cohort, role=role, status="enrolled")
    client = Client()
    client.force_login(user)
    return {"user": user.pk, "cookie": f"sessionid={client.cookies['sessionid'].value}"}


def furnish(meeting, trainer):
    """A board, and an open poll of two choices, as the trainer makes them: {"poll": its id, "choices": keys}."""
    row = Meeting.objects.get(pk=meeting)
    seat = seat_for(get_user_model().objects.get(pk=trainer), row)
    poll = polling_questions.prepare_poll(row, kind="single-choice", text="¿Cuál?", choices=["Uno", "Dos"], promise="anonymous")
    for kind, body in (("board.setup", {}), ("poll.open", {"id": poll.pk})):
        room.perform(seat, {"t": "op", "cid": uuid.uuid4().hex, "st": "main", "k": kind, "b": body})
    state = room.snapshot(room.stream_of(meeting, "main"))[1]
    return {"poll": poll.pk, "choices": [one["key"] for one in state["polls"][str(poll.pk)]["question"]["choices"]]}


def open_leases(meeting, user):
    return Lease.objects.filter(meeting_id=meeting, user_id=user, closed_at=None).count()


def ballots(poll):
    return Ballot.objects.filter(poll=poll).count()


def stored():
    """{"acts": {meeting: {cid: [numbers]}} of the main streams, "heads": {meeting: last number}, "holes": numbers missing,
    "states": {meeting: digest}, "ballots": {meeting: [ids of the acts that put them]}}."""
    acts, heads, states, ballots, holes = defaultdict(dict), {}, {}, defaultdict(list), 0
    for stream in Stream.objects.filter(name="main"):
        heads[stream.meeting_id], state = room.snapshot(stream)
        states[stream.meeting_id] = digest(state)
        numbers = []
        for cid, seq in stream.events.order_by("seq").values_list("cid", "seq"):
            acts[stream.meeting_id].setdefault(cid, []).append(seq)
            numbers.append(seq)
        holes += numbers != list(range(1, stream.last_seq + 1))
    for meeting, cids in Ballot.objects.values_list("poll__meeting", "cids"):
        ballots[meeting] += cids
    return {"acts": acts, "heads": heads, "holes": holes, "states": states, "ballots": ballots}


def digest(state):
    """Of a folded state; empty collections count as absent, as a fold may or may not have made them."""
    known = {name: collection for name, collection in state.items() if collection}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
