"""Breakout groups: planned, opened until a deadline, called back, closed.

A group keeps its row, its stream and its board while it is planned again; one that falls away is dissolved and keeps its log. After the
groups were closed, a new plan makes new ones. `GroupMember` says where a person belongs from the plan on; whether the groups are at work
is in the log (`breakout`). People are told on their own stream when they move, and spread over `jitter` seconds.
"""

from datetime import timedelta
from typing import Annotated

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from sessions.acts import Nothing, Shape, act
from sessions.acts.board import board_as_told
from sessions.acts.board_shapes import Id
from sessions.belonging import enrolled_in
from sessions.instants import milliseconds
from sessions.models import Board, Event, Group, GroupMember, Lease, MeetingPerson, Stream
from sessions.protocol import LEASE
from sessions.refusals import Refusal

MOST = 50  # groups
PEOPLE = 500
RECALL_SECONDS = 30
PER_SECOND = 20  # people who move in one second
SHORTEST_JITTER, LONGEST_JITTER = 2, 15
OPEN, RECALLED, CLOSED = "open", "recalled", "closed"
AT_WORK = (OPEN, RECALLED)
STEPS = ("group.open", "group.recall", "group.close")
RUNNERS = ("trainer", "lead")


class Part(Shape):
    """Without `name` or `task` a group keeps those it has."""

    name: Annotated[str, Field(max_length=80)] | None = None
    task: Annotated[str, Field(max_length=500)] | None = None
    people: Annotated[list[Id], Field(max_length=PEOPLE)]


class Plan(Shape):
    groups: Annotated[list[Part], Field(min_length=1, max_length=MOST)] | None = None
    count: Annotated[int, Field(ge=1, le=MOST)] | None = None
    task: Annotated[str, Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self):
        if (self.groups is None) == (self.count is None):
            raise ValueError("groups or count")
        return self


class Place(Shape):
    id: Id
    group: Id | None


class Open(Shape):
    minutes: Annotated[int, Field(ge=1, le=240)] | None = None


@act("group.plan", Plan)
def plan(here, body):
    """By hand, or `count` groups of nearly equal size. While the groups are at work, only those move whose group has changed."""
    parts = body.groups or _spread(here, body.count, body.task)
    _refuse_strangers(here, [user for part in parts for user in part.people])
    step = breakout(here.meeting.pk)
    groups = _groups_for(here, parts, anew=step.get("state") == CLOSED)
    _settle(here, {user: group.pk for group, part in zip(groups, parts, strict=True) for user in part.people}, step)
    _set_up_boards(here, groups)
    return {"all": groups_as_told(here.meeting)}


@act("group.place", Place)
def place(here, body):
    """One person into a group, or out of all: who came late, or sits in the wrong one."""
    if body.group is not None and not _standing(here.meeting).filter(pk=body.group).exists():
        raise Refusal("invalid", _("This group does not exist."))
    _refuse_strangers(here, [body.id])
    wanted = {**_members(here), body.id: body.group}
    _settle(here, {user: group for user, group in wanted.items() if group}, breakout(here.meeting.pk))
    return {"all": groups_as_told(here.meeting)}


@act("group.open", Open)
def open_(here, body):
    """Everybody goes to their group, until a deadline if there is one. Again: a new deadline, and nobody moves."""
    members, state = _members(here), breakout(here.meeting.pk).get("state")
    if not members:
        raise Refusal("invalid", _("Plan the groups first: nobody is in one."))
    if state not in AT_WORK:
        _move(here, members)
    _set_up_boards(here, _standing(here.meeting))
    if state == CLOSED:
        _lock_boards(here, False)
    ends = here.now + timedelta(minutes=body.minutes) if body.minutes else None
    return {"state": OPEN, "ends_at": ends and milliseconds(ends), "jitter": jitter(len(members))}


@act("group.recall", Nothing)
def recall(here, body):
    """Back in thirty seconds, or when the time is up if that is sooner. Called twice, the first call stands."""
    step = breakout(here.meeting.pk)
    if step.get("state") not in AT_WORK:
        raise Refusal("closed", _("The groups are not open."))
    back = milliseconds(here.now + timedelta(seconds=RECALL_SECONDS))
    return {"state": RECALLED, "ends_at": min(back, step.get("ends_at") or back) if step["state"] == OPEN else step["ends_at"]}


@act("group.close", Nothing)
def close(here, body):
    """Everybody is back in the room. What the groups wrote stays to read; their boards are locked. The clock (nobody in particular)
    says in `base` which step is over, and closes only if none came after it."""
    told = None if _went_on(here) else _closed(here)
    if told is None:
        raise Refusal("closed", _("The groups are not open."))
    return told


def close_all(here):
    """When the meeting ends."""
    told = _closed(here)
    if told is not None:
        here.also("main", "group.close", told)


def _went_on(here):
    return here.seat.user_id is None and here.stream.events.filter(kind__in=STEPS, seq__gt=here.base or 0).exists()


def _closed(here):
    if breakout(here.meeting.pk).get("state") not in AT_WORK:
        return None
    _move(here, dict.fromkeys(_members(here)))
    _lock_boards(here, True)
    return {"state": CLOSED, "ends_at": None}


# --- what stands -------------------------------------------------------------------------------------------------------


def breakout(meeting_id):
    """`{state, ends_at, …}` of the last step, `{}` before the first. One query."""
    last = Event.objects.filter(stream__meeting_id=meeting_id, stream__name="main", kind__in=STEPS).order_by("-seq")
    return last.values_list("body", flat=True).first() or {}


def are_at_work(meeting_id):
    """Whether people are in their groups now: before and after, `GroupMember` only says where they belong."""
    return breakout(meeting_id).get("state") in AT_WORK


