"""pydantic's errors in words for people who write content."""


def in_plain_words(error, languages, nearest=None):
    """One sentence for one error; `nearest` is the known key that looks most like the one written."""
    kind, context, name = error["type"], error.get("ctx", {}), str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return "is a key we do not know" + (f". Is “{nearest}” meant?" if nearest and nearest != name else " in this place.")
    if kind == "missing":
        return f"the wording in {name} is missing." if name in languages else "is missing."
    if kind == "value_error":
        return f"{context['error']}."
    sentence = SENTENCES.get(kind)
    return sentence.format(**context) if sentence else f"{error['msg']}."


SENTENCES = {
    "string_type": "must be text. Put it in quotes.",
    "string_too_short": "must not be empty.",
    "string_too_long": "is longer than {max_length} characters.",
    "string_pattern_mismatch": "has another form than expected ({pattern}).",
    "int_type": "must be a whole number.",
    "int_from_float": "must be a whole number.",
    "float_type": "must be a number.",
    "bool_type": "must be true or false.",
    "date_type": "must be a date like 2026-11-21, without quotes.",
    "literal_error": "must be one of {expected}.",
    "list_type": "must be a list: each entry on a line that starts with a hyphen.",
    "dict_type": "must be a group of keys.",
    "model_type": "must be a group of keys.",
    "model_attributes_type": "must be a group of keys.",
    "too_short": "needs at least {min_length} entries, there are {actual_length}.",
    "too_long": "takes at most {max_length} entries, there are {actual_length}.",
    "greater_than_equal": "must be {ge} or more.",
    "less_than_equal": "must be {le} or less.",
    "finite_number": "must be a number.",
    "union_tag_invalid": "the kind “{tag}” is not known. Known are {expected_tags}.",
    "union_tag_not_found": "the key “kind” is missing.",
}
