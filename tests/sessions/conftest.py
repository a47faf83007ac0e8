"""Fixtures of the rooms' tests, and of the calendars'."""

import pytest

from tests.sessions import calendar_round
from tests.sessions.sockets import door

__all__ = ["door"]


@pytest.fixture
def told(mailoutbox):
    """`told()` lets the worker make its round about calendars and returns what left: `[(address, what, METHOD, event as ical.js reads it)]`."""

    def round_of_the_worker():
        calendar_round.settle()
        return calendar_round.leave(mailoutbox)

    return round_of_the_worker
