"""What the control room and the screens show: the folded streams `main` and `hosts`, and the few rows that are not in them.

Every number of queries here is fixed, whatever the number of people, messages, notes. Times in the results are aware datetimes.
"""

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from sessions import conference, room, stage, tallies
from sessions.acts.agenda import items_of
from sessions.control_people import changeable, people_of
from sessions.control_sound import sound_of
from sessions.control_stage import board_of, decks_of, groups_of, polls_of, voters_of
from sessions.instants import milliseconds, moment
from sessions.models import Board, Event, Outcome, Poll
from sessions.pace import Item, pace_of
from sessions.protocol import LIVE, PAUSED

CHAT_SHOWN = 80


def control_of(meeting, seat, now, group=None, unknown=frozenset()):
    """The context of the control room. `group` is the id of a group that is being visited; of the `unknown` (ids) no name is said."""
    main, hosts = stream_of(meeting, "main"), stream_of(meeting, "hosts")
    state, counts = main["state"], counted(meeting)
    people = people_of(meeting, state, now, unknown)
    polls = polls_of(meeting, state, hosts["state"], counts)
    questions, hands = questions_of(state, counts), hands_of(state)
    return {
        "meeting": meeting,
        "seat": seat,
        "session": state["session"],
        "running": state["session"]["state"] in (LIVE, PAUSED),
        "streams": {"main": main, "hosts": hosts},
        "run": run_of(meeting, state, now),
        "stage": stage.stage_of(marks_of(meeting), state),
        "polls": polls,
        "missing": missing_of(polls["live"], people),
        "decks": decks_of(meeting, state),
        "board": board_of(state, counts),
        "groups": groups_of(state),
        "visit": visit_of(meeting, state, group, counts),
        "people": people | {"changeable": changeable(people, seat)},
        "hands": hands,
        "sound": sound_of(meeting, state, people, hands),
        "questions": questions,
        "open_questions": sum(one["state"] == "open" for one in questions),
        "chat": chat_of(state),
        "hosts_chat": chat_of(hosts["state"]),
        "timers": timers_of(state, now),
        "outcomes": outcomes_of(state),
        "checks": checks_of(meeting, polls),
        "now": now,
        "whats": Outcome.What.choices,
        "phases": Board.Phase.choices,
        "min_group": settings.MIN_GROUP_SIZE,
    }


def screen_of(meeting, now):
    """The context of the projector and the hall screen: nothing that participants may not see."""
    main = stream_of(meeting, "main")
    state = main["state"]
    counts = counted(meeting, "main")
    poll = stage.poll_on_stage(state)
    return {
        "meeting": meeting,
        "session": state["session"],
        "streams": {"main": main},
        "stage": stage.stage_of(marks_of(meeting), state),
        "item": _current_item(state),
        "following": _next_item(state),
        "poll": poll,
        "voted": counts.get(("poll", str(poll["id"])), {}).get("n", 0) if poll else 0,
        "slides": state.get("slides", {}),
        "board": board_of(state, counts),
        "questions": [one for one in questions_of(state, counts) if one["state"] == "open"][:5],
        "timers": [one for one in timers_of(state, now) if one["left"] > 0][-1:],
        "now": now,
    }


def stream_of(meeting, name):
    """`{"e", "s", "state"}`. The row of the meeting is the truth about its state: dates are cancelled without anybody in the room."""
    stream = room.stream_of(meeting.pk, name)
    seq, state = room.snapshot(stream)
    if name == "main":
        state = {**state, "session": {**state.get("session", {}), "state": room.STATES[meeting.state]}}
        if not state.get("agenda", {}).get("items"):
            state["agenda"] = {**state.get("agenda", {}), "items": items_of(meeting)}
    return {"e": stream.epoch, "s": seq, "state": state}


def visit_of(meeting, state, group, counts):
    """The group that is being visited, with its chat and board; `None` for none, or one that is not there."""
    known = state.get("groups", {}).get(str(group))
    if known is None:
        return None
    stream = f"group:{group}"
    inside = stream_of(meeting, stream)
    name = known.get("name") or _("Group %(number)s") % {"number": known["number"]}
    return {
        **known,
        "name": name,
        "stream": stream,
        "at": inside,
        "chat": chat_of(inside["state"]),
        "board": board_of(inside["state"], counts),
    }


