"""What a phone downloads: cold first view in real Chromium against the running site (whitenoise, gzip or brotli)."""

import os
import subprocess
import sys
import tempfile

from tests.bench.tables import table
from tests.servers.running import binary, free_port, stop, wait_for_port

MAX_BYTES, MAX_REQUESTS, MAX_SCRIPT, MAX_HTML, MAX_CSS, MAX_SHIFT = 110 * 1024, 8, 25 * 1024, 14 * 1024, 12 * 1024, 0.05
FIRST = {"sign-in", "Today", "next activity"}  # the others are reached from these, and bring a style and a script of their own
MAX_LATER_REQUESTS = 10
SHIFT = """() => new Promise(done => { let total = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())
 if (!entry.hadRecentInput) total += entry.value }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(total), 500) })"""


def run():
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="puente-weight-") as folder:
        port = free_port()
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings", "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "DEBUG": "0",
            "SECRET_KEY": "bench-only", "SITE_BASE_URL": f"http://localhost:{port}", "SECURE_SSL_REDIRECT": "0", "ALLOW_DEMO": "1",
            "SECOND_FACTOR_REQUIRED": "0", "REDIS_URL": "", "LOG_LEVEL": "ERROR", "ALLOWED_HOSTS": "localhost,127.0.0.1",
        }  # fmt: skip
        for command in (["migrate", "-v0"], ["load_content"], ["load_demo"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lms.asgi:application"],
            env=environment,
        )
        try:
            wait_for_port(port, 60)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=binary("chromium"), args=["--no-sandbox"])
                rows, broken = measure_all(browser, f"http://localhost:{port}")
                browser.close()
        finally:
            stop(server)
    table("First view, cold, 390 px, bytes over the wire", ["page", "KB", "requests", "HTML", "CSS", "script", "shift"], rows)
    return broken


def measure_all(browser, base):
    rows, broken = [], []
    for name, cookies, url in places(browser, base):
        context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
        context.add_cookies(cookies)
        figures = measure(context, url)
        context.close()
        rows.append([name, *(f"{figures[key] / 1024:.1f}" if key in {"all", "html", "css", "js"} else figures[key] for key in
                             ("all", "requests", "html", "css", "js")), f"{figures['shift']:.3f}"])  # fmt: skip
        limits = {
            "all": MAX_BYTES,
            "requests": MAX_REQUESTS if name in FIRST else MAX_LATER_REQUESTS,
            "html": MAX_HTML,
            "css": MAX_CSS,
            "js": MAX_SCRIPT,
            "shift": MAX_SHIFT,
        }
        broken += [f"{name}: {key} {figures[key]} > {limit}" for key, limit in limits.items() if figures[key] > limit]
    return rows, broken


def places(browser, base):
    """[(name, cookies of who looks, address)]."""
    trainee, mentor = signed_in(browser, base, "trainee"), signed_in(browser, base, "mentor-04")
    mine, theirs = trainee.context.cookies(), mentor.context.cookies()
    return [
        ("sign-in", [], f"{base}/es/accounts/login/"),
        ("Today", mine, f"{base}/es/today/"),
        ("next activity", mine, first_link(trainee, "main a.btn") or f"{base}/es/today/"),
        ("calendar, list", mine, f"{base}/es/live/calendar/?view=list"),
        ("meeting", mine, first_link(goto(trainee, f"{base}/es/live/"), "main .meetings a")),
        ("checklist", theirs, first_link(goto(mentor, f"{base}/es/today/"), "main a[href*='/quarters/']")),
    ]


def signed_in(browser, base, name):
    from tests.browser.signing_in import sign_in

    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, base, f"{name}@demo.example.org")
    return page


def goto(page, url):
    page.goto(url)
    return page


def first_link(page, selector):
    return page.evaluate("selector => (document.querySelector(selector) || {}).href", selector)


def measure(context, url):
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds, sizes = {}, {}
    session.on("Network.responseReceived", lambda event: kinds.__setitem__(event["requestId"], event["type"]))
    session.on("Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    shift = page.evaluate(SHIFT)
    of_kind = {
        kind: sum(size for key, size in sizes.items() if kinds.get(key) == kind) for kind in ("Document", "Stylesheet", "Script")
    }
    return {
        "all": sum(sizes.values()), "requests": len(sizes), "html": of_kind["Document"], "css": of_kind["Stylesheet"],
        "js": of_kind["Script"], "shift": shift,
    }  # fmt: skip
