"""The contract of a question. One kind, one file; nobody asks a question for its type."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from polymorphic.models import PolymorphicModel

from evaluations.words import in_language

MOORE_LEVELS = [("2", "2"), ("3A", "3A"), ("3B", "3B"), ("4", "4"), ("5", "5"), ("6", "6"), ("7", "7")]


class Question(PolymorphicModel):
    """One prompt, worded in all languages on one row.

    A kind provides
      `kind`                    the word used in files and templates
      `form_field()`            a Django form field worded in the active language
      `clean_answer(raw)`       the JSON value to store; raises `django.core.exceptions.ValidationError`
      `score(value)`            points from 0 to `max_score`, or `None` where nothing is right or wrong
      `summarise(values)`       a JSON-able summary of many values (counts; never a single person's)
      `measure(value)`          the value as a number for statistics, `None` where it is none (text, "does not apply")
      `measure_before(value)`   the same for "before, thinking back"; only retrospective pairs have one
      `measure_range`           (lowest, highest) that `measure` can give, or `None`
      `answer_text(value)`      the value in words, in the active language
      `feedback(value)`         what may be shown once the answer is closed: a list of
                                `{"text", "chosen", "correct", "reason", "yours"?}`, empty where there is no key
    and, where it has them,
      `apart`                   the answer that is no point of the scale ("does not apply"), as forms send it
      `story_here`              the case that the question and those that hang on it are about
    `show_if` is `{}` or `{"question": key, "any_of": [values]}`: then the question is asked only where that earlier question is
    asked and answered so (evaluations/branching.py).
    `select_related` to a question gives this base class; use plain access or `prefetch_related`.
    """

    kind = ""
    max_score = None
    apart = ""
    story_here = ""

    instrument = models.ForeignKey("evaluations.Instrument", models.CASCADE, related_name="questions")
    key = models.SlugField(_("key"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    text = models.JSONField(_("question"), default=dict)
    hint = models.JSONField(_("hint"), default=dict, blank=True)
    required = models.BooleanField(_("required"), default=True)
    construct = models.SlugField(_("construct"), max_length=60, blank=True)
    aspect = models.SlugField(_("aspect"), max_length=30, blank=True)
    section = models.SlugField(_("section"), max_length=60, blank=True)
    show_if = models.JSONField(_("asked only if"), default=dict, blank=True)
    moore = models.CharField(_("Moore level"), max_length=2, blank=True, choices=MOORE_LEVELS)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["instrument", "key"], name="one_question_per_key")]

    def __str__(self):
        return f"{self.key}: {in_language(self.text)[:80]}"

    @property
    def text_here(self):
        return in_language(self.text)

    @property
    def hint_here(self):
        return in_language(self.hint)

    def form_field(self):
        raise NotImplementedError

    def clean_answer(self, raw):
        raise NotImplementedError

    def score(self, value):
        return None

    def summarise(self, values):
        raise NotImplementedError

    def measure(self, value):
        return self.score(value)

    def measure_before(self, value):
        return None

    @property
    def measure_range(self):
        return (0.0, self.max_score) if self.max_score else None

    def answer_text(self, value):
        return "" if value is None else str(value)

    def feedback(self, value):
        return []
