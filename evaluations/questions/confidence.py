from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from evaluations.questions.likert import NOT_APPLICABLE, Scaled

POINTS = {
    1: _("Not at all confident"),
    2: _("Slightly confident"),
    3: _("Moderately confident"),
    4: _("Very confident"),
    5: _("Fully confident"),
}


def in_every_language(label):
    """An interface word as words of a question: `{language: text}`."""
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = str(label)
    return words


class ConfidenceQuestion(Scaled):
    """How confident a person feels, 1 to 5, in words that are the same everywhere, so that all answers can be set side by side."""

    kind = "confidence"
    apart_label = _("Does not apply to my position")

    allow_not_applicable = models.BooleanField(_("“does not apply” is an answer"), default=False)

    class Meta:
        verbose_name = _("confidence")
        verbose_name_plural = _("confidence")

    @property
    def scale(self):
        return [{"value": value, "text": in_every_language(label)} for value, label in POINTS.items()]

    @property
    def apart(self):
        return NOT_APPLICABLE if self.allow_not_applicable else ""
