"""Query counts that must not grow with rows."""

from tests.bench import site
from tests.bench.tables import table


def run():
    rows, broken = [], []
    sizes = {"small": (2, 2, 3), "large": (20, 10, 500)}
    import json
    import subprocess
    import sys

    results = {}
    for name, size in sizes.items():
        code = f"import json; from tests.bench import lists; print(json.dumps(lists.measure(*{size})))"
        output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=site.ROOT).stdout
        results[name] = json.loads(output.strip().splitlines()[-1])
    for what in results["small"]:
        small, large = results["small"][what], results["large"][what]
        rows.append([what, small, large])
        if large > small:
            broken.append(f"{what} grows with rows")
    table("Queries, warm: 2 modules × 2 lessons × 3 learners, and 20 × 10 × 500", ["page", "small", "large"], rows)
    return broken


def measure(modules, lessons, learners):
    with site.folder() as folder:
        cookies, lesson, outline = site.prepare(folder, modules, lessons, learners)
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext
        from django.urls import reverse

        client = Client()
        client.cookies.load(cookies[0])
        counts = {}
        for name, path in {"Today": reverse("today"), "outline": outline, "lesson": lesson}.items():
            for _ in range(3):
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(path, headers={"accept-language": "es"}).status_code == 200, path
            counts[name] = len(queries)
        return counts
