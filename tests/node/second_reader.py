"""Calendar files read by a second, independent parser: ical.js under Node. Installed once, beside the Python of the tests."""

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FOLDER = Path(sys.prefix) / "node"
SECONDS = 150


def read(texts):
    """What ical.js finds in each text: `{"method", "name", "zones", "events": [{"uid", "sequence", "starts", "ends", …}]}`; instants are
    in UTC and rest on the VTIMEZONE of the text. Raises `ValueError` for what it cannot read."""
    command = ["node", HERE / "read_ics.mjs", installed()]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise ValueError(done.stderr[-2000:])
    return json.loads(done.stdout)


@functools.cache
def installed():
    """The folder with ical.js. Without Node the test is skipped on a laptop and fails in CI."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            _without(f"{program} is missing. On Debian: apt install nodejs npm")
    wanted, stamp = (HERE / "package.json").read_text(), FOLDER / "installed.json"
    FOLDER.mkdir(exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return FOLDER


def _install():
    shutil.copyfile(HERE / "package.json", FOLDER / "package.json")
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", FOLDER]
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        _without(f"npm could not install ical.js: {(error.stderr or '')[-600:]}")


def _without(reason):
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(f"SECOND READER OF CALENDARS NOT RUN: {reason}")
