"""What can be said of the outbox without a browser; tests/browser drives it."""

from pathlib import Path

import evaluations

SCRIPT = (Path(evaluations.__file__).parent / "static/evaluations/outbox.js").read_text()


def test_it_is_small_and_writes_no_markup():
    assert len(SCRIPT.encode()) <= 10240
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "localStorage",
        "import ",
    ):
        assert forbidden not in SCRIPT


def test_it_has_no_words_of_its_own():
    words = (Path(evaluations.__file__).parent / "templates/evaluations/outbox_words.html").read_text()
    for word in ("saving", "saved", "kept", "unsent", "offline", "signin"):
        assert f'data-word="{word}"' in words
        assert f'"{word}"' in SCRIPT
