"""What a lesson costs a signed-in learner: queries, and CPU beside an empty view on the same server."""

import http.client
import statistics

from tests.bench import site
from tests.bench.tables import table

REQUESTS, ROUNDS = 400, 5
MAX_RATIO, MAX_WARM, MAX_COLD = 10, 6, 25


def run():
    with site.folder() as folder:
        cookies, lesson, outline = site.prepare(folder)
        cold, warm = count_queries(cookies, lesson)
        ratios = compare(cookies, {"lesson": lesson, "outline": outline})
    table(
        "A lesson of a curriculum of 20 modules × 10 lessons, 500 learners, SQLite, signed in",
        ["what", "measured", "budget"],
        [
            ["queries, cold", cold, f"≤ {MAX_COLD}"],
            ["queries, warm", warm, f"≤ {MAX_WARM}"],
            ["lesson: CPU ÷ empty view (gunicorn, median of rounds)", f"{ratios['lesson']:.1f} ×", f"≤ {MAX_RATIO} ×"],
            ["outline: CPU ÷ empty view", f"{ratios['outline']:.1f} ×", "—"],
        ],
    )
    checks = {"cold queries": cold <= MAX_COLD, "warm queries": warm <= MAX_WARM, "lesson CPU": ratios["lesson"] <= MAX_RATIO}
    return [name for name, kept in checks.items() if not kept]


def count_queries(cookies, path):
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies.load(cookies[0])
    cache.clear()
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    return counts[0], counts[-1]


def compare(cookies, paths):
    with site.gunicorn() as (port, pid):
        for path in ["/floor", *paths.values()]:
            ask(port, pid, path, cookies, 60)
        rounds = []
        for _ in range(ROUNDS):
            floor = ask(port, pid, "/floor", cookies, REQUESTS * 4)
            rounds.append({name: ask(port, pid, path, cookies, REQUESTS) / floor for name, path in paths.items()})
    return {name: statistics.median(one[name] for one in rounds) for name in paths}


def ask(port, pid, path, cookies, times):
    """Server CPU seconds per request, over one connection at a time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    before = site.cpu_seconds(pid)
    for number in range(times):
        connection.request("GET", path, headers={"Cookie": cookies[number % len(cookies)]})
        response = connection.getresponse()
        response.read()
        assert response.status == 200, (path, response.status)
    connection.close()
    return (site.cpu_seconds(pid) - before) / times
