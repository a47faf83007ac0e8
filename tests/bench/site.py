"""A site of 20 modules × 10 lessons and 500 learners in a temporary SQLite file, and gunicorn in front of it."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.running import free_port, stop, wait_for_port

ROOT = Path(__file__).resolve().parents[2]


def prepare(folder, modules=20, lessons=10, learners=500):
    """Sets Django up on a fresh database in `folder` and fills it; returns (cookies, lesson path, outline path)."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DEBUG": "0",
        "SECRET_KEY": "bench-only", "SITE_BASE_URL": "http://127.0.0.1", "SECURE_SSL_REDIRECT": "0", "ALLOW_DEMO": "1",
        "SECOND_FACTOR_REQUIRED": "0", "ALLOWED_HOSTS": "127.0.0.1,testserver", "REDIS_URL": "", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return fill(modules, lessons, learners)


def fill(modules, lessons, learners):
    from django.test import Client

    from curriculum import outline, progress
    from curriculum.models import LessonPage
    from evaluations import checks
    from tests import factories

    curriculum = factories.make_curriculum(modules=modules, lessons=lessons)
    cohort = factories.CohortFactory(curriculum_key=curriculum.key, capacity=learners)
    outline.freeze(cohort)
    page = LessonPage.objects.filter(locale__language_code="es").order_by("path")[1]
    asked = put_checks(page)
    cookies = []
    for number in range(learners):
        enrollment = factories.EnrollmentFactory(cohort=cohort, user__email=f"learner{number}@example.org")
        for activity in outline.outline_of(cohort).activities[: number % 5]:
            progress.complete(enrollment, activity.key)
        if number < 40:
            client = Client()
            client.force_login(enrollment.user)
            cookies.append(f"sessionid={client.cookies['sessionid'].value}")
            checks.answer(enrollment, page.translation_key, asked[0], "ab"[number % 2], 1, "es")
    return cookies, page.get_url(), page.get_parent().get_parent().get_url()


def put_checks(page):
    """Three questions in the lesson, as long as the shipped ones: four options, each with its reason."""
    from evaluations.models import ChoiceQuestion, Instrument

    def words(text):
        return dict.fromkeys(("es", "pt-br", "en"), f"{text} {'palabra ' * 18}")

    instrument = Instrument.objects.create(key="bench", kind="check", title=words("Bench"))
    choices = [{"key": key, "text": words(key), "correct": key == "b", "reason": words(f"Reason {key}")} for key in "abcd"]
    asked = [
        ChoiceQuestion.objects.create(instrument=instrument, key=f"q{n}", order=n, text=words(f"Question {n}"), choices=choices)
        for n in range(3)
    ]
    page.body = [*page.body.raw_data, *[{"type": "check", "value": {"question": question.pk}} for question in asked]]
    page.save()
    return asked


@contextlib.contextmanager
def gunicorn(workers=1, threads=1):
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "lms.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--worker-class", "gthread", "--threads", str(threads), "--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    try:
        wait_for_port(port, 60)
        yield port, process.pid
    finally:
        stop(process)


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="puente-bench-") as path:
        yield path


def cpu_seconds(pid):
    """User and system time of the process and its children so far (Linux)."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(path.parent.name) == pid or int(fields[1]) == pid:
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total
