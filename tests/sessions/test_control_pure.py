"""Pace and stage: pure functions, from their inputs alone."""

import pytest

from sessions.pace import CURRENT, DONE, MINUTE, NEXT, Item, pace_of
from sessions.stage import AGENDA, BOARD, POLL, SLIDES, poll_on_stage, stage_of

START = 1_800_000_000_000


def at(minutes):
    return START + minutes * MINUTE


def items(*began):
    return [Item(number + 1, 10, None if one is None else at(one)) for number, one in enumerate(began)]


def test_before_the_first_item_the_plan_stands_and_waiting_makes_it_late():
    early = pace_of(items(None, None), None, START, at(-5))
    assert (early.left, early.late, early.ends_at, early.next_id) == (None, 0, at(20), 1)
    assert [line[2] for line in early.lines] == [at(0), at(10)]
    assert pace_of(items(None, None), None, START, at(4)).late == 4


@pytest.mark.parametrize(
    ("now", "left", "late"), [(13, 10, 3), (14, 9, 3), (22.5, 1, 3), (23, 0, 3), (25.5, -2, 5), (33, -10, 13)]
)
def test_an_item_that_began_late_and_then_runs_over(now, left, late):
    pace = pace_of(items(0, 13, None), 2, START, at(now))
    assert (pace.left, pace.late, pace.next_id) == (left, late, 3)
    assert pace.ends_at >= at(30 + late)


def test_what_comes_is_shown_when_it_is_expected():
    pace = pace_of(items(2, 13, None, None), 2, START, at(15))
    assert pace.lines == [(1, DONE, at(2)), (2, CURRENT, at(13)), (3, NEXT, at(23)), (4, NEXT, at(33))]


def test_the_last_item_has_no_next_and_an_early_end_is_not_late():
    pace = pace_of(items(0, 6), 2, START, at(8))
    assert pace.next_id is None and pace.late == -4


def test_an_item_that_was_skipped_counts_as_done_and_going_back_works():
    pace = pace_of(items(0, None, 5), 3, START, at(6))
    assert [line[1] for line in pace.lines] == [DONE, DONE, CURRENT]
    assert [line[1] for line in pace_of(items(0, 4, 2), 2, START, at(5)).lines] == [DONE, CURRENT, NEXT]


def test_no_run_of_show_is_no_error():
    assert pace_of([], None, START, at(5)).lines == []
    assert pace_of(items(None), 99, START, at(0)).next_id == 1


# --- the stage ---------------------------------------------------------------------------------------------------------------

EVERYTHING = {
    "polls": {"5": {"id": 5, "state": "closed", "s": 3}},
    "slides": {"deck": 1, "page": 2},
    "board": {"columns": [{}]},
    "agenda": {"items": [{"id": 1, "kind": "talk"}, {"id": 2, "kind": "board"}, {"id": 3, "kind": "poll"}], "current": 1},
}


@pytest.mark.parametrize(
    ("marks", "current", "shown"),
    [
        ({}, 1, SLIDES),
        ({"slide.goto": 4, "poll.open": 9}, 1, POLL),
        ({"poll.open": 4, "slide.goto": 9}, 1, SLIDES),
        ({"poll.open": 4, "poll.reveal": 12, "slide.goto": 9}, 1, POLL),
        ({"poll.open": 4, "board.phase": 9}, 1, BOARD),
        ({"poll.open": 4, "agenda.goto": 9}, 1, SLIDES),
        ({"poll.open": 4, "agenda.goto": 9}, 2, BOARD),
        ({"board.phase": 4, "agenda.goto": 9}, 3, POLL),
        ({"chat.post": 99, "poll.open": 4}, 1, POLL),
    ],
)
def test_the_newest_act_decides(marks, current, shown):
    state = {**EVERYTHING, "agenda": {**EVERYTHING["agenda"], "current": current}}
    assert stage_of(marks, state) == shown


@pytest.mark.parametrize("marks", [{}, {"poll.open": 1}, {"slide.goto": 1}, {"board.phase": 1}, {"agenda.goto": 1}])
def test_what_is_not_there_is_not_shown(marks):
    assert stage_of(marks, {}) == AGENDA
    assert stage_of(marks, {"slides": {"deck": 0}, "polls": {}, "board": {}}) == AGENDA


def test_an_open_poll_comes_before_a_newer_closed_one():
    polls = {"1": {"id": 1, "state": "open", "s": 2}, "2": {"id": 2, "state": "shown", "s": 8}}
    assert poll_on_stage({"polls": polls})["id"] == 1
    polls["1"]["state"] = "closed"
    assert poll_on_stage({"polls": polls})["id"] == 2
