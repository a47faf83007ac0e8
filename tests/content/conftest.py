"""A small content folder that tests break and change as they like."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

LANGUAGES = ("es", "pt-br", "en")
WORDS = "{es: Uno, pt-br: Um, en: One}"

CURRICULUM = """\
key: tiny
version: "1"
hours: 3
requirements:
  - kind: activities
modules:
  - key: start
    activities:
      - {key: ask, kind: survey, minutes: 5, instrument: ask, title: %(w)s}
  - key: one
    number: 1
    requires_previous: true
    activities:
      - {key: first, kind: lesson, minutes: 5}
      - {key: second, kind: lesson, minutes: 6, required: false}
      - {key: quiz-one, kind: quiz, minutes: 5, instrument: quiz-one, title: %(w)s, pass_mark: 60}
"""
LESSON = """\
---
title: %(title)s
objectives:
  - Decir algo.
reviewed: 2026-11-21
sources:
  - key: A1
    text: A source
    url: https://example.org/a1
---
Una frase con **fuerza** y cita [@A1].

```key-point
Lo que importa [@A1].
```

```data-figure
form: bars
title: Algo sube
source: A1
unit: "%%"
rows:
  - {label: Antes, values: [20]}
  - {label: Después, values: [80.5]}
```

```case
title: Caso (ficticio)
story: |
  Una historia.
question: ¿Qué haría?
discussion: |
  - Pensar [@A1].
```

```check
%(check)s
```
"""
CHOICES = """\
    choices:
      - {key: a, text: %(w)s, correct: true, reason: %(w)s}
      - {key: b, text: %(w)s, reason: %(w)s}
"""
CHECKS = """\
key: checks
kind: check
title: %(w)s
questions:
  - key: first-1
    kind: single-choice
    text: %(w)s
{choices}  - key: second-1
    kind: single-choice
    text: %(w)s
{choices}""".replace("{choices}", CHOICES)
QUIZ = """\
key: quiz-one
kind: quiz
title: %(w)s
questions:
  - key: q1
    kind: single-choice
    construct: epidemiology
    moore: 3A
    text: %(w)s
{choices}  - key: q2
    kind: multiple-choice
    text: %(w)s
{choices}""".replace("{choices}", CHOICES)
SURVEY = """\
key: ask
kind: survey
title: %(w)s
intro: %(w)s
scales:
  able:
    - {value: 1, text: %(w)s}
    - {value: 2, text: %(w)s}
questions:
  - {key: s1, kind: likert, scale: able, construct: epidemiology, aspect: ability, allow_not_applicable: true, text: %(w)s}
  - {key: s2, kind: number, minimum: 0, maximum: 10, whole: true, required: false, text: %(w)s}
  - {key: s3, kind: long-text, required: false, max_length: 100, text: %(w)s, hint: %(w)s}
"""
RESOURCE = """\
key: guide
type: guide
audience: mentors
title: %(w)s
summary: %(w)s
body:
  es: "Un **texto**."
  pt-br: "Um **texto**."
  en: "A **text**."
"""
INDEX = "title: %(w)s\nintro: %(w)s\n"


@pytest.fixture
def tiny(tmp_path):
    """`.root`, `.edit(file, old, new)`, `.write(file, text)`, `.remove(file)`, `.line(file, text)`."""
    root = tmp_path / "content"

    def write(name, text):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    for name, text in (
        ("curricula/tiny/curriculum.yaml", CURRICULUM), ("instruments/checks.yaml", CHECKS), ("instruments/ask.yaml", SURVEY),
        ("instruments/quiz-one.yaml", QUIZ), ("resources/guide.yaml", RESOURCE), ("resources/index.yaml", INDEX),
    ):  # fmt: skip
        write(name, text % {"w": WORDS})
    for language in LANGUAGES:
        folder = f"curricula/tiny/{language}"
        write(f"{folder}/curriculum.md", f"---\ntitle: Programa {language}\nsummary: Corto.\n---\nHola.\n")
        for module in ("00-start", "01-one"):
            write(f"{folder}/{module}/module.md", f"---\ntitle: {module}\nsummary: Corto.\nobjectives:\n  - Hacer algo.\n---\n")
        for number, key in enumerate(("first", "second"), start=1):
            text = LESSON % {"title": f"{key} {language}", "check": f"{key}-1"}
            write(f"{folder}/01-one/{number:02d}-{key}.lesson.md", text)
        write(f"pages/home.{language}.md", f"---\ntitle: Inicio {language}\n---\nHola.\n")
        write(f"pages/about.{language}.md", f"---\ntitle: Acerca {language}\nreviewed: 2026-11-21\n---\nTexto.\n")

    def edit(name, old, new, times=1):
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, times), encoding="utf-8")

    def line(name, text):
        lines = (root / name).read_text(encoding="utf-8").split("\n")
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def remove(name):
        path = Path(root / name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return SimpleNamespace(root=root, write=write, edit=edit, remove=remove, line=line)
