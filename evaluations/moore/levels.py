"""Moore's outcome levels: eight codes in order, each with its name and the question that it answers.

Source of the framework: Moore DE Jr, Green JS, Gallis HA. J Contin Educ Health Prof 2009;29(1):1-15. The words are ours.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Level:
    """`code` is text ("3A"), `order` counts from 0; `name` and `question` are lazy translations."""

    code: str
    order: int
    name: Promise
    question: Promise

    def __str__(self):
        return self.code


_WORDS = (
    ("1", _("Participation"), _("Who took part?")),
    ("2", _("Satisfaction"), _("Were expectations met?")),
    ("3A", _("Learning: knowing what"), _("Do they know what it is about?")),
    ("3B", _("Learning: knowing how"), _("Do they know how to do it?")),
    ("4", _("Competence"), _("Can they show how it is done?")),
    ("5", _("Performance"), _("Do they do it in practice?")),
    ("6", _("Patient health"), _("Did care change for patients?")),
    ("7", _("Community health"), _("Did the health system and the community change?")),
)
LEVELS = tuple(Level(code, order, name, question) for order, (code, name, question) in enumerate(_WORDS))
CODES = tuple(level.code for level in LEVELS)
_BY_CODE = {level.code: level for level in LEVELS}


def level_of(code):
    """The `Level`; raises `KeyError` for a code that Moore does not have."""
    return _BY_CODE[str(code)]


def in_order(codes):
    """The codes as a list in Moore's order: 1, 2, 3A, 3B, 4, 5, 6, 7. Raises `KeyError` for an unknown one."""
    return sorted(codes, key=lambda code: level_of(code).order)


def in_all_languages(words):
    """`{language code: text}` of a lazy translation, for documents that are read in any language."""
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[code] = str(words)
    return texts