def groups_as_told(meeting):
    """`{"<id>": {id, number, name, task, people: [{u, n}]}}` of the groups that stand. Two queries."""
    told = {
        one.pk: {"id": one.pk, "number": one.number, "name": one.name, "task": one.task, "people": []}
        for one in _standing(meeting)
    }
    members = GroupMember.objects.filter(meeting_id=meeting.pk, group__in=told).select_related("user").order_by("pk")
    for member in members:
        told[member.group_id]["people"].append({"u": member.user_id, "n": _name(member.user)})
    return {str(pk): group for pk, group in told.items()}


def jitter(people):
    """Seconds over which so many people move."""
    return max(SHORTEST_JITTER, min(LONGEST_JITTER, -(-people // PER_SECOND)))


def _standing(meeting):
    return Group.objects.filter(meeting_id=meeting.pk, dissolved_at=None)


def _members(here):
    return dict(GroupMember.objects.filter(meeting_id=here.meeting.pk).order_by("pk").values_list("user_id", "group_id"))


def _name(user):
    return user.full_name or user.certificate_name or "—"


# --- who goes where ----------------------------------------------------------------------------------------------------


def people_of(meeting):
    """Everybody who belongs to the meeting, whoever was removed excepted."""
    by_name = MeetingPerson.objects.filter(meeting_id=meeting.pk)
    removed = by_name.filter(part=MeetingPerson.Part.REMOVED).values("user_id")
    enrolled = enrolled_in(meeting).values("user_id")
    users = get_user_model().objects.filter(Q(pk__in=enrolled) | Q(pk__in=by_name.values("user_id")), is_active=True)
    return users.exclude(pk__in=removed)


def _refuse_strangers(here, people):
    if len(set(people)) < len(people):
        raise Refusal("invalid", _("Somebody is in two groups."))
    if people_of(here.meeting).filter(pk__in=people).count() < len(people):
        raise Refusal("invalid", _("This person is not in the meeting."))


def _spread(here, count, task):
    """Who is here, or with nobody here yet whoever belongs, hosts left out: dealt out by language and country, so that each group gets
    some of each. The same people give the same groups."""
    hosts = MeetingPerson.objects.filter(meeting_id=here.meeting.pk, part=MeetingPerson.Part.HOST).values("user_id")
    runners = enrolled_in(here.meeting).filter(role__in=RUNNERS).values("user_id")
    guests = people_of(here.meeting).exclude(pk__in=hosts).exclude(pk__in=runners)
    guests = guests.order_by("language", "country", "pk").values_list("pk", flat=True)
    dealt = list(guests.filter(pk__in=_present(here))) or list(guests)
    if len(dealt) < count:
        raise Refusal("invalid", _("There are fewer people than groups."))
    return [Part(task=task, people=dealt[number::count]) for number in range(count)]


def _present(here):
    alive = Lease.objects.filter(meeting_id=here.meeting.pk, closed_at=None, seen_at__gte=here.now - timedelta(seconds=LEASE))
    return alive.exclude(device=Lease.Device.SCREEN).values("user_id")


def _groups_for(here, parts, anew):
    """One row per part: those that stand, by their number; new ones where there are too few; what is left over is dissolved."""
    rows = [] if anew else list(_standing(here.meeting))
    _standing(here.meeting).exclude(pk__in=[row.pk for row in rows[: len(parts)]]).update(dissolved_at=here.now)
    rows = rows[: len(parts)] + [Group(meeting_id=here.meeting.pk) for _part in parts[len(rows) :]]
    for number, (row, part) in enumerate(zip(rows, parts, strict=True), start=1):
        row.number = number
        row.name = row.name if part.name is None else part.name
        row.task = row.task if part.task is None else part.task
        row.save()
    return rows


def _settle(here, wanted, step):
    """Rows follow `wanted` ({user: group}). People whose group has changed are told at once while the groups are at work."""
    before = _members(here)
    changed = {user: wanted.get(user) for user in before | wanted if before.get(user) != wanted.get(user)}
    GroupMember.objects.filter(meeting_id=here.meeting.pk, user__in=changed).delete()
    rows = [GroupMember(meeting_id=here.meeting.pk, user_id=user, group_id=group) for user, group in changed.items() if group]
    GroupMember.objects.bulk_create(rows)
    if step.get("state") in AT_WORK:
        _move(here, changed)


def _move(here, people):
    for user, group in people.items():
        here.also(f"user:{user}", "you.moved", {"group": group})


# --- their boards ------------------------------------------------------------------------------------------------------


def _boards(here):
    """`{stream name: Board}` of the groups that stand."""
    names = [f"group:{group.pk}" for group in _standing(here.meeting)]
    boards = Board.objects.filter(stream__meeting_id=here.meeting.pk, stream__name__in=names).select_related("stream")
    return {board.stream.name: board for board in boards}


def _set_up_boards(here, groups):
    """A board with the columns of the room's for each group that has none; without a board in the room none at all."""
    main, known = Board.objects.filter(stream=here.stream).first(), _boards(here)
    for name in [f"group:{group.pk}" for group in groups] if main else ():
        if name not in known:
            stream = Stream.objects.get_or_create(meeting_id=here.meeting.pk, name=name)[0]
            board = Board.objects.create(stream=stream, columns=main.columns, votes_each=main.votes_each)
            here.also(name, "board.setup", board_as_told(board))


def _lock_boards(here, locked):
    for name, board in _boards(here).items():
        if board.locked != locked:
            Board.objects.filter(pk=board.pk).update(locked=locked)
            here.also(name, "board.lock", {"locked": locked})
