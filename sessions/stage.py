"""What stands on the stage (projector, hall screen): it follows the last act that put something there. Pure.

`marks` is {kind of event: its highest number in the stream `main`}. The browser need not repeat this: the screens ask the server for
their parts after each event.

  poll.open, poll.reveal   that poll, until it was shown and something newer came
  slide.goto               the slides; deck 0 takes them away, and the stage is the agenda's again
  board.setup, board.phase the board
  agenda.goto              what the item is for: a board item shows the board, a poll item the newest poll, all others the slides
                           where a deck is being shown
"""

AGENDA, SLIDES, POLL, BOARD = "agenda", "slides", "poll", "board"
SHOWS = {
    "slide.goto": SLIDES,
    "poll.open": POLL,
    "poll.reveal": POLL,
    "board.setup": BOARD,
    "board.phase": BOARD,
    "agenda.goto": AGENDA,
}


def stage_of(marks, state):
    """AGENDA, SLIDES, POLL or BOARD."""
    known = {kind: number for kind, number in marks.items() if kind in SHOWS}
    last = max(known, key=known.get, default="agenda.goto")
    wanted = SHOWS[last]
    if wanted == AGENDA:
        wanted = _for_item(state)
    return wanted if _is_there(wanted, state) else AGENDA


def _for_item(state):
    agenda = state.get("agenda", {})
    kind = next((item["kind"] for item in agenda.get("items", []) if item["id"] == agenda.get("current")), "")
    return {"board": BOARD, "poll": POLL}.get(kind, SLIDES)


def _is_there(what, state):
    there = {
        SLIDES: bool(state.get("slides", {}).get("deck")),
        POLL: poll_on_stage(state) is not None,
        BOARD: bool(state.get("board", {}).get("columns")),
    }
    return there.get(what, True)


def poll_on_stage(state):
    """The poll that is open; with none open, the one that was opened last."""
    polls = state.get("polls", {}).values()
    return max(polls, key=lambda poll: (poll["state"] == "open", poll["s"]), default=None)
