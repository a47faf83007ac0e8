"""The races of the rota, on a private PostgreSQL: there the locks are of rows, not of the whole file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.services
@pytest.mark.timeout(300)
def test_proposals_answers_and_ticks_on_postgresql(postgresql_url):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-k", "at_once", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
    command += [f"tests/sessions/{name}.py" for name in ("test_rotation", "test_lead_groups", "test_duties")]
    run = subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": postgresql_url}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) >= 5
