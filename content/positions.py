"""Where a value stands in a file, so that every problem names file, line and key."""

from dataclasses import dataclass, field

import yaml

# The C parser is eight times faster where PyYAML was built with it; both give the same nodes and marks.
YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to repair, in plain words."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self):
        return f"{self.file}, line {self.line}: " + (f"{self.key}: {self.text}" if self.key else self.text)


@dataclass
class Document:
    """One piece of YAML (a file, front matter, or the inside of a fenced block) with the line of each of its keys."""

    file: str
    data: object = None
    first_line: int = 1
    lines: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def line_of(self, *path):
        """The line of `path`, or of the nearest thing around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.first_line)

    def add(self, path, text):
        self.problems.append(Problem(self.file, self.line_of(*path), dotted(path), text))

    def rows(self, *path):
        """The groups of keys in the list at `path`, numbered; whatever is not a group is left to the schema."""
        value = self.get(*path)
        return [(index, row) for index, row in enumerate(value) if isinstance(row, dict)] if isinstance(value, list) else []

    def get(self, *path):
        value = self.data
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def dotted(path):
    """`("questions", 2, "text", "es")` as people read it: `questions[3].text.es`."""
    words = ""
    for step in path:
        words += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if words else str(step)
    return words


def read_yaml(text, file, first_line=1):
    """Parses one piece of YAML; syntax errors and doubled keys become problems of the document."""
    document = Document(file, first_line=first_line)
    loader = YamlLoader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            _mark(document, node, ())
            document.data = loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + mark.line if mark else first_line
        reason = getattr(error, "problem", None) or str(error)
        document.data = None
        advice = f"this is not readable as YAML ({reason}). Check quotes, colons and indents."
        document.problems.append(Problem(file, line, "", advice))
    finally:
        loader.dispose()
    return document


def _mark(document, node, path):
    document.lines.setdefault(path, document.first_line + node.start_mark.line)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _mark(document, child, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key_node, child in node.value:
            below = (*path, key_node.value if isinstance(key_node, yaml.ScalarNode) else "?")
            if below in document.lines:
                line = document.first_line + key_node.start_mark.line
                document.problems.append(Problem(document.file, line, dotted(below), "stands here twice. Keep one of them."))
            document.lines[below] = document.first_line + key_node.start_mark.line
            _mark(document, child, below)
