"""The law of the log: state(snapshot at s, events after s) = state now, for every act, role and order of acts.

After Zulip's `verify_action`: whoever comes in the middle ends where those are who saw everything.
"""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions import room
from sessions.fold import fold
from sessions.models import Meeting, Segment
from sessions.protocol import KINDS
from sessions.refusals import Refusal
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db
SENT = sorted(kind for kind, rule in KINDS.items() if rule.sent)

# What needs something else before it, in its order.
COURSES = [
    ["poll.prepare", "poll.open", "poll.vote", "poll.vote", "poll.close", "poll.reveal"], ["qa.ask", "qa.ask", "qa.merge", "qa.answer"],
    ["board.phase", "board.note", "board.vote", "board.link"], ["group.plan", "group.open", "board.note", "board.gather"],
    ["media.backup", "session.end"],
]  # fmt: skip


class World:
    """A live meeting of a trainer and three trainees, and a chance to do anything."""

    def __init__(self, chance):
        self.chance = chance
        self.meeting = meeting_of()
        self.segments = [Segment.objects.create(meeting=self.meeting, title=str(n), order=n) for n in range(3)]
        self.people = [person_in(self.meeting, role) for role in ("trainer", "trainee", "trainee", "trainee")]
        self.done, self.refused, self.kept = {}, {}, {}

    def step(self, kind=None):
        kind = kind or self.chance.choice(SENT)
        user = self.people[0] if self.chance.random() < 0.6 else self.chance.choice(self.people)
        name = self._stream(kind)
        self.keep(name)
        try:
            do(self.meeting, user, kind, self._body(kind, name), st=name, base=self._base(kind, name))
        except Refusal as refusal:
            self.refused[kind, refusal.why] = self.refused.get((kind, refusal.why), 0) + 1
        else:
            self.done[kind] = self.done.get(kind, 0) + 1
        if kind == "session.end" or self.chance.random() < 0.02:
            Meeting.objects.non_polymorphic().filter(pk=self.meeting.pk).update(state="live")

    def keep(self, name):
        """Now and then somebody comes in and takes the state of this moment."""
        if self.chance.random() < 0.08:
            self.kept.setdefault(name, []).append(room.snapshot(room.stream_of(self.meeting.pk, name)))

    def law_holds(self):
        for name, taken in self.kept.items():
            stream = room.stream_of(self.meeting.pk, name)
            head, now = room.snapshot(stream)
            assert fold(room.beginning(stream), room.events_after(stream, 0, limit=None)) == now
            for seq, state in taken:
                assert fold(state, room.events_after(stream, seq, limit=None)) == now, (name, seq, head)

    def _stream(self, kind):
        on = [name for name in KINDS[kind].on if name in ("main", "hosts", "group")]
        choice = self.chance.choice(on)
        groups = self._groups()
        if choice == "group" and groups:
            return f"group:{self.chance.choice(groups)}"
        return choice if choice != "group" else "main"

    def _one(self, collection, name="main"):
        keys = [int(key) for key in state_of(self.meeting, name).get(collection, {}) if key.isdigit()]
        return self.chance.choice(keys) if keys and self.chance.random() < 0.95 else 999_999

    def _base(self, kind, name):
        if kind not in ("board.edit", "board.move"):
            return None
        notes = state_of(self.meeting, name).get("notes", {})
        return notes[str(self.target)]["version"] if str(self.target) in notes else 1

    def _two_open(self):
        keys = [int(key) for key, one in state_of(self.meeting).get("questions", {}).items() if one["state"] == "open"]
        first, second = self.chance.sample(keys, 2) if len(keys) > 1 else (999_998, 999_999)
        return [first], second

    def _poll(self, *states):
        polls = self.meeting.polls.all()
        wanted = list(
            (polls.filter(state__in=states) if states and self.chance.random() < 0.9 else polls).values_list("pk", flat=True)
        )
        return self.chance.choice(wanted) if wanted else 999_999

    def _body(self, kind, name):
        one, chance = self._one, self.chance
        self.target = one("notes", name)
        bodies = {
            "chat.post": lambda: {"text": f"palabra {chance.random()}"},
            "chat.edit": lambda: {"id": one("chat", name), "text": "otra"},
            "chat.redact": lambda: {"id": one("chat", name)},
            "qa.ask": lambda: {"text": f"¿Por qué {chance.random()}?"},
            "qa.upvote": lambda: {"id": one("questions"), "up": chance.random() < 0.8},
            "qa.merge": lambda: dict(zip(("ids", "into"), self._two_open(), strict=True)),
            "qa.answer": lambda: {"id": one("questions"), "text": "Así."},
            "qa.dismiss": lambda: {"id": one("questions")},
            "qa.redact": lambda: {"id": one("questions")},
            "poll.prepare": lambda: {
                "kind": "single-choice", "text": "¿Cuál?", "choices": ["Uno", "Dos"],
                "promise": chance.choice(["anonymous", "identified"]),
            },
            "poll.open": lambda: {"id": self._poll("prepared", "closed", "shown")},
            "poll.vote": lambda: {"id": self._poll("open"), "value": self._choice()},
            "poll.close": lambda: {"id": self._poll("open")},
            "poll.reveal": lambda: {"id": self._poll("closed")},
            "hand.down": lambda: {"id": chance.choice(self.people).pk},
            "hand.call": lambda: {"id": one("hands")},
            "agenda.goto": lambda: {"segment": chance.choice(self.segments).pk},
            "slide.goto": lambda: {"deck": 0, "page": 1},
            "timer.set": lambda: {"seconds": chance.randint(5, 600)},
            "timer.clear": lambda: {"id": one("timers", name)},
            "board.note": lambda: {"column": self._column(name), "text": f"idea {chance.random()}"},
            "board.edit": lambda: {"id": self.target, "text": "idea mejor"},
            "board.move": lambda: {"id": self.target, "column": self._column(name)},
            "board.cluster": lambda: {"ids": [self.target], "into": chance.choice([None, one("notes", name)])},
            "board.remove": lambda: {"id": self.target},
            "board.link": lambda: {"action": self._note_in("actions", name), "challenge": self._note_in("challenges", name)},
            "board.unlink": lambda: {"id": chance.choice([*state_of(self.meeting, name).get("links", {})] or ["1-2"])},
            "board.vote": lambda: {"id": self.target, "up": chance.random() < 0.8},
            "board.lock": lambda: {"locked": chance.random() < 0.2},
            "board.phase": lambda: {"phase": chance.choice(["collect", "discuss", "vote", "vote", "vote"])},
            "group.place": lambda: {"id": self.people[3].pk, "group": chance.choice([None, *self._groups()])},
            "group.plan": lambda: {"groups": [{"people": [self.people[1].pk]}, {"people": [self.people[2].pk]}]},
            "role.set": lambda: {"id": chance.choice(self.people).pk, "role": chance.choice(["host", "participant"])},
            "media.policy": lambda: {"publish": chance.choice(["all", "stage", "hosts", "none"])},
            "media.backup": lambda: {"push": chance.random() < 0.5},
            "outcome.add": lambda: {"what": "action", "text": "Escribir", "due": "2027-03-05"},
            "outcome.edit": lambda: {"id": one("outcomes"), "done": True},
            "outcome.remove": lambda: {"id": one("outcomes")},
            "react.send": lambda: {"kind": "thanks"},
        }  # fmt: skip
        return bodies.get(kind, dict)()

    def _column(self, name):
        columns = state_of(self.meeting, name).get("board", {}).get("columns") or [{"key": "challenges"}]
        return self.chance.choice(columns)["key"]

    def _groups(self):
        return list(self.meeting.groups.values_list("pk", flat=True))

    def _note_in(self, column, name):
        keys = [note["id"] for note in state_of(self.meeting, name).get("notes", {}).values() if note["column"] == column]
        return self.chance.choice(keys or [999_999])

    def _choice(self):
        polls = state_of(self.meeting).get("polls", {})
        keys = [choice["key"] for poll in polls.values() for choice in poll["question"].get("choices", [])]
        return self.chance.choice(keys or ["a"])


@pytest.fixture(autouse=True)
def _four_people_are_a_group(settings):
    settings.MIN_GROUP_SIZE = 1


def test_each_kind_of_act_happens_and_the_state_is_the_same_for_all():
    world = World(random.Random(7))
    for kind in [kind for kind in SENT if kind != "session.end"] * 5:
        world.step(kind)
    for course in COURSES * 5:
        for kind in course:
            world.step(kind)
    for _time in range(20):
        for kind in sorted(set(SENT) - world.done.keys()):
            world.step("board.lock")
            world.step(kind)
    never = set(SENT) - world.done.keys()
    world.law_holds()
    assert not never, (never, world.refused)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_any_order_of_acts_leads_everybody_to_the_same_state(seed):
    world = World(random.Random(seed))
    for _step in range(60):
        world.step()
    world.law_holds()


def test_the_check_would_see_a_fold_that_forgets(monkeypatch):
    """Planted: an event kind that the table forgot."""
    world = World(random.Random(7))
    world.kept["main"] = [(0, {"session": {"state": "lobby"}})]
    for _step in range(5):
        world.step("chat.post")
    monkeypatch.setattr("tests.sessions.test_every_act.fold", lambda state, events: state)
    with pytest.raises(AssertionError):
        world.law_holds()
