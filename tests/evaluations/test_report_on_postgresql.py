"""The report's tests once more on a private PostgreSQL: its GROUP BYs, its JSON and its ten at once differ from SQLite's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/evaluations/test_indicators.py", "tests/evaluations/test_report.py")


@pytest.mark.services
@pytest.mark.timeout(400)
def test_the_report_on_postgresql(postgresql_url):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", *FILES, "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
    run = subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": postgresql_url}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) > 55
