"""`make shots`: a picture of every screen, by role, language, size and scheme, into shots/ (ignored by git).

usage: python -m tests.browser.shots [ROLE…]    e.g. `make shots ARGS="trainee lead"`
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.planning_screens import PLANNING
from tests.browser.screens import LIVE, PLACES, SCREENS
from tests.browser.signing_in import sign_in
from tests.servers.running import binary, free_port, stop, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}


def main(roles):
    from playwright.sync_api import sync_playwright

    folder, port = Path(tempfile.mkdtemp(prefix="puente-shots-")), free_port()
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings", "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "DEBUG": "0",
        "SECRET_KEY": "shots", "SITE_BASE_URL": f"http://localhost:{port}", "SECURE_SSL_REDIRECT": "0", "ALLOW_DEMO": "1",
        "SECOND_FACTOR_REQUIRED": "0", "REDIS_URL": "", "LOG_LEVEL": "ERROR", "STATIC_ROOT": str(folder / "static"), "MEDIA_ROOT": str(folder / "media"),
    }  # fmt: skip

    def manage(*command):
        command = [sys.executable, "manage.py", *command]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    for command in (["migrate", "-v0"], ["load_content"], ["load_demo"], ["collectstatic", "--noinput", "-v0"]):
        manage(*command)
    places = json.loads(manage("shell", "-v0", "-c", PLACES).strip().splitlines()[-1])
    server = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lms.asgi:application"],
        cwd=ROOT,
        env=environment,
    )
    try:
        wait_for_port(port, 60)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary("chromium"), args=["--no-sandbox"])
            for role in roles:
                for language in ("es", "pt-br", "en"):
                    for scheme in ("light", "dark"):
                        shoot(browser, f"http://localhost:{port}", role, language, scheme, places[language])
            browser.close()
    finally:
        stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def shoot(browser, base, role, language, scheme, places):
    context = browser.new_context(locale=language, color_scheme=scheme, base_url=base)
    page = context.new_page()
    if role:
        sign_in(page, base, f"{role}@demo.example.org", language=language)
    for address in [*SCREENS.get(role, ()), *LIVE.get(role, ()), *PLANNING.get(role, ())]:
        path = address.format(**places)
        for name, size in SIZES.items():
            page.set_viewport_size(size)
            page.goto("about:blank")  # an address that differs from the last one by its fragment alone would not be loaded
            page.goto(path)
            height = min(6000, page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
            target = (
                ROOT / "shots" / (role or "anyone") / f"{re.sub(r'[^a-z0-9]+', '-', path.lower()).strip('-')}.{name}.{scheme}.png"
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target)
            print(target.relative_to(ROOT))
    context.close()


if __name__ == "__main__":
    main([None if role == "anyone" else role for role in sys.argv[1:]] or list(dict.fromkeys([*SCREENS, *LIVE, *PLANNING])))
