"""The state of a room as its pages need it: what the browser goes on from, and the same as lists for templates. Reads only."""

from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.utils import timezone

from evaluations.words import in_language
from sessions import presence, room, tallies, voting
from sessions.acts.agenda import items_of
from sessions.fold import KEPT
from sessions.models import NoteVote, Poll, Upvote
from sessions.protocol import FOLD_TABLE, LIVE, PAUSED

SHOWN_MESSAGES = 50
SETTLED = ("answered", "dismissed")


@dataclass
class RoomState:
    """`streams` is {name: {"e", "s", "state"}} of what the seat hears, `tallies` frames, `upvoted` and `voted_notes` the person's own
    marks, `votes` {poll id: {"round", "value", "sent"}} their votes in polls with names, `people` who are here now as in `pres` frames (presence.py), `countries` {user id: code} of everybody who shows up in it."""

    meeting: object
    seat: object
    streams: dict
    tallies: list
    upvoted: set = field(default_factory=set)
    voted_notes: set = field(default_factory=set)
    votes: dict = field(default_factory=dict)
    people: list = field(default_factory=list)
    countries: dict = field(default_factory=dict)

    def of(self, name, stream="main"):
        return self.streams[stream]["state"].get(name, {})

    def count(self, kind, pk):
        return next((frame["n"] for frame in self.tallies if frame["k"] == kind and str(frame["id"]) == str(pk)), 0)

    def as_json(self):
        """What the scripts of the page start from (static/live/js/store.js)."""
        return {
            "meeting": self.meeting.pk,
            "me": {"u": self.seat.user_id, "role": self.seat.role, "name": self.seat.name},
            "now": round(timezone.now().timestamp() * 1000),
            "fold": {"table": FOLD_TABLE, "kept": KEPT},
            "streams": self.streams,
            "tallies": self.tallies,
            "own": {"questions": sorted(self.upvoted), "notes": sorted(self.voted_notes), "votes": self.votes},
            "countries": self.countries,
        }


def read(meeting, seat):
    """Everything of a page in a number of queries that does not depend on how much there is."""
    streams = {name: stream_state(meeting, name) for name in seat.streams if name != "hosts"}
    found = RoomState(meeting, seat, streams, tally_frames(meeting, seat))
    found.upvoted = set(
        Upvote.objects.filter(question__meeting=meeting, user_id=seat.user_id).values_list("question_id", flat=True)
    )
    found.voted_notes = set(
        NoteVote.objects.filter(note__board__stream__meeting=meeting, user_id=seat.user_id).values_list("note_id", flat=True)
    )
    found.votes = votes_in(found)
    found.people = presence.present(meeting.pk)
    found.countries = countries_in(found)
    return found


def votes_in(found):
    """What the person voted, for their other devices and after a reload. Of anonymous polls nothing: not even they get it from here."""
    named = {key: one for key, one in found.of("polls").items() if one["promise"] == Poll.Promise.IDENTIFIED}
    known = voting.own_votes(found.meeting, found.seat.user_id) if named else {}
    return {key: {"round": one["round"], "value": _placed(known[int(key)], one), "sent": True}
            for key, one in named.items() if int(key) in known}  # fmt: skip


def _placed(value, poll):
    """Steps in their order as the form has them: {name: place}."""
    is_order = poll["question"]["kind"] == "ordering"
    return {name: place for place, name in enumerate(value, start=1)} if is_order else value


def stream_state(meeting, name):
    stream = room.stream_of(meeting.pk, name)
    seq, state = room.snapshot(stream)
    if name == "main":
        # The row of the meeting is the truth: dates may be cancelled without anybody in the room.
        state = {**state, "session": {**state.get("session", {}), "state": room.STATES[meeting.state]}}
        if not state.get("agenda", {}).get("items"):
            state["agenda"] = {**state.get("agenda", {}), "items": items_of(meeting)}
    return {"e": stream.epoch, "s": seq, "state": state}


def tally_frames(meeting, seat, stream=None):
    """Counts that the seat may know, of one stream or of all it hears."""
    return [one.frame() for one in tallies.current(meeting.pk) if seat.may_hear(one.stream) and stream in (None, one.stream)]


def countries_in(found):
    known = {one["u"]: one["c"] for one in found.people}
    asked = {found.seat.user_id}
    for stream in found.streams.values():
        for name in ("chat", "questions", "hands"):
            asked |= {one.get("u") for one in stream["state"].get(name, {}).values()}
    others = get_user_model().objects.filter(pk__in=asked - set(known) - {None}).values_list("pk", "country")
    return {str(pk): country for pk, country in [*known.items(), *others] if country}


# --- as lists for templates --------------------------------------------------------------------------------------------


def messages_of(found, stream="main"):
    """The newest messages, oldest first."""
    chat = sorted(found.of("chat", stream).items(), key=lambda one: one[1]["s"])[-SHOWN_MESSAGES:]
    return [said(key, message, found.seat, found.countries) for key, message in chat]


def has_older(found, stream="main"):
    """The state keeps more messages than a page shows, so it knows."""
    return len(found.of("chat", stream)) > SHOWN_MESSAGES


