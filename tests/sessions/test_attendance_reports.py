"""Reading reports: how alike names are, instants as vendors write them, the right section of a Teams report."""

from datetime import datetime

import pytest

from sessions.attendance_reports import parse_instant, read_table
from sessions.plain_names import likeness
from tests.sessions.attending import ended
from tests.sessions.test_attendance_import import FULL, teams


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("José Pérez", "jose perez", True), ("Pérez, José", "José Pérez", True), ("Ana Rojas", "Dra. Ana Sofía Rojas Pérez", True),
     ("Ana", "Ana Rojas", False), ("iPhone", "Ana Rojas", False), ("Maria Silva", "Mario Silva", True), ("", "", False)],
)  # fmt: skip
def test_likeness(one, other, alike):
    assert (likeness(one, other) >= 0.75) == alike == (likeness(other, one) >= 0.75)


@pytest.mark.parametrize(
    "text", ["3/4/27, 3:00:05 p. m.", "03/04/2027 03:00:05 PM", "3/4/2027 15:00:05", "3/4/27 3:00:05\u202fPM"]
)
def test_instants_as_vendors_write_them(text):
    forms = ("%m/%d/%y", "%m/%d/%Y")
    assert datetime(2027, 3, 4, 15, 0, 5) in [parse_instant(text, form) for form in forms]


@pytest.mark.django_db
def test_teams_summary_is_not_taken_for_stays():
    table = read_table(teams(ended(), [FULL]))
    assert table.source == "teams" and len(table.lines) == 1
