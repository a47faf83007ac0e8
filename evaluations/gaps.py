"""Which wording is missing in which language: of a question with all its parts, and of an instrument."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from evaluations.questions.reading import with_kinds
from evaluations.words import missing_languages


def gaps_of(thing):
    """`[(language code, what is missing in words)]` of a question or an instrument's own texts, in the order of the form.

    A text that is worded in no language at all is a gap only where the field must have one.
    """
    found = []
    for field in thing._meta.concrete_fields:
        if not isinstance(field, models.JSONField) or field.name == "show_if":
            continue
        value, name = getattr(thing, field.name), str(field.verbose_name)
        if isinstance(value, list):
            found += [gap for row in value if isinstance(row, dict) for gap in _gaps_of_row(row, name)]
        elif value or not field.blank:
            found += [(code, name) for code in missing_languages(value)]
    return found


def _gaps_of_row(row, name):
    identity = row.get("key", row.get("value", ""))
    words = {part: value for part, value in row.items() if isinstance(value, dict) and value}
    return [
        (code, _("%(list)s, %(row)s: %(part)s") % {"list": name, "row": identity, "part": part_name(part)})
        for part, value in words.items()
        for code in missing_languages(value)
    ]


def part_name(part):
    names = {
        "text": _("text"),
        "reason": _("reason"),
        "left": _("left side"),
        "right": _("right side"),
        "title": _("title"),
        "intro": _("introduction"),
    }
    return names.get(part, part)


def by_language(gaps):
    """`[{"code", "language", "texts"}]`, languages in the order of the site."""
    lines = []
    for code, language in settings.LANGUAGES:
        texts = [text for missing, text in gaps if missing == code]
        if texts:
            lines.append({"code": code, "language": language, "texts": texts})
    return lines


def missing_in(instruments, questions):
    """`{instrument id: [language names]}` in which some text of each instrument is missing. No query."""
    missing = {instrument.pk: {code for code, _text in gaps_of(instrument)} for instrument in instruments}
    for question in questions:
        missing[question.instrument_id] |= {code for code, _text in gaps_of(question)}
    return {pk: [str(language) for code, language in settings.LANGUAGES if code in codes] for pk, codes in missing.items()}


def incomplete(questions):
    """The primary keys of those in a queryset of questions that miss a text in some language. One query."""
    return [question.pk for question in with_kinds(questions) if gaps_of(question)]
