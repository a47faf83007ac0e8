from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluations.words import in_language


class Instrument(models.Model):
    """A versioned set of questions. `locked_at` is the instant of its first answer; from then on an edit is a new version.

    `sections` is a list of `{"key", "title": {language: text}, "intro"?: {language: text}}`; a question names its section by key.
    """

    class Kind(models.TextChoices):
        SURVEY = "survey", _("survey")
        QUIZ = "quiz", _("quiz")
        CHECK = "check", _("check yourself")
        RUBRIC = "rubric", _("rubric")
        POLL = "poll", _("poll of a live session")

    key = models.SlugField(_("key"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.JSONField(_("title"), default=dict)
    intro = models.JSONField(_("introduction"), default=dict, blank=True)
    sections = models.JSONField(_("sections"), default=list, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="one_instrument_per_version")]

    def __str__(self):
        return f"{in_language(self.title)} ({self.key}, v{self.version})"

    @property
    def title_here(self):
        return in_language(self.title)

    @property
    def intro_here(self):
        return in_language(self.intro)
