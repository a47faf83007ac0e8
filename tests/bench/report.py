"""Moore's report over a million answers on a private PostgreSQL: cold, from the snapshot, and what it takes of memory."""

import json
import os
import resource
import subprocess
import sys
import time

from tests.bench import site
from tests.bench.tables import table
from tests.servers.running import postgresql

MAX_COLD, MAX_SNAPSHOT, MAX_MEMORY = 1.5, 0.1, 200  # seconds, seconds, MB
PEOPLE, ROUNDS = 11_500, 3
COUNTRIES, PROFESSIONS = ("MX", "BR", "CO", "AR"), ("orthopaedics", "rheumatology", "geriatrics", "nursing", "other")


def run():
    with postgresql() as url:
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "bench-only",
            "SITE_BASE_URL": "http://127.0.0.1", "SECURE_SSL_REDIRECT": "0", "REDIS_URL": "", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, cwd=site.ROOT, check=True)
        filled = alone("fill()", environment)
        figures = {**filled, **alone(f"measure({filled['cohort']})", environment)}
    rows = [
        ["answers", f"{figures['answers']:,}", ""],
        ["people × views a reader can choose", f"{PEOPLE:,} × {figures['views']}", ""],
        ["cold, one view, first in the process", f"{figures['first']:.2f} s", ""],
        ["cold, one view, median of rounds", f"{figures['cold']:.2f} s", f"≤ {MAX_COLD} s"],
        ["cold, all views (what the worker does)", f"{figures['all views']:.2f} s", ""],
        ["from the snapshot", f"{figures['snapshot'] * 1000:.0f} ms", f"≤ {MAX_SNAPSHOT * 1000:.0f} ms"],
        ["memory it adds to the process", f"{figures['memory']:.0f} MB", f"≤ {MAX_MEMORY} MB"],
        ["queries", figures["queries"], ""],
        ["document", f"{figures['bytes'] / 1024:.0f} KB", ""],
    ]
    table("Moore's report, PostgreSQL", ["what", "measured", "budget"], rows)
    limits = {"cold": MAX_COLD, "snapshot": MAX_SNAPSHOT, "memory": MAX_MEMORY}
    return [f"report: {what} {figures[what]:.2f} > {limit}" for what, limit in limits.items() if figures[what] > limit]


def alone(call, environment):
    """What `call` of this module gives in a process of its own, so that memory is that of the report only."""
    code = f"import json; import django; django.setup(); from tests.bench import report; print(json.dumps(report.{call}))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, cwd=site.ROOT, env=environment
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def fill():
    from tests.bench import million

    cohort, answers = million.fill(PEOPLE, COUNTRIES, PROFESSIONS)
    return {"cohort": cohort.pk, "answers": answers}


def measure(cohort_id):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from curriculum.models import Cohort
    from evaluations.moore import report, snapshots

    cohort = Cohort.objects.get(pk=cohort_id)
    before = peak()
    took, document = timed(lambda: report.build(cohort))
    rounds = sorted(timed(lambda: report.build(cohort))[0] for _ in range(ROUNDS))
    with CaptureQueriesContext(connection) as queries:
        report.build(cohort)
    all_views, made = timed(lambda: snapshots.refresh(cohort))
    memory = peak() - before
    snapshot = sorted(timed(lambda: snapshots.current(cohort))[0] for _ in range(9))[4]
    return {
        "views": len(made), "first": took, "cold": rounds[len(rounds) // 2], "all views": all_views,
        "snapshot": snapshot, "memory": memory, "queries": len(queries), "bytes": len(json.dumps(document)),
    }  # fmt: skip


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def peak():
    """The most memory that the process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
