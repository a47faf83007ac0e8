"""What the middle column of the control room shows: polls, slides, board, groups."""

from django.utils.translation import gettext as _

from evaluations.words import in_language
from sessions.models import Ballot, Poll
from sessions.stage import poll_on_stage


def polls_of(meeting, state, hosts_state, counts):
    """`{"all", "waiting", "live"}`: every poll as a dict, those prepared, and the one in control (or `None`).

    A poll: id, text, state, promise, n, results (of the last closing, for hosts), hidden, rows (live counts, identified only),
    missing (who has not voted, identified and open only).
    """
    rows = [_poll(one, state, hosts_state, counts) for one in meeting.polls.prefetch_related("question")]
    on_stage = poll_on_stage(state)
    live = next((one for one in rows if on_stage and one["id"] == on_stage["id"]), None)
    return {"all": rows, "waiting": [one for one in rows if one["state"] == Poll.State.PREPARED], "live": live}


def _poll(poll, state, hosts_state, counts):
    told = state.get("polls", {}).get(str(poll.pk)) or hosts_state.get("polls", {}).get(str(poll.pk)) or {}
    closed = hosts_state.get("results", {}).get(str(poll.pk)) or {}
    count = counts.get(("poll", str(poll.pk)), {"n": 0, "c": None})
    now = told.get("state", poll.state)
    return {
        "id": poll.pk,
        "text": poll.question.text_here,
        "kind": poll.question.kind,
        "question": told.get("question") or {},
        "state": now,
        "promise": poll.promise,
        "round": told.get("round", poll.round),
        "opened_at": told.get("opened_at"),
        "n": count["n"] if now == Poll.State.OPEN else told.get("n", closed.get("n", count["n"])),
        "results": told.get("results") or closed.get("results"),
        "hidden": bool(closed.get("hidden")),
        "rows": live_rows(told.get("question") or {}, count["c"]) if now == Poll.State.OPEN else [],
    }


def live_rows(question, counts):
    """Counts of an identified poll that is still open, in the order of its choices: `[{"text", "count", "share"}]`."""
    choices = question.get("choices") or question.get("scale") or question.get("items") or []
    if not counts or len(counts) != len(choices):
        return []
    most = sum(counts) or 1
    return [
        {"text": in_language(choice.get("text")) or choice.get("value", ""), "count": count, "share": count / most}
        for choice, count in zip(choices, counts, strict=True)
    ]


def voters_of(poll):
    """Ids of those who voted in the present round of an identified poll. One query; empty for anonymous ones."""
    if not poll or poll["promise"] != Poll.Promise.IDENTIFIED:
        return set()
    return set(Ballot.objects.filter(poll_id=poll["id"], round=poll["round"]).values_list("user_id", flat=True))


def decks_of(meeting, state):
    """`{"all": [decks that could be read], "broken": […], "deck", "page", "count", "last"}`. One query."""
    decks = list(meeting.decks.all())
    slides = state.get("slides", {})
    page = slides.get("page") or 1
    return {
        "all": [deck for deck in decks if deck.page_count],
        "broken": [deck for deck in decks if deck.error],
        "deck": slides.get("deck") or 0,
        "title": slides.get("title", ""),
        "page": page,
        "before": page - 1,
        "after": page + 1,
        "count": slides.get("count") or 0,
    }


def board_of(state, counts):
    """`None` before it is set up; else phase, locked, columns with their notes (clusters under the note that heads them)."""
    board = state.get("board", {})
    if not board.get("columns"):
        return None
    notes = sorted(state.get("notes", {}).values(), key=lambda note: (note.get("order", 0), note["s"]))
    for number, note in enumerate(notes):
        notes[number] = {**note, "votes": counts.get(("note", str(note["id"])), {}).get("n", 0)}
    columns = [
        {
            **column,
            "name": in_language(column["title"]),
            "notes": _clustered([one for one in notes if one["column"] == column["key"]], board),
        }
        for column in board["columns"]
    ]
    return {**board, "columns": columns, "total": len(notes), "answers": _answers(state, notes), "roles": _by_role(columns)}


def _answers(state, notes):
    """`[{"id", "action", "challenge"}]` in words: which action answers which challenge."""
    text = {note["id"]: note["text"] for note in notes}
    links = state.get("links", {}).items()
    known = [(key, one) for key, one in links if one["action"] in text and one["challenge"] in text]
    return [{"id": key, "action": text[one["action"]], "challenge": text[one["challenge"]]} for key, one in known]


def _clustered(notes, board):
    heads = [{**note, "members": []} for note in notes if not note.get("into")]
    known = {head["id"]: head for head in heads}
    for note in notes:
        if note.get("into") and note["into"] in known:
            known[note["into"]]["members"].append({**note, "alone": [note["id"]]})
    if board.get("phase") == "closed":
        heads.sort(key=lambda head: -head["votes"])
    return heads


def _by_role(columns):
    return {
        role: [note for column in columns if column.get("role") == role for note in column["notes"]]
        for role in ("challenge", "action")
    }


def groups_of(state):
    """`{"all", "state", "ends_at"}`; `state` is "" before groups were ever opened."""
    groups = sorted(state.get("groups", {}).values(), key=lambda group: group["number"])
    breakout = state.get("breakout", {})
    shown = [{**group, "label": _("Group %(number)s") % {"number": group["number"]}} for group in groups]
    return {"all": shown, "state": breakout.get("state", ""), "ends_at": breakout.get("ends_at")}
