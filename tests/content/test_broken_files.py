"""Each thing that can be wrong is said with file, line and key, and nothing is loaded."""

from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from wagtail.models import Page

from content.library import Broken, read_library
from content.models import Shipped
from tests.content.every_kind import write_every_kind

MODULE = "curricula/tiny/es/01-one/module.md"
QUIZ, CHECKS = "instruments/quiz-one.yaml", "instruments/checks.yaml"
CORPUS = yaml.safe_load((Path(__file__).parent / "broken.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CORPUS)
def test_says_what_is_wrong_and_where(tiny, name):
    case = CORPUS[name]
    file, key = case["file"], case["key"]
    tiny.edit(file, case["old"], case["new"])
    with pytest.raises(Broken) as broken:
        read_library(tiny.root)
    here = [problem for problem in broken.value.problems if problem.file == f"content/{file}" and problem.key == key]
    assert any(case["says"] in problem.text for problem in here), str(broken.value)
    if "at" in case:
        assert tiny.line(file, case["at"]) in {problem.line for problem in here}, str(broken.value)


MISSING = {
    "lesson": "curricula/tiny/pt-br/01-one/02-second.lesson.md",
    "module": "curricula/tiny/en/01-one/module.md",
    "curriculum text": "curricula/tiny/en/curriculum.md",
    "skeleton": "curricula/tiny/curriculum.yaml",
    "page": "pages/about.pt-br.md",
    "home": "pages/home.en.md",
    "library": "resources/index.yaml",
}


@pytest.mark.parametrize("name", MISSING)
def test_names_a_missing_file(tiny, name):
    tiny.remove(MISSING[name])
    with pytest.raises(Broken) as broken:
        read_library(tiny.root)
    assert f"content/{MISSING[name]}, line 1: this file is missing." in str(broken.value)


@pytest.mark.parametrize("name", ["curricula/tiny/es/01-one/03-third.lesson.md", "pages/notes.txt", "instruments/old.yml"])
def test_names_a_file_that_nothing_asks_for(tiny, name):
    tiny.write(name, "---\ntitle: x\n---\n")
    with pytest.raises(Broken, match="does not belong"):
        read_library(tiny.root)


def test_a_question_key_belongs_to_one_instrument_of_checks(tiny):
    tiny.write("instruments/more.yaml", (tiny.root / CHECKS).read_text().replace("key: checks", "key: more"))
    with pytest.raises(Broken, match=r"“first-1” is also in checks\.yaml"):
        read_library(tiny.root)


def test_a_file_in_another_encoding_is_named(tiny):
    (tiny.root / MODULE).write_bytes("título".encode("latin-1"))
    with pytest.raises(Broken, match=r"01-one/module\.md, line 1: is not saved as UTF-8"):
        read_library(tiny.root)


def test_all_problems_come_at_once(tiny):
    for name in ("unknown key", "missing language", "no right choice", "source not in sources", "unknown instrument"):
        case = CORPUS[name]
        tiny.edit(case["file"], case["old"], case["new"])
    tiny.remove(MISSING["lesson"])
    with pytest.raises(Broken) as broken:
        read_library(tiny.root)
    keys = {problem.key for problem in broken.value.problems}
    expected = {"questions[1].more", "title.pt-br", "questions[1].choices", "[@A2]", "modules[1].activities[1].instrument", ""}
    assert expected <= keys
    assert broken.value.problems == sorted(broken.value.problems)


def test_a_sound_folder_only_warns_about_length(tiny):
    library = read_library(tiny.root)
    assert {warning.text.split(";")[1] for warning in library.warnings} == {" 400 to 1000 read best."}
    assert len(library.warnings) == 6


def test_a_check_that_no_lesson_asks_is_a_warning(tiny):
    for language in ("es", "pt-br", "en"):
        tiny.edit(f"curricula/tiny/{language}/01-one/01-first.lesson.md", "first-1", "second-1")
    assert "is asked in no lesson." in {warning.text for warning in read_library(tiny.root).warnings}


Q, S, R = "every-quiz", "every-survey", "every-rubric"
CONDITION = "show_if: {question: case, any_of: [a]}"
# file, what becomes what there, the key and the words of the problem
KINDS = {
    "few steps": (Q, "      - {key: three, text: {es: Uno, pt-br: Um, en: One}}\n", "", "questions[3].items", "needs at least 3 entries"),
    "a step twice": (Q, "{key: two, text", "{key: one, text", "questions[3].items[2].key", "“one” stands here twice"),
    "few pairs": (Q, "      - {key: three, left: {es: Uno, pt-br: Um, en: One}, right: {es: C, pt-br: C, en: C}}\n", "", "questions[4].pairs", "at least 3"),
    "a pair twice": (Q, "{key: two, left", "{key: one, left", "questions[4].pairs[2].key", "stands here twice"),
    "a distractor with a pair's key": (Q, "key: extra", "key: two", "questions[4].distractors[1].key", "is that of a pair"),
    "equal right sides": (Q, "{es: D, pt-br: D, en: D}", "{es: A, pt-br: A, en: A}", "questions[4].distractors[1].text", "would be marked wrong"),
    "no story": (Q, "    story: {es: Uno, pt-br: Um, en: One}\n", "", "questions[1].story", "is missing"),
    "a case without a right choice": (Q, ", correct: true", "", "questions[1].choices", "no choice is marked"),
    "a case with two right choices": (Q, "{key: b,", "{key: b, correct: true,", "questions[1].choices[2].correct", "only one choice can be right"),
    "unknown section": (Q, "section: rest", "section: coda", "questions[3].section", "“coda” is not in “sections”"),
    "a section twice": (Q, "{key: rest, title", "{key: cases, title", "sections[2].key", "stands here twice"),
    "condition on nobody": (Q, CONDITION, CONDITION.replace("case", "gone"), "questions[2].show_if.question", "no earlier question “gone”"),
    "condition on itself": (Q, CONDITION, CONDITION.replace("case", "follow"), "questions[2].show_if.question", "no earlier question “follow”"),
    "condition on a later one": (Q, CONDITION, CONDITION.replace("case", "order"), "questions[2].show_if.question", "no earlier question"),
    "condition on no answer": (Q, CONDITION, CONDITION.replace("[a]", "[a, z]"), "questions[2].show_if.any_of[2]", "“z” is no answer of “case”. Its answers are a, b."),
    "condition without values": (Q, CONDITION, CONDITION.replace("[a]", "[]"), "questions[2].show_if.any_of", "at least 1"),
    "condition with another key": (Q, CONDITION, CONDITION.replace("any_of", "all_of"), "questions[2].show_if.all_of", "do not know"),
    "condition on a point that is not there": (S, "any_of: [2]", "any_of: [7]", "questions[4].show_if.any_of[1]", "Its answers are 1, 2."),
    "condition on a pair": (S, "{question: point, any_of: [2]}", "{question: then, any_of: [2]}", "questions[4].show_if.question", "Only answers of choices, scales"),
    "unknown scale": (S, "kind: retrospective, scale: able", "kind: retrospective, scale: sure", "questions[3].scale", "not in “scales”"),
    "too many commitments": (S, "most: 2", "most: 6", "questions[4].most", "must be 5 or less"),
    "right answer among commitments": (S, "[{key: a, text", "[{key: a, correct: true, text", "questions[4].choices[1].correct", "do not know"),
    "unknown aspect": (S, "aspect: intention", "aspect: intentions", "questions[4].aspect", "must be one of"),
    "rubric in a survey": (S, "kind: likert", "kind: rubric", "questions[2].kind", "is for instruments of kind rubric"),
    "likert in a rubric": (R, "kind: rubric, scale", "kind: likert, scale", "questions[1].kind", "cannot stand in a rubric. Use rubric."),
    "condition in a rubric": (R, "allow_not_observed: true", "show_if: {question: x, any_of: [1]}", "questions[1].show_if", "has no place in a rubric"),
    "confidence in a quiz": (Q, "kind: ordering", "kind: confidence", "questions[3].kind", "has no right answer"),
    "keyed kinds in a survey": (Q, "kind: quiz", "kind: survey", "questions[3].kind", "has right answers"),
    "kinds that do not work in a lesson": (Q, "kind: quiz", "kind: check", "questions[4].kind", "does not work, so it cannot stand in a check"),
    "a case in a lesson": (Q, "kind: quiz", "kind: check", "questions[1].kind", "cannot stand in a check. Use single-choice or"),
    "condition in a lesson": (Q, "kind: quiz", "kind: check", "questions[2].show_if", "has no place in a check"),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_says_what_is_wrong_with_a_kind_of_question(tiny, name):
    instrument, old, new, key, says = KINDS[name]
    write_every_kind(tiny)
    read_library(tiny.root)
    file = f"instruments/{instrument}.yaml"
    tiny.edit(file, old, new)
    with pytest.raises(Broken) as broken:
        read_library(tiny.root)
    here = [problem for problem in broken.value.problems if problem.file == f"content/{file}" and problem.key == key]
    assert any(says in problem.text for problem in here), str(broken.value)
    assert all(problem.line > 1 for problem in here)


@pytest.mark.parametrize("part", ["kind: [x]", "sections: 3", "sections: [3]", "questions: {a: 1}", "scales: [1]"])
def test_a_file_of_any_shape_is_refused_in_words(tiny, part):
    name = part.split(":")[0]
    write_every_kind(tiny)
    path = tiny.root / "instruments/every-quiz.yaml"
    lines = [line for line in path.read_text().split("\n") if not line.startswith(f"{name}:")]
    path.write_text(
        "\n".join(["key: every-quiz", part, *lines[1:]]) if name != "questions" else f"key: every-quiz\nkind: quiz\n{part}\n"
    )
    with pytest.raises(Broken):
        read_library(tiny.root)


@pytest.mark.django_db
@pytest.mark.parametrize("options", [[], ["--check"]])
def test_nothing_is_loaded_when_anything_is_wrong(tiny, options, capsys):
    tiny.edit(QUIZ, "    moore: 3A", "    more: 3A")
    before = Page.objects.count()
    with pytest.raises(CommandError, match=r"1 problem\(s\) in the content. Nothing was loaded."):
        call_command("load_content", "--root", str(tiny.root), *options)
    line = tiny.line(QUIZ, "more: 3A")
    assert f"content/{QUIZ}, line {line}: questions[1].more: is a key we do not know" in capsys.readouterr().err
    assert Page.objects.count() == before
    assert not Shipped.objects.exists()
