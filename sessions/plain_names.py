"""Names as they are compared: small letters, without accents, marks and titles; and how alike two of them are."""

import re
import unicodedata
from difflib import SequenceMatcher

TITLES = {"dr", "dra", "lic", "enf", "prof", "profa", "md", "mg", "mtra", "mtro"}


def plain(text):
    """ "Dra. José  Pérez" → "dra. jose perez"."""
    apart = unicodedata.normalize("NFKD", str(text).strip().casefold())
    return " ".join("".join(mark for mark in apart if not unicodedata.combining(mark)).split())


def words_of(name):
    """The words of a name without titles and what stands in brackets, in order of the alphabet: "Pérez, Ana" is "Ana Pérez"."""
    words = re.findall(r"\w+", re.sub(r"\(.*?\)", " ", plain(name)[:200]))
    return sorted(word for word in words if word not in TITLES)


def likeness(one, other):
    """From 0 to 1. All words of the shorter name in the longer one (at least two) is 0.9: people leave out a second surname."""
    first, second = words_of(one), words_of(other)
    if not first or not second:
        return 0.0
    shorter, longer = sorted((first, second), key=len)
    inside = len(shorter) >= 2 and set(shorter) <= set(longer)
    ratio = SequenceMatcher(None, " ".join(first), " ".join(second)).ratio()
    return max(ratio, 0.9 if inside else 0.0)
