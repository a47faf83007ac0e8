"""A lead's own sentence on an indicator. It stands above the rule's; every wording is kept, with who wrote it and when."""

from django.db import transaction

from evaluations.models import Finding
from evaluations.moore.findings import in_every_language


@transaction.atomic
def write(cohort, indicator, level, words, *, by, language):
    """A new `Finding` with `words` in `language` beside those in other languages; empty words leave that language to the rule."""
    last = Finding.objects.select_for_update().filter(cohort=cohort, indicator=indicator["key"]).first()
    text = dict(last.text) if last else {}
    if words:
        text[language] = words
    else:
        text.pop(language, None)
    rule = in_every_language(indicator, level)
    return Finding.objects.create(cohort=cohort, indicator=indicator["key"], text=text, rule_text=rule, by=by)
