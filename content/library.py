"""Reads the whole content folder: every file, every problem at once. Nothing here touches the database."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from django.conf import settings

from content import schema
from content.checking import check
from content.crosschecks import check_across
from content.instruments import once, read_instrument
from content.lessons import read_lesson, split_front_matter
from content.markdown import rich_text
from content.positions import Document, Problem, read_yaml
from content.published import read_published
from content.schema import LANGUAGES

ROOT = Path(__file__).resolve().parent
HOME = "home"
NEEDED = {"quiz": "quiz", "survey": "survey", "teach-back": "rubric"}  # the kind of instrument that a kind of activity asks


class Broken(Exception):
    """The content has problems; nothing was loaded."""

    def __init__(self, problems):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class AssignmentFile:
    front: Document
    meaning: schema.AssignmentFront | None
    brief: str  # as HTML


@dataclass
class CurriculumFiles:
    document: Document
    meaning: schema.Curriculum | None
    fronts: dict = field(default_factory=dict)  # language → (CurriculumFront, welcome as HTML)
    modules: dict = field(default_factory=dict)  # (language, module key) → ModuleFront
    lessons: dict = field(default_factory=dict)  # (language, activity key) → LessonFile
    assignments: dict = field(default_factory=dict)  # (language, activity key) → AssignmentFile


@dataclass
class Library:
    root: Path = ROOT
    curricula: list = field(default_factory=list)
    instruments: dict = field(default_factory=dict)  # key → schema.Instrument
    instrument_documents: dict = field(default_factory=dict)
    resources: dict = field(default_factory=dict)  # key → (schema.Resource, {language: body as HTML})
    resource_index: schema.ResourceIndex | None = None
    published: dict = field(default_factory=dict)  # file stem → content.published.Published
    pages: dict = field(default_factory=dict)  # key → {language: (PageFront, body as HTML)}
    problems: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    @cached_property
    def check_questions(self):
        """Key of each “check yourself” question → key of its instrument."""
        found = {}
        for key, document in self.instrument_documents.items():
            if document.get("kind") == "check":
                found.update({row.get("key"): key for _index, row in document.rows("questions")})
        return found

    def has_file(self, name):
        return isinstance(name, str) and "/" not in name and (self.root / "files" / name).is_file()

    def name(self, path):
        return f"content/{path.relative_to(self.root).as_posix()}"

    def refuse(self, path, text, key="", line=1):
        self.problems.append(Problem(path if isinstance(path, str) else self.name(path), line, key, text))

    def read_text(self, path):
        try:
            return path.read_text(encoding="utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.refuse(path, "is not saved as UTF-8. Save it again with that encoding.")
        except FileNotFoundError:
            self.refuse(path, "this file is missing.")
        return None


def read_library(root=ROOT):
    """Everything under `root`; raises `Broken` with all problems if there is any."""
    library = Library(Path(root))
    _read_instruments(library)
    _read_resources(library)
    _read_pages(library)
    for path in _listed(library, "published", lambda path: path.suffix == ".yaml"):
        library.published[path.stem] = read_published(library, path, library.read_text(path) or "")
    for folder in _listed(library, "curricula", lambda path: path.is_dir()):
        library.curricula.append(_read_curriculum(library, folder))
    check_across(library)
    if library.problems:
        raise Broken(library.problems)
    return library


def _listed(library, folder, belongs):
    """What lies in `folder`, in order; whatever does not belong there is a problem."""
    path = library.root / folder
    found = sorted(path.iterdir()) if path.is_dir() else []
    for entry in found:
        if not belongs(entry) and not entry.name.startswith("."):
            library.refuse(entry, "does not belong in this folder. Nothing names it.")
    return [entry for entry in found if belongs(entry)]


# --- instruments, resources, pages ---------------------------------------------------------------------------------
def _read_instruments(library):
    for path in _listed(library, "instruments", lambda path: path.suffix == ".yaml"):
        text = library.read_text(path)
        if text is None:
            continue
        document, meaning = read_instrument(text, library.name(path), path.stem)
        library.instruments[path.stem], library.instrument_documents[path.stem] = meaning, document
    seen = {}
    for key, document in library.instrument_documents.items():
        for index, row in document.rows("questions") if document.get("kind") == "check" else ():
            other = seen.setdefault(row.get("key"), key)
            if other != key:
                document.add(("questions", index, "key"), f"the question “{row.get('key')}” is also in {other}.yaml.")
        library.problems += document.problems


def _read_resources(library):
    for path in _listed(library, "resources", lambda path: path.suffix == ".yaml"):
        text = library.read_text(path)
        if text is None:
            continue
        document = read_yaml(text, library.name(path))
        if path.stem == "index":
            library.resource_index = check(document, schema.ResourceIndex)
        else:
            library.resources[path.stem] = _read_resource(library, document, path.stem)
        library.problems += document.problems
    if library.resources and not (library.root / "resources" / "index.yaml").exists():
        library.refuse(library.root / "resources" / "index.yaml", "this file is missing.")


def _read_resource(library, document, stem):
    meaning, bodies = check(document, schema.Resource), {}
    if document.get("key") not in (None, stem):
        document.add(("key",), f"must be “{stem}”, as the file is named.")
    if meaning and not (meaning.link or meaning.file or meaning.body):
        document.add((), "a resource needs a “link”, a “file” or a “body”.")
    if document.get("file") and not library.has_file(document.get("file")):
        document.add(("file",), f"the file content/files/{document.get('file')} does not exist.")
    for language in LANGUAGES:
        body = document.get("body", language)
        if isinstance(body, str):
            bodies[language], writer = rich_text(body, document.file, document.line_of("body", language) + 1)
            document.problems += writer.problems
    return meaning, bodies


def _read_pages(library):
    form = re.compile(rf"^([a-z0-9-]+)\.({'|'.join(LANGUAGES)})\.md$")
    paths = _listed(library, "pages", lambda path: bool(form.match(path.name)))
    for key in sorted({form.match(path.name)[1] for path in paths} | {HOME}):
        for language in LANGUAGES:
            path = library.root / "pages" / f"{key}.{language}.md"
            text = library.read_text(path)
            if text is None:
                continue
            front, body, first_line = split_front_matter(text, library.name(path))
            written, writer = rich_text(body, front.file, first_line)
            library.pages.setdefault(key, {})[language] = (check(front, schema.PageFront), written)
            if not body.strip():
                front.add((), "the page has no text.")
            library.problems += front.problems + writer.problems


# --- curricula -----------------------------------------------------------------------------------------------------
def _read_curriculum(library, folder):
    path = folder / "curriculum.yaml"
    text = library.read_text(path)
    document = read_yaml(text or "", library.name(path))
    files = CurriculumFiles(document, check(document, schema.Curriculum) if text is not None else None)
    if document.get("key") not in (None, folder.name):
        document.add(("key",), f"must be “{folder.name}”, as the folder is named.")
    _check_skeleton(library, document)
    expected = {path}
    for language in LANGUAGES:
        expected |= _read_language(library, files, folder / language, language)
    for found in sorted(folder.rglob("*")):
        if found.is_file() and found not in expected and not found.name.startswith("."):
            library.refuse(found, "does not belong to the curriculum. Nothing in curriculum.yaml names it.")
    library.problems += document.problems
    return files


def _check_skeleton(library, document):
    once(document, ("modules",), "module")
    once(document, ("requirements",), "requirement")
    activities, last_number = {}, 0
    for index, requirement in document.rows("requirements"):
        if requirement.get("kind") not in settings.REQUIREMENT_CHECKS:
            known = ", ".join(settings.REQUIREMENT_CHECKS)
            document.add(("requirements", index, "kind"), f"“{requirement.get('kind')}” is not known. Known are {known}.")
    for index, module in document.rows("modules"):
        number = module.get("number")
        if isinstance(number, int):
            if number <= last_number:
                document.add(("modules", index, "number"), f"must be more than {last_number}: modules stand in order.")
            last_number = max(number, last_number)
        for position, activity in document.rows("modules", index, "activities"):
            at = ("modules", index, "activities", position)
            if activities.setdefault(activity.get("key"), at) != at:
                document.add((*at, "key"), f"the activity “{activity.get('key')}” stands in this curriculum twice.")
            _check_instrument_of(library, document, at, activity)


def _check_instrument_of(library, document, at, activity):
    key, kind = activity.get("instrument"), NEEDED.get(activity.get("kind"))
    if not isinstance(key, str) or kind is None:
        return
    instrument = library.instrument_documents.get(key)
    if instrument is None:
        document.add((*at, "instrument"), f"there is no content/instruments/{key}.yaml.")
    elif instrument.get("kind") != kind:
        document.add((*at, "instrument"), f"“{key}” is a {instrument.get('kind')}, a {kind} is needed here.")


def _read_language(library, files, folder, language):
    """Reads one language of a curriculum; returns the paths that belong to it."""
    expected = {folder / "curriculum.md"}
    text = library.read_text(folder / "curriculum.md")
    if text is not None:
        front, body, first_line = split_front_matter(text, library.name(folder / "curriculum.md"))
        welcome, writer = rich_text(body, front.file, first_line)
        files.fronts[language] = (check(front, schema.CurriculumFront), welcome)
        library.problems += front.problems + writer.problems
    for _index, module in files.document.rows("modules"):
        if isinstance(module.get("key"), str):
            number = module.get("number") if isinstance(module.get("number"), int) else 0
            expected |= _read_module(library, files, folder / f"{number:02d}-{module['key']}", language, module)
    return expected


def _read_module(library, files, folder, language, module):
    path = folder / "module.md"
    text, expected = library.read_text(path), {path}
    if text is not None:
        front, body, first_line = split_front_matter(text, library.name(path))
        files.modules[language, module["key"]] = check(front, schema.ModuleFront)
        if body.strip():
            library.refuse(path, "a module has no text of its own. Put it in “summary” or in a lesson.", line=first_line)
        library.problems += front.problems
    activities = module.get("activities") if isinstance(module.get("activities"), list) else []
    written = [row for row in activities if isinstance(row, dict) and row.get("kind") in WRITTEN and "key" in row]
    for number, row in enumerate(written, start=1):
        path = folder / f"{number:02d}-{row['key']}.{row['kind']}.md"
        text = library.read_text(path)
        expected.add(path)
        if text is not None:
            WRITTEN[row["kind"]](library, files, (language, row["key"]), text, library.name(path))
    return expected


def _read_lesson(library, files, place, text, name):
    lesson = files.lessons[place] = read_lesson(text, name)
    library.problems += lesson.problems


def _read_assignment(library, files, place, text, name):
    front, body, first_line = split_front_matter(text, name)
    brief, writer = rich_text(body, name, first_line)
    files.assignments[place] = AssignmentFile(front, check(front, schema.AssignmentFront), brief)
    if not body.strip():
        front.add((), "the assignment has no text. Say below the front matter what to do.")
    library.problems += front.problems + writer.problems


WRITTEN = {"lesson": _read_lesson, "assignment": _read_assignment}  # kinds with a file of their own in each language
