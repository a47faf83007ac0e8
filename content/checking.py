"""Holds a document against the schema; every error becomes a problem of the document, in plain words."""

import difflib

from pydantic import ValidationError

from content import instrument_schema, schema
from content.plain_words import in_plain_words

NAMED = (*vars(schema).values(), *vars(instrument_schema).values())
PARTS = [part for part in NAMED if isinstance(part, type) and issubclass(part, schema.Part)]
KNOWN_KEYS = sorted({field.alias or name for part in PARTS for name, field in part.model_fields.items()})


def check(document, model):
    """The document as `model`, or `None` with everything that is wrong added to its problems."""
    if document.data is None and document.problems:
        return None
    if not isinstance(document.data, dict):
        document.add((), "keys and values are expected here, for example “title: …”.")
        return None
    try:
        return model.model_validate(document.data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            path = _path(document, error["loc"])
            document.add(path, in_plain_words(error, schema.LANGUAGES, _nearest(path)))
    return None


def _path(document, location):
    """pydantic's location without the names of union members, which are not in the file."""
    path, value = [], document.data
    for index, step in enumerate(location):
        last = index == len(location) - 1
        if isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
        elif isinstance(value, dict) and step in value:
            value = value[step]
        elif not last or (isinstance(value, dict) and value.get("kind") == step) or not isinstance(value, dict):
            continue
        path.append(step)
    return tuple(path)


def _nearest(path):
    near = difflib.get_close_matches(str(path[-1]) if path else "", KNOWN_KEYS, 1)
    return near[0] if near else None
