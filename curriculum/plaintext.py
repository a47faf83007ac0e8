"""The one door for plain text from people: stored as written (NFC), never HTML, escaped wherever it is shown."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# NUL and halves of characters cannot be stored; U+FFFD stands where such a half arrived and got lost on the way.
UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufffd]")


def clean(raw, limit):
    """`raw` as it is stored, without blanks around it; "" where nothing is written.

    Raises `ValidationError` (codes `not_text`, `too_long`, `unstorable`).
    """
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise ValidationError(_("Write your answer as text."), code="not_text")
    if len(raw) > 8 * limit:  # far beyond any form: refused before it is worked on
        raise _too_long(limit, len(raw))
    if UNSTORABLE.search(raw):
        raise ValidationError(_("The text holds a character that cannot be stored. Delete it and try again."), code="unstorable")
    value = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(value) > limit:
        raise _too_long(limit, len(value))
    return value


def showable(raw):
    """A refused text as it can be shown again for correction: what cannot be stored is a visible mark."""
    return UNSTORABLE.sub("\ufffd", raw) if isinstance(raw, str) else ""


def _too_long(limit, count):
    words = _("Write at most %(limit)d characters; there are %(count)d.")
    return ValidationError(words % {"limit": limit, "count": count}, code="too_long")
