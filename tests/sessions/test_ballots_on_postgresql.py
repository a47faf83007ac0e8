"""The races of the ballots, on a private PostgreSQL: there the locks are of rows, not of the whole file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.services
@pytest.mark.timeout(300)
def test_votes_and_closing_on_postgresql(postgresql_url):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "tests/sessions/test_ballots.py", "tests/sessions/test_polls_anonymity.py"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
    run = subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": postgresql_url}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) > 20
