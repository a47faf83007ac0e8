"""What of the votes may be shown: `{"rows": [{"key", "text", "count", "share"}], "n"}`, or `{"words": [{"text", "count"}], "n"}`.

`text` is worded per language, `share` is of those who voted, 0 to 1. Steps that were put in order stand by the mean of their places
(`mean`); their `count` is how many put them first.
"""

from collections import Counter

from django.conf import settings

from sessions.models import Poll
from sessions.polling_kinds import options_of

AROUND_WORDS = " \t.,;:!¡?¿\"'“”«»…-"


def results_of(question, values):
    if question.kind == "short-text":
        return {"words": words_of(values), "n": len(values)}
    rows = [
        _row(option, count, len(values))
        for option, count in zip(options_of(question)[1], counts_of(question, values), strict=True)
    ]
    return {"rows": _by_place(question, rows, values) if question.kind == "ordering" else rows, "n": len(values)}


def counts_of(question, values):
    """A number per option, in the order of the document; `None` for words."""
    name, options = options_of(question)
    if not name:
        return None
    summary = question.summarise(values)
    if name == "items":
        real = question.names()
        return [summary["places"][real[option["key"]]][0] for option in options]
    if name == "scale":
        counts = summary["counts"]
        return [counts.get(option["value"], summary["not_applicable"]) for option in options]
    return [summary["counts"][option["key"]] for option in options]


def _row(option, count, n):
    key = option.get("key", option.get("value"))
    return {"key": key, "text": option["text"], "count": count, "share": round(count / n, 4) if n else 0}


def _by_place(question, rows, values):
    real = question.names()
    for row in rows:
        places = [value.index(real[row["key"]]) + 1 for value in values]
        row["mean"] = round(sum(places) / len(places), 2) if places else None
    return sorted(rows, key=lambda row: row["mean"] or 0)


def words_of(values):
    """The same words in other capitals, blanks or stops are the same; the most frequent first, then by the alphabet."""
    counts = Counter(_folded(value) for value in values)
    return [{"text": text, "count": count} for text, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def _folded(text):
    folded = " ".join(text.casefold().split())
    return folded.strip(AROUND_WORDS) or folded


def is_small(n):
    return n < settings.MIN_GROUP_SIZE


def hosts_may_see(poll, question, n):
    """Votes with names are open to hosts anyway, one by one; of anonymous ones, and of words, a small group is not shown to anybody."""
    return not is_small(n) or (poll.promise == Poll.Promise.IDENTIFIED and question.kind != "short-text")
