"""300 people fill in a wave of 14 questions within a minute: what was acknowledged is stored once, and nobody waits long.

The site as the Procfile starts it (two processes), a private PostgreSQL, people who save through the JSON door. `make bench` measures
that; `python -m tests.bench wave-pages` measures people who load every page and press "Continue" as well, more than twice the requests.
The same comparison must see what a planted server loses, doubles and alters (tests/bench/forgetful.py).
"""

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import site
from tests.bench.respondents import all_fill_in, ask, fault_of
from tests.bench.tables import table
from tests.faults.test_kill_nine import wait_for_answer
from tests.servers.running import free_port, postgresql, stop

PEOPLE, SECONDS, ARRIVALS, THINKING = 300, 60, 14, 39
CONTROL_PEOPLE, WARM_UP_PEOPLE = 60, 8
MAX_P95, MAX_PAGE = 0.5, 20 * 1024
NOT_PAGES = ("admin", "wagtail*", "flags", "account", "mfa")  # static files that no questionnaire needs


def run_with_pages():
    return run(pages=True)


def run(pages=False):
    with postgresql() as url, tempfile.TemporaryDirectory(prefix="puente-wave-") as folder:
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings", "DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "bench-only",
            "SITE_BASE_URL": "http://127.0.0.1", "SECURE_SSL_REDIRECT": "0", "REDIS_URL": "", "LOG_LEVEL": "ERROR",
            "STATIC_ROOT": f"{folder}/static", "ALLOWED_HOSTS": "127.0.0.1,testserver", "ALLOW_DEMO": "0",
        }  # fmt: skip
        made = prepare(environment)
        with server("lms.wsgi:application", environment) as (port, pid):
            warm_up = fill_in(port, made, "m6", WARM_UP_PEOPLE, 1, 2, pages=True)
            before = usage(pid, url)
            ledger = fill_in(port, made, "post", PEOPLE, ARRIVALS, THINKING, pages)
            used = {who: after - before[who] for who, after in usage(pid, url).items()}
            page = weigh(port, warm_up, made["seats"][0]["cookie"])
        found = compare(ledger, alone(f"stored({made['waves']['post']['pk']})", environment))
        with server("tests.bench.forgetful:application", environment) as (port, _pid):
            liar = fill_in(port, made, "m3", CONTROL_PEOPLE, 3, 9, pages)
        caught = compare(liar, alone(f"stored({made['waves']['m3']['pk']})", environment))
    return report(ledger, found, used) + report_page(page) + report_control(liar, caught)


# --- the site --------------------------------------------------------------------------------------------------------


def prepare(environment):
    ignored = [word for name in NOT_PAGES for word in ("--ignore", name)]
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0", *ignored]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=site.ROOT, check=True)
    return alone(f"fill({PEOPLE})", environment)


def alone(call, environment):
    """What `call` of tests/bench/wave_rows.py gives, in a process with Django set up on this database."""
    code = f"import json; import django; django.setup(); from tests.bench import wave_rows; print(json.dumps(wave_rows.{call}))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, cwd=site.ROOT, env=environment
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextlib.contextmanager
def server(application, environment):
    """gunicorn with what the Procfile says of processes and threads; gives (port, process id)."""
    (line,) = [line for line in (site.ROOT / "Procfile").read_text().splitlines() if line.startswith("web:")]
    options = chain(*re.findall(r"(--worker-class|--workers|--threads) (\S+)", line))
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--no-control-socket", *options]
    process = subprocess.Popen([*command, "--log-level", "error"], cwd=site.ROOT, env=environment)
    try:
        wait_for_answer(port)
        yield port, process.pid
    finally:
        stop(process)


def fill_in(port, made, moment, people, arrivals, thinking, pages):
    wave, at_most = made["waves"][moment], arrivals + thinking + 20
    return asyncio.run(
        all_fill_in(port, made["seats"][:people], wave["pk"], wave["questions"], arrivals, thinking, at_most, pages)
    )


