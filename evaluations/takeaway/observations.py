"""The report's document in long form: one line per figure, for spreadsheets, statistics programs and the API alike.

Nothing is worked out here. A figure that the document hides has no value here either, only the reason.
"""

from evaluations.words import in_language

COLUMNS = (
    "view", "level", "indicator", "indicator_name", "evidence", "source", "unit", "design", "promise", "waves", "as_of",
    "asked", "answered", "response_rate", "row", "construct", "row_label", "statistic", "category", "value", "text", "n", "hidden",
)  # fmt: skip
NOT_FIGURES = {"key", "label", "hidden", "construct", "marks", "scale", "items", "n"}
BY_CATEGORY = {"statuses", "barriers"}
# PostgreSQL's JSON forgets the order of names; a file has the same order on every database.
ORDER = (
    "value", "of", "not_applicable", "segments", "mean", "median", "sd", "agree", "count", "bound", "low", "high", "before", "after",
    "improved", "same", "worse", "effect", "variant", "d_av", "d_z", "hedges", "ci", "wilcoxon", "w", "p", "mcnemar", "b", "c",
    "made", "people", "day", "statuses", "done", "partly", "not_yet", "dropped", "unanswered", "barriers",
)  # fmt: skip
PLACES = {name: place for place, name in enumerate(ORDER)}
MOVED = {"improved", "same", "worse"}


def observations(document, language):
    """A list of dicts with `COLUMNS`, in the order of the page. Texts are in `language`, codes are the same in all."""
    view = document["view"]
    name = f"{view['kind']}:{view['value']}" if view.get("value") else view["kind"]
    found = []
    for level in document["levels"]:
        for indicator in level["indicators"]:
            common = {"view": name, "level": level["code"], **_about(indicator, language)}
            found += [{**dict.fromkeys(COLUMNS), **common, **line} for line in _lines(indicator, language)]
    return found


def _about(indicator, language):
    return {
        "indicator": indicator["key"],
        "indicator_name": in_language(indicator.get("name"), language),
        "evidence": indicator.get("evidence"),
        "source": _words(indicator.get("source"), language),
        "unit": indicator.get("unit"),
        "design": indicator.get("design"),
        "promise": indicator.get("promise") or None,
        "waves": " ".join(str(pk) for pk in indicator.get("waves") or []) or None,
        "as_of": indicator.get("as_of"),
        "asked": indicator.get("asked"),
        "answered": indicator.get("n"),
        "response_rate": indicator.get("response_rate"),
    }


def _lines(indicator, language):
    if indicator.get("hidden"):
        return [_hidden(indicator["hidden"])]
    lines = []
    for row in indicator.get("rows") or []:
        lines += _row(row, language)
        for item in row.get("items") or []:
            lines += _row(item, language)
    return lines or [_hidden({"reason": "nothing_yet"})]


def _row(row, language):
    about = {
        "row": row.get("key"), "construct": row.get("construct"), "row_label": _words(row.get("label"), language),
        "n": row.get("n", row.get("of")),
    }  # fmt: skip
    if row.get("hidden"):
        return [{**about, **_hidden(row["hidden"])}]
    return [{**about, **figure} for figure in _figures(row, language)]


def _hidden(hidden):
    return {"hidden": hidden.get("reason"), "n": hidden.get("n")}


def _figures(row, language):
    for name, value in in_order(row):
        if name in MOVED and value is None:
            yield {"statistic": name, "hidden": "small_group"}
        if name in NOT_FIGURES or value in (None, "") or (name == "people" and isinstance(value, list)):
            continue
        if name == "segments":
            yield from ({"statistic": "count", "category": _span(segment), "value": segment["count"]} for segment in value)
        elif name in BY_CATEGORY:
            yield from (_counted(name, key, number) for key, number in in_order(value))
        elif name == "points":
            yield from ({"statistic": name, "category": str(key), "value": number} for key, number in value)
        elif name == "ci":
            yield from _pair("ci", value)
        else:
            yield from _plain(name, value, language)


def in_order(names):
    return sorted(names.items(), key=lambda item: (PLACES.get(item[0], len(PLACES)), item[0]))


def _counted(name, key, number):
    hidden = "small_group" if number is None else None
    return {"statistic": name, "category": key, "value": number, "hidden": hidden}


def _plain(name, value, language):
    """Numbers as values, words as text; what is nested gets the names joined: `before_mean`."""
    if isinstance(value, dict) and not _is_words(value):
        for inner, one in in_order(value):
            if isinstance(one, list):
                yield from _pair(f"{name}_{inner}", one)
            elif one is not None and one != "":
                yield from _plain(f"{name}_{inner}", one, language)
    elif isinstance(value, bool):
        yield {"statistic": name, "value": int(value)}
    elif isinstance(value, int | float):
        yield {"statistic": name, "value": value}
    elif isinstance(value, str | dict):
        yield {"statistic": name, "text": _words(value, language)}


def _pair(name, ends):
    if len(ends) == 2:
        yield from (
            {"statistic": f"{name}_{side}", "value": end}
            for side, end in zip(("low", "high"), ends, strict=True)
            if end is not None
        )


def _span(segment):
    low, high = segment["from"], segment["to"]
    return str(low) if low == high else f"{low} to {high}"


def _is_words(value):
    return bool(value) and set(value) <= {"es", "pt-br", "en"}


def _words(value, language):
    return in_language(value, language) if isinstance(value, dict) else value