def missing_of(poll, people):
    """Who is here and has not voted, in an open poll with names."""
    if not poll or poll["state"] != "open" or poll["promise"] != Poll.Promise.IDENTIFIED:
        return []
    voted = voters_of(poll)
    return [one for one in people["guests"] if one["id"] not in voted]


def counted(meeting, *names):
    """`{(kind, id as text): {"n", "c"}}` of all that is counted; with `names` only what those streams may know."""
    found = {}
    for tally in tallies.current(meeting.pk):
        if not names or tally.stream in names:
            known = found.setdefault((tally.kind, str(tally.id)), {"n": 0, "c": None})
            known.update(n=tally.n, c=tally.counts or known["c"])
    return found


def marks_of(meeting):
    """See stage.py. One query."""
    rows = Event.objects.filter(stream__meeting_id=meeting.pk, stream__name="main", kind__in=stage.SHOWS)
    return dict(rows.order_by().values_list("kind").annotate(Max("seq")))


# --- run of show ---------------------------------------------------------------------------------------------------------


def run_of(meeting, state, now):
    """`{"lines": [{"segment", "state", "at"}], "current", "next", "left", "over", "late", "ends_at"}`. One query."""
    segments = list(meeting.segments.select_related("owner"))
    items = [Item(one.pk, one.minutes, milliseconds(one.started_at)) for one in segments]
    ended = state["session"]["state"] == "ended"
    present = state.get("agenda", {}).get("current")
    pace = pace_of(items, present, milliseconds(meeting.starts_at), milliseconds(now))
    known = {one.pk: one for one in segments}
    return {
        "lines": [{"segment": known[pk], "state": "done" if ended else is_, "at": moment(at)} for pk, is_, at in pace.lines],
        "current": known.get(present),
        "next": known.get(pace.next_id),
        "left": pace.left,
        "over": -pace.left if pace.left is not None and pace.left < 0 else 0,
        "late": pace.late,
        "ends_at": moment(pace.ends_at),
    }


def _current_item(state):
    agenda = state.get("agenda", {})
    return next((item for item in agenda.get("items", []) if item["id"] == agenda.get("current")), None)


def _next_item(state):
    items, present = state["agenda"]["items"], state["agenda"].get("current")
    place = next((number for number, item in enumerate(items) if item["id"] == present), -1)
    return items[place + 1] if place + 1 < len(items) else None


def timers_of(state, now):
    """Running and just ended timers, the next to end first, with `left` in seconds."""
    rows = [
        {**timer, "id": int(key), "left": max(0, round(timer["ends_at"] / 1000 - now.timestamp()))}
        for key, timer in state.get("timers", {}).items()
    ]
    return sorted(rows, key=lambda timer: timer["ends_at"])


def outcomes_of(state):
    return sorted(state.get("outcomes", {}).values(), key=lambda one: -one["s"])


# --- what people say -------------------------------------------------------------------------------------------------------


def hands_of(state):
    """In the order in which they went up; who was called stays until the hand goes down."""
    return sorted(state.get("hands", {}).values(), key=lambda hand: hand["s"])


def questions_of(state, counts):
    """Open ones first, by votes, then by age; answered ones after them. Merged, dismissed and redacted ones are gone."""
    shown = [
        {**one, "votes": counts.get(("question", str(one["id"])), {}).get("n", 0)}
        for one in state.get("questions", {}).values()
        if one["state"] in ("open", "answered") and not one.get("redacted")
    ]
    return sorted(shown, key=lambda one: (one["state"] != "open", -one["votes"], one["s"]))


def chat_of(state):
    messages = sorted(state.get("chat", {}).items(), key=lambda pair: pair[1]["s"])[-CHAT_SHOWN:]
    return [{**message, "id": int(key), "when": moment(message["at"])} for key, message in messages]


def checks_of(meeting, polls):
    """What should be ready before the start: `[(word, ready)]`; `None` where it does not apply."""
    linked = bool(meeting.conference_url) if conference.engine_of(meeting).needs_address else None
    decks = list(meeting.decks.values_list("page_count", flat=True))
    return [
        ("link", linked),
        ("poll", bool(polls["all"])),
        ("slides", any(decks) if decks else None),
        ("code", bool(meeting.check_in_code)),
    ]
