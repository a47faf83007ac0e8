"""Each thing that can be wrong is said with file, line and key, and nothing is loaded."""

from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from wagtail.models import Page

from content.library import Broken, read_library
from content.models import Shipped

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
