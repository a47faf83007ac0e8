"""A lesson file → front matter and blocks. Blocks are plain dictionaries; a check still names its question by key."""

from dataclasses import dataclass, field

from content.checking import check
from content.markdown import CASE_TEXT, CITATION, Writer, count_words, plain, rich_text, sections
from content.positions import Document, Problem, read_yaml
from content.schema import FENCES, LessonFront
from curriculum.blocks import PARAGRAPH_FEATURES

SHORTEST, LONGEST = 400, 1000
PLAIN_FENCES = {"key-point": 400, "objective": 300}
VALUES_PER_ROW = {"bars": 1, "arrows": 2, "steps": 1}


@dataclass
class LessonFile:
    """`blocks` is a list of `(kind, value, line)`."""

    front: Document
    meaning: LessonFront | None
    blocks: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    words: int = 0

    def of(self, kind):
        return [(value, line) for this, value, line in self.blocks if this == kind]


def split_front_matter(text, file):
    """`(document, body, first line of the body)`. A file without front matter is a problem."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    if not ends or ends[0] != 0 or len(ends) < 2:
        document = Document(file)
        document.add((), "the file must start with front matter between two lines “---”.")
        return document, text, 1
    document = read_yaml("\n".join(lines[1 : ends[1]]), file, first_line=2)
    return document, "\n".join(lines[ends[1] + 1 :]), ends[1] + 2


def read_lesson(text, file):
    front, body, first_line = split_front_matter(text, file)
    lesson = LessonFile(front, check(front, LessonFront))
    known = [row.get("key") for _index, row in front.rows("sources")]
    for number, key in enumerate(known):
        if key in known[:number]:
            front.add(("sources", number, "key"), f"the source “{key}” stands here twice.")
    for kind, part in sections(body):
        if kind == "text":
            _read_text(lesson, part, file, first_line, known)
        else:
            _read_fence(lesson, part, file, first_line, known)
    lesson.problems = front.problems + lesson.problems
    return lesson


def _read_text(lesson, tokens, file, first_line, known):
    writer = Writer(file, first_line, PARAGRAPH_FEATURES, known)
    written = writer.write(tokens)
    lesson.problems += writer.problems
    lesson.words += count_words(written)
    lesson.blocks.append(("paragraph", written, first_line + tokens[0].map[0]))


def _read_fence(lesson, token, file, first_line, known):
    kind, line = token.info.strip(), first_line + token.map[0]
    if kind in PLAIN_FENCES or kind == "check":
        _read_plain_fence(lesson, kind, token.content.strip(), file, line, known)
    elif kind in FENCES:
        _read_yaml_fence(lesson, kind, token.content, file, line, known)
    else:
        known_kinds = ", ".join([*PLAIN_FENCES, "check", *FENCES])
        lesson.problems.append(Problem(file, line, f"```{kind}", f"is not a block we know. Known are {known_kinds}."))


def _read_plain_fence(lesson, kind, content, file, line, known):
    limit = PLAIN_FENCES.get(kind)
    text = plain(content)
    if not text:
        lesson.problems.append(Problem(file, line, f"```{kind}", "must not be empty."))
    if limit and len(text) > limit:
        lesson.problems.append(Problem(file, line, f"```{kind}", f"is longer than {limit} characters ({len(text)})."))
    _check_citations(lesson, content, file, line, known)
    lesson.words += count_words(text) if limit else 0
    lesson.blocks.append((kind, text, line))


def _read_yaml_fence(lesson, kind, content, file, line, known):
    document = read_yaml(content, file, first_line=line + 1)
    meaning = check(document, FENCES[kind])
    if kind == "data-figure":
        _check_rows(document)
    source = document.get("source")
    if source and source not in known:
        document.add(("source",), f"“{source}” is not in “sources”. Add it there or correct the key.")
    if meaning:
        value = meaning.model_dump()
        for name in [name for name in ("story", "discussion", "transcript") if name in value]:
            written, writer = rich_text(value[name], file, document.line_of(name) + 1, CASE_TEXT, known)
            document.problems += writer.problems
            lesson.words += count_words(written) if kind == "case" else 0
            value[name] = written
        for name in [name for name in ("title", "caption", "question") if value.get(name)]:
            _check_citations(lesson, value[name], file, document.line_of(name), known)
            value[name] = plain(value[name])
        lesson.blocks.append((kind, value, line))
    lesson.problems += document.problems


def _check_citations(lesson, text, file, line, known):
    for key in CITATION.findall(text):
        if key not in known:
            advice = "is cited but is not in “sources”. Add it there or correct the key."
            lesson.problems.append(Problem(file, line, f"[@{key}]", advice))


def _check_rows(document):
    form, series = document.get("form"), document.get("series")
    expected = VALUES_PER_ROW.get(form, len(series) if isinstance(series, list) else 0)
    if form == "stacked" and not expected:
        document.add((), "the form “stacked” needs “series”, the names of the parts.")
    elif form in VALUES_PER_ROW and series:
        document.add(("series",), f"the form “{form}” has no parts. Remove “series” or use “stacked”.")
    for index, row in document.rows("rows"):
        values = row.get("values")
        if expected and isinstance(values, list) and len(values) != expected:
            advice = f"the form “{form}” takes {expected} value(s) in each row, not {len(values)}."
            document.add(("rows", index, "values"), advice)
