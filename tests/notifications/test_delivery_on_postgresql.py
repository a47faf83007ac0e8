"""The races of delivery on a private PostgreSQL: a message has one sender, a person one reminder in seven days, an entry one story."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RACES = {
    "tests/notifications/test_outbox.py": ("ten_workers_send_one_mail", "ten_enqueues", "before_another_claimed"),
    "tests/notifications/test_delivery.py": ("ten_workers_with_ten_keys", "look_and_the_claim"),
    "tests/curriculum/test_attention.py": ("ten_presses",),
}


@pytest.mark.services
@pytest.mark.timeout(120)
def test_senders_and_reminders_on_postgresql(postgresql_url):
    """There the locks are of rows, not of the whole file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", *RACES, "-k", " or ".join(name for names in RACES.values() for name in names)]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
    run = subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": postgresql_url}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) == sum(map(len, RACES.values()))
