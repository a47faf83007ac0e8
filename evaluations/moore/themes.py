"""Free texts and the themes that people give them by hand. A text is named by its own words, never by who wrote it."""

import hashlib
import unicodedata
from dataclasses import dataclass

from evaluations.models import FreeTextTag, LongTextQuestion, Question, ShortTextQuestion, Wave


@dataclass(frozen=True)
class Text:
    id: str
    words: str
    tags: list


@dataclass(frozen=True)
class Place:
    """Where the texts of an indicator were written, as far as the document tells: its wave, and that wave's first question for text."""

    wave: Wave
    question: Question


def place_of(cohort, indicator):
    """The `Place`, or `None` where there is no wave of this cohort with such a question."""
    wave = Wave.objects.filter(cohort=cohort, pk__in=indicator.get("waves") or []).order_by("pk").first()
    if wave is None:
        return None
    questions = Question.objects.non_polymorphic().filter(instrument_id=wave.instrument_id).order_by("order", "pk")
    question = questions.instance_of(ShortTextQuestion, LongTextQuestion).first()
    return Place(wave, question) if question else None


def text_id(place, words):
    return hashlib.sha256(f"{place.wave.pk}:{place.question.pk}:{words}".encode()).hexdigest()


def texts_of(indicator, place):
    """Every text the document gives, with its tags, in the document's order. One query."""
    tags = {}
    if place is not None:
        for tag in FreeTextTag.objects.filter(wave=place.wave, question=place.question):
            tags.setdefault(tag.text_id, []).append(tag)
    found = []
    for words in indicator.get("texts") or []:
        name = text_id(place, words) if place else ""
        found.append(Text(name, words, tags.get(name, [])))
    return found


def matching(texts, words="", tag=""):
    """Those that hold `words` (accents and capitals do not matter) and carry `tag`."""
    wanted = _plain(words)
    return [text for text in texts if wanted in _plain(text.words) and (not tag or tag in {one.tag for one in text.tags})]


def _plain(words):
    return "".join(letter for letter in unicodedata.normalize("NFD", words.casefold()) if not unicodedata.combining(letter))


def add(place, name, tag, by):
    """Gives the tag once, however often it is asked for."""
    row, _created = FreeTextTag.objects.get_or_create(
        wave=place.wave, question=place.question, text_id=name, tag=tag, defaults={"by": by}
    )
    return row


def remove(place, pk):
    FreeTextTag.objects.filter(pk=pk, wave=place.wave, question=place.question).delete()
