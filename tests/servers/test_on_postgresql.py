"""The same tests on a private PostgreSQL where the database matters most: races, and search with and without accents."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "tests/evaluations/test_answering.py",
    "tests/curriculum/test_search.py",
    "tests/curriculum/test_certification.py",
    "tests/sessions/test_room.py",
    "tests/sessions/test_acts.py",
    "tests/sessions/test_ballots.py",
    "tests/sessions/test_board_votes.py",
    "tests/sessions/test_board_merging.py",
    "tests/sessions/test_attendance_marks.py",
    "tests/sessions/test_meetings.py",
    "tests/sessions/test_run_of_show.py",
    "tests/sessions/test_series.py",
    "tests/notifications/test_enqueue.py",
    "tests/notifications/test_digest.py",
    "tests/notifications/test_smtp.py",
)


@pytest.mark.services
@pytest.mark.timeout(300)
def test_races_and_search_on_postgresql(postgresql_url):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        *FILES,
        "-k",
        "ten_ or parallel or search",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--tb=short",
    ]
    run = subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": postgresql_url}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) > 20