def said(key, message, seat, countries):
    own = message["u"] == seat.user_id
    return {
        **message, "key": key, "own": own, "country": countries.get(str(message["u"]), ""),
        "may_redact": (own or seat.hosts) and not message.get("redacted"), "may_edit": own and not message.get("redacted"),
    }  # fmt: skip


def questions_of(found):
    """(open by votes, settled): each with votes and what the person may do."""
    rows = []
    for key, one in found.of("questions").items():
        own = one["u"] == found.seat.user_id
        rows.append({
            **one, "key": key, "own": own, "votes": found.count("question", key), "up": int(key) in found.upvoted,
            "country": found.countries.get(str(one["u"]), ""), "may_redact": (own or found.seat.hosts) and not one.get("redacted"),
        })  # fmt: skip
    rows.sort(key=lambda one: (-one["votes"], one["s"]))
    return [one for one in rows if one["state"] == "open"], [one for one in rows if one["state"] in SETTLED]


def polls_of(found):
    """(the one to look at, earlier ones): open ones first, then the one opened last."""
    rows = [poll_card(key, one, found) for key, one in found.of("polls").items() if one["state"] != "prepared"]
    rows.sort(key=lambda one: (one["state"] == "open", one["s"]), reverse=True)
    current = [one for one in rows if one["state"] == "open"] or rows[:1]
    return current, [one for one in rows if one not in current]


def poll_card(key, poll, found):
    question = poll["question"]
    options = question.get("choices") or question.get("items") or question.get("scale") or []
    results, vote = poll.get("results") or {}, found.votes.get(key, {})
    own = vote.get("value") if vote.get("round") == poll["round"] else None
    return {
        **poll, "key": key, "kind": question["kind"], "text": in_language(question["text"]), "hint": in_language(question.get("hint")),
        "choices": [_option(one, own) for one in options], "places": range(1, len(options) + 1), "own": own,
        "longest": question.get("longest"), "wave": in_language(poll.get("wave")),
        "votes": found.count("poll", key), "rows": [{**row, "text": in_language(row["text"])} for row in results.get("rows", [])],
        "words": results.get("words", []),
        "may_vote": poll["state"] == "open" and found.of("session").get("state") in (LIVE, PAUSED),
    }  # fmt: skip


def _option(one, own):
    """(key, words, whether or at which place the person chose it)."""
    key = one["key"] if "key" in one else one["value"]
    chosen = own.get(key) if isinstance(own, dict) else key in own if isinstance(own, list) else own is not None and key == own
    return key, in_language(one["text"]), chosen


def board_of(found, stream="main"):
    """`None` without a board, else {phase, locked, columns: [{key, title, role, notes}], notes, links}."""
    board = found.of("board", stream)
    if not board.get("columns"):
        return None
    notes = {key: _note(key, one, found) for key, one in found.of("notes", stream).items()}
    for key, link in found.of("links", stream).items():
        action, challenge = notes.get(str(link["action"])), notes.get(str(link["challenge"]))
        if action and challenge:
            action["answers"].append({"key": key, "text": challenge["text"]})
    ordered = sorted(notes.values(), key=lambda one: (one["order"], one["s"]))
    for one in ordered:
        if str(one.get("into")) in notes:
            notes[str(one["into"])]["merged"].append(one)
    single = [one for one in ordered if str(one.get("into")) not in notes]
    columns = [
        {**one, "title": in_language(one["title"]), "notes": [note for note in single if note["column"] == one["key"]]}
        for one in board["columns"]
    ]
    return {**board, "columns": columns, "notes": ordered, "challenges": _of_role(columns, "challenge"),
            "actions": _of_role(columns, "action")}  # fmt: skip


def _note(key, one, found):
    may_change = one["u"] == found.seat.user_id or found.seat.hosts
    return {
        **one, "key": key, "votes": found.count("note", key), "voted": int(key) in found.voted_notes, "may_change": may_change,
        "answers": [], "merged": [], "alone": [one["id"]],
    }  # fmt: skip


def _of_role(columns, role):
    return [note for column in columns if column.get("role") == role for note in column["notes"]]


def hands_of(found):
    hands = sorted(found.of("hands").items(), key=lambda one: one[1]["s"])
    return [{**hand, "key": key, "own": hand["u"] == found.seat.user_id} for key, hand in hands]


def agenda_of(found):
    """{items: [{…, state: done|current|next}], current, place, count, late (minutes), until (ms or None)}."""
    agenda = found.of("agenda")
    items = [dict(item) for item in agenda.get("items", [])]
    place = next((number for number, item in enumerate(items) if item["id"] == agenda.get("current")), None)
    for number, item in enumerate(items):
        item["state"] = "next" if place is None or number > place else "current" if number == place else "done"
    current = items[place] if place is not None else None
    started = agenda.get("started_at")
    return {
        "items": items, "current": current, "place": (place or 0) + 1, "count": len(items),
        "late": max(0, (started - agenda.get("planned_start", started)) // 60_000) if current and started else 0,
        "until": started + current["minutes"] * 60_000 if current and started else None,
    }  # fmt: skip


def timers_of(found, stream="main"):
    return [{**timer, "key": key} for key, timer in found.of("timers", stream).items()]


def group_of(found):
    """The person's breakout group, or `None`."""
    group = found.seat.group and found.of("groups").get(str(found.seat.group))
    return {**group, "stream": f"group:{found.seat.group}"} if group else None
