"""The preview of a series: twelve meetings, forty people in ten countries. Loading the library of holidays is measured apart."""

import json
import subprocess
import sys

from tests.bench import site
from tests.bench.tables import table

BUDGET = 200  # milliseconds


def run():
    code = "import json; from tests.bench import planning; print(json.dumps(planning.measure()))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=site.ROOT).stdout
    found = json.loads(output.strip().splitlines()[-1])
    rows = [[name, f"{found[name]:.0f}"] for name in ("first (library of holidays, templates)", "median", "slowest")]
    rows.append(["queries", found["queries"]])
    table(
        f"Planning preview, 12 meetings × 40 people × 10 countries, ms of the whole page (budget {BUDGET})", ["what", "ms"], rows
    )
    return ["planning preview takes too long"] if found["median"] > BUDGET else []


def measure():
    with site.folder() as folder:
        site.prepare(folder, 2, 2, 3)
        import statistics
        import time

        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from tests.factories import EnrollmentFactory, UserFactory
        from tests.sessions.planning_series import address, led, written
        from tests.sessions.test_planning_preview import COUNTRIES, ZONES

        cohort, _lead, client = led()
        for number in range(40):
            EnrollmentFactory(cohort=cohort, user=UserFactory(time_zone=ZONES[number % 10], country=COUNTRIES[number % 10]))
        form = {**written(count="12", hour="12:00"), "preview": "1"}
        took = []
        for _time in range(12):
            began = time.perf_counter()
            assert client.post(address(cohort), form).status_code == 200
            took.append((time.perf_counter() - began) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.post(address(cohort), form)
        warm = took[2:]
        return {
            "first (library of holidays, templates)": took[0], "median": statistics.median(warm), "slowest": max(warm), "queries": len(queries),
        }  # fmt: skip
