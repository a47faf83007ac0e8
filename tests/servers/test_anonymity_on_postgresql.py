"""The attack on anonymous waves, and their races, on a private PostgreSQL: `xmin` and `ctid` are only there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_on(url, *arguments):
    """pytest in a process of its own with that database; returns how many tests passed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {"DATABASE_URL": url}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", *arguments]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    return int(re.search(r"(\d+) passed", run.stdout).group(1))


@pytest.mark.services
@pytest.mark.timeout(600)
def test_nobody_is_tied_to_answers_on_postgresql(postgresql_url):
    assert run_on(postgresql_url, "tests/evaluations/test_anonymity_attack.py") == 2


@pytest.mark.services
@pytest.mark.timeout(600)
def test_anonymous_waves_and_commitments_on_postgresql(postgresql_url):
    names = ("anonymous", "anonymous_sealing", "commitments", "following_up")
    files = [f"tests/evaluations/test_{name}.py" for name in names]
    assert run_on(postgresql_url, *files, "-k", "parallel or seal or swept or once") >= 8
