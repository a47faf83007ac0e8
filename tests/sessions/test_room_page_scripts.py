"""The scripts of the room: the same fold as the server's, a weight that a hospital's phone can carry, no words of their own."""

import gzip
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sessions.fold import KEPT, fold
from sessions.protocol import FOLD_TABLE
from sessions.views.room import MODULES

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "sessions/static/live/js"
LIMIT = 25 * 1024  # bytes, compressed

FOLDING = """
import { fold } from %s;
let text = "";
for await (const piece of process.stdin) text += piece;
const { cases, rules } = JSON.parse(text);
console.log(JSON.stringify(cases.map(({ state, events }) => {
  const before = JSON.stringify(state);
  const after = fold(state, events, rules);
  if (JSON.stringify(state) !== before) throw new Error("the state before was changed");
  return after;
})));
"""


def random_events(chance, count):
    """Bodies of every kind, with ids that meet and ids that miss."""
    numbers = [str(number) for number in range(1, 9)]
    events = []
    for seq in range(1, count + 1):
        kind = chance.choice([*FOLD_TABLE, "no.such"])
        operation = FOLD_TABLE.get(kind, ["assign"])[0]
        body = {chance.choice("abc"): chance.choice([seq, f"palabra {seq}", None, True, {"x": [seq]}])}
        if operation == "reset":
            body = {"all": {key: {"id": int(key), "v": seq} for key in chance.sample(numbers, 3)}}
        elif operation in ("merge", "drop"):
            ids = [int(key) for key in chance.sample(numbers, 2)]
            body |= chance.choice([{"id": ids[0]}, {"ids": ids}])
        elif operation == "put" and kind != "chat.post":
            body["id"] = chance.choice([int(chance.choice(numbers)), "4-5"])
        events.append({"s": seq, "at": 1000 + seq, "u": seq % 3, "n": "Ana", "k": kind, "b": body, "cid": f"cid-{seq:08d}"})
    return events


def test_the_browser_folds_as_the_server_does():
    node = shutil.which("node") or pytest.skip("node is not installed")
    chance = random.Random(4)
    cases = [{"state": {"session": {"state": "lobby"}}, "events": random_events(chance, 200)} for _number in range(40)]
    chat = [
        {"s": seq, "at": 1, "u": 1, "n": "Ana", "k": "chat.post", "b": {"text": "x"}, "cid": "c"}
        for seq in range(1, KEPT["chat"] + 20)
    ]
    cases.append({"state": {}, "events": chat})
    program = FOLDING % json.dumps((SCRIPTS / "fold.js").as_uri())
    given = json.dumps({"cases": cases, "rules": {"table": FOLD_TABLE, "kept": KEPT}})
    done = subprocess.run([node, "--input-type=module", "-e", program], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folded = json.loads(done.stdout)
    assert folded == [json.loads(json.dumps(fold(case["state"], case["events"]))) for case in cases]
    assert len(folded[-1]["chat"]) == KEPT["chat"]


def scripts_of_the_room():
    return [
        *(SCRIPTS / f"{name}.js" for name in MODULES),
        ROOT / "lms/static/lms/js/app.js",
        ROOT / "evaluations/static/evaluations/outbox.js",
    ]


def test_the_scripts_of_a_room_weigh_little(capsys):
    weights = {str(path.relative_to(ROOT)): len(gzip.compress(path.read_bytes(), 9)) for path in scripts_of_the_room()}
    with capsys.disabled():
        print(f"\nscripts of the room: {sum(weights.values()):,} of {LIMIT:,} bytes compressed {weights}")
    assert sum(weights.values()) <= LIMIT


def test_every_module_that_is_imported_is_in_the_page():
    for name in MODULES:
        text = (SCRIPTS / f"{name}.js").read_text()
        assert set(re.findall(r'from "\./(\w+)\.js"', text)) <= set(MODULES)


def test_texts_never_become_markup():
    for path in scripts_of_the_room()[: len(MODULES)]:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()), (
            path.name
        )


def test_the_style_of_a_room_weighs_little():
    assert len(gzip.compress((ROOT / "sessions/static/live/room.css").read_bytes(), 9)) <= 5 * 1024
