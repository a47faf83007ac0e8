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
    compared = [
        ("sources", *([row.get("key") for _i, row in one.front.rows("sources")] for one in (lesson, source))),
        ("```check", *([value for value, _line in one.of("check")] for one in (lesson, source))),
        ("```data-figure", *([_figure(value) for value, _line in one.of("data-figure")] for one in (lesson, source))),
        ("objectives", *(len(one.front.get("objectives") or ()) for one in (lesson, source))),
        ("blocks", *([kind for kind, _value, _line in one.blocks if kind != "paragraph"] for one in (lesson, source))),
    ]
    for key, here, there in compared:
        if here != there:
            advice = f"differs from {source.front.file}: here {here}, there {there}. Only the words may differ."
            library.refuse(lesson.front.file, advice, key, lesson.front.line_of(key))


def _figure(value):
    return value["form"], [row["values"] for row in value["rows"]]
