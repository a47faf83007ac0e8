"""Whatever dies, an acknowledged answer is in the database exactly once. And the same run catches a server that lies."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.running import free_port, postgresql, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
KILLS, LEARNERS, SECONDS_BETWEEN = 10, 12, 1.2


@pytest.mark.timeout(300)
def test_no_acknowledged_answer_is_lost_or_doubled_under_kill_nine():
    ledger, stored = run("lms.wsgi:application")
    print(f"\n{KILLS} kills: {len(ledger.acknowledged)} acknowledged, {ledger.resent} resent, "
          f"{len(ledger.acknowledged - set(stored))} lost, {len(stored) - len(set(stored))} double")  # fmt: skip
    assert len(ledger.acknowledged) > 200
    assert ledger.acknowledged <= set(stored)
    assert len(stored) == len(set(stored))


@pytest.mark.timeout(300)
def test_the_same_run_catches_a_server_that_acknowledges_first():
    ledger, stored = run("tests.faults.ack_first:application")
    lost = ledger.acknowledged - set(stored)
    print(f"\ncontrol: {len(ledger.acknowledged)} acknowledged, {len(lost)} lost")
    assert lost


class Ledger:
    def __init__(self):
        self.acknowledged, self.resent, self.lock = set(), 0, threading.Lock()


def run(application):
    with postgresql() as url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "lms.settings", "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "faults-only", "REDIS_URL": "",
            "SITE_BASE_URL": "http://127.0.0.1", "SECURE_SSL_REDIRECT": "0", "ALLOW_DEMO": "1", "SECOND_FACTOR_REQUIRED": "0",
            "LOG_LEVEL": "CRITICAL",
        }  # fmt: skip
        prepared = manage(environment, "from tests.faults.test_kill_nine import prepare; prepare()", migrate=True)
        seats, port, ledger, stopping = json.loads(prepared), free_port(), Ledger(), threading.Event()
        server = start(application, port, environment)
        threads = [threading.Thread(target=answer_for_ever, args=(seat, port, ledger, stopping)) for seat in seats]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(SECONDS_BETWEEN + random.random())
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            server = start(application, port, environment)
        stopping.set()
        for thread in threads:
            thread.join(30)
        time.sleep(0.5)
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        stored = json.loads(manage(environment, "from tests.faults.test_kill_nine import stored_ids; stored_ids()"))
    return ledger, stored


def start(application, port, environment):
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    server = subprocess.Popen(
        [*command, "--worker-class", "gthread", "--log-level", "critical", "--no-control-socket"],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    wait_for_answer(port)
    return server


def wait_for_answer(port, seconds=60):
    """The port opens before the workers have loaded; a kill before that would test nothing."""
    wait_for_port(port, seconds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError("the server does not answer")


def manage(environment, code, migrate=False):
    if migrate:
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    code = f"import django; django.setup(); {code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def prepare():
    """Learners with an open response each; prints their cookies and ids as JSON."""
    from django.test import Client

    from evaluations.models import Instrument, LikertQuestion, Response
    from tests import factories

    instrument = Instrument.objects.create(key="faults", kind="survey", title={"es": "Prueba"})
    scale = [{"value": value, "text": {"es": str(value)}} for value in range(1, 6)]
    questions = [
        LikertQuestion.objects.create(instrument=instrument, key=f"q{n}", order=n, text={"es": f"P{n}"}, scale=scale).pk
        for n in range(10)
    ]
    seats = []
    for number in range(LEARNERS):
        enrollment = factories.EnrollmentFactory(user__email=f"fault{number}@example.org")
        response = Response.objects.create(enrollment=enrollment, instrument=instrument, activity_key=uuid.uuid4())
        client = Client(enforce_csrf_checks=False)
        client.force_login(enrollment.user, backend="django.contrib.auth.backends.ModelBackend")
        token = "a" * 32
        cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
        seats.append({"cookie": cookie, "csrf": token, "response": response.pk, "questions": questions})
    print(json.dumps(seats))


def stored_ids():
    from evaluations.models import AnswerVersion

    print(json.dumps([str(client_id) for client_id in AnswerVersion.objects.values_list("client_id", flat=True)]))


def answer_for_ever(seat, port, ledger, stopping):
    while not stopping.is_set():
        client_id = str(uuid.uuid4())
        body = json.dumps(
            {
                "client_id": client_id, "response": seat["response"], "question": random.choice(seat["questions"]),
                "value": random.randint(1, 5), "client_time": datetime.now(UTC).isoformat(),
            }
        )  # fmt: skip
        sent = 0
        while not stopping.is_set():
            sent += 1
            status = post(port, seat, body)
            if status == 200:
                with ledger.lock:
                    ledger.acknowledged.add(client_id)
                    ledger.resent += sent > 1
                time.sleep(0.05)  # a person's pace, so that both servers get the same load
                break
            time.sleep(0.1)


def post(port, seat, body):
    """The status, or `None` when the line broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Cookie": seat["cookie"], "X-CSRFToken": seat["csrf"], "Content-Type": "application/json"}
    try:
        connection.request("POST", "/es/answers/", body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
