"""Ten thousand reminders, two workers, five kill -9: each leaves once. And the same run catches a worker that marks after sending."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.servers.running import postgresql
from tests.servers.sink import Sink

ROOT = Path(__file__).resolve().parents[2]
WORKER = ["manage.py", "worker"]
FAULTY_WORKER = ["-m", "tests.faults.mark_after"]
HOLDS = (
    "",
    "before",
    "after",
    "",
    "after",
)  # where a kill finds the workers: anywhere, dot sent and not taken, taken and not answered
UNDER_WAY = "SELECT count(*) FROM notifications_message WHERE sent_at IS NULL AND settled_as = ''"
HELD = "SELECT count(*) FROM notifications_message WHERE last_error = 'sending' AND (handed_at IS NULL OR %s)"
DOUBTFUL = "SELECT id FROM notifications_message WHERE last_error = 'sending' AND handed_at IS NOT NULL"


@pytest.mark.timeout(900)
def test_ten_thousand_reminders_arrive_once_where_the_server_drops_second_copies():
    run = Run(10_000, kills=5, drops=True)
    print(run.said("server drops second copies"))
    assert run.mailbox == run.expected
    assert not run.doubtful
    assert run.doubles, "the server was offered second copies, and dropped them"


@pytest.mark.timeout(900)
def test_ten_thousand_reminders_are_never_doubled_and_the_missing_are_reported():
    run = Run(10_000, kills=5, drops=False)
    print(run.said("server keeps second copies"))
    assert not run.doubles
    assert run.doubtful - run.mailbox and run.doubtful & run.mailbox, "both kinds of doubt happened"
    assert run.mailbox <= run.expected
    assert run.expected - run.mailbox <= run.doubtful
    assert len(run.doubtful) <= 2 * 5, "a kill leaves one message of each of its threads in doubt, and no more"


@pytest.mark.timeout(300)
def test_the_same_run_catches_a_worker_that_marks_after_sending():
    run = Run(400, kills=2, drops=False, worker=FAULTY_WORKER)
    print(run.said("control: no claim"))
    assert run.doubles


class Run:
    """Reminders for `count` people, delivered by two workers of which one is killed `kills` times on the way."""

    def __init__(self, count, kills, drops, worker=WORKER):
        self.count, self.kills, self.worker = count, kills, worker
        with postgresql() as url, Sink(slow=0.004) as sink:
            self.url, self.sink = url, sink
            self.environment = settings_of(url, sink.port, drops)
            self.expected = set(json.loads(prepare(self.environment, count)))
            with psycopg.connect(url, autocommit=True) as self.database:
                self._deliver(drops)
                self.doubtful = {self._identifier(pk) for (pk,) in self.database.execute(DOUBTFUL)}
        self.mailbox = set(sink.mailbox)
        self.doubles = {identifier: times for identifier, times in Counter(sink.accepted).items() if times > 1}

    def said(self, title):
        missing = self.expected - self.mailbox
        return (
            f"\n{title}: {self.count} reminders, {self.kills} kills, {len(self.mailbox)} arrived in {self.seconds:.0f} s "
            f"({len(self.mailbox) / self.seconds:.0f} a second), {len(self.doubles)} second copies offered, "
            f"{len(self.doubtful)} in doubt of which {len(self.doubtful & missing)} missing, {len(missing - self.doubtful)} lost"
        )

    def _identifier(self, pk):
        return next(one for one in self.expected if one.startswith(f"<{pk}."))

    def _deliver(self, drops):
        began, workers = time.monotonic(), [self._start(), self._start()]
        try:
            for number in range(self.kills):
                self._until(lambda number=number: len(self.sink.accepted) >= self.count * (number + 1) / (self.kills + 1))
                self.sink.hold = HOLDS[number % len(HOLDS)]
                time.sleep(1.5 if self.sink.hold else 0)  # by then every line waits for the answer to its final dot
                workers[number % 2] = self._kill_and_start(workers[number % 2])
                self.sink.hold = ""
            self._until(lambda: not self._one(UNDER_WAY))
            self.seconds = time.monotonic() - began
            self._until(lambda: not self._one(HELD, drops) and not self._one(UNDER_WAY))
        finally:
            for worker in workers:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()

    def _start(self):
        return subprocess.Popen([sys.executable, *self.worker], cwd=ROOT, env=self.environment, start_new_session=True)

    def _kill_and_start(self, worker):
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        return self._start()

    def _one(self, query, *values):
        return self.database.execute(query, values).fetchone()[0]

    @staticmethod
    def _until(fact, seconds=600):
        end = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < end, "the workers do not get on"
            time.sleep(0.2)


def settings_of(url, port, drops):
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "lms.settings", "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "faults-only", "REDIS_URL": "",
        "SITE_BASE_URL": "http://127.0.0.1", "LOG_LEVEL": "CRITICAL", "EMAIL_URL": f"smtp://127.0.0.1:{port}", "MAIL_CLAIM_SECONDS": "10",
        "MAIL_SERVER_DROPS_DUPLICATES": str(int(drops)), "QUIET_HOURS": "00:00,00:00",
    }  # fmt: skip


def prepare(environment, count):
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    code = f"import django; django.setup(); from tests.faults.test_messages import write; write({count})"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def write(count):
    """Runs in a process of its own: people, and their reminders in one transaction; prints their Message-IDs as JSON."""
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.utils import timezone

    from notifications import mail, outbox
    from notifications.models import Message

    people = get_user_model()
    people.objects.bulk_create(
        people(email=f"p{number}@example.org", full_name=f"Persona {number}", language="es", time_zone="America/Mexico_City")
        for number in range(count)
    )
    context = {"title": "Sesión 3", "day_on": "2027-03-05", "clock": "18:00", "twelve": "", "zone": "America/Mexico_City",
               "elsewhere": [], "mode": "live", "place": "", "preparation": "", "materials": [], "url": "http://127.0.0.1/m/"}  # fmt: skip
    with transaction.atomic():
        told = outbox.enqueue_many(
            "reminder_day", people.objects.order_by("pk").iterator(), lambda user: f"reminder-day:1:{user.pk}", lambda user: context,
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
        assert told == count
    print(json.dumps([mail.message_id(pk) for pk in Message.objects.values_list("pk", flat=True)]))
