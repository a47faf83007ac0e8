"""What only shows when all files are read: names that lead nowhere, and translations that differ in more than words."""

from content.lessons import LONGEST, SHORTEST
from content.positions import Problem
from content.schema import LANGUAGES


def check_across(library):
    used = set()
    for files in library.curricula:
        for (language, key), lesson in files.lessons.items():
            used |= {value for value, _line in lesson.of("check")}
            _check_named_things(library, lesson)
            _check_same_as_source(library, files, lesson, files.lessons.get((LANGUAGES[0], key)))
            if not SHORTEST <= lesson.words <= LONGEST:
                advice = f"has {lesson.words} words in {language}; {SHORTEST} to {LONGEST} read best."
                library.warnings.append(Problem(lesson.front.file, 1, "", advice))
        for (_language, key), assignment in files.assignments.items():
            _check_same_criteria(library, assignment, files.assignments.get((LANGUAGES[0], key)))
    for key, instrument in library.check_questions.items():
        if key not in used:
            document = library.instrument_documents[instrument]
            library.warnings.append(Problem(document.file, 1, str(key), "is asked in no lesson."))


def _check_named_things(library, lesson):
    file = lesson.front.file
    for key, line in lesson.of("check"):
        if key not in library.check_questions:
            library.refuse(file, f"there is no question “{key}” in an instrument of kind check.", "```check", line)
    for value, line in lesson.of("figure"):
        if not library.has_file(value["image"]):
            library.refuse(file, f"the picture content/files/{value['image']} does not exist.", "image", line)
    for value, line in lesson.of("download"):
        resource, _bodies = library.resources.get(value["resource"], (None, {}))
        if not (resource and resource.file):
            library.refuse(file, f"there is no resource “{value['resource']}” with a file.", "resource", line)


def _check_same_as_source(library, files, lesson, source):
    """A translation has the same sources, checks and figures as the source language; only the words differ."""
    if source is None or source is lesson:
        return
    for key, meaning in (("check", str), ("data-figure", _figure)):
        here, there = ([(meaning(value), line) for value, line in one.of(key)] for one in (lesson, source))
        _compare(library, lesson, source, f"```{key}", here, there)
    for key in ("sources", "objectives"):
        here, there = (_front(one.front, key) for one in (lesson, source))
        _compare(library, lesson, source, key, here, there)
    here, there = ([(kind, line) for kind, _value, line in one.blocks if kind != "paragraph"] for one in (lesson, source))
    if len(here) == len(there):  # a block more or less is said above or below, once
        _compare(library, lesson, source, "order of the blocks", here, there)
    else:
        advice = f"there are {len(here)} blocks here and {len(there)} in {source.front.file}. Only the words may differ."
        library.refuse(lesson.front.file, advice, "blocks", lesson.front.line_of())


def _check_same_criteria(library, assignment, source):
    if source is not None and source is not assignment:
        here, there = (_front(one.front, "criteria") for one in (assignment, source))
        _compare(library, assignment, source, "criteria", here, there)


def _front(front, key):
    """The keys of the sources, or one mark for each objective, with their lines."""
    values = front.get(key) if isinstance(front.get(key), list) else []
    marks = [value.get("key") if isinstance(value, dict) else "…" for value in values]
    return [(mark, front.line_of(key, index)) for index, mark in enumerate(marks)]


def _compare(library, lesson, source, key, here, there):
    """Both are lists of `(meaning, line)`; the first difference is reported at its line."""
    for (mine, line), (theirs, _line) in zip(here, there, strict=False):
        if mine != theirs:
            advice = f"differs from {source.front.file}: here {mine}, there {theirs}. Only the words may differ."
            return library.refuse(lesson.front.file, advice, key, line)
    if len(here) != len(there):
        line = here[-1][1] if here else lesson.front.line_of()
        advice = f"there are {len(here)} here and {len(there)} in {source.front.file}. Only the words may differ."
        return library.refuse(lesson.front.file, advice, key, line)
    return None


def _figure(value):
    return value["form"], [row["values"] for row in value["rows"]]
