"""What a new meeting takes over from another one: fields of its form, run of show, polls, columns of the board, criteria."""

import logging

from sessions import polling_questions, room, run_of_show, selection
from sessions.models import Poll
from sessions.refusals import Refusal
from sessions.seats import seat_for

log = logging.getLogger(__name__)
COPIED = (
    "title", "about", "language", "minutes", "time_zone", "mode", "place", "place_url", "preparation", "needed_percent",
    "recording_counts", "engine", "keep_days", "capacity",
)  # fmt: skip


def copied_fields(source):
    """What a form for a copy begins with: everything but number, day, addresses, recording and people."""
    return {name: getattr(source, name) for name in COPIED}


def copy_parts(source, target, by):
    """Run of show, polls, columns of the board, criteria of a selection. Never people, votes, marks, notes or what was said."""
    segments = run_of_show.copy(source, target)
    selection.copy_criteria(source, target)
    _copy_polls(source, target, segments)
    _copy_board(source, target, by)


def _copy_polls(source, target, segments):
    for poll in Poll.objects.filter(meeting_id=source.pk):
        polling_questions.copy_poll(poll, target, segments.get(poll.segment_id))


def _copy_board(source, target, by):
    board = next(
        (stream.board for stream in source.streams.filter(name="main", board__isnull=False).select_related("board")), None
    )
    if board is None or not board.columns:
        return
    operation = {"cid": f"copy-board-{target.pk}", "st": "main", "k": "board.setup"}
    try:
        room.perform(seat_for(by, target), operation | {"b": {"columns": board.columns, "votes_each": board.votes_each}})
    except Refusal as refusal:  # the meeting is worth more than its columns
        log.warning("the board of meeting %s was not copied: %s", source.pk, refusal.why)
