"""Any order of acts on the boards of a room and its group: the log folds to what the tables hold, for whoever comes in at whatever
moment, and the rules of the board hold on the rows."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions import room
from sessions.acts import clusters
from sessions.fold import fold
from sessions.models import Board, Group, Note, NoteLink, NoteVote
from sessions.refusals import Refusal
from tests.sessions.boards import open_board, the_state_equals_the_rows
from tests.sessions.rooms import do, meeting_of, person_in

pytestmark = pytest.mark.django_db
COLUMNS = ("challenges", "actions", "effective")
KINDS = (
    *["board.note"] * 4, *["board.cluster"] * 3, *["board.move", "board.link", "board.vote"] * 2,
    "board.edit", "board.remove", "board.unlink", "board.lock", "board.phase", "board.gather", "board.setup", "group.plan", "group.place",
    "group.open", "group.close",
)  # fmt: skip


class World:
    """A trainer, two trainees, the room and its group; `chance` decides what is done."""

    def __init__(self, chance):
        self.chance, self.meeting, self.kept, self.done = chance, meeting_of(), [], set()
        self.trainer = person_in(self.meeting, "trainer")
        self.people = [self.trainer, *(person_in(self.meeting) for _number in range(2))]
        open_board(self.meeting, self.trainer)
        do(self.meeting, self.trainer, "group.plan", {"groups": [{"people": [user.pk for user in self.people[1:]]}]})
        self.names = ["main", f"group:{Group.objects.get(meeting=self.meeting).pk}"]

    def step(self):
        kind, name = self.chance.choice(KINDS), self.chance.choice(self.names)
        name = "main" if kind.startswith("group.") or kind == "board.gather" else name
        user = self.trainer if self.chance.random() < 0.5 else self.chance.choice(self.people)
        if self.chance.random() < 0.2:
            self.kept.append((name, *room.snapshot(room.stream_of(self.meeting.pk, name))))
        body, base = self.body(kind, name)
        try:
            do(self.meeting, user, kind, body, st=name, base=base)
        except Refusal:
            return
        self.done.add(kind)

    def body(self, kind, name):
        one = self.one(name)
        bodies = {
            "board.note": lambda: {"column": self.chance.choice(COLUMNS), "text": f"idea {self.chance.random()}"},
            "board.edit": lambda: {"id": one.pk, "text": "mejor", "country": self.chance.choice(["MX", ""])},
            "board.move": lambda: {"id": one.pk, "column": self.chance.choice(COLUMNS), "order": self.chance.choice([None, 5])},
            "board.cluster": lambda: {
                "ids": list({one.pk, self.one(name, column=one.column).pk}),
                "into": self.chance.choice([None, *[self.one(name, column=one.column).pk] * 4]),
            },
            "board.remove": lambda: {"id": one.pk},
            "board.link": lambda: {
                "action": self.one(name, column="actions").pk, "challenge": self.one(name, column="challenges").pk,
            },
            "board.unlink": lambda: {"id": next((f"{a}-{c}" for a, c in NoteLink.objects.values_list("action", "challenge")), "1-2")},
            "board.vote": lambda: {"id": one.pk, "up": self.chance.random() < 0.8},
            "board.lock": lambda: {"locked": self.chance.random() < 0.3},
            "board.phase": lambda: {"phase": self.chance.choice(["collect", "discuss", "vote", "vote"])},
            "board.setup": lambda: {"votes_each": self.chance.randint(2, 4)},
            "group.plan": lambda: {"groups": [{"people": [self.chance.choice(self.people[1:]).pk]}]},
            "group.place": lambda: {"id": self.people[2].pk, "group": int(self.names[1].partition(":")[2])},
        }  # fmt: skip
        return bodies.get(kind, dict)(), one.version

    def one(self, name, **fields):
        notes = list(
            Note.objects.filter(board__stream__meeting=self.meeting, board__stream__name=name, removed_at=None, **fields)
        )
        return self.chance.choice(notes) if notes else Note(pk=999_999, column="challenges")

    def rules_hold(self):
        for name in self.names:
            the_state_equals_the_rows(self.meeting, name)
        for name, seq, state in self.kept:
            stream = room.stream_of(self.meeting.pk, name)
            assert fold(state, room.events_after(stream, seq, limit=None)) == room.snapshot(stream)[1]
        for note in Note.objects.exclude(cluster=None).select_related("cluster"):
            assert note.column == note.cluster.column and note.cluster.cluster_id is None and note.cluster.removed_at is None
        assert not NoteVote.objects.exclude(note__cluster=None).exists()
        for board in Board.objects.filter(stream__meeting=self.meeting):
            for user in self.people:
                assert NoteVote.objects.filter(note__board=board, user=user).count() <= 4
            assert all(clusters.fits(board, link.action, link.challenge) for link in NoteLink.objects.filter(action__board=board))


def test_each_kind_of_act_happens():
    world = World(random.Random(3))
    for _step in range(400):
        world.step()
    world.rules_hold()
    assert world.done == set(KINDS)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_any_order_of_acts_leaves_log_and_tables_alike(seed):
    world = World(random.Random(seed))
    for _step in range(70):
        world.step()
    world.rules_hold()


def test_the_check_would_see_a_merge_that_the_log_does_not_tell(monkeypatch):
    """Planted: what a merged note headed stays behind in the log."""
    world = World(random.Random(3))
    shape, act = room._acts()["board.cluster"]
    monkeypatch.setitem(room._acts(), "board.cluster", (shape, lambda here, body: {**act(here, body), "ids": body.ids[:1]}))
    for _step in range(200):
        world.step()
    with pytest.raises(AssertionError):
        world.rules_hold()