def usage(pid, url):
    """Seconds of CPU so far: of the server's processes, of PostgreSQL, of the people, of the whole machine."""
    times = [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    busy = (sum(times) - times[3] - times[4]) / os.sysconf("SC_CLK_TCK")
    database = site.cpu_seconds(postmaster(urlsplit(url).port))
    return {"server": site.cpu_seconds(pid), "database": database, "people": sum(os.times()[:2]), "machine": busy}


def postmaster(port):
    """The process of the private PostgreSQL on `port`."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if b"initdb" not in words[0] and b"postgres" in words[0] and str(port).encode() in words:
                return int(path.parent.name)
    raise LookupError(f"no PostgreSQL on {port}")


# --- judging ---------------------------------------------------------------------------------------------------------


def compare(ledger, rows):
    """What was lost or altered (ids), answers with more than one version (pairs), and who has not exactly one sent response."""
    versions, pairs = {row[0]: row[1:] for row in rows["versions"]}, Counter((row[1], row[2]) for row in rows["versions"])
    standing = {(response, question): value for response, question, value in rows["answers"]}
    lost, wrong = set(), set()
    for client_id, (response, question, value) in ledger.acknowledged.items():
        if client_id not in versions or (response, question) not in standing:
            lost.add(client_id)
        elif versions[client_id] != [response, question, value] or standing[response, question] != value:
            wrong.add(client_id)
    sent = {(enrollment, pk) for pk, enrollment, done in rows["responses"] if done}
    people = Counter(enrollment for _pk, enrollment, _done in rows["responses"])
    return {
        "lost": lost, "wrong": wrong, "double": {pair for pair, count in pairs.items() if count > 1},
        "rows": len(rows["versions"]), "answers": len(rows["answers"]), "standing twice": len(rows["answers"]) - len(standing),
        "sent": len(sent), "unsent": set(ledger.sent.items()) - sent, "two responses": sum(n > 1 for n in people.values()),
    }  # fmt: skip


def percentile(values, share):
    return sorted(values)[max(0, -(-int(len(values) * share * 100) // 100) - 1)]


def weigh(port, ledger, cookie):
    """Bytes over the line (head and gzip body) of the heaviest question page of the run and of what it loads, by kind."""
    page = max(ledger.pages.values(), key=lambda reply: reply.size)
    html, sizes = page.text, Counter({"HTML": page.size})
    wanted = {
        "CSS": r'<link rel="stylesheet" href="([^"]+)"',
        "script": r'<script type="module" src="([^"]+)"',
        "icon": r'<link rel="icon"[^>]* href="([^"]+)"',
        "fonts": r'<link rel="preload" as="font"[^>]* href="([^"]+)"',
    }
    for kind, pattern in wanted.items():
        for path in re.findall(pattern, html):
            reply = asyncio.run(ask(port, "GET", path, cookie))
            assert reply.status == 200, (path, reply.status)
            sizes[kind] += reply.size
    return sizes


# --- tables ----------------------------------------------------------------------------------------------------------


def report(ledger, found, used):
    cores, total, wall = os.cpu_count(), sum(map(len, ledger.seconds.values())), ledger.lasted
    print(f"\nMachine: {cores} cores, {model()}, shared by the server, PostgreSQL, the {PEOPLE} people and whatever else runs on it. Of "
          f"{cores} cores in use while they answered: gunicorn {used['server'] / wall:.1f} (2 at most), "
          f"PostgreSQL {used['database'] / wall:.1f}, the people "
          f"{used['people'] / wall:.1f}, everything {used['machine'] / wall:.1f}. Load at the end {os.getloadavg()[0]:.1f}. "
          f"CPU of gunicorn for one request: {1000 * used['server'] / total:.1f} ms.")  # fmt: skip
    rows = [[what, len(times), *(f"{1000 * n:.0f}" for n in (statistics.median(times), percentile(times, 0.95), max(times)))]
            for what, times in [*ledger.seconds.items(), ("all", [*chain(*ledger.seconds.values())])]]  # fmt: skip
    table(f"Waiting in ms, {total / wall:.0f} requests a second on two processes", ["request", "n", "p50", "p95", "max"], rows)
    slow = max(ledger.seconds, key=lambda what: percentile(ledger.seconds[what], 0.95))
    p95 = percentile(ledger.seconds[slow], 0.95)
    asked, double = PEOPLE * 14, (len(found["double"]), found["standing twice"], found["two responses"])
    checks = [
        ("questionnaires sent, one each", found["sent"], PEOPLE, found["sent"] == len(ledger.sent) == PEOPLE and not found["unsent"]),
        ("last one sent after", f"{ledger.finished:.1f} s", f"≤ {SECONDS} s", 0 < ledger.finished <= SECONDS),
        ("answers acknowledged", len(ledger.acknowledged), asked, len(ledger.acknowledged) == asked),
        ("answers stored (versions / standing)", f"{found['rows']} / {found['answers']}", asked, found["answers"] == asked),
        ("lost", len(found["lost"]), 0, not found["lost"]),
        ("double (versions / answers / responses)", " / ".join(map(str, double)), 0, not any(double)),
        ("with another value", len(found["wrong"]), 0, not found["wrong"]),
        (f"p95 of the slowest kind ({slow})", f"{1000 * p95:.0f} ms", f"≤ {1000 * MAX_P95:.0f} ms", p95 <= MAX_P95),
        ("errors, people who gave up", sum(ledger.trouble.values()), 0, not ledger.trouble),
    ]  # fmt: skip
    repeated = ", ".join(f"{what} {count}" for what, count in ledger.repeated.items())
    table(f"{PEOPLE} people, 14 questions; sent twice at once on purpose: {repeated}", ["what", "measured", "budget"],
          [check[:3] for check in checks])  # fmt: skip
    for (what, got), count in ledger.trouble.most_common(8):
        print(f"  trouble: {count} × {what}: {got}")
    return [f"wave: {what} {measured}" for what, measured, _budget, kept in checks if not kept]


def report_page(sizes):
    whole = sum(size for kind, size in sizes.items() if kind != "fonts")
    rows = [[kind, f"{size / 1024:.1f}", ""] for kind, size in sizes.items() if kind != "fonts"]
    rows += [
        ["in all", f"{whole / 1024:.1f}", f"≤ {MAX_PAGE / 1024:.0f}"],
        ["fonts, apart, once", f"{sizes['fonts'] / 1024:.1f}", ""],
    ]
    table("The heaviest question page of the run as sent, gzip, with headers, nothing cached", ["part", "KB", "budget"], rows)
    return [f"wave: a question page weighs {whole} bytes"] if whole > MAX_PAGE else []


def report_control(ledger, found):
    """The planted server must be caught at every fault, and at nothing else."""
    planted = {"lost": set(), "wrong": set(), "double": set()}
    for client_id, (response, question, value) in ledger.acknowledged.items():
        fault = fault_of(client_id, str(value) if isinstance(value, int) else value)
        if fault:
            planted[fault].add((response, question) if fault == "double" else client_id)
    rows = [[fault, len(whose), len(found[fault])] for fault, whose in planted.items()]
    title = f"Control: {CONTROL_PEOPLE} people on the server that acknowledges first, {len(ledger.acknowledged)} acknowledged"
    table(title, ["fault", "planted", "seen"], rows)
    caught = all(whose and found[fault] == whose for fault, whose in planted.items())
    return [] if caught else ["wave: the comparison does not see exactly the planted faults"]


def model():
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else "unknown processor"
