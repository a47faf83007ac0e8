"""Who belongs to a meeting, who is here, since when and with what: for those who run it."""

from datetime import timedelta

from django.db.models import Max, Min, Q

from curriculum.models import Enrollment
from sessions.belonging import enrolled_in
from sessions.models import Lease, MeetingPerson
from sessions.protocol import LEASE

HERE, LEFT, AWAY = "here", "left", "away"
RUNNERS = ("trainer", "lead")
HOST, PARTICIPANT, REMOVED = MeetingPerson.Part.HOST, MeetingPerson.Part.PARTICIPANT, MeetingPerson.Part.REMOVED
ORDER = {HERE: 0, LEFT: 1, AWAY: 2}


def people_of(meeting, state, now, unknown=frozenset()):
    """`{"guests", "hosts", "removed", "here", "expected"}`; a person: id, name, state, at (arrival), device, group, raised. Four queries.

    `guests` are those whose attendance is kept (sessions/stays.py): trainees and people asked by name; the cohort's team is not. Of
    the `unknown` (ids) the address stands for the name (sessions/guests.py).
    """
    people = _belonging(meeting, unknown)
    _add_leases(meeting, people, now)
    _add_check_ins(meeting, people)
    _add_room(state, people)
    shown = sorted(people.values(), key=lambda one: (ORDER[one["state"]], one["name"].casefold()))
    guests = [one for one in shown if not one["team"] and one["part"] != REMOVED]
    return {
        "guests": guests,
        "hosts": [one for one in shown if one["part"] == HOST],
        "removed": [one for one in shown if one["part"] == REMOVED],
        "here": sum(one["state"] == HERE for one in guests),
        "expected": len(guests),
    }


def changeable(people, seat):
    """Whose part may be changed here: not one's own, not that of the cohort's team."""
    found = {one["id"]: one for name in ("guests", "hosts", "removed") for one in people[name]}
    rows = [one for one in found.values() if not one["team"] and one["id"] != seat.user_id]
    return sorted(rows, key=lambda one: one["name"].casefold())


def _person(user, part, *, team=False, known=True):
    name = (user.full_name or user.certificate_name or "—") if known else user.email
    return {
        "id": user.pk,
        "name": name,
        "part": part,
        "team": team,
        "state": AWAY,
        "at": None,
        "device": "",
        "group": None,
        "raised": False,
    }


def _belonging(meeting, unknown):
    """`{user id: person}` of the cohort and of those asked by name; whoever has several roles has the one that runs the room."""
    people = {}
    if meeting.cohort_id:
        for one in enrolled_in(meeting).select_related("user").order_by("pk"):
            team = one.role != Enrollment.Role.TRAINEE
            part = HOST if one.role in RUNNERS else PARTICIPANT
            if one.user_id not in people or part == HOST:
                people[one.user_id] = _person(one.user, part, team=team)
    for one in MeetingPerson.objects.filter(meeting_id=meeting.pk).select_related("user"):
        known = people.get(one.user_id)
        if not known or known["part"] != HOST or one.part == REMOVED:
            people[one.user_id] = _person(
                one.user, one.part, team=bool(known and known["team"]), known=one.user_id not in unknown
            )
    return people


def _add_room(state, people):
    """Groups and raised hands, as the log has them."""
    for group in state.get("groups", {}).values():
        for member in group.get("people", []):
            if member["u"] in people:
                people[member["u"]]["group"] = group["number"]
    for user_id in state.get("hands", {}):
        if int(user_id) in people:
            people[int(user_id)]["raised"] = True


def _add_leases(meeting, people, now):
    alive = Q(closed_at=None, seen_at__gte=now - timedelta(seconds=LEASE))
    rows = (
        Lease.objects.filter(meeting_id=meeting.pk)
        .exclude(device=Lease.Device.SCREEN)
        .order_by()
        .values("user_id")
        .annotate(first=Min("opened_at"), alive=Max("seen_at", filter=alive), device=Max("device", filter=alive))
    )
    for row in rows:
        person = people.get(row["user_id"])
        if person:
            person.update(state=HERE if row["alive"] else LEFT, at=row["first"], device=row["device"] or "")


def _add_check_ins(meeting, people):
    for user_id, at, left_at in meeting.check_ins.values_list("user_id", "at", "left_at"):
        person = people.get(user_id)
        if person:
            person["at"] = min(person["at"] or at, at)
            person["state"] = HERE if left_at is None else person["state"]
            person["device"] = "hall" if left_at is None else person["device"]
